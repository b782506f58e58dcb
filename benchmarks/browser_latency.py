"""Time from a key press to a painted slice, against the usual ways to scroll in a notebook.

    .venv/bin/python -m benchmarks.browser_latency

A real JupyterLab with a real kernel in a real Chromium. SliceBrowser, `interact` with matplotlib
and an ipywidgets.Image show the same six maps of the same patient; each gets real key presses and
real drags, in the order A B C A B C. A press is timed from the event's own time stamp to the end of
the frame that shows the new slice.
"""

import argparse
import tempfile
from pathlib import Path

import nbformat
import numpy as np

from tests.browser import ask_kernel, chromium, jupyterlab

SIZES = ((192, 192, 19), (256, 256, 24))
WAYS = ("SliceBrowser", "interact", "Image")
PATIENT = """
import io
import ipywidgets, matplotlib, numpy as np
from IPython.display import display
from matplotlib import pyplot as plt
from islesedu import CHANNELS
from islesedu.isles import Patient
from islesedu.widgets import SliceBrowser

%matplotlib inline
shape, rng = {shape}, np.random.default_rng(0)
x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
brain = (x**2 / 0.5 + y**2 / 0.7 + z**2 / 1.2) < 1
noise = 1 + 0.1 * rng.standard_normal((*shape, 6))
image = (brain[..., None] * noise * [800, 3, 30, 6, 30, 3]).astype(np.float32)
lesion = ((x + 0.3) ** 2 + y**2 + z**2) < 0.06
spacing = (1.25, 1.25, 6.5)
patient = Patient("case", image, lesion, spacing, np.diag([*spacing, 1]), {{}}, CHANNELS)
tops = (1500, 5, 60, 20, 60, 12)
"""
SHOW = {
    "SliceBrowser": "browser = SliceBrowser(patient)\nbrowser",
    "interact": """
sent = []
@ipywidgets.interact(z=(0, shape[2] - 1))
def show(z=9):
    figure, axes = plt.subplots(2, 3, figsize=(9, 6.5), layout="constrained")
    for ax, name, top, c in zip(axes.flat, CHANNELS, tops, range(6)):
        ax.imshow(image[:, ::-1, z, c].T, cmap="gray", vmin=0, vmax=top)
        ax.contour(lesion[:, ::-1, z].T, levels=[0.5], colors="orange")
        ax.set_title(name)
        ax.axis("off")
    plt.show()
""",
    "Image": """
def png(z):
    maps = [image[:, ::-1, z, c].T / tops[c] for c in range(6)]
    picture, buffer = np.block([maps[:3], maps[3:]]), io.BytesIO()
    matplotlib.image.imsave(buffer, picture, cmap="gray", vmin=0, vmax=1, format="png")
    return buffer.getvalue()

slider = ipywidgets.IntSlider(9, 0, shape[2] - 1)
picture = ipywidgets.Image(value=png(9))
slider.observe(lambda change: setattr(picture, "value", png(change["new"])), "value")
display(slider, picture)
""",
}
OUTPUT = "document.querySelectorAll('.jp-CodeCell')[{cell}]"
PAINTED = {
    "SliceBrowser": "cell.querySelector('.islesedu-browser[data-ready=\"true\"]')",
    "interact": "cell.querySelector('.jp-RenderedImage img')?.complete",
    "Image": "cell.querySelector('img.widget-image')?.complete",
}
FIRST = """async () => {{
    const cell = {output}, start = performance.now();
    window.jupyterapp.commands.execute("notebook:run-cell-and-select-next");
    while (!({painted})) await new Promise(requestAnimationFrame);
    await new Promise((f) => requestAnimationFrame(() => setTimeout(f)));
    return performance.now() - start;
}}"""
WATCH = """() => {{
    const cell = {output}, way = "{way}";
    const picture = way === "Image" ? "img.widget-image" : ".jp-RenderedImage img";
    window.times = [];
    window.pressed = 0;
    window.watcher?.disconnect();
    removeEventListener("keydown", window.onPress, true);
    window.onPress = (event) => {{ window.pressed = event.timeStamp; }};
    addEventListener("keydown", window.onPress, true);
    const painted = () => requestAnimationFrame(() => setTimeout(() =>
        window.times.push(performance.now() - window.pressed)));
    let last = "";
    window.watcher = new MutationObserver(() => {{
        if (way === "SliceBrowser") return painted();
        const img = cell.querySelector(picture);
        if (!img || img.src === last) return;
        last = img.src;
        img.decode().then(painted, () => {{}});
    }});
    const where = way === "SliceBrowser" ? cell.querySelector(".isl-say") : cell;
    last = cell.querySelector(picture)?.src;
    window.watcher.observe(where, {{childList: true, subtree: true, attributes: way === "Image",
        attributeFilter: way === "Image" ? ["src"] : undefined}});
}}"""
HANDLE = {"SliceBrowser": ".isl-stage", "interact": ".noUi-handle", "Image": ".noUi-handle"}


