"""How heavy the pages of the site are, and how soon the first one is painted, from a disk.

.. code:: sh

    make site && .venv/bin/python -m benchmarks.site_pages
"""

import sys
from pathlib import Path
from statistics import median

from tests.browser import chromium

ROUNDS = 5
PAINT = """() => new Promise(found => new PerformanceObserver(list => {
    const paint = list.getEntries().find(entry => entry.name === 'first-contentful-paint');
    if (paint) found(paint.startTime);
}).observe({type: 'paint', buffered: true}))"""


def weight(page: Path) -> int:
    """Return the bytes of a page and of all files that it loads."""
    loaded = set()
    with chromium(viewport={"width": 1280, "height": 900}) as tab:
        tab.on("request", lambda request: loaded.add(request.url.split("?")[0].split("#")[0]))
        tab.goto(page.as_uri())
        tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        tab.wait_for_load_state("load")
        tab.wait_for_timeout(300)
    files = [Path(url.removeprefix("file://").replace("%20", " ")) for url in loaded]
    return sum(file.stat().st_size for file in files if file.is_file())


def first_paint(page: Path) -> float:
    """Return the milliseconds to the first contentful paint, the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        with chromium(viewport={"width": 1280, "height": 900}) as tab:
            tab.goto(page.as_uri())
            times.append(tab.evaluate(PAINT))
    return median(times)


def main(site: Path) -> None:
    """Print the weights and the time."""
    weights = {page: weight(page) for page in sorted(site.rglob("*.html"))}
    for page, size in weights.items():
        print(f"{size / 1e6:6.2f} MB  {page.relative_to(site)}")
    print(f"median {median(weights.values()) / 1e6:.2f} MB of {len(weights)} pages")
    print(f"first contentful paint of index.html: {first_paint(site / 'index.html'):.0f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/site").resolve())
