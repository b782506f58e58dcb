"""What a process that runs lessons imports before it is forked, see `islesedu.common.fork_server`.

The modules that take long in the runner's processes and in lessons, and the first page, which
compiles what all pages need; no lesson's results are computed. Not matplotlib's inline backend, and
nothing that imports tqdm.auto: both look for a notebook when they are imported.
"""

from pathlib import Path

from islesedu.course.worker import leave_out_unused

leave_out_unused()

import anywidget  # noqa: E402, F401
import ipykernel.ipkernel  # noqa: E402, F401
import ipykernel.kernelapp  # noqa: E402, F401
import ipywidgets  # noqa: E402, F401
import matplotlib.pyplot  # noqa: E402, F401
import nbconvert  # noqa: E402, F401
import nbformat.v4  # noqa: E402
import nibabel  # noqa: E402, F401
import pandas.io.formats.style  # noqa: E402, F401
import papermill  # noqa: E402, F401
import scipy.ndimage  # noqa: E402, F401
import scipy.optimize  # noqa: E402, F401
import scipy.signal  # noqa: E402, F401
import scipy.stats  # noqa: E402, F401
import sklearn.linear_model  # noqa: E402, F401
import tensorflow  # noqa: E402, F401

import islesedu.course.checking  # noqa: E402, F401
import islesedu.course.exercises  # noqa: E402, F401
import islesedu.course.first_cells  # noqa: E402, F401
import islesedu.phantom.cohort  # noqa: E402, F401
from islesedu.course.page import page_of  # noqa: E402

_TEXT = "# First page\n\n$x$\n\n| a |\n|---|\n| b |\n"
_RESULT = nbformat.v4.new_output("display_data", {"text/html": "<p>2 &times; 2</p>"})
_CELLS = [
    nbformat.v4.new_markdown_cell(_TEXT),
    nbformat.v4.new_code_cell("x = 2 * 2", outputs=[_RESULT]),
]
page_of(nbformat.v4.new_notebook(cells=_CELLS), "first", Path())
