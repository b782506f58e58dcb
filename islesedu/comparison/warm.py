"""What the processes of a comparison import, once, before they are forked."""

import gc

import keras  # noqa: F401
import tensorflow  # noqa: F401

import islesedu.comparison.fold  # noqa: F401

gc.freeze()  # no search for garbage touches, and thereby copies, what is shared
