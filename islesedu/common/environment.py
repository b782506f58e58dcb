"""What the shell has set and lessons do without: they run the same whatever it is."""

import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any

_INLINE = "module://matplotlib_inline.backend_inline"
_OWN = {"MPLBACKEND": _INLINE, "KERAS_BACKEND": "tensorflow"}
"""What lessons need: figures below their cells, and the backend that their numbers come from."""
_FOREIGN = ("PYTHONWARNINGS", "PYTHONOPTIMIZE", "TF_CONFIG")
"""What would stop a lesson, skip what it asserts, or make it part of a cluster."""


def for_lessons(environment: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables for a process that runs a lesson.

    Examples
    --------
    >>> for_lessons({"PYTHONWARNINGS": "error", "KERAS_BACKEND": "jax", "HOME": "/root"})
    {'HOME': '/root', 'MPLBACKEND': 'module://...', 'KERAS_BACKEND': 'tensorflow'}
    """
    kept = {name: value for name, value in environment.items() if name not in (*_FOREIGN, *_OWN)}
    return kept | _OWN


def show_figures_in_notebook() -> None:
    """Let figures appear below the cells of a notebook, though the shell's MPLBACKEND says else.

    Outside a notebook, and for one that has chosen by ``%matplotlib``, nothing changes.
    """
    told = os.environ.get("MPLBACKEND", _INLINE)
    if told == _INLINE or not hasattr(_shell(), "kernel"):
        return
    os.environ["MPLBACKEND"] = _INLINE
    if matplotlib := sys.modules.get("matplotlib"):
        now = matplotlib.get_backend(auto_select=False)
        if not now or now.lower() == told.lower():
            matplotlib.use(_INLINE)


def set_aside() -> None:
    """Set aside what the shell has set, in the process that runs a lesson."""
    kept = for_lessons(os.environ)
    for name in {*os.environ} - {*kept}:
        del os.environ[name]
    os.environ.update(kept)
    if any(option.startswith("error") for option in sys.warnoptions):
        sys.warnoptions.clear()
        warnings.resetwarnings()
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)  # as Python does unless told otherwise


def _shell() -> Any:
    """Return IPython's shell, or None outside of IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
