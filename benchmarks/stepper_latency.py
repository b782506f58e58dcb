"""Time from a key press to new numbers on the screen in the ConvolutionStepper.

    .venv/bin/python -m benchmarks.stepper_latency

A real Chromium, real key presses; from the event's own time stamp to the end of the frame that
shows the new sum. Without a kernel: with one, the numbers do not wait for it either.
"""

import tempfile
from pathlib import Path

import numpy as np

from islesedu.widgets import ConvolutionStepper
from tests.browser import chromium, html_page

PRESSES = 200
WATCH = """() => {
    window.times = [];
    let pressed = 0;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() =>
        window.times.push(performance.now() - pressed))))
        .observe(document.querySelector(".isl-say"), {childList: true});
}"""


def measure(name: str, stepper: ConvolutionStepper) -> None:
    """Print the median and the 95th percentile for one stepper."""
    with tempfile.TemporaryDirectory() as folder, chromium() as page:
        file = Path(folder) / "page.html"
        file.write_text(html_page(stepper._repr_mimebundle_()[0]["text/html"]), encoding="utf-8")
        page.goto(file.as_uri())
        page.get_by_role("button", name="First").focus()
        page.evaluate(WATCH)
        for number in range(PRESSES):
            page.keyboard.press(("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")[number % 4])
            page.wait_for_timeout(20)
        times = np.array(page.evaluate("window.times"))
    median, late = np.percentile(times, [50, 95])
    print(f"{name:42s} median {median:5.1f} ms, 95 % within {late:5.1f} ms ({len(times)} presses)")


def main() -> None:
    """Measure the slide's example and the CS231n layout."""
    rng = np.random.default_rng(0)
    measure(
        "6 x 6, one 3 x 3 kernel (lesson 01)",
        ConvolutionStepper(rng.integers(0, 6, (6, 6)), rng.integers(-1, 6, (3, 3))),
    )
    filters = rng.integers(-1, 2, (3, 3, 3, 2))
    layer = {"relu": True, "stride": 2, "padding": 1}
    measure(
        "5 x 5 x 3, two 3 x 3 x 3 filters (lesson 03)",
        ConvolutionStepper(rng.integers(0, 3, (5, 5, 3)), filters, [1, 0], **layer),
    )


if __name__ == "__main__":
    main()
