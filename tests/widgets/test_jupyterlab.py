"""The stepper in a real JupyterLab: lessons 01 and 03 run there, driven by keys and mouse."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from islesedu.convolution import conv2d
from islesedu.course.lessons import list_lessons
from islesedu.widgets import ConvolutionStepper
from tests.browser import (
    PATIENCE,
    ask_kernel,
    change_theme,
    chromium,
    jupyterlab,
    needs_chromium,
    run_notebook,
    violations,
    wait_until_kernel_says,
)
from tests.widgets.test_stepper import check_screen, output_of

pytestmark = [needs_chromium, pytest.mark.xdist_group("jupyterlab")]
SHOTS = os.environ.get("ISLESEDU_SCREENSHOTS")  # folder for pictures to look at
FILES = {lesson.name[:2]: lesson.file for lesson in list_lessons()}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of a JupyterLab on a copy of lessons 01 and 03."""
    folder = tmp_path_factory.mktemp("jupyterlab") / "the lessons"
    folder.mkdir()
    for number in ("01", "03"):
        shutil.copy(FILES[number], folder)
    with jupyterlab(folder) as address:
        yield address


@contextmanager
def opened(lab, number):
    """Run a lesson in a page; yield its first stepper."""
    with chromium(viewport={"width": 1280, "height": 900}) as page:
        run_notebook(page, lab, Path(FILES[number]).name)
        stepper = page.locator(".islesedu-stepper").first
        stepper.wait_for(timeout=5 * PATIENCE)
        stepper.scroll_into_view_if_needed()
        yield stepper


@pytest.fixture(scope="module")
def stepper_03(lab):
    """The first stepper of lesson 03."""
    with opened(lab, "03") as stepper:
        yield stepper


@pytest.fixture
def stepper_01(lab):
    """The first stepper of lesson 01."""
    with opened(lab, "01") as stepper:
        yield stepper


def test_lesson_01_by_keyboard_mouse_and_kernel(stepper_01):
    stepper, page = stepper_01, stepper_01.page
    image = [[1, 2, 4, 1, 0, 2], [0, 1, 0, 0, 1, 1], [1, 0, 3, 2, 3, 0]]
    image += [[4, 3, 4, 1, 0, 1], [2, 4, 1, 1, 2, 0], [4, 2, 5, 2, 6, 4]]
    like = ConvolutionStepper(image, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    stepper.get_by_role("button", name="First").click()
    for position in [(row, column) for row in range(4) for column in range(4)]:
        check_screen(stepper, like, position)
        page.keyboard.press("ArrowRight")  # JupyterLab would take the key for itself
    stepper.get_by_role("button", name="Previous row").click()
    check_screen(stepper, like, (2, 3))
    stepper.locator("table.isl-output button").nth(5).click()
    check_screen(stepper, like, (1, 1))
    stepper.get_by_role("button", name="image, row 1, column 1:").click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    like.image = [
        [[7 if (r, c) == (1, 1) else v] for c, v in enumerate(line)] for r, line in enumerate(image)
    ]
    check_screen(stepper, like, (1, 1))
    # Python knows of it, and Python can move it.
    changed = conv2d(like.image[..., 0], like.kernel[..., 0, 0])
    wanted = f"(1, 1) {changed.sum()}\n"
    wait_until_kernel_says(page, "print(stepper.position, stepper.output.sum())", wanted)
    assert ask_kernel(page, "stepper.position = (3, 2)") == ""
    stepper.get_by_text("Position (3, 2)").wait_for()
    check_screen(stepper, like, (3, 2))


def test_lesson_03_to_the_end_with_both_filters(stepper_03):
    stepper, page = stepper_03, stepper_03.page
    said = ask_kernel(page, "print(stepper.get_state(['image', 'kernel', 'bias']))")
    assert said.startswith("{"), said
    state = eval(said)
    options = {"relu": True, "stride": 2, "padding": 1}
    like = ConvolutionStepper(state["image"], state["kernel"], state["bias"], **options)
    stepper.get_by_role("radio", name="filter 1").check()
    stepper.get_by_role("button", name="First").click()
    for position in [(row, column) for row in range(3) for column in range(3)]:
        check_screen(stepper, like, position)
        page.keyboard.press("ArrowRight")
    stepper.get_by_role("radio", name="filter 2").check()
    check_screen(stepper, like, (2, 2), filter=1)
    assert None not in output_of(stepper, 1)


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_against_accessibility_in_either_theme(stepper_03, width):
    stepper, page = stepper_03, stepper_03.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("window.jupyterapp.shell.collapseLeft()")  # as where it is opened on a phone
    stepper.scroll_into_view_if_needed()
    for theme in ("Light", "Dark"):
        change_theme(page, theme, ".islesedu-stepper")
        stepper.get_by_role("button", name="Next", exact=True).click()
        assert not violations(page, ".islesedu-stepper")
        if SHOTS:
            stepper.screenshot(path=Path(SHOTS) / f"stepper-{theme.lower()}-{width}.png")
