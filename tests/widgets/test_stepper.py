import json
import re
from contextlib import ExitStack

import numpy as np
import pytest
import traitlets

from islesedu import convolution as c
from islesedu.course.lessons import choose, list_lessons
from islesedu.widgets import ConvolutionStepper
from islesedu.widgets.stepper import StepperError
from tests.browser import brightness, html_page, needs_chromium, violations

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
    texts = page.locator("table.isl-output").nth(filter).locator("button").all_inner_texts()
    return [None if text == "·" else float(text) for text in texts]


def arithmetic(page):
    """Return result, factors and products that are on screen, as numbers, by channel."""
    lines = []
    for line in page.locator(".isl-terms").all():
        terms = line.locator(".isl-term").all_inner_texts()
        pairs = [re.findall(r"-?[\d.]+", term.split("\n")[0]) for term in terms]
        products = [float(term.split("\n")[1]) for term in terms]
        total = float(re.search(r"(-?[\d.]+) =", line.inner_text())[1])
        lines.append((total, [[float(a), float(b)] for a, b in pairs], products))
    return lines


def check_screen(page, stepper, position, filter=0):
    """Compare every number on screen with the package's steps."""
    options = {name: getattr(stepper, name) for name in ("stride", "padding", "dilation")}
    kernel = stepper.kernel[..., filter]
    (step,) = [s for s in c.steps(stepper.image, kernel, **options) if s.position == position]
    for channel, (total, pairs, products) in enumerate(arithmetic(page)):
        window, weights = step.window[..., channel], kernel[..., channel]
        np.testing.assert_allclose(pairs, np.c_[window.ravel(), weights.ravel()], atol=5e-4)
        np.testing.assert_allclose(total, step.products[..., channel].sum(), atol=5e-4)
        np.testing.assert_allclose(products, step.products[..., channel].ravel(), atol=5e-4)
    done = position[0] * stepper.output.shape[1] + position[1] + 1
    for number in range(stepper.output.shape[2]):
        wanted = stepper.output[..., number].ravel().tolist()
        found = output_of(page, number)
        assert None not in found[:done]
        known = [n for n, value in enumerate(found) if value is not None]  # what has been, stays
        assert known == [*range(len(known))]
        np.testing.assert_allclose([found[n] for n in known], wanted[: len(known)], atol=5e-4)


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
    page.locator("table.isl-output button").nth(6).click()
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
    page.locator("table.isl-output").first.locator("button").nth(8).click()
    check_screen(page, full, (2, 2), filter=0)
    page.keyboard.press("ArrowLeft")  # the focus has come along to the other filter's output
    check_screen(page, full, (2, 1), filter=0)
    page.keyboard.press("ArrowRight")
    said = page.locator(".isl-say").inner_text()
    assert said.startswith("Filter 1, position (2, 2) of an output of 3 x 3: sum ")
    assert said.endswith(f"relu makes it {full.output[2, 2, 0]}.")


@needs_chromium
@pytest.mark.parametrize(
    "typed, kept",
    [
        ("-2.5", -2.5),
        ("4", 4),
        ("1/9", 1 / 9),
        ("1e2", 100),
        ("\N{MINUS SIGN}3", -3),
        ("1,5", 1.5),
        ("x", None),
        ("", None),
        ("1/0", None),
        ("1/2/3", None),
    ],
)
def test_a_cell_can_be_edited(shown, typed, kept):
    stepper = ConvolutionStepper(IMAGE, KERNEL, position=(1, 1))
    page = shown(stepper)
    page.get_by_role("button", name="image, row 1, column 1:").click()
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
    page.locator(".isl-arithmetic").click()  # anywhere in the picture
    page.keyboard.press("ArrowRight")
    check_screen(page, stepper, (1, 2))


