"""Clinical tables as spreadsheets write them; the network must get the right patient's values."""

import json
from collections.abc import Iterator

from benchmarks.faults.campaign import Answer, Fault, Scene

HEAD = "Case,mRS,Days to mRS,TICI,TSS,TTT"
ROWS = ("Training_1,4,78,3,100,96", "Training_2,2,96,2a,208,76", "Training_4,1,90,0,60,50")
ROWS += ("Training_5,5,90,2b,300,120",)
EXPECTED = {
    "training_1": ("3", 100, 96),
    "training_2": ("2a", 208, 76),
    "training_4": ("0", 60, 50),
    "training_5": ("2b", 300, 120),
}


def text(rows: tuple[str, ...] = ROWS, head: str | None = HEAD, comma: str = ",") -> str:
    """Return a table."""
    lines = [*([head] if head else []), *rows]
    return "\n".join(lines).replace(",", comma) + "\n"


def renamed(form: str) -> tuple[str, ...]:
    """Return the rows with the case named by a form of its number."""
    return tuple(
        form.format(n=row.split(",")[0].split("_")[1]) + row[row.index(",") :] for row in ROWS
    )


READ: dict[str, str | bytes] = {
    "plain": text(),
    "tabs": text(comma="\t"),
    "semicolons": text(comma=";"),
    "semicolons, decimal comma": text(tuple(row + ";" for row in ROWS), HEAD + ";", ";").replace(
        ";100;", ";100,0;"
    ),
    "UTF-16": text().encode("utf-16"),
    "UTF-8 with a mark": text().encode("utf-8-sig"),
    "Windows line ends": text().replace("\n", "\r\n"),
    "old Mac line ends": text().replace("\n", "\r"),
    "numbers for names": text(renamed("{n}")),
    "numbers with .0": text(renamed("{n}.0")),
    "small names": text(renamed("training_{n}")),
    "index column first": text(tuple(f"{i},{row}" for i, row in enumerate(ROWS)), "," + HEAD),
    "running number first": text(
        tuple(f"{9 - i},{row}" for i, row in enumerate(ROWS)), "No," + HEAD
    ),
    "name column last": text(
        tuple(",".join([*row.split(",")[1:], row.split(",")[0]]) for row in ROWS),
        "mRS,Days to mRS,TICI,TSS,TTT,Case",
    ),
    "TICI as 3.0": text().replace("4,78,3,", "4,78,3.0,").replace("1,90,0,", "1,90,0.0,"),
    "blank lines": text().replace("\n", "\n\n"),
    "quoted": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text().splitlines()
    ),
    "columns turned round": text(
        tuple(",".join(row.split(",")[i] for i in (0, 5, 4, 3, 1, 2)) for row in ROWS),
        "Case,TTT,TSS,TICI,mRS,Days to mRS",
    ),
}
REFUSED: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "no case matches": (text(renamed("patient {n}x")), ("match|case",)),
    "no header": (text(head=None), ("head|column",)),
    "two rows of a case": (text((*ROWS, "Training_1,0,78,0,10,9")), ("twice|two rows|training_1",)),
    "unclosed quote": (text().replace("Training_2", '"Training_2'), ("quote|closed|row",)),
    "name with a suffix": (text(renamed("training_{n}_v2")), ("match|case",)),
    "TICI of 7": (text().replace(",3,100", ",7,100"), ("tici",)),
    "TSS of text": (text().replace(",100,", ",soon,"), ("tss",)),
    "empty file": ("", ("empty|no |head",)),
    "a workbook": (b"PK\x03\x04" + bytes(range(256)) * 4, ("csv",)),
}
WARNED: dict[str, tuple[str, tuple[str, ...]]] = {
    "a case is missing": (text(ROWS[1:]), ("training_1",)),
    "a value is missing": (text().replace(",100,", ",,"), ("tss", "training_1")),
}


def prepare(content: str | bytes):
    """Return a function that puts a table into a cohort and asks for a check."""

    def put(scene: Scene) -> list:
        table = scene.cohort / "ISLES2017_Training.csv"
        table.write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["data", "check", scene.training]

    return put


def right(scene: Scene, answer: Answer) -> bool:
    """Tell whether every case has the values of its own row, and nothing was said of the table."""
    from islesedu.isles import find_cases

    for case in find_cases(scene.training):
        known = case.clinical
        if (known.get("TICI"), known.get("TSS"), known.get("TTT")) != EXPECTED[case.name]:
            print(json.dumps(known))
            return False
    return "clinical" not in answer.out


def faults() -> Iterator[Fault]:
    """Yield the faults of clinical tables."""
    for name, content in READ.items():
        yield Fault(f"tables: right: {name}", prepare(content), status=(0,), right=right)
    for name, (content, says) in REFUSED.items():
        yield Fault(f"tables: {name}", prepare(content), (*says, "isles2017_training.csv"))
    for name, (content, says) in WARNED.items():
        yield Fault(f"tables: {name}", prepare(content), says, status=(0,))
