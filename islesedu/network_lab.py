"""The command ``network-lab``: trained networks and patients to a page in which they run."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from islesedu.common.paths import as_path, check_apart, folder_to_read, folder_to_write
from islesedu.errors import IslesError

if TYPE_CHECKING:
    from islesedu.widgets.lab.page import PageNetwork

RUNTIME = Path("web/node_modules/onnxruntime-web/dist")
"""Where npm puts the runtime, from the project's folder."""
_PROBE = (16, 16, 8)
"""Grid on which a page proves its runtime."""


def make_network_lab(
    output: str | os.PathLike[str],
    runs: Sequence[str | os.PathLike[str]],
    patients: str | os.PathLike[str],
    names: Sequence[str] = (),
    runtime: str | os.PathLike[str] = RUNTIME,
) -> Path:
    """Write the page of NetworkLab; return its folder.

    Parameters
    ----------
    output : path-like
        Folder to write.
    runs : sequence of path-like
        Run folders, of networks that take the same maps. One whose weights all fit into half
        precision is stored in it.
    patients : path-like
        ISLES folder.
    names : sequence of str
        Which of its cases, in this order; all if there are none.
    runtime : path-like
        Folder ``dist`` of the npm package onnxruntime-web.

    Raises
    ------
    IslesError
        A run, case or package that is missing, or networks that take different maps.
    """
    from islesedu.isles.find import find_cases
    from islesedu.widgets.lab.page import check_runtime, write_page

    _check(output, runs, patients)
    check_runtime(Path(runtime))
    cases = {case.name: case for case in find_cases(patients)}
    if unknown := [name for name in names if name not in cases]:
        raise IslesError(f"{patients} holds no case {unknown[0]}; it holds {', '.join(cases)}")
    chosen = [cases[name] for name in names] or list(cases.values())
    networks = [page_network(Path(run), number) for number, run in enumerate(runs)]
    return write_page(Path(output), networks, chosen, Path(runtime))


def _check(output: object, runs: Sequence[object], patients: object) -> None:
    """Raise an error about the first argument of `make_network_lab` without sense."""
    folder = folder_to_read("folder", patients)
    place = folder_to_write("output", output)
    check_apart("output", place, folder)
    if not runs:
        raise IslesError("runs is empty; give at least one run folder")
    for run in runs:
        check_apart("output", place, as_path("run", run))


def page_network(run: Path, number: int) -> "PageNetwork":
    """Return a run's network as a page takes it."""
    from keras import ops

    from islesedu.training.onnx_export import export_network
    from islesedu.training.run_folder import RunFolder
    from islesedu.widgets.lab.about import probe_image
    from islesedu.widgets.lab.page import PageNetwork

    folder = RunFolder(run)
    config, model = folder.config, folder.load_model()
    kernels = [np.asarray(weight) for weight in model.weights if len(weight.shape) > 1]
    half = all((kernel == kernel.astype(np.float16)).all() for kernel in kernels)
    dims = (1, *_PROBE, len(config.channels))
    clinical = [float(n) for n in range(1, len(config.clinical) + 1)] or None
    image = probe_image(dims)
    inputs = image if clinical is None else [image, np.array([clinical], np.float32)]
    expected = ops.convert_to_numpy(model(inputs, training=False))
    with TemporaryDirectory() as place:
        file = export_network(run, Path(place) / "network.onnx", half).file
        content = file.read_bytes()
    takes = "with treatment information" if config.clinical else "of the maps alone"
    return PageNetwork(
        name=f"network {number + 1}",
        title=f"{number + 1}: V-Net {takes}",
        onnx=content,
        channels=config.channels,
        clinical=config.clinical,
        probe={"dims": dims, "clinical": clinical, "expected": expected},
        crop=config.recipe.crop,
    )


def add_network_lab(command: argparse.ArgumentParser) -> None:
    """Add ``network-lab``."""
    command.add_argument("patients", metavar="FOLDER", help="ISLES folder")
    command.add_argument(
        "--run",
        dest="runs",
        action="append",
        required=True,
        metavar="RUN",
        help="run folder; may be repeated",
    )
    command.add_argument("--output", required=True, metavar="DIR", help="folder to write")
    command.add_argument(
        "--cases", default="", metavar="A,B", help="names of the cases (default: all)"
    )
    command.add_argument(
        "--runtime",
        default=str(RUNTIME),
        metavar="DIR",
        help=f"dist of the npm package onnxruntime-web (default: {RUNTIME})",
    )
    command.set_defaults(run=network_lab, parser=command)


def network_lab(given: argparse.Namespace) -> int:
    """Write the page."""
    from islesedu.networks import backend

    _check(given.output, given.runs, given.patients)
    backend.import_keras()
    names = [name.strip() for name in given.cases.split(",") if name.strip()]
    folder = make_network_lab(given.output, given.runs, given.patients, names, given.runtime)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder / 'index.html'}: open it in a browser; the folder has {size / 1e6:.0f} MB")
    return 0
