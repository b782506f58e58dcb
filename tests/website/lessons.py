"""Two small lessons as they are after a run, with one of everything that a page must show."""

import base64
import io
from pathlib import Path

import nbformat
import numpy as np
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from islesedu.course.page import WIDGET
from islesedu.widgets import ConvolutionStepper, SliceBrowser

HEAD = """# {number} · {title}

What this lesson is for, in a sentence with $p^2$ in it.

**What you will do**

1. Look.

**What you will be able to do**

- compute an output value, on paper and in code;
- say what a kernel does.

**You need** {need}. About 30 minutes, of which computing takes less than one."""

TEXT = """## A section

The **receptive field** of a value is the part of the image that it sees. Compare
[lesson 06](06_look_at_maps.ipynb) and [one without a page](20_rank_a_challenge.ipynb).

$$\\frac{a}{b} = \\begin{aligned} x &= 1 \\end{aligned}$$

| a table | with `code_that_is_long_enough_to_be_too_wide_for_a_phone()` |
|---|---|
| 1 | 2 |

<details><summary>Hint</summary>

Fold $x$ **away**.

</details>"""
TABLE = "<table><tr><th></th><th>Dice</th></tr><tr><th>mean</th><td>0.5</td></tr></table>"
ALT = "A line that rises from 0 to 1."


def picture() -> str:
    """Return a figure as a PNG in base64."""
    figure = Figure(figsize=(4, 2))
    figure.add_subplot().plot([0, 1])
    file = io.BytesIO()
    figure.savefig(file)
    return base64.b64encode(file.getvalue()).decode()


def code(source: str, *outputs, tags=()) -> nbformat.NotebookNode:
    """Return a code cell that has run."""
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=metadata)


def shown(data: dict, metadata: dict | None = None) -> nbformat.NotebookNode:
    """Return what a cell displays."""
    return new_output("display_data", data, metadata=metadata or {})


def write_lessons(folder: Path) -> None:
    """Write the lessons and, in ``executed/``, what is left after they have run."""
    stepper, _ = ConvolutionStepper(np.eye(4), [[1, -1]])._repr_mimebundle_()
    browser = SliceBrowser(np.linspace(0, 1, 12**3).reshape(12, 12, 12)).to_html()
    live = {"text/html": stepper["text/html"], "image/png": stepper["image/png"]}
    cells = [
        code("seed = 1", tags=["parameters"]),
        code("import numpy as np"),
        code("import pandas as pd"),
        code("stepper", shown(live | {WIDGET: {"model_id": "1"}, "text/plain": "stepper"})),
        code("slider", shown({WIDGET: {"model_id": "2"}, "text/plain": "interactive()"})),
        new_markdown_cell(TEXT),
        code("show(figure)", shown({"image/png": picture()}, {"image/png": {"alt": ALT}})),
        code("table", shown({"text/html": TABLE})),
        code("words", shown({"text/markdown": "A mean of $0.5 \\pm 0.1$ and **bold**."})),
        code("assert True", tags=["asserts"]),
    ]
    first = HEAD.format(number="01", title="Step by hand", need="NumPy arrays")
    second = HEAD.format(number="06", title="Look at maps", need="lesson 01 (steps)")
    maps = [
        code("browser", shown({"text/html": browser})),
        new_markdown_cell("**voxel**: a pixel."),
    ]
    lessons = {
        "01_step_by_hand": [new_markdown_cell(first), *cells],
        "06_look_at_maps": [new_markdown_cell(second), *maps],
    }
    (folder / "executed").mkdir()
    for name, own in lessons.items():
        node = new_notebook(cells=own, metadata={"islesedu": {"minutes": 1, "smoke": {}}})
        nbformat.write(node, folder / "executed" / f"{name}.ipynb")
        for cell in node.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(node, folder / f"{name}.ipynb")
