import json
import re
from contextlib import ExitStack

import numpy as np
import pytest
import traitlets

from islesedu import convolution as c
from islesedu.course.lessons import choose, list_lessons
from islesedu.course.runner import run_lessons
from islesedu.widgets import ConvolutionStepper
from islesedu.widgets.stepper import StepperError
from tests.browser import html_page, needs_chromium, violations

IMAGE = np.arange(30).reshape(5, 6) % 7
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.fixture
def stepper():
    return ConvolutionStepper(IMAGE, KERNEL)


@pytest.fixture
def full(rng):
    """A stepper with everything: channels, two filters, bias, relu, stride, padding."""
    image, kernel = rng.integers(0, 3, (5, 5, 3)), rng.integers(-1, 2, (3, 3, 3, 2))
    return ConvolutionStepper(image, kernel, [1, 0], relu=True, stride=2, padding=1)


# Python


def test_output_is_that_of_the_package(stepper, full):
    np.testing.assert_array_equal(stepper.output[..., 0], c.conv2d(IMAGE, KERNEL))
    expected = c.conv_layer(full.image, full.kernel, full.bias, stride=2, padding=1)
    np.testing.assert_array_equal(full.output, expected)


def test_output_follows_image_kernel_and_options(stepper):
    stepper.image = np.ones((5, 6, 1))
    assert not stepper.output.any()  # the kernel's sum is 0
    stepper.kernel = np.ones((3, 3, 1, 1))
    assert (stepper.output == 9).all()
    stepper.padding = 1
    assert stepper.output.shape == (5, 6, 1) and stepper.output[0, 0, 0] == 4
    stepper.stride, stepper.bias = (2, 3), np.array([-10])
    assert stepper.output[..., 0].tolist() == [[-6, -4], [-4, -1], [-6, -4]]
    stepper.relu = True
    assert not stepper.output.any()


