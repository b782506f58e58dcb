"""Other numbers for exercises on paper of lesson 03: a layer, a gradient step, its limit."""

from random import Random
from typing import Any

from islesedu.course.bank.own_numbers_paper import draw_layer
from islesedu.course.own_numbers import OwnNumbers


def _two_layers(random: Random) -> dict[str, Any]:
    return draw_layer(random) | {"more": random.choice((6, 10, 14, 18))}


def _count(kernel: int, channels: int, filters: int) -> int:
    return (kernel**2 * channels + 1) * filters


def _parameters_slips(maps: int, filters: int, kernel: int, more: int, **_: Any) -> dict[str, int]:
    first, second = _count(kernel, maps, filters), _count(3, filters, more)
    return {
        "each filter has a bias": first + second - filters - more,
        "one bias for each filter, not for each input channel": first + second + maps - more,
        f"the input of the second layer is the output of the first, not the {maps} channels": (
            first + _count(3, maps, more)
        ),
        "that is the first layer alone": first,
        "that is the second layer alone": second,
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
    "03.1": OwnNumbers(
        draw=_bias,
        question="At one position the products of a filter add up to {total}, and its bias is "
        "{low}. What is the activation? And what if the bias is {high}? Answer with a pair.",
        answer=lambda total, low, high: (max(total + low, 0), max(total + high, 0)),
        slips=_bias_slips,
        solution="your_pair = (max({total} + {low}, 0), max({total} + {high}, 0))",
    ),
    "03.3": OwnNumbers(
        draw=_two_layers,
        question="A layer has {filters} filters of {kernel} × {kernel} on {maps} channels, stride "
        "2, padding 1 and relu. A second layer with {more} filters of 3 × 3, padding 1 and relu "
        "follows. How many parameters do the two layers have together?",
        answer=lambda maps, filters, kernel, more, **_: (
            _count(kernel, maps, filters) + _count(3, filters, more)
        ),
        slips=_parameters_slips,
        solution="your_parameters = ({kernel} * {kernel} * {maps} + 1) * {filters}\n"
        "your_parameters += (3 * 3 * {filters} + 1) * {more}",
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
        draw=lambda random: {"a": random.choice((2, 5, 8, 10)), "b": random.choice((8, 10, 12))},
        question="Below which learning rate does gradient descent converge for "
        "L(w) = ({a}w - {b})²? Give the exact number, as a fraction or with all decimals.",
        answer=lambda a, b: 2 / (2 * a * a),
        slips=_limit_slips,
        solution="your_limit = 2 / (2 * {a} * {a})",
    ),
}
"""By the exercise's name."""
