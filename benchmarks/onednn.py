"""Time of a V-Net training step without oneDNN by the time with it, A B A B.

    .venv/bin/python -m benchmarks.onednn

TensorFlow decides when it is imported, so each measurement has a process of its own. Where the
processor has AVX-512, TensorFlow uses oneDNN anyway, unless told not to.
"""

import os
import subprocess
import sys

import numpy as np

STEP = """
import time, numpy as np
from islesedu.networks import build_vnet, import_keras, losses
import_keras()
model = build_vnet(filters=4)
model.compile(optimizer="adagrad", loss=losses.combined, jit_compile=False)
rng = np.random.default_rng(0)
image = rng.normal(size=(1, 77, 77, 19, 6)).astype("float32")
lesion = (rng.random((1, 77, 77, 19, 1)) < 0.01).astype("float32")
model.train_on_batch(image, lesion)
times = []
for _ in range(5):
    start = time.perf_counter()
    model.train_on_batch(image, lesion)
    times.append(time.perf_counter() - start)
print(np.median(times))
"""


def seconds(onednn: str) -> float:
    """Return the median time of a step in a new process."""
    environment = os.environ | {"TF_ENABLE_ONEDNN_OPTS": onednn}
    command = [sys.executable, "-c", STEP]
    return float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


def main() -> None:
    """Print the ratio."""
    times = {setting: [] for setting in "01"}
    for setting in "0101":
        times[setting].append(seconds(setting))
    without, with_it = (np.median(times[setting]) for setting in "01")
    print(f"without {without:.2f} s, with {with_it:.2f} s, ratio {without / with_it:.1f}")


if __name__ == "__main__":
    main()
