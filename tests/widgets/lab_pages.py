"""What the tests of NetworkLab share."""

import base64
import importlib.util
import json
import math
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from islesedu.network_lab import RUNTIME
from tests.browser import CHROMIUM, html_page

DIST = Path(__file__).resolve().parents[2] / RUNTIME
_PACKAGES = ("onnx", "onnxruntime", "tf2onnx")
needs_lab = pytest.mark.skipif(
    not (CHROMIUM and DIST.is_dir() and all(map(importlib.util.find_spec, _PACKAGES))),
    reason="needs chromium, islesedu[onnx] and npm ci --prefix web",
)
LAB = "document.querySelector('.islesedu-lab').lab"


def wait_ready(page, state: str = "ready") -> None:
    """Wait until the lab has predicted; the page's policy forbids wait_for_function."""
    page.locator(f".islesedu-lab[data-state={state}]").wait_for()


def open_tools(page) -> None:
    """Unfold all that is folded, so that every control can be reached."""
    page.evaluate("""() => document.querySelectorAll(".islesedu-lab details")
        .forEach((details) => { details.open = true; })""")


class _Isolating(SimpleHTTPRequestHandler):
    """Serves a folder with the two headers that let a browser share memory between threads."""

    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def served(folder: Path):
    """Serve a folder on this machine, cross-origin isolated; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Isolating, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_BYTES = """() => {
    const array = %s, bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return [array.constructor.name, btoa(text)]; }"""
_TYPES = {"Float32Array": np.float32, "Uint8Array": np.uint8}


def array_of(page, typed: str) -> np.ndarray:
    """Return a typed array of the page, the value of a piece of JavaScript.

    Its bytes travel; number by number it would take some hundred times as long.
    """
    kind, text = page.evaluate(_BYTES % typed)
    return np.frombuffer(base64.b64decode(text), _TYPES[kind])


def probability(page, shape) -> np.ndarray:
    """Return the probability (X, Y, Z) that the page has."""
    return array_of(page, f"{LAB}.probability").reshape(shape, order="F")


def edit(page, what: str) -> None:
    """Do an edit by its JavaScript and wait for its prediction."""
    page.evaluate(f"(() => {{ const l = {LAB}; l.edit({what}); }})()")
    wait_ready(page)


def normal_numbers(seed: int, count: int) -> np.ndarray:
    """Return the page's noise: mulberry32 and Box-Muller, written a second time."""
    state, numbers = seed, []

    def uniform():
        nonlocal state
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ (state >> 15)) * (1 | state) % 2**32
        t = ((t + ((t ^ (t >> 7)) * (61 | t)) % 2**32) % 2**32) ^ t
        return (t ^ (t >> 14)) / 2**32

    while len(numbers) < count:
        radius, angle = math.sqrt(-2 * math.log(1 - uniform())), 2 * math.pi * uniform()
        numbers += [radius * math.cos(angle), radius * math.sin(angle)]
    return np.array(numbers[:count])


KERNEL = """
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), listeners = [];
const text = (buffer) =>
  Array.from(new Uint8Array(buffer), (n) => String.fromCharCode(n)).join("");
const state = { about: ABOUT, log: [] };
window.state = state;
widget.render({ el: document.querySelector(".view"), model: {
  get: (name) => state[name], set: (name, value) => { state[name] = value; }, save_changes() {},
  on: (event, f) => { if (event === "msg:custom") listeners.push(f); }, off() {},
  async send(message, _callbacks, buffers = []) {
    const [content, found] = await window.ask(message, buffers.map((b) => btoa(text(b))));
    listeners.forEach((f) => f(content, found.map((b) => new DataView(bytes(b).buffer))));
  } } });
"""


def page_with_kernel(widget) -> str:
    """Return a page with a NetworkLab whose kernel is the function `ask` of the page."""
    script = str(widget._esm).replace("export default", "const widget =")
    script += KERNEL.replace("ABOUT", json.dumps(widget.about))
    shown = f"<style>{widget._css}</style><div class='view'></div>"
    return html_page(f"{shown}<script type='module'>{script}</script>")
