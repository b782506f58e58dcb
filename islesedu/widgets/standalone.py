"""Let a widget work in a page without a kernel, and leave a picture where scripts do not run.

A saved output holds a widget in three ways, and each viewer takes the best it can show: the live
widget (JupyterLab), HTML with the widget's own script and its numbers (an exported page), and a
picture. The HTML begins as plain tables, which stay where scripts are not run.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython import get_ipython

_MODEL = """
const state = %s, listeners = {};
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
    numbers = json.dumps(state).replace("</", "<\\/")
    sheet = f"<style>\n{style}</style>\n" if style else ""
    return (
        f'{sheet}<div id="{name}">{fallback}</div>\n'
        f'<script type="module">\n{body}{_MODEL % (numbers, name)}</script>'
    )


def in_base64(picture: bytes) -> str:
    """Return a PNG in the form in which notebooks keep pictures."""
    return base64.b64encode(picture).decode()


def table(numbers: np.ndarray, caption: str) -> str:
    """Return a table (H, W) as HTML."""
    rows = ("".join(f"<td>{show(number)}</td>" for number in row) for row in numbers)
    rows = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{caption}</caption>{rows}</table>"


def show(number: float) -> str:
    """Return a number as the widgets show it: whole, or with three digits after the point.

    Examples
    --------
    >>> show(3.0), show(-0.12345), show(-0.0001)
    ('3', '-0.123', '0')
    """
    return f"{round(float(number), 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def run_by_jupyterlab() -> bool:
    """Tell whether the cell that runs was sent by JupyterLab, which adds the cell's name."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if hasattr(kernel, "get_parent") else None
    return "cellId" in (parent or {}).get("metadata", {})
