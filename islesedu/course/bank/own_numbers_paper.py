"""Other numbers for exercises on paper of lessons 01 and 02: convolution, shapes, weights."""

from random import Random
from typing import Any

from islesedu.course.own_numbers import OwnNumbers


def _days(random: Random) -> dict[str, Any]:
    days = [random.randint(1, 12) for _ in range(6)]
    place = random.randint(2, 3)
    return {"days": days, "place": place, "day": place + 1, "shown": " ".join(map(str, days))}


def _average_slips(days: list[int], place: int, **_: Any) -> dict[str, float]:
    before, value, after = days[place - 1 : place + 2]
    return {
        "that is the sum; each weight is one third": before + value + after,
        "that is the value itself; its neighbours take part": value,
        "the middle value takes part, too": (before + after) / 2,
    }


def _shape(random: Random) -> dict[str, Any]:
    kernel = random.choice((3, 5, 7))
    return {
        "size": random.choice((64, 96, 128, 150, 160, 176, 192, 200, 224, 240, 256)),
        "kernel": kernel,
        "stride": random.choice((2, 3, 4)),
        "padding": random.randint(1, kernel // 2),
    }


def _out(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def _shape_slips(size: int, kernel: int, stride: int, padding: int) -> dict[str, Any]:
    return {
        "one too few: count positions, not steps between them (+ 1), and add the padding on "
        "both sides": (((size + padding - kernel) // stride + 1,) * 2),
        "you left the padding out": (_out(size, kernel, stride),) * 2,
        "you left the stride out": (_out(size, kernel, padding=padding),) * 2,
    }


def _dilated(random: Random) -> dict[str, Any]:
    kernel, dilation = random.choice((3, 4, 5)), random.choice((2, 3, 4))
    return {
        "size": dilation * kernel + random.randint(3, 20),
        "kernel": kernel,
        "dilation": dilation,
    }


def _dilated_slips(size: int, kernel: int, dilation: int) -> dict[str, Any]:
    span = dilation * (kernel - 1) + 1
    return {
        "that is without dilation": (size - kernel + 1,) * 2,
        "a dilated kernel spans d (k - 1) + 1 pixels, not d k": (size - dilation * kernel + 1,) * 2,
        "count the positions, not the steps between them: add 1": (size - span,) * 2,
    }


def _window(random: Random) -> dict[str, Any]:
    def four(low: int, high: int) -> list[int]:
        return [random.randint(low, high) for _ in range(4)]

    return {"x": (four(0, 4), four(0, 4)), "w": (four(-2, 2), four(-2, 2))} | {"shown": ""}


def _with_matrices(numbers: dict[str, Any]) -> dict[str, Any]:
    def matrix(m: list[int]) -> str:
        return rf"\begin{{pmatrix}} {m[0]} & {m[1]} \\ {m[2]} & {m[3]} \end{{pmatrix}}"

    x, w = numbers["x"], numbers["w"]
    parts = [rf"x_{n + 1} = {matrix(x[n])} \quad" for n in (0, 1)]
    parts += [rf"w_{n + 1} = {matrix(w[n])}" + r" \quad" * (n == 0) for n in (0, 1)]
    return numbers | {"shown": "\n".join(parts)}


def _sums(x: tuple, w: tuple) -> list[int]:
    return [sum(a * b for a, b in zip(*pair, strict=True)) for pair in zip(x, w, strict=True)]


def _window_slips(x: tuple, w: tuple, **_: Any) -> dict[str, Any]:
    first, second = _sums(x, w)
    return {
        "that is channel 1 alone": first,
        "that is channel 2 alone": second,
        "one number comes out, not one for each channel": (first, second),
        "that is the mean of the two channels; add them": (first + second) / 2,
    }


def draw_layer(random: Random) -> dict[str, Any]:
    """Return the size of an image, its maps, and the filters of a layer."""
    return {
        "size": random.choice((96, 128, 160, 192, 240, 256)),
        "maps": random.choice((3, 4, 5, 7)),
        "filters": random.choice((8, 12, 16, 20, 24)),
        "kernel": random.choice((3, 5, 7)),
    }


def _layer_slips(size: int, maps: int, filters: int, kernel: int) -> dict[str, Any]:
    side = size - kernel + 1
    return {
        "the input channels are summed; one channel remains for each filter": (side, side, maps),
        "each filter sums over all maps": (side, side, maps * filters),
        "each filter gives a feature map of its own": (side, side),
        "channels come last": (filters, side, side),
    }


def _weights_slips(maps: int, filters: int, kernel: int, **_: Any) -> dict[str, int]:
    return {
        "each filter has a kernel for each of the maps": kernel**2 * filters,
        "that is one filter; there are more": kernel**2 * maps,
        "that is with the biases": kernel**2 * maps * filters + filters,
    }


OWN_NUMBERS = {
    "01.1": OwnNumbers(
        draw=_days,
        question="The numbers of patients on six days are `{shown}`. What is the moving average "
        "over three days at day {day} (the first is day 1)?",
        answer=lambda days, place, **_: sum(days[place - 1 : place + 2]) / 3,
        slips=_average_slips,
        solution="your_average = sum({days}[{place} - 1 : {place} + 2]) / 3",
    ),
    "01.4": OwnNumbers(
        draw=_shape,
        question="An MRI slice has {size} x {size} pixels. What is the output shape for a "
        "kernel of {kernel} x {kernel}, stride {stride} and padding {padding}? Answer with a pair.",
        answer=lambda size, kernel, stride, padding: (_out(size, kernel, stride, padding),) * 2,
        slips=_shape_slips,
        solution="your_shape = (({size} + 2 * {padding} - {kernel}) // {stride} + 1,) * 2",
    ),
    "01.5": OwnNumbers(
        draw=_dilated,
        question="What is the output shape for an image of {size} x {size} pixels, a kernel of "
        "{kernel} x {kernel}, stride 1, no padding and dilation {dilation}?",
        answer=lambda size, kernel, dilation: (_out(size, kernel, dilation=dilation),) * 2,
        slips=_dilated_slips,
        solution="your_dilated = ({size} - {dilation} * ({kernel} - 1),) * 2",
    ),
    "02.1": OwnNumbers(
        draw=lambda random: _with_matrices(_window(random)),
        question="One window of an image with two channels, and a filter; the index is the channel:"
        "\n\n$$\n{shown}\n$$\n\nWhat does the filter give at this position? Compute it on paper.",
        answer=lambda x, w, **_: sum(_sums(x, w)),
        slips=_window_slips,
        solution="your_sum = np.sum(np.array({x}) * {w})",
    ),
    "02.3": OwnNumbers(
        draw=draw_layer,
        question="A slice has {size} × {size} pixels and {maps} maps. A layer applies {filters} "
        "filters of {kernel} × {kernel} to it, with stride 1 and without padding. What is the "
        "shape of the output (rows, columns, channels)?",
        answer=lambda size, maps, filters, kernel: (*(size - kernel + 1,) * 2, filters),
        slips=_layer_slips,
        solution="your_shape = ({size} - {kernel} + 1, {size} - {kernel} + 1, {filters})",
    ),
    "02.5": OwnNumbers(
        draw=draw_layer,
        question="How many weights have {filters} filters of {kernel} × {kernel} together, on an "
        "input of {maps} maps with {size} × {size} pixels?",
        answer=lambda maps, filters, kernel, **_: kernel**2 * maps * filters,
        slips=_weights_slips,
        solution="your_count = {kernel} * {kernel} * {maps} * {filters}",
    ),
}
"""By the exercise's name."""
