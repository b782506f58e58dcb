"""The widgets' JavaScript: modules that are read in one sitting, and that can be joined."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import islesedu.widgets
from islesedu.widgets.scripts import join_modules

FOLDER = Path(islesedu.widgets.__file__).parent
ENTRIES = tuple(
    FOLDER / name
    for name in ("stepper.js", "browser/browser.js", "lab/lab.js", "lab/page.js", "lab/worker.js")
)
MODULES = sorted(FOLDER.rglob("*.js"))
TOP = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.M)


@pytest.mark.parametrize("entry", ENTRIES[:-1], ids=lambda entry: entry.stem)  # a worker is none
def test_joined_modules_are_one_script_in_which_no_name_is_given_twice(entry, tmp_path):
    script = join_modules(entry)
    assert not re.search(r"^import\b", script, re.M)
    assert len(re.findall(r"^export ", script, re.M)) == 1 and script.rstrip().endswith(
        "export default { render };"
    )
    names = TOP.findall(script)
    assert len(names) > 20 and not [n for n, count in Counter(names).items() if count > 1]
    if shutil.which("node"):
        (tmp_path / "joined.mjs").write_text(script, encoding="utf-8")
        subprocess.run(["node", "--check", tmp_path / "joined.mjs"], check=True, timeout=60)


def test_every_module_is_part_of_a_widget_and_says_what_it_is():
    joined = "".join(join_modules(entry) for entry in ENTRIES)
    for module in MODULES:
        first = module.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("// ") and first in joined, module.name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_is_read_in_one_sitting(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 250


def test_a_module_that_others_share_is_taken_once(tmp_path):
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "b.js").write_text(
        'import { a } from "./a.js";\nexport function b() { return a; }\n'
    )
    entry = tmp_path / "entry.js"
    entry.write_text(
        'import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\nexport default { a, b };\n'
    )
    script = join_modules(entry)
    assert script.split() == (
        "const a = 1; function b() { return a; } export default { a, b };".split()
    )
