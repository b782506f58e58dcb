"""Other numbers for exercises on paper of lessons 01 to 03: convolution, shapes, parameters."""

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
        "padding is added on both sides": (((size + padding - kernel) // stride + 1,) * 2),
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


def _layer(random: Random) -> dict[str, Any]:
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


def _parameters_slips(maps: int, filters: int, kernel: int, **_: Any) -> dict[str, int]:
    weights = kernel**2 * maps * filters
    return {
        "each filter has a bias": weights,
        "one bias for each filter, not for each input channel": weights + maps,
        "that is one filter; there are more": kernel**2 * maps + 1,
    }


def _bias(random: Random) -> dict[str, Any]:
    total = random.randint(-9, -4)
    return {
        "total": total,
        "low": random.randint(1, -total - 1),
        "high": 2 - total + random.randint(0, 5),
    }


def _bias_slips(total: int, low: int, high: int) -> dict[str, Any]:
    return {
        "you left relu out": (total + low, total + high),
        "you applied relu before the bias": (low, high),
        "relu sets a negative number to 0, it does not change its sign": (
            -total - low,
            total + high,
        ),
        "you forgot the bias": (0, 0),
    }


def _step(random: Random) -> dict[str, Any]:
    return {
        "a": random.choice((2, 3, 4, 5)),
        "b": random.choice((5, 6, 7, 9, 10)),
        "rate": random.choice((0.01, 0.02, 0.03, 0.04)),
    }


def _slope(a: int, b: int) -> int:
    return 2 * a * (a - b)


def _step_slips(a: int, b: int, rate: float) -> dict[str, float]:
    slope = _slope(a, b)
    return {
        "that step goes uphill; subtract": 1 + rate * slope,
        "the derivative of the square has a factor of 2": 1 - rate * slope / 2,
        f"the inner derivative, {a}, is missing": 1 - rate * slope / a,
        "that is the gradient; a step is asked for": slope,
    }


def _limit_slips(a: int, **_: Any) -> dict[str, float]:
    return {
        "up to there nothing overshoots; a little overshooting still converges": 1 / (2 * a * a),
        "that is the second derivative": 2 * a * a,
        f"the second derivative of ({a}w - b)² is 2 · {a} · {a}": 2 / (a * a),
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
        draw=_layer,
        question="A slice has {size} × {size} pixels and {maps} maps. A layer applies {filters} "
        "filters of {kernel} × {kernel} to it, with stride 1 and without padding. What is the "
        "shape of the output (rows, columns, channels)?",
        answer=lambda size, maps, filters, kernel: (*(size - kernel + 1,) * 2, filters),
        slips=_layer_slips,
        solution="your_shape = ({size} - {kernel} + 1, {size} - {kernel} + 1, {filters})",
    ),
    "02.5": OwnNumbers(
        draw=_layer,
        question="How many weights have {filters} filters of {kernel} × {kernel} together, on an "
        "input of {maps} maps with {size} × {size} pixels?",
        answer=lambda maps, filters, kernel, **_: kernel**2 * maps * filters,
        slips=_weights_slips,
        solution="your_count = {kernel} * {kernel} * {maps} * {filters}",
    ),
    "03.1": OwnNumbers(
        draw=_bias,
        question="At one position the products of a filter add up to {total}, and its bias is "
        "{low}. What is the activation? And what if the bias is {high}? Answer with a pair.",
        answer=lambda total, low, high: (max(total + low, 0), max(total + high, 0)),
        slips=_bias_slips,
        solution="your_pair = (max({total} + {low}, 0), max({total} + {high}, 0))",
    ),
    "03.3": OwnNumbers(
        draw=_layer,
        question="A layer has {filters} filters of {kernel} × {kernel} on {maps} channels, stride "
        "2, padding 1 and relu. How many parameters does it have?",
        answer=lambda maps, filters, kernel, **_: kernel**2 * maps * filters + filters,
        slips=_parameters_slips,
        solution="your_parameters = {kernel} * {kernel} * {maps} * {filters} + {filters}",
    ),
    "03.4": OwnNumbers(
        draw=_step,
        question="L(w) = ({a}w - {b})². The weight is 1 and the learning rate {rate}. What is the "
        "weight after one step?",
        answer=lambda a, b, rate: 1 - rate * _slope(a, b),
        slips=_step_slips,
        solution="your_weight = 1 - {rate} * 2 * ({a} * 1 - {b}) * {a}",
    ),
    "03.5": OwnNumbers(
        draw=lambda random: {"a": random.choice((2, 3, 5, 6)), "b": random.choice((8, 10, 12))},
        question="Below which learning rate does gradient descent converge for "
        "L(w) = ({a}w - {b})²? Give at least three decimals.",
        answer=lambda a, b: 2 / (2 * a * a),
        slips=_limit_slips,
        solution="your_limit = 2 / (2 * {a} * {a})",
    ),
}
"""By the exercise's name."""