def press(page, cell, way: str, presses: int) -> list[float]:
    """Press keys one after the other; return milliseconds until each was painted."""
    cell.locator(HANDLE[way]).first.focus()
    keys = ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown")
    for number in range(presses):
        page.keyboard.press(keys[number % 4])
        page.wait_for_function("n => window.times.length > n", arg=number)
        page.wait_for_timeout(15)
    return page.evaluate("window.times")


def drag(page, cell, way: str, seconds: float) -> float:
    """Drag for some seconds; return how many new pictures there were a second."""
    target = cell.locator("canvas" if way == "SliceBrowser" else ".noUi-handle").first
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    wide = 100 if way == "SliceBrowser" else 90
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => { window.times = []; }")
    start = page.evaluate("performance.now()")
    number = 0
    while page.evaluate("performance.now()") - start < 1000 * seconds:
        number += 1
        page.mouse.move(x + wide * np.sin(number / 8), y)
    took = (page.evaluate("performance.now()") - start) / 1000
    count = page.evaluate("window.times.length")
    page.mouse.up()
    page.wait_for_timeout(1500)  # until the kernel has caught up
    return count / took


def heap_used(page) -> int:
    """Return the bytes of JavaScript's objects that are still needed; `performance` rounds them."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


def measure(address: str, folder: Path, shape: tuple, presses: int) -> None:
    """Print the table of one size."""
    name = f"{'x'.join(map(str, shape))}.ipynb"
    texts = [PATIENT.format(shape=shape), *SHOW.values()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(text) for text in texts]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / name)
    with chromium(viewport={"width": 1280, "height": 1000}) as page:
        page.goto(f"{address}/lab/tree/{name}?reset")
        session = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
        page.wait_for_function(f"{session}?.status === 'idle'", timeout=90_000)
        run = "() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')"
        page.evaluate(run)
        first, times, rates = {}, {}, {}
        heap = {"start": heap_used(page)}
        outputs = {way: OUTPUT.format(cell=number + 1) for number, way in enumerate(WAYS)}
        for way in WAYS:
            script = FIRST.format(output=outputs[way], painted=PAINTED[way])
            first[way] = page.evaluate(script)
            page.wait_for_timeout(2000)
            heap[way] = heap_used(page)
        for _ in range(2):  # A B C A B C
            for number, way in enumerate(WAYS):
                cell = page.locator(".jp-CodeCell").nth(number + 1)
                cell.scroll_into_view_if_needed()
                page.evaluate(WATCH.format(output=outputs[way], way=way))
                count = presses if way == "SliceBrowser" else max(8, presses // 5)
                times.setdefault(way, []).append(press(page, cell, way, count))
                rates.setdefault(way, []).append(drag(page, cell, way, 3))
        sent = ask_kernel(
            page, "print(sum(len(browser.buffers.part(p)) for p in browser.buffers.names()))"
        )
        bundle = ask_kernel(page, "print(len(browser.to_html()))")
        one = ask_kernel(page, "print(len(png(9)))")
        held = page.locator(".islesedu-browser").evaluate("root => root.held()")
    print(f"\n{' x '.join(map(str, shape))} x 6\n")
    print(
        "| way | median ms (two runs) | 95 % within | drag, pictures/s (two runs) | first picture |"
    )
    print("|---|---|---|---|---|")
    for way in WAYS:
        medians = ", ".join(f"{np.median(run):.1f}" for run in times[way])
        late = np.percentile(np.concatenate(times[way]), 95)
        speed = ", ".join(f"{rate:.0f}" for rate in rates[way])
        print(f"| {way} | {medians} | {late:.1f} ms | {speed} | {first[way] / 1000:.2f} s |")
    medians = {way: np.median(np.concatenate(runs)) for way, runs in times.items()}
    ratio = medians["interact"] / medians["SliceBrowser"]
    print(f"\nSliceBrowser is {ratio:.0f} times as fast as interact.")
    print(
        f"Voxels sent once: {int(sent) / 1e6:.2f} MB; an exported page has "
        f"{int(bundle) / 1e6:.2f} MB; ipywidgets.Image sends {int(one) / 1e6:.2f} MB a slice."
    )
    grown = (heap["SliceBrowser"] - heap["start"]) / 1e6
    print(
        f"In the page: {held / 1e6:.1f} MB of voxels, and {grown:.1f} MB more of JavaScript's heap."
    )


def main() -> None:
    """Measure both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=100, help="of SliceBrowser, in each run")
    presses = parser.parse_args().presses
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "notebooks"
        folder.mkdir()
        with jupyterlab(folder) as address:
            for shape in SIZES:
                measure(address, folder, shape, presses)


if __name__ == "__main__":
    main()
