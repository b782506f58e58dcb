"""Sphinx's settings for the site; `python -m docs.website` runs Sphinx with them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docutils import nodes  # noqa: E402

import islesedu  # noqa: E402
from docs.website.reference import HEAVY, mock  # noqa: E402
from islesedu.course.worker import leave_out_unused  # noqa: E402

leave_out_unused()
from islesedu.course.page import to_mathml  # noqa: E402

_stand_ins = mock(HEAVY)  # for the whole process, which reads docstrings only
_stand_ins.__enter__()

project = "islesedu"
author = "The islesedu authors"
copyright = "the islesedu authors"  # noqa: A001
version = release = islesedu.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
exclude_patterns = ["files"]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "misc.highlighting_failure"]

# Lessons are executed before; a page has no kernel and fetches nothing.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_code_prompt_show = "Show the code of this cell"
nb_code_prompt_hide = "Hide the code of this cell"
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
myst_dmath_double_inline = True
html_math_renderer = "mathml"

autodoc_typehints = "none"  # docstrings say the types, and what they mean
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
add_module_names = False
default_role = "py:obj"  # `name` in a docstring is code, and leads to its entry if it has one
copybutton_selector = "div.highlight pre"
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "sphinx_book_theme"
html_title = "islesedu"
templates_path = ["theme"]
html_static_path = ["static"]
html_css_files = ["course.css"]
html_logo = "static/logo.svg"
html_favicon = "static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which pages opened from a disk cannot do
html_show_sphinx = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": False,
    "navbar_persistent": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "map": []},
    "show_navbar_depth": 1,
    "show_toc_level": 1,
    "logo": {
        "text": "islesedu",
        "image_light": "static/logo.svg",
        "image_dark": "static/logo-dark.svg",
        "alt_text": "",
    },
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_content_items": ["copyright", "licence"],
}


def _math(display: str):
    """Return a visitor that writes a formula as MathML, which browsers draw by themselves."""

    def visit(self, node: nodes.Node) -> None:
        formula = to_mathml(node.astext(), display)
        if display == "block":
            formula = f'<div class="formula" tabindex="0" role="group">{formula}</div>'
        self.body.append(formula)
        raise nodes.SkipNode

    return visit


def setup(app) -> None:
    """Register the renderer of formulas."""
    app.add_html_math_renderer("mathml", (_math("inline"), None), (_math("block"), None))