def test_a_change_of_output_can_be_observed(stepper):
    seen = []
    stepper.observe(lambda change: seen.append(change["new"].shape), "output")
    stepper.stride = 2
    assert seen == [(2, 2, 1)]


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("stride", 0, "stride"),
        ("stride", (1, 2, 3), "give one whole number, or 2, from 1 up"),
        ("padding", -1, "padding"),
        ("padding", 0.5, "give one whole number"),
        ("dilation", 3, r"\(5, 6, 1\).*\(3, 3, 1\).*fits into the padded image"),
        ("position", (3, 0), "position .* does not exist; the output is 3 x 4"),
        ("position", (-1, 0), "give one whole number, or 2, from 0 up"),
        ("filter", 1, "1 filters"),
        ("image", np.ones((2, 6, 1)), "fits into the padded image"),
        ("image", np.ones((5, 6, 2)), "as many channels"),
        ("image", np.full((5, 6, 1), np.nan), "NaN"),
        ("kernel", np.ones((3, 3, 2, 1)), "as many channels"),
        ("bias", np.ones(2), "there are 1 kernels"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_last_state_stays(stepper, name, value, words):
    before = json.dumps(stepper.get_state(), default=str)
    with pytest.raises((StepperError, ValueError), match=words):
        setattr(stepper, name, value)
    assert json.dumps(stepper.get_state(), default=str) == before


def test_what_does_not_fit_is_refused_from_the_start():
    with pytest.raises(ValueError, match="fits into"):
        ConvolutionStepper(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(traitlets.TraitError, match="does not exist"):
        ConvolutionStepper(IMAGE, KERNEL, position=(9, 9))


def test_position_and_filter_stay_within_a_smaller_output(full):
    full.position, full.filter = (2, 2), 1
    with full.hold_trait_notifications():
        full.kernel, full.bias, full.padding = np.ones((3, 3, 3, 1)), np.zeros(1), 0
    assert full.output.shape == (2, 2, 1)
    assert (full.position, full.filter) == ((1, 1), 0)


def test_changes_from_the_browser_arrive_together(stepper):
    """As the browser sends them: values that fit only all at once."""
    image = np.ones((2, 3, 1)).tolist()
    stepper.set_state(
        {"image": image, "kernel": np.ones((2, 2, 1, 1)).tolist(), "position": [0, 1]}
    )
    assert stepper.output.shape == (1, 2, 1) and stepper.position == (0, 1)


def test_equation_is_written_as_on_the_slide():
    stepper = ConvolutionStepper([[1, 2], [0, 3]], [[0, -1], [-1, 5]])
    assert stepper.equation == "13 = 1×0 + 2×(-1) + 0×(-1) + 3×5"


def test_equation_of_a_layer_has_channels_bias_and_relu(full):
    full.position, full.filter = (1, 2), 0
    lines = full.equation.splitlines()
    sums = [int(line.split(" = ")[0]) for line in lines[:3]]
    z = sum(sums) + 1
    assert lines[3:] == [f"{sum(sums)} + bias 1 = {z}", f"relu({z}) = {max(z, 0)}"]
    assert full.output[1, 2, 0] == max(z, 0)
    for line, total in zip(lines[:3], sums, strict=True):
        assert eval(line.split(" = ")[1].replace("×", "*")) == total


def test_the_picture_has_the_output_up_to_the_position(stepper):
    stepper.position = (1, 1)
    figure = stepper.figure()
    titles = [ax.get_title() or ax.texts[0].get_text() for ax in figure.axes]
    assert titles == ["image", "*", "kernel", "=", "output"]
    shown = [int(text.get_text()) for text in figure.axes[4].texts]
    assert shown == stepper.output.ravel()[:6].tolist()


def test_every_viewer_gets_something(stepper):
    data, _ = stepper._repr_mimebundle_()
    assert set(data) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "image/png",
        "text/plain",
    }
    assert stepper.equation in data["text/plain"]
    before_scripts = data["text/html"].split("<script")[0]
    assert stepper.equation in before_scripts and before_scripts.count("<table>") == 2


# The browser, without a kernel


@pytest.fixture
def shown(pages, tmp_path):
    """Show steppers in a page without kernel; return the page."""
    with ExitStack() as stack:

        def show(*steppers, **options):
            file = tmp_path / "page.html"
            bodies = [stepper._repr_mimebundle_()[0]["text/html"] for stepper in steppers]
            file.write_text(html_page("".join(bodies)), encoding="utf-8")
            page = stack.enter_context(pages(**options))
            page.goto(file.as_uri())
            return page

        yield show


def output_of(page, filter=0):
    """Return the numbers of an output grid on screen, None where there is none yet."""
    texts = page.locator("table.output").nth(filter).locator("button").all_inner_texts()
    return [None if text == "·" else float(text) for text in texts]


def arithmetic(page):
    """Return result, factors and running sums that are on screen, as numbers, by channel."""
    lines = []
    for line in page.locator(".terms").all():
        terms = line.locator(".term").all_inner_texts()
        pairs = [re.findall(r"-?[\d.]+", term.split("so far")[0]) for term in terms]
        runs = [float(term.split("so far")[1]) for term in terms]
        total = float(re.search(r"(-?[\d.]+) =", line.inner_text())[1])
        lines.append((total, [[float(a), float(b)] for a, b in pairs], runs))
    return lines


def check_screen(page, stepper, position, filter=0):
    """Compare every number on screen with the package's steps."""
    options = {name: getattr(stepper, name) for name in ("stride", "padding", "dilation")}
    kernel = stepper.kernel[..., filter]
    (step,) = [s for s in c.steps(stepper.image, kernel, **options) if s.position == position]
    running = 0
    for channel, (total, pairs, runs) in enumerate(arithmetic(page)):
        window, weights = step.window[..., channel], kernel[..., channel]
        np.testing.assert_allclose(pairs, np.c_[window.ravel(), weights.ravel()], atol=5e-4)
        np.testing.assert_allclose(total, step.products[..., channel].sum(), atol=5e-4)
        sums = running + np.cumsum(step.products[..., channel])
        np.testing.assert_allclose(runs, sums, atol=5e-4)
        running = sums[-1]
    done = position[0] * stepper.output.shape[1] + position[1] + 1
    for number in range(stepper.output.shape[2]):
        wanted = stepper.output[..., number].ravel().tolist()
        found = output_of(page, number)
        np.testing.assert_allclose(found[:done], wanted[:done], atol=5e-4)
        assert set(found[done:]) <= {None}


@needs_chromium
def test_keys_walk_to_the_end_and_every_number_is_right(shown, stepper):
    page = shown(stepper)
    page.get_by_role("button", name="First").focus()
    positions = [step.position for step in c.steps(IMAGE, KERNEL)]
    for position in positions:
        check_screen(page, stepper, position)
        page.keyboard.press("ArrowRight")
    check_screen(page, stepper, positions[-1])  # the end is the end
    for key, position in [
        ("Home", (0, 0)),
        ("ArrowDown", (1, 0)),
        ("End", (2, 3)),
        ("ArrowUp", (1, 3)),
        ("ArrowLeft", (1, 2)),
    ]:
        page.keyboard.press(key)
        check_screen(page, stepper, position)


@needs_chromium
def test_buttons_walk_too_and_a_click_jumps(shown, stepper):
    page = shown(stepper)
    for name, position in [
        ("Next", (0, 1)),
        ("Next row", (1, 1)),
        ("Previous", (1, 0)),
        ("Previous row", (0, 0)),
        ("Last", (2, 3)),
        ("First", (0, 0)),
    ]:
        page.get_by_role("button", name=name, exact=True).click()
        check_screen(page, stepper, position)
    page.locator("table.output button").nth(6).click()
    check_screen(page, stepper, (1, 2))
    page.keyboard.press("ArrowRight")  # focus stays in the output, and goes along
    check_screen(page, stepper, (1, 3))
    assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"


@needs_chromium
def test_channels_filters_bias_and_relu(shown, full):
    page = shown(full)
    page.get_by_role("radio", name="filter 2").check()
    page.get_by_role("button", name="Next row").click()
    check_screen(page, full, (1, 0), filter=1)
    page.locator("table.output").first.locator("button").nth(8).click()
    check_screen(page, full, (2, 2), filter=0)
    page.keyboard.press("ArrowLeft")  # the focus has come along to the other filter's output
    check_screen(page, full, (2, 1), filter=0)
    page.keyboard.press("ArrowRight")
    said = page.locator(".say").inner_text()
    assert said.startswith("Filter 1, row 3, column 3 of 3 x 3: sum ")
    assert said.endswith(f"relu makes it {full.output[2, 2, 0]}.")


@needs_chromium
@pytest.mark.parametrize("typed, kept", [("-2.5", -2.5), ("4", 4), ("x", None), ("", None)])
def test_a_cell_can_be_edited(shown, typed, kept):
    stepper = ConvolutionStepper(IMAGE, KERNEL, position=(1, 1))
    page = shown(stepper)
    page.get_by_role("button", name="image, row 2, column 2").click()
    page.keyboard.type(typed) if typed else page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    if kept is None:
        assert "is not a number; 0 stays" in page.get_by_role("alert").inner_text()
    else:
        image = stepper.image.astype(float)
        image[1, 1, 0] = kept
        stepper.image = image
    check_screen(page, stepper, (1, 1))
    assert page.locator("td input").count() == 0  # the key that closed it has not opened it again
    page.keyboard.press("Escape")
    page.locator(".arithmetic").click()  # anywhere in the picture
    page.keyboard.press("ArrowRight")
    check_screen(page, stepper, (1, 2))


@needs_chromium
def test_cells_are_reached_and_edited_by_keyboard_alone(shown, stepper):
    page = shown(stepper)
    page.get_by_label("Dilation").focus()
    page.keyboard.press("Tab")  # into the image, at its first cell
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    image = stepper.image.copy()
    image[1, 1, 0] = 5
    stepper.image = image
    check_screen(page, stepper, (0, 0))
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    page.keyboard.press("Escape")  # thrown away
    check_screen(page, stepper, (0, 0))


@needs_chromium
def test_settings_change_the_picture_and_refuse_nonsense(shown, stepper):
    page = shown(stepper)
    page.get_by_role("button", name="Last").click()
    for name, text, value in [
        ("Padding", "1", 1),
        ("Stride", "2, 3", (2, 3)),
        ("Dilation", "2", 2),
    ]:
        page.get_by_label(name).fill(text)
        page.keyboard.press("Enter")
        setattr(stepper, name.lower(), value)
        page.get_by_role("button", name="First").click()
        page.get_by_role("button", name="Last").click()
        check_screen(page, stepper, tuple(n - 1 for n in stepper.output.shape[:2]))
    for name, text in [
        ("Padding", "50"),
        ("Stride", "0x2"),
        ("Stride", "0"),
        ("Padding", "-1"),
        ("Dilation", "7"),
        ("Stride", "1, 2, 3"),
        ("Stride", "a"),
    ]:
        page.get_by_label(name).fill(text)
        page.keyboard.press("Enter")
        said = page.get_by_role("alert").inner_text()
        assert (
            "give one whole number" in said
            or "does not fit into the image (5 x 6)" in said
            or "at most 40" in said
        )
        assert page.get_by_label(name).get_attribute("aria-invalid") == "true"
        check_screen(page, stepper, tuple(n - 1 for n in stepper.output.shape[:2]))


@needs_chromium
def test_it_plays_by_itself_and_can_be_stopped(shown, stepper):
    page = shown(stepper)
    page.clock.install(time=0)  # time stands still but where the test lets it run
    page.clock.pause_at(10**6)
    play = page.get_by_role("button", name=re.compile("Play|Pause"))
    page.get_by_label("Speed").select_option("slow")
    play.click()
    for ms, position in ((1499, (0, 0)), (1, (0, 1)), (1500, (0, 2))):
        page.clock.run_for(ms)
        check_screen(page, stepper, position)
    assert play.inner_text() == "Pause"
    play.click()
    page.clock.run_for(20_000)
    check_screen(page, stepper, (0, 2))
    page.get_by_label("Speed").select_option("fast")
    play.click()
    for number in range(3, 12):
        assert play.inner_text() == "Pause"
        page.clock.run_for(150)
        check_screen(page, stepper, divmod(number, 4))
    assert play.inner_text() == "Play"  # it stops at the end
    page.clock.run_for(20_000)
    check_screen(page, stepper, (2, 3))


@needs_chromium
def test_two_in_a_page_do_not_mix(shown, stepper, full):
    page = shown(stepper, full)
    page.get_by_role("radio", name="filter 2").check()
    page.get_by_role("button", name="Next", exact=True).nth(1).click()
    said = page.locator(".say").all_inner_texts()
    assert said[0].startswith("Row 1, column 1") and said[1].startswith("Filter 2, row 1, column 2")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 600])
