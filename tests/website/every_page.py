"""Open every page of a built site, or of a folder of exported lessons, and say what is wrong.

    .venv/bin/python -m tests.website.every_page build/site
    .venv/bin/python -m tests.website.every_page build/lessons

Each page in Chromium, light and dark, 1280 and 400 pixels wide: axe-core's rules for WCAG 2.2 A
and AA, sideways scrolling, requests for anything that is not in the folder, errors of scripts.
The tests look at some of the pages; this looks at all, in a process a core, for half an hour.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from tests.browser import chromium_pages, violations

VIEWS = [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")]
FRAGMENTS = ("_static", "pictures", "lab")
"""Folders whose pages are parts of others, checked by tests of their own."""
PART = 4
"""Pages that one process looks at before it is asked for more."""


def faults(open_page, page: Path, folder: Path, width: int, scheme: str) -> list[str]:
    """Return what is wrong with a page in one view."""
    found: list[str] = []
    view = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    inside = (folder.as_uri(), "data:", "blob:")
    with open_page(**view) as tab:
        tab.on("pageerror", lambda error: found.append(f"script: {error}"))
        tab.on(
            "request",
            lambda request: request.url.startswith(inside) or found.append(f"asks {request.url}"),
        )
        tab.goto(page.as_uri())
        tab.wait_for_load_state("load")
        wide = tab.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"is {wide} pixels wide")
        return found + violations(tab, "html")


def look_at(pages: list[Path], folder: Path) -> list[str]:
    """Return what is wrong with some pages, a line a fault, in a Chromium of their own."""
    found = []
    with chromium_pages() as open_page:
        for page in pages:
            for width, scheme in VIEWS:
                name = f"{page.relative_to(folder)} {width} {scheme}"
                found += [f"{name}: {f}" for f in faults(open_page, page, folder, width, scheme)]
    return found


def main() -> None:
    """Look at all pages, print the faults, exit with 1 if there are any."""
    folder = Path(sys.argv[1]).resolve()
    pages = [
        page
        for page in sorted(folder.rglob("*.html"))
        if page.relative_to(folder).parts[0] not in FRAGMENTS
    ]
    count = done = 0
    parts = [pages[start : start + PART] for start in range(0, len(pages), PART)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        looks = {pool.submit(look_at, part, folder): part for part in parts}
        for look in as_completed(looks):
            count, done = count + len(look.result()), done + len(looks[look])
            for fault in look.result():
                print(fault, flush=True)
            print(f"\r{done} of {len(pages)} pages", end="", file=sys.stderr, flush=True)
    print(f"\n{count} faults in {len(pages)} pages, {len(VIEWS)} views each")
    sys.exit(count > 0)


if __name__ == "__main__":
    main()
