"""The page of NetworkLab: a folder of static files in which a network runs without a server.

Everything but the page itself lies in ``data/`` as scripts that hand over packed text, because a
page opened from a disk may load scripts and nothing else. Nothing comes from elsewhere.
"""

import base64
import gzip
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from islesedu.common.files import whole
from islesedu.errors import IslesError
from islesedu.isles.case import Case
from islesedu.widgets.lab.about import about
from islesedu.widgets.scripts import join_modules

RUNTIMES = {
    "wasm": ("ort.wasm.min.js", "ort-wasm-simd-threaded"),
    "webgpu": ("ort.webgpu.min.js", "ort-wasm-simd-threaded.asyncify"),
}
"""Of each backend: the script of ONNX Runtime Web, and the name of its glue and binary."""
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class PageNetwork:
    """A network as a page takes it.

    Attributes
    ----------
    name, title : str
        In the log, and in the list to choose from.
    onnx : bytes
        The ONNX file.
    channels, clinical : tuple of str
        Maps and clinical variables it takes.
    probe : dict
        "dims" (1, X, Y, Z, C), "clinical" (numbers or None) and "expected", what Keras predicts for
        `probe_image` of these: the page trusts no runtime that predicts something else.
    crop : bool
        Whether it sees only the box around the head.
    """

    name: str
    title: str
    onnx: bytes
    channels: tuple[str, ...]
    clinical: tuple[str, ...]
    probe: dict[str, Any]
    crop: bool = False


def write_page(
    folder: Path,
    networks: Sequence[PageNetwork],
    cases: Sequence[Case],
    runtime: Path,
    backends: Sequence[str] = tuple(RUNTIMES),
) -> Path:
    """Write the page; return the folder.

    Parameters
    ----------
    folder : Path
        Replaced when all went well.
    networks : sequence of PageNetwork
        One or more that take the same maps; the first is shown first.
    cases : sequence of Case
        Patients with these maps.
    runtime : Path
        Folder ``dist`` of the npm package onnxruntime-web.
    backends : sequence of str
        Which of `RUNTIMES` the page has; "wasm" runs in every browser.

    Raises
    ------
    IslesError
        The runtime is not there, networks take different maps, or other data lie in the folder.
    """
    check_runtime(runtime)
    if len({network.channels for network in networks}) != 1:
        raise IslesError("the networks of a lab take different maps; give those that take the same")
    channels = networks[0].channels
    if (folder / "data").exists() and not (folder / "data" / "about.js").exists():
        raise IslesError(f"{folder} holds data/, which is not of a lab; give another folder")
    with whole(folder / "index.html") as partial:
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        listed = [_write_network(data, number, one) for number, one in enumerate(networks)]
        patients = [_write_patient(data, n, case, channels) for n, case in enumerate(cases)]
        _write_script(data, "about", about(listed, patients))
        for backend in backends:
            _write_runtime(data, backend, runtime)
        (data / "NOTICE.txt").write_text(_notice(runtime.parent), encoding="utf-8")
        _write_code(folder)
        partial.write_text((_HERE / "index.html").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def check_runtime(runtime: Path) -> None:
    """Raise an IslesError that says how to get ONNX Runtime Web if it is not there."""
    names = [file for script, binary in RUNTIMES.values() for file in (script, f"{binary}.wasm")]
    if missing := [name for name in names if not (runtime / name).is_file()]:
        raise IslesError(
            f"{runtime} holds no {missing[0]}; the lab needs ONNX Runtime Web: run "
            "'npm ci --prefix web --ignore-scripts' (Node.js 20 or newer)"
        )


def _write_code(folder: Path) -> None:
    """Write the page's own script and style sheet."""
    styles = (_HERE.parent / "browser" / "browser.css", _HERE / "lab.css", _HERE / "page.css")
    style = "\n".join(file.read_text(encoding="utf-8") for file in styles)
    (folder / "lab.css").write_text(style, encoding="utf-8")
    (folder / "lab.js").write_text(page_script(), encoding="utf-8")


def _notice(package: Path) -> str:
    """Return whose the runtime is."""
    known = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return (
        f"runtime-*.js hold {known['name']} {known['version']}, copyright Microsoft Corporation, "
        f"{known['license']} licence, https://github.com/microsoft/onnxruntime\n"
    )


def page_script() -> str:
    """Return the lab's modules as one plain script, which a page on a disk may load, too."""
    modules = join_modules(_HERE / "page.js").replace("export default", "const lab =")
    return f'(() => {{\n{modules}\nlab.render({{ el: document.getElementById("lab") }});\n}})();\n'


def _packed(content: bytes) -> str:
    """Return bytes as packed text, the same in every run."""
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()


def _write_script(data: Path, name: str, content: Any) -> None:
    """Write a script that hands over its content by its name."""
    text = json.dumps(content, allow_nan=False)
    (data / f"{name}.js").write_text(f'islesedu_lab("{name}", {text});\n', encoding="utf-8")


def _write_runtime(data: Path, backend: str, runtime: Path) -> None:
    """Write the script of a backend: the worker behind the runtime's own, glue and binary."""
    script, binary = RUNTIMES[backend]
    worker = (_HERE / "worker.js").read_text(encoding="utf-8")
    own = (runtime / script).read_text(encoding="utf-8").partition("\n//# sourceMappingURL")[0]
    content = {
        "script": _packed(f"{own}\n{worker}".encode()),
        "mjs": _packed((runtime / f"{binary}.mjs").read_bytes()),
        "wasm": _packed((runtime / f"{binary}.wasm").read_bytes()),
    }
    _write_script(data, f"runtime-{backend}", content)


def _write_network(data: Path, number: int, network: PageNetwork) -> dict[str, Any]:
    """Write the script of a network; return what the page is told of it."""
    expected = np.ascontiguousarray(network.probe["expected"], dtype="<f4").tobytes()
    probe = network.probe | {"expected": _packed(expected)}
    _write_script(data, f"network-{number}", {"model": _packed(network.onnx), "probe": probe})
    return {
        "name": network.name,
        "title": network.title,
        "channels": network.channels,
        "clinical": network.clinical,
        "crop": network.crop,
        "file": f"network-{number}",
    }


def _write_patient(data: Path, number: int, case: Case, channels: Sequence[str]) -> dict[str, Any]:
    """Write the script of a patient, its files as they are; return what the page is told of it."""
    files = {channel: case.maps[channel] for channel in channels}
    files |= {"lesion": case.lesion} if case.lesion else {}
    content = {name: base64.b64encode(file.read_bytes()).decode() for name, file in files.items()}
    _write_script(data, f"patient-{number}", content)
    name = f"patient {number + 1}"
    clinical = {key: value for key, value in case.clinical.items() if value == value}
    return {
        "name": name,
        "title": name.capitalize(),
        "file": f"patient-{number}",
        "channels": channels,
        "clinical": clinical,
    }
