"""What the processes of a cluster on one machine import, once, before they are forked."""

from islesedu.networks.backend import leave_out

leave_out("chief")

import keras  # noqa: E402, F401
import tensorflow  # noqa: E402, F401

import islesedu.cluster.chief  # noqa: E402, F401
import islesedu.cluster.worker  # noqa: E402, F401
