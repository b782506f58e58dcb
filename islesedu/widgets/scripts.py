"""A widget's JavaScript: modules of a few pages each, joined into the one that anywidget takes."""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.M)


def join_modules(entry: Path) -> str:
    """Return a JavaScript module together with all that it imports, as one module.

    The modules share one scope afterwards, so no two of them may give the same name to something
    at the top level. An import names what it takes, ``import { create } from "./dom.js";``.

    Parameters
    ----------
    entry : Path
        The module that is shown; only its ``export default`` stays.

    Examples
    --------
    >>> script = join_modules(Path(__file__).with_name("stepper.js"))
    >>> "import {" in script, script.count("export "), script.count("const create =")
    (False, 1, 1)
    """
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in _in_order(entry, {}))


def _in_order(file: Path, seen: dict[Path, str]) -> list[str]:
    """Return the texts of the modules, each behind those that it imports."""
    if (file := file.resolve()) not in seen:
        text = seen[file] = file.read_text(encoding="utf-8")
        for name in _IMPORT.findall(text):
            _in_order(file.parent / name, seen)
        seen[file] = seen.pop(file)  # to the end
    return list(seen.values())