def test_nothing_against_accessibility_and_no_sideways_scrolling(shown, full, scheme, width):
    page = shown(full, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.add_style_tag(content=f":root {{ color-scheme: {scheme} }}")
    page.get_by_role("button", name="Next", exact=True).click()
    assert not violations(page, ".islesedu-stepper")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@needs_chromium
def test_without_scripts_the_tables_stay(pages, tmp_path, stepper):
    file = tmp_path / "page.html"
    file.write_text(html_page(stepper._repr_mimebundle_()[0]["text/html"]), encoding="utf-8")
    with pages(java_script_enabled=False) as page:
        page.goto(file.as_uri())
        assert stepper.equation in page.locator("pre").inner_text()
        assert page.locator("td").count() == IMAGE.size + stepper.output.size


@needs_chromium
@pytest.mark.parametrize("number, width", [("01", 1280), ("03", 600)])
def test_the_page_of_a_lesson_works_without_a_kernel(pages, tmp_path, number, width):
    (lesson,) = choose(list_lessons(), [number])
    parameters = {lesson.name: lesson.smoke}
    (job,) = run_lessons([lesson], parameters, tmp_path, timeout=300, progress=False)
    assert job.state == "ok", job.error_file.read_text()
    with pages(viewport={"width": width, "height": 900}) as page:
        page.goto((tmp_path / f"{lesson.name}.html").as_uri())
        stepper = page.locator(".islesedu-stepper")
        text = re.search(r"^const state = JSON.parse\((.*)\), listeners", page.content(), re.M)[1]
        state = json.loads(json.loads(text))
        options = {name: state[name] for name in ("relu", "stride", "padding", "dilation")}
        like = ConvolutionStepper(state["image"], state["kernel"], state["bias"], **options)
        stepper.get_by_role("button", name="First").focus()
        for position in np.ndindex(like.output.shape[:2]):
            check_screen(stepper, like, position)
            page.keyboard.press("ArrowRight")
        stepper.get_by_role("button", name="image", exact=False).first.click()
        page.keyboard.type("9")
        page.keyboard.press("Enter")
        image = like.image.copy()
        image[0, 0, 0] = 9
        like.image = image
        check_screen(stepper, like, position)
        assert not violations(page, ".islesedu-stepper")


@needs_chromium
def test_reset_brings_back_the_beginning(shown, stepper):
    page = shown(stepper)
    page.get_by_label("Stride").fill("2")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="image, row 1, column 1").click()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reset").click()
    assert page.get_by_label("Stride").input_value() == "1"
    page.get_by_role("button", name="Last").click()
    check_screen(page, stepper, (2, 3))


def test_what_is_too_large_to_look_at_is_refused():
    with pytest.raises(StepperError, match="the output is 58 x 58; the stepper shows up to 40"):
        ConvolutionStepper(np.zeros((60, 60)), KERNEL)
