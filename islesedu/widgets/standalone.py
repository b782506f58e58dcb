"""Let a widget work in a page without a kernel, and leave a picture where scripts do not run.

A saved output holds a widget in three ways, and each viewer takes the best it can show: the live
widget (JupyterLab), HTML with the widget's own script and its numbers (an exported page), and a
picture. The HTML begins as plain tables, which stay where scripts are not run.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from html import escape
from typing import Any, NoReturn

import numpy as np
import traitlets
from IPython import get_ipython

_MODEL = """
const state = JSON.parse(%s), listeners = {};
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; (listeners[name] ??= []).forEach((f) => f()); },
  save_changes: () => {},
  on: (event, f) => (listeners[event.replace("change:", "")] ??= []).push(f),
  off: () => {},
};
widget.render({ model, el: document.getElementById("%s") });
"""
"""A model with anywidget's names: what Python holds in a notebook, the page holds by itself."""


def to_html(script: str, state: Mapping[str, Any], fallback: str, style: str = "") -> str:
    """Return HTML in which the widget works by itself.

    Parameters
    ----------
    script : str
        The widget's JavaScript module; it ends in ``export default { render };``.
    state : mapping
        Traits by name, as JSON takes them.
    fallback : str
        HTML that stays where scripts are not run.
    style : str
        The widget's style sheet.
    """
    name = f"widget-{uuid.uuid4().hex}"
    body = script.replace("export default", "const widget =")
    if "</script" in body:
        raise ValueError("a widget's script cannot hold the text </script")
    # A text that the script parses: in an object of the script's own, a name "__proto__" would not
    # be a name. Without "<" no name can end the script or begin a comment.
    numbers = json.dumps(json.dumps(state, allow_nan=False)).replace("<", "\\u003c")
    sheet = f"<style>\n{style}</style>\n" if style else ""
    return (
        f'{sheet}<div id="{name}">{fallback}</div>\n'
        f'<script type="module">\n{body}{_MODEL % (numbers, name)}</script>'
    )


def refuse_with(trait: traitlets.TraitType, error: type[Exception]) -> traitlets.TraitType:
    """Return a trait that refuses a value of another type in one sentence, with an error's class.

    Examples
    --------
    >>> class Widget(traitlets.HasTraits):
    ...     zoom = refuse_with(traitlets.Float(1.0), ValueError)
    >>> Widget().zoom = "large"
    Traceback (most recent call last):
    ValueError: zoom is 'large'; expected a float
    """

    def refuse(obj: Any, value: Any, *rest: Any) -> NoReturn:
        raise error(f"{trait.name} is {value!r}; expected {trait.info()}")

    trait.error = refuse
    return trait


def in_base64(picture: bytes) -> str:
    """Return a PNG in the form in which notebooks keep pictures."""
    return base64.b64encode(picture).decode()


def table(numbers: np.ndarray, caption: str) -> str:
    """Return a table (H, W) as HTML."""
    rows = ("".join(f"<td>{show(number)}</td>" for number in row) for row in numbers)
    rows = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{rows}</table>"


def show(number: float) -> str:
    """Return a number as the widgets show it: whole, or with three digits after the point.

    Examples
    --------
    >>> show(3.0), show(-0.12345), show(-0.0001)
    ('3', '-0.123', '0')
    """
    if abs(number) >= 1e15:  # of which nobody reads every digit
        return f"{float(number):.4g}"
    return f"{round(float(number), 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def run_by_jupyterlab() -> bool:
    """Tell whether the cell that runs was sent by JupyterLab, which adds the cell's name."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if hasattr(kernel, "get_parent") else None
    return "cellId" in (parent or {}).get("metadata", {})
