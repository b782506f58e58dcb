"""Measure a prediction of NetworkLab's page in Chromium: processor seconds, and memory held.

    .venv/bin/python -m benchmarks.lab_page build/lab

Processor seconds of the browser's pages, one thread; on an idle machine they are about the seconds
that a reader waits.
"""

import argparse
import shutil
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

READY = ".islesedu-lab[data-state=ready]"


def pages() -> list[psutil.Process]:
    """Return the browser's processes that hold pages."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if "--type=renderer" in one.cmdline()]


def seconds() -> float:
    """Return the processor seconds that they have used."""
    return sum(one.cpu_times().user + one.cpu_times().system for one in pages())


def main() -> None:
    """Open the page, predict three times, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    address = (parser.parse_args().folder / "index.html").resolve().as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(f"{address}?backend=wasm")
        page.locator(READY).wait_for()
        print(f"page, runtime, network and first prediction: {seconds():.1f} s")
        for _ in range(3):
            before = seconds()
            page.get_by_role("button", name="Predict again").click()
            page.locator(READY).wait_for()
            print(f"a prediction: {seconds() - before:.1f} s")
        held = max(one.memory_info().rss for one in pages())
        print(f"memory of the page's process: {held / 1e6:.0f} MB")
        print(page.locator(".isl-diagnostics").text_content())
        browser.close()


if __name__ == "__main__":
    main()
