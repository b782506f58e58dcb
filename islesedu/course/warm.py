"""What a process that runs lessons imports before it is forked, see `islesedu.common.fork_server`.

The modules that take long in the runner's processes and in lessons; none of them computes. Not
matplotlib's inline backend: it looks for a notebook when it is imported.
"""

from islesedu.course.worker import leave_out_unused

leave_out_unused()

import anywidget  # noqa: E402, F401
import ipykernel.ipkernel  # noqa: E402, F401
import ipykernel.kernelapp  # noqa: E402, F401
import ipywidgets  # noqa: E402, F401
import matplotlib.pyplot  # noqa: E402, F401
import nbconvert  # noqa: E402, F401
import nibabel  # noqa: E402, F401
import pandas  # noqa: E402, F401
import papermill  # noqa: E402, F401
import scipy.ndimage  # noqa: E402, F401
import scipy.optimize  # noqa: E402, F401
import scipy.stats  # noqa: E402, F401
import tensorflow  # noqa: E402, F401

import islesedu  # noqa: E402, F401
