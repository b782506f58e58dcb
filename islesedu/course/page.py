"""Turn an executed notebook into one HTML page that needs nothing from the network.

nbconvert's page fetches scripts for formulas, widgets and diagrams. Here formulas become MathML,
which browsers draw by themselves, pictures beside the notebook are put into the page, and the
scripts are left out. A widget that needs a running kernel becomes a line; those of islesedu.widgets
work by themselves.
"""

import re
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from islesedu.networks.backend import without_hints

_FETCHING_SCRIPTS = re.compile(
    r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration -->"
    r'|<script[^>]*\bsrc="https?:[^>]*>\s*</script>'
    r'|<script type="module">(?:(?!</script>).)*?\.jp-Mermaid.*?</script>',
    re.DOTALL,
)
WIDGET = "application/vnd.jupyter.widget-view+json"
_PROGRESS_BAR = re.compile(r"^[^\n]*(\d+%\|.*\| *\d+/\d+ |\d+\w* \[\d\d:\d\d[,?\]])")
"""The text of a bar that tqdm shows as a widget; it stays at its beginning."""
_NO_KERNEL = "<p><em>Here are sliders and buttons when the lesson is open in JupyterLab.</em></p>"
_STYLE = """<style>
.highlight pre { font-family: var(--jp-code-font-family); }
:root { --jp-mirror-editor-comment-color: #2f6363; --jp-mirror-editor-number-color: #006b00;
  --jp-mirror-editor-keyword-color: #006b00; --jp-mirror-editor-operator-color: #7d00c2;
  --jp-mirror-editor-error-color: #b00020; --jp-cell-prompt-opacity: 1;
  --jp-cell-prompt-not-active-opacity: 1; --jp-cell-inprompt-font-color: #555;
  --jp-cell-outprompt-font-color: #555; --jp-cell-prompt-not-active-font-color: #555; }
.jp-RenderedHTMLCommon :is(p, li, td, summary) a:any-link { text-decoration: underline;
  overflow-wrap: anywhere; }
.jp-RenderedHTMLCommon :not(pre) > code { white-space: pre-wrap; overflow-wrap: anywhere; }
.islesedu-table, .islesedu-formula { overflow-x: auto; max-width: 100%; }
</style></head>"""
"""nbconvert sets displayed source code in the font of the text, and code in pale colours."""
_TABLE = '<div class="islesedu-table" tabindex="0" role="region" aria-label="Table">{}</div>'
"""The frame of a wide table, which scrolls by keys, too."""
_FORMULA = '<div class="islesedu-formula" tabindex="0" role="group">{}</div>'
"""The same of a formula on a line of its own."""
_TAB_STOP = re.compile(
    r'(class="jp-(?:Cell-inputWrapper|RenderedHTMLCommon [^"]*)"'
    r'(?: data-mime-type="text/(?:html|markdown)")?) tabindex="0"'
)
"""nbconvert makes each cell and output a tab stop, also where there is nothing to do."""
_SUMMARY_COLOR = re.compile(r"color: #\w{6}; text-decoration-color: #\w{6}")
"""Of Keras' summary of a network; too pale for one of the two schemes."""
_INTERVAL = re.compile(r"<td>[+-]?[\d.]+ \([+-]?[\d.]+ to [+-]?[\d.]+\)(?=</td>)")
_THIN_SPACE = '<mspace width="0.167em"></mspace>'


def to_mathml(formula: str, display: str = "inline") -> str:
    r"""Return a LaTeX formula as MathML.

    Parameters
    ----------
    formula : str
        Without the dollar signs. ``aligned`` is read like ``align*``.
    display : {"inline", "block"}
        In the line or on its own.

    Examples
    --------
    >>> to_mathml("p^2").endswith("<msup><mi>p</mi><mn>2</mn></msup></mrow></math>")
    True
    """
    formula = formula.strip().replace("{aligned}", "{align*}")
    mathml = convert(formula, display=display)
    # latex2mathml takes log, max... for names like x, which stand close to what follows them.
    names = r"(<mi>(?:log|exp|ln|sin|cos|tanh?|max|min)</mi>)(?=<m(?:i|n|row|frac|sub|sup))"
    mathml = re.sub(names, rf"\1{_THIN_SPACE}", mathml)
    return re.sub(r"<mi>(&#x000B1;|&#x02213;)</mi>", r"<mo>\1</mo>", mathml)  # plus-minus