@needs_chromium
def test_cells_are_reached_and_edited_by_keyboard_alone(shown, stepper):
    page = shown(stepper)
    page.get_by_role("button", name="Reset").focus()
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
            or "padding: at most 4 here" in said
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
    said = page.locator(".isl-say").all_inner_texts()
    assert said[0].startswith("Position (0, 0)")
    assert said[1].startswith("Filter 2, position (0, 1)")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_against_accessibility_and_no_sideways_scrolling(shown, full, scheme, width):
    page = shown(full, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator("table.isl-input button").first.hover()
    page.get_by_label("Stride").fill("0")
    page.keyboard.press("Enter")
    assert not violations(page, ".islesedu-stepper")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (brightness(page, ".islesedu-stepper") > 128) == (scheme == "light")


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
def test_the_page_of_a_lesson_works_without_a_kernel(pages, small_run, number, width):
    (lesson,) = choose(list_lessons(), [number])
    with pages(viewport={"width": width, "height": 900}) as page:
        page.goto(small_run(lesson).page.as_uri())
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
    page.get_by_role("button", name="image, row 0, column 0:").click()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reset").click()
    assert page.get_by_label("Stride").input_value() == "1"
    page.get_by_role("button", name="Last").click()
    check_screen(page, stepper, (2, 3))


def test_what_is_too_large_to_look_at_is_refused():
    with pytest.raises(StepperError, match="the output is 58 x 58; the stepper shows up to 40"):
        ConvolutionStepper(np.zeros((60, 60)), KERNEL)


@pytest.mark.parametrize("padding", [3, (2, 3), 1000])
def test_padding_in_which_whole_windows_would_lie_is_refused(padding):
    with pytest.raises(StepperError, match=r"the stepper takes up to \(2, 2\)"):
        ConvolutionStepper(IMAGE, KERNEL, padding=padding)
    assert ConvolutionStepper(IMAGE, KERNEL, padding=2).output.shape == (7, 8, 1)


def test_padding_is_told_from_the_image_in_the_picture(full):
    ax = full.figure().axes[0]
    plain, dotted = ax.collections
    corners = {
        each: {tuple(path.vertices.min(axis=0).astype(int)) for path in each.get_paths()}
        for each in (plain, dotted)
    }
    assert corners[plain] == {(x, y) for x in range(1, 6) for y in range(1, 6)}
    assert corners[dotted] == {(x, y) for x in range(7) for y in range(7)} - corners[plain]
    assert [each.get_linestyle()[0][1] is None for each in (plain, dotted)] == [True, False]
    assert ax.texts[0].get_color() != ax.texts[8].get_color()


@needs_chromium
def test_reset_mends_a_field_that_was_refused(shown, stepper):
    page = shown(stepper)
    for name in ("Stride", "Padding", "Dilation"):
        page.get_by_label(name).fill("-1")
        page.keyboard.press("Enter")
        assert page.get_by_label(name).get_attribute("aria-invalid") == "true"
    page.get_by_role("button", name="Reset").click()
    for name, value in (("Stride", "1"), ("Padding", "0"), ("Dilation", "1")):
        assert page.get_by_label(name).input_value() == value
        assert page.get_by_label(name).get_attribute("aria-invalid") == "false"
    assert page.get_by_role("alert").inner_text() == ""


@needs_chromium
def test_going_back_keeps_the_outputs_that_were_computed(shown, stepper):
    page = shown(stepper)
    page.get_by_role("button", name="Last").click()
    page.get_by_role("button", name="First").click()
    assert output_of(page) == stepper.output.ravel().tolist()
    check_screen(page, stepper, (0, 0))
    page.get_by_role("button", name="Reset").click()
    assert output_of(page)[1:] == [None] * 11


@needs_chromium
def test_a_value_of_many_digits_stays_exact_while_it_is_looked_at(shown):
    page = shown(ConvolutionStepper(IMAGE, np.full((3, 3), 1 / 9), position=(1, 1)))
    for _ in range(9):
        page.get_by_role("button", name="kernel, row 0, column 0:").click()
        page.keyboard.press("Enter")
    page.get_by_role("button", name="kernel, row 0, column 0:").click()
    assert float(page.get_by_label("kernel, row 0, column 0").input_value()) == 1 / 9


@needs_chromium
@pytest.mark.parametrize("number, filter", [(4, 0), (17, 1)])
def test_a_product_and_its_term_mark_each_other(shown, full, number, filter):
    full.filter, full.position = filter, (1, 1)
    page = shown(full)
    channel, place = divmod(number, 9)
    linked = page.locator(".isl-linked")
    cells = page.locator("table.isl-input").nth(2 * channel).locator(".isl-under")
    kernel = page.locator("table.isl-input").nth(2 * channel + 1).locator("button")
    term = page.locator(".isl-term").nth(number)
    products = np.stack([tap for tap in c.steps(full.image, full.kernel[..., filter],
        stride=full.stride, padding=full.padding)][4].products.transpose(2, 0, 1))  # fmt: skip
    so_far = products.ravel()[: number + 1].sum()
    for node in (cells.nth(place), kernel.nth(place), term):
        page.mouse.move(0, 0)
        assert linked.count() == 0
        node.hover()
        assert linked.count() == 3
        for other in (cells.nth(place), kernel.nth(place), term):
            assert "isl-linked" in other.get_attribute("class")
        said = page.locator(".isl-note").inner_text()
        assert said.startswith(f"Term {number + 1} of 27: ")
        assert said.endswith(f"the sum so far is {so_far:g}.")
    page.mouse.move(0, 0)
    kernel.nth(place).focus()  # by keyboard, too
    assert linked.count() == 3
    assert f"is {products.ravel()[number]:g}" in kernel.nth(place).get_attribute("aria-label")


@needs_chromium
def test_the_window_stays_in_sight_where_the_image_is_large(shown, rng):
    stepper = ConvolutionStepper(rng.integers(0, 9, (38, 38)), KERNEL, padding=2)
    page = shown(stepper, viewport={"width": 1280, "height": 800})
    page.get_by_role("button", name="Last").click()
    for marked in (page.locator(".isl-under").last, page.locator("[aria-current=true]")):
        inside = marked.evaluate("""node => {
            const box = node.closest(".isl-scroll").getBoundingClientRect();
            const own = node.getBoundingClientRect();
            return own.right <= box.right && own.bottom <= box.bottom; }""")
        assert inside
    assert page.locator(".islesedu-stepper").bounding_box()["height"] < 1500
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@needs_chromium
def test_print_has_no_controls(shown, stepper):
    page = shown(stepper, color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Next", exact=True).is_visible()
    assert page.locator("table.isl-output").is_visible()
    assert brightness(page, ".islesedu-stepper") > 200


@needs_chromium
def test_the_style_sheet_of_a_page_does_not_reach_it(pages, tmp_path, stepper):
    """Bootstrap's `.row > *`, and what other frames give to names as common as that."""
    names = "row terms term say error many under image kernel input output padding hidden"
    rules = "".join(f".{name}, .{name} > * {{ width: 100%; opacity: 0 }}" for name in names.split())
    heights = []
    for style in ("", f"<style>{rules}</style>"):
        file = tmp_path / "page.html"
        body = style + stepper._repr_mimebundle_()[0]["text/html"]
        file.write_text(html_page(body), encoding="utf-8")
        with pages() as page:
            page.goto(file.as_uri())
            page.locator(".isl-say").wait_for()
            heights.append(page.locator(".islesedu-stepper").bounding_box()["height"])
            own = page.evaluate("""[...document.querySelectorAll('.islesedu-stepper *')]
                .flatMap(node => [...node.classList])""")
            assert own and all(name.startswith("isl-") for name in own)
    assert heights[0] == heights[1]
