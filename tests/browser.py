"""A real Chromium and a real JupyterLab for the tests of widgets."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))),
    None,
)  # the first draws the same with a fourth of the processor time: no window around the page
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
PATIENCE = 60_000  # ms to wait for something before it counts as failed, on a busy machine too
FRAMES = "() => new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))"


@contextmanager
def chromium(**options):
    """Yield a page of a headless Chromium that fails on errors of the page's scripts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(**options)
        page.set_default_timeout(PATIENCE)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert not errors, errors


@contextmanager
def chromium_pages():
    """Yield a function that opens pages of one headless Chromium, for many tests.

    Each page is a context that fails on errors of the page's scripts.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        @contextmanager
        def open_page(**options):
            page = browser.new_page(**options)
            page.set_default_timeout(PATIENCE)
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield page
            page.close()
            assert not errors, errors

        yield open_page
        browser.close()


def brightness(page, selector: str) -> float:
    """Return how bright the background of an element is, from 0 to 255."""
    color = page.locator(selector).first.evaluate("node => getComputedStyle(node).backgroundColor")
    channels = [float(value) for value in re.findall(r"[\d.]+", color)][:3]
    return sum(channels) / 3


def html_page(body: str) -> str:
    """Return a page around a piece of HTML."""
    head = '<meta charset="utf-8"><title>A lesson</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'
    )


KERNEL = """
const state = %s, parts = %s, listeners = {};
window.kernel = { // answers what it is asked for: at once or, while it holds, when it is told to
  asked: [], held: [], holds: %s,
  ask(part) {
    this.asked.push(part);
    if (this.holds) this.held.push(part); else setTimeout(() => this.answer(part));
  },
  answer(part) { // every view of a widget gets every answer
    if (this.held.includes(part)) this.held.splice(this.held.indexOf(part), 1);
    const bytes = Uint8Array.from(atob(parts[part]), (c) => c.charCodeAt(0));
    listeners["msg:custom"].forEach((f) => f({ part }, [new DataView(bytes.buffer)]));
  },
};
window.model = {
  get: (name) => state[name], save_changes: () => {}, off: () => {},
  set: (name, value) => {
    state[name] = value;
    (listeners["change:" + name] ?? []).forEach((f) => f());
  },
  on: (event, f) => (listeners[event] ??= []).push(f),
  send: ({ ask }) => kernel.ask(ask),
};
document.querySelectorAll(".view").forEach((el) => widget.render({ model, el }));
"""


def page_with_kernel(browser, views: int = 1, holds: bool = False) -> str:
    """Return a page that shows a slice browser and asks a kernel, made of JavaScript, for voxels.

    `views` is how often the browser is shown, `holds` whether the kernel keeps its answers back
    from the start.
    """
    state = json.dumps({"meta": browser.meta, **browser.state()})
    parts = json.dumps(browser.buffers.embedded(most=10**6))
    script = str(browser._esm).replace("export default", "const widget =")
    script += KERNEL % (state, parts, json.dumps(holds))
    shown = "<div class='view'></div>" * views
    style = f"<style>{str(browser._css)}</style>"
    return html_page(f"{style}{shown}<script type='module'>{script}</script>")


def violations(page, selector: str) -> list[str]:
    """Return what axe-core finds against WCAG A and AA within an element."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = Axe().run(page, context=selector, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:150]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@contextmanager
def jupyterlab(folder: Path):
    """Start JupyterLab on a folder; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder.parent / "jupyter"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
    ]
    command += [
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
    ]
    command += [
        f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    place = {
        "PYTHONPATH": Path(__file__).resolve().parents[1],  # kernels take this checkout
        "JUPYTER_CONFIG_DIR": settings / "config",
        "JUPYTER_RUNTIME_DIR": settings / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": settings / "lab",
        "JUPYTERLAB_WORKSPACES_DIR": settings / "lab",
    }
    environment = os.environ | {name: str(value) for name, value in place.items()}
    log = open(folder.parent / "jupyterlab.log", "w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, server, folder.parent / "jupyterlab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=120)
        log.close()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Return when a server answers."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5)
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(log.read_text())


def run_notebook(page, address: str, name: str) -> None:
    """Open a notebook in JupyterLab and run all its cells."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    kernel = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"{kernel}?.status === 'idle'", timeout=3 * PATIENCE)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def ask_kernel(page, code: str) -> str:
    """Run code in the kernel of the open notebook; return what it prints or raises."""
    script = """async code => {
        const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
        const future = session.kernel.requestExecute({code});
        let text = "";
        future.onIOPub = ({content}) => { text += content.text ?? content.evalue ?? ""; };
        await future.done;
        return text;
    }"""
    return page.evaluate(script, code)


def wait_until_kernel_says(page, code: str, wanted: str) -> None:
    """Ask the kernel until it has what the page has sent."""
    end = time.monotonic() + PATIENCE / 1000
    while (said := ask_kernel(page, code)) != wanted:
        assert time.monotonic() < end, f"{code} says {said!r}, not {wanted!r}"
        page.wait_for_timeout(100)


def change_theme(page, theme: str, selector: str) -> None:
    """Choose "Light" or "Dark" in JupyterLab; return when an element has its colours."""
    command = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    page.evaluate(command, f"JupyterLab {theme}")
    light = json.dumps(theme == "Light")
    page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
    page.evaluate(FRAMES)
    page.locator(selector).first.evaluate("""element => Promise.allSettled(
        element.getAnimations({subtree: true}).map((animation) => animation.finished))""")


def settle(page):
    """Wait until all voxels have come and the picture is up to date."""
    for _ in range(2):
        page.evaluate(FRAMES)
        page.wait_for_function("""() => [...document.querySelectorAll('.islesedu-browser')]
            .every(root => root.dataset.loading === '0')""")
    page.evaluate(FRAMES)