class _MathMLRenderer(IPythonRenderer):
    """nbconvert's renderer of text cells, with formulas as MathML."""

    def inline_math(self, body: str) -> str:
        """Render a formula within a line."""
        return to_mathml(body)

    def block_math(self, body: str) -> str:
        """Render a formula on a line of its own."""
        return _FORMULA.format(to_mathml(body, "block"))

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as ``align``."""
        return _FORMULA.format(to_mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block"))

    def block_html(self, html: str) -> str:
        """Render HTML that stands in the text: without a picture, as it is.

        nbconvert's way of putting pictures in would close ``<details>`` before what it folds.
        """
        return super().block_html(html) if "<img" in html else html


class _PageExporter(HTMLExporter):
    """nbconvert's exporter, for pages that stand alone."""

    def markdown2html(self, context: Any, source: str) -> str:
        """Render a text cell; pictures are looked for beside the notebook."""
        renderer = _MathMLRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=True,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text="¶",
        )
        html = MarkdownWithMath(renderer=renderer).render(source)
        frame = _TABLE.format(r"\g<0>")
        return re.sub(r"<table>.*?</table>", frame, html, flags=re.DOTALL)

    # jinja2 hands the context over to functions marked so; nbconvert marks its own the same way.
    markdown2html.jinja_pass_arg = HTMLExporter.markdown2html.jinja_pass_arg


def to_html(notebook: Path, pictures: Path) -> str:
    """Return the page of an executed notebook.

    Parameters
    ----------
    notebook : Path
        Executed notebook.
    pictures : Path
        Folder from which the pictures in text cells are named: that of the lesson.

    Returns
    -------
    str
        HTML. A script that would be fetched is not in it; a link one can follow may be.
    """
    return page_of(nbformat.read(notebook, as_version=4), notebook.stem, pictures)


def page_of(node: nbformat.NotebookNode, name: str, pictures: Path) -> str:
    """Return the page of a notebook that has been read, as `to_html` does; it is changed.

    Parameters
    ----------
    node : NotebookNode
        Executed.
    name : str
        What the page is called if the notebook has no heading.
    pictures : Path
        As for `to_html`.
    """
    leave_out_what_needs_a_kernel(node)
    frame_tables(node)
    _describe_pictures(node)
    resources = {"metadata": {"name": title_of(node) or name, "path": str(pictures)}}
    page, _ = _PageExporter().from_notebook_node(node, resources)
    page = _TAB_STOP.sub(r"\1", _FETCHING_SCRIPTS.sub("", page))
    return page.replace("</head>", _STYLE, 1)


def leave_out_what_needs_a_kernel(node: nbformat.NotebookNode) -> None:
    """Remove what a page cannot show: the state of widgets, progress bars, TensorFlow's hints.

    Widgets with HTML or a picture of their own keep them; of the others a line remains.
    """
    node.metadata.pop("widgets", None)
    _leave_out_hints(node)
    _replace_widgets(node)


def _leave_out_hints(node: nbformat.NotebookNode) -> None:
    """Remove TensorFlow's hints about the machine from a notebook's outputs."""
    for cell in node.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = without_hints(output.text)
        if "outputs" in cell:
            cell.outputs = [o for o in cell.outputs if o.get("text") != ""]


def _replace_widgets(node: nbformat.NotebookNode) -> None:
    """Replace widgets, which are dead without a kernel, by a line; drop progress bars."""
    for cell in node.cells:
        outputs = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if _PROGRESS_BAR.search(data.get("text/plain", "")):
                continue
            if WIDGET in data and not set(data) & {"text/html", "image/png"}:
                output = nbformat.v4.new_output("display_data", {"text/html": _NO_KERNEL})
            outputs.append(output)
        if "outputs" in cell:
            cell.outputs = outputs


def frame_tables(node: nbformat.NotebookNode) -> None:
    """Let tables that cells show, of pandas or a network's summary, scroll in a frame by keys.

    Their empty headers become plain cells, which screen readers do not announce; a summary gets
    the colour of the text.
    """
    for cell in node.cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            html = "".join(html) if isinstance(html, list) else html
            if "<table" in html and "<script" not in html:
                html = html.replace(" ± ", "&nbsp;±&nbsp;")  # in one line
                html = _INTERVAL.sub(lambda cell: cell[0].replace(" ", "&nbsp;"), html)
                html = re.sub(r"<th([^>]*)>\s*</th>", r"<td\1></td>", html)
                output.data["text/html"] = _TABLE.format(html)
            elif html.startswith("<pre style="):
                frame = '<pre tabindex="0" role="group" style='
                html = _SUMMARY_COLOR.sub("", html.replace("<pre style=", frame, 1))
                output.data["text/html"] = html


def _describe_pictures(node: nbformat.NotebookNode) -> None:
    """Put the descriptions that `islesedu.figures.show` keeps beside pictures into the page."""
    for cell in node.cells:
        for output in cell.get("outputs", []):
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt and "image/png" in output.get("data", {}):
                source = f"data:image/png;base64,{output.data['image/png'].strip()}"
                picture = f'<img alt="{escape(alt)}" src="{source}" style="max-width: 100%">'
                output.data = nbformat.from_dict({"text/html": picture})


def title_of(node: nbformat.NotebookNode) -> str | None:
    """Return the first heading of a notebook."""
    for cell in node.cells:
        heading = re.search(r"^# (.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading:
            return heading[1]
    return None
