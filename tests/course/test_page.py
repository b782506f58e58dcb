import base64
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from islesedu.course.page import WIDGET, title_of, to_html, to_mathml
from tests.browser import chromium, needs_chromium, violations

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

SUMMARY = """<pre style="white-space:pre;overflow-x:auto;line-height:normal"> conv (
<span style="color: #0087ff; text-decoration-color: #0087ff">Conv2D</span>)
<span style="color: #00af00; text-decoration-color: #00af00">8, 8</span></pre>""".replace(
    "8, 8", "8, " * 99
)
"""As Keras displays the summary of a network: coloured, and wider than a phone."""


def page(tmp_path, *cells):
    """Return the HTML of a notebook made of these cells."""
    file = tmp_path / "99_a_lesson.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), file)
    return to_html(file, tmp_path)


def shown(tmp_path, data, **kind):
    """Return the HTML of a cell with one output."""
    output = new_output(kind.get("kind", "display_data"), data)
    return page(tmp_path, new_code_cell("1 + 1", outputs=[output]))


def test_nothing_is_fetched(tmp_path):
    html = page(tmp_path, new_markdown_cell("# A lesson\n\n$a^2$ and [a link](https://x.example)"))
    assert not re.search(r"""<(?:script|link|img)[^>]*(?:src|href)=["']https?:""", html)
    assert not re.search(r"import\s*\(?\s*[\"']https?:", html)
    assert "https://x.example" in html  # a link is followed only when clicked


def test_formulas_become_mathml(tmp_path):
    text = "in the line $p^2$ and\n\n$$\\frac{a}{b}$$\n\nand\n\n\\begin{align}x &= 1\\end{align}"
    html = page(tmp_path, new_markdown_cell(text))
    assert html.count("<math") == 3 and 'display="block"' in html
    assert "<msup><mi>p</mi><mn>2</mn></msup>" in html and "$" not in html.split("<main")[1]


def test_prices_and_code_are_no_formulas(tmp_path):
    html = page(tmp_path, new_markdown_cell("it costs 5 dollars; `$HOME` is a folder"))
    assert "<math" not in html and "$HOME" in html


def test_what_is_folded_stays_in_the_fold(tmp_path):
    text = "<details>\n<summary>more</summary>\n\nof $p^2$\n\n</details>\n\nand out"
    html = page(tmp_path, new_markdown_cell(text))
    fold = re.search(r"<details>(.*)</details>", html, re.DOTALL)[1]
    assert "<math" in fold and "and out" not in fold and "and out" in html


def test_names_of_functions_keep_their_distance():
    assert "<mi>log</mi><mspace" in to_mathml(r"\log p")
    assert "<mspace" not in to_mathml("x p")


def test_plus_minus_is_an_operator():
    assert "<mo>&#x000B1;</mo>" in to_mathml(r"190.5 \pm 42.5")


def test_pictures_beside_the_lesson_are_in_the_page(tmp_path):
    (tmp_path / "dot.png").write_bytes(PIXEL)
    html = page(tmp_path, new_markdown_cell("![a dot](dot.png)"))
    assert "data:image/png;base64" in html and 'src="dot.png"' not in html


def test_the_heading_is_the_title(tmp_path):
    html = page(tmp_path, new_markdown_cell("text\n\n# 09 · Score\n"))
    assert "<title>09 · Score</title>" in html


@pytest.mark.parametrize("cells", [[], [new_code_cell("# no heading")]])
def test_without_heading_there_is_no_title(cells):
    assert title_of(new_notebook(cells=cells)) is None


def test_a_widget_is_replaced_by_a_line(tmp_path):
    html = shown(tmp_path, {"text/plain": "interactive(children=())", WIDGET: {"model_id": "1"}})
    assert "open in JupyterLab" in html and "interactive(children" not in html


def test_a_widget_with_a_picture_shows_the_picture(tmp_path):
    dot = base64.b64encode(PIXEL).decode()
    html = shown(tmp_path, {"text/plain": "Widget()", WIDGET: {"model_id": "1"}, "image/png": dot})
    assert dot in html and "open in JupyterLab" not in html


@pytest.mark.parametrize(
    "bar", ["patients:   0%|          | 0/6 [00:00<?, ?patient/s]", "0epoch [00:00, ?epoch/s]"]
)
def test_a_progress_bar_is_left_out(tmp_path, bar):
    html = shown(tmp_path, {"text/plain": bar, WIDGET: {"model_id": "1"}})
    assert "00:00" not in html and "open in JupyterLab" not in html


def test_hints_of_tensorflow_are_left_out_but_errors_stay(tmp_path):
    text = "I0000 00:00:17.2 1 port.cc:153] oneDNN is on.\nE0000 00:00:17.3 1 no memory\n"
    cell = new_code_cell("import keras", outputs=[new_output("stream", name="stderr", text=text)])
    html = page(tmp_path, cell)
    assert "oneDNN" not in html and "no memory" in html


def test_displayed_code_has_a_fixed_pitch(tmp_path):
    html = shown(tmp_path, {"text/html": '<div class="highlight"><pre>x</pre></div>'})
    head = html.split("</head>")[0]
    assert ".highlight pre { font-family: var(--jp-code-font-family)" in head


def test_wide_tables_scroll_by_keys_and_cells_are_no_tab_stops(tmp_path):
    text = new_markdown_cell("| a | b |\n|---|---|\n| 1 | 2 |")
    table = {"text/html": "<table><tr><th></th><th>Dice</th></tr></table>"}
    cell = new_code_cell("table", outputs=[new_output("display_data", table)])
    html = page(tmp_path, text, cell).split("<body")[1]
    assert html.count('class="islesedu-table"') == html.count('tabindex="0"') == 2
    assert "<th></th>" not in html


def test_a_number_and_its_interval_stay_in_one_line(tmp_path):
    cells = "<tr><td>0.22 (0.13 to 0.29)</td><td>0.5 ± 0.1</td><td>a name (0 to 1)</td></tr>"
    html = shown(tmp_path, {"text/html": f"<table>{cells}</table>"})
    for text in ("0.22 (0.13 to 0.29)", "0.5 ± 0.1"):
        assert f"<td>{text}</td>".replace(" ", "\u00a0") in html
    assert "<td>a name (0 to 1)</td>" in html


@needs_chromium
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_of_a_lesson_is_accessible(tmp_path, width):
    source = "for i in range(3):  # a comment\n    print(i in [0.5, 'text'] and not None)"
    output = new_output("execute_result", {"text/plain": "1"}, execution_count=1)
    sums = " + ".join(f"w_{{{number}}}" for number in range(40))  # wider than a phone
    name = "islesedu.training.drop_small_components(mask, share=0.1)"
    cells = [new_markdown_cell("# A lesson\n\nSee [a paper](https://x.example) for $p^2$.")]
    cells += [new_markdown_cell(f"So `{name}`:\n\n$$z = {sums}$$\n\nand so on.")]
    cells += [new_code_cell(source, outputs=[output], execution_count=1)]
    cells += [new_code_cell("1", outputs=[new_output("display_data", {"text/html": SUMMARY})])]
    file = tmp_path / "page.html"
    file.write_text(page(tmp_path, *cells), encoding="utf-8")
    with chromium(viewport={"width": width, "height": 800}) as opened:
        opened.goto(file.as_uri())
        assert not violations(opened, "html")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
