"""ConvolutionStepper: walk a kernel over an image and read every product."""

from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from islesedu.convolution.forward import conv2d_bank, conv_layer
from islesedu.convolution.shapes import Numbers, numbers, per_axis, with_all_axes
from islesedu.convolution.sliding_window import steps
from islesedu.widgets import standalone
from islesedu.widgets.scripts import join_modules
from islesedu.widgets.standalone import show
from islesedu.widgets.stepper_picture import Picture, draw

_OPTIONS = ("stride", "padding", "dilation")
_INPUTS = ("image", "kernel", "bias", "relu", *_OPTIONS)
_STATE = (*_INPUTS, "position", "filter")
_MOST = 40  # as in stepper_arithmetic.js
_PAIRS = {"stride": 1, "padding": 0, "dilation": 1, "position": 0}  # and their least values


class StepperError(traitlets.TraitError, ValueError):
    """What was given does not fit; the widget keeps its last state."""


class _Array(traitlets.TraitType):
    """An array, kept as numpy in Python and as nested lists in the browser."""

    info_text = "an array of numbers"
    default_value = np.zeros(0)
    metadata = {
        "sync": True,
        "to_json": lambda value, widget: value.tolist(),
        "from_json": lambda value, widget: np.array(value),
    }

    def validate(self, owner: Any, value: Any) -> np.ndarray:
        """Return the value as an array of numbers."""
        return numbers(self.name, np.array(value))


class ConvolutionStepper(anywidget.AnyWidget):
    """Show a convolution one position at a time.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
        Numbers; cells can be edited in the browser, and `image` follows.
    kernel : array, (kh, kw), (kh, kw, C) or (kh, kw, C, K)
        One filter, or K of them; editable, too.
    bias : array, (K,), optional
        One number a filter; zeros if None.
    relu : bool
        Whether what is below 0 becomes 0.
    stride, padding, dilation : int or pair of int
        As in `islesedu.convolution`; padding up to the length of the window less 1.
    position : pair of int
        Row and column of the output to begin with.
    filter : int
        Whose arithmetic is shown.

    Attributes
    ----------
    output : ndarray, (H', W', K)
        The whole result, by `islesedu.convolution`; follows every change.

    Raises
    ------
    StepperError
        A ValueError: kernel, options or position do not fit. The widget keeps its last state.

    Examples
    --------
    >>> stepper = ConvolutionStepper([[1, 2, 3]], [[1, -1]])
    >>> stepper.position = (0, 1)
    >>> print(stepper.equation)
    -1 = 2×1 + 3×(-1)
    """

    _esm = join_modules(Path(__file__).with_name("stepper.js"))
    _css = Path(__file__).with_name("stepper.css")

    image = _Array()
    kernel = _Array()
    bias = _Array()
    output = _Array()
    relu = standalone.refuse_with(traitlets.Bool(False).tag(sync=True), StepperError)
    stride = traitlets.Any((1, 1)).tag(sync=True)
    padding = traitlets.Any((0, 0)).tag(sync=True)
    dilation = traitlets.Any((1, 1)).tag(sync=True)
    position = traitlets.Any((0, 0)).tag(sync=True)
    filter = standalone.refuse_with(traitlets.Int(0).tag(sync=True), StepperError)

    def __init__(
        self,
        image: np.ndarray,
        kernel: np.ndarray,
        bias: np.ndarray | None = None,
        *,
        relu: bool = False,
        stride: Numbers = 1,
        padding: Numbers = 0,
        dilation: Numbers = 1,
        position: tuple[int, int] = (0, 0),
        filter: int = 0,
    ):
        image, kernel, bias = _arrays(image, kernel, bias)
        state = {"image": image, "kernel": kernel, "bias": bias, "relu": relu, "filter": filter}
        pairs = zip(_PAIRS, (stride, padding, dilation, position), strict=True)
        state |= {name: _pair(name, value) for name, value in pairs}
        _check_state(state)
        super().__init__(**state, output=_convolve(state))

    @traitlets.validate(*_STATE)
    def _fits(self, proposal: dict) -> Any:
        """Refuse what does not fit the rest."""
        name, value = proposal["trait"].name, proposal["value"]
        if name in _PAIRS:
            value = _pair(name, value)
        if self.output.size:  # not while the widget is being made
            # Position and filter follow the rest in a moment; each is checked when it changes.
            _check_state(self.state() | {"position": (0, 0), "filter": 0, name: value})
        return value

    @traitlets.observe(*_INPUTS)
    def _follow(self, change: dict) -> None:
        """Compute the output anew, and stay within it."""
        if not self.output.size:
            return
        output = _convolve(self.state())
        *last, last_filter = (n - 1 for n in output.shape)
        self.position = tuple(map(min, self.position, last))
        self.filter = min(self.filter, last_filter)
        self.output = output

    def state(self) -> dict[str, Any]:
        """Return all that the picture depends on, by name."""
        return {name: getattr(self, name) for name in _STATE}

    @property
    def equation(self) -> str:
        """The arithmetic of the present position, one line a channel, then bias and relu."""
        options = {name: getattr(self, name) for name in _OPTIONS}
        kernel = self.kernel[..., self.filter]
        number = self.position[0] * self.output.shape[1] + self.position[1]
        step = next(islice(steps(self.image, kernel, **options), number, None))
        lines, total = [], step.total
        for channel in range(kernel.shape[2]):
            pairs = zip(step.window[..., channel].flat, kernel[..., channel].flat, strict=True)
            terms = " + ".join(f"{show(value)}×{_in_brackets(weight)}" for value, weight in pairs)
            lines.append(f"{show(step.products[..., channel].sum())} = {terms}")
        bias = self.bias[self.filter]
        if len(lines) > 1 or bias or self.relu:
            lines.append(f"{show(total)} + bias {_in_brackets(bias)} = {show(total + bias)}")
        if self.relu:
            lines.append(f"relu({show(total + bias)}) = {show(max(total + bias, 0))}")
        return "\n".join(lines)

    def figure(self) -> Picture:
        """Draw image, kernel and the output up to the present position."""
        return draw(self.state(), self.output)

    def __repr__(self) -> str:
        return f"ConvolutionStepper at {self.position}:\n{self.equation}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """Return the widget, and what shows where it cannot: HTML, a picture, text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        state = {name: np.asarray(value).tolist() for name, value in self.state().items()}
        tables = [
            standalone.table(self.image[:, :, c], f"image, channel {c + 1}")
            for c in range(self.image.shape[2])
        ]
        tables.append(standalone.table(self.output[:, :, self.filter], "output"))
        fallback = f"<pre>{escape(self.equation)}</pre>{''.join(tables)}"
        data["text/html"] = standalone.to_html(str(self._esm), state, fallback, str(self._css))
        data["image/png"] = standalone.in_base64(self.figure()._repr_png_())
        return data, metadata


def _in_brackets(number: float) -> str:
    """Return a factor as one writes it: (-1), but 1."""
    return show(number) if number >= 0 else f"({show(number)})"


def _arrays(image: Any, kernel: Any, bias: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the three with all their axes."""
    for name, given in {"image": image, "kernel": kernel, "bias": bias}.items():
        try:
            np.asarray(given)
        except ValueError as error:
            raise StepperError(f"{name} has rows of different lengths; give an array") from error
    try:
        image, kernel, bias = with_all_axes(image, kernel, bias)
        return image, kernel, numbers("bias", bias)
    except ValueError as error:
        raise StepperError(str(error)) from error


def _pair(name: str, value: Any) -> tuple[int, int]:
    """Return one whole number twice, or two as they are."""
    try:
        return per_axis(name, value, 2, _PAIRS[name])
    except ValueError as error:
        raise StepperError(str(error)) from error


def _convolve(state: dict[str, Any]) -> np.ndarray:
    """Return the output (H', W', K) of a state."""
    layer = conv_layer if state["relu"] else conv2d_bank
    options = {name: state[name] for name in _OPTIONS}
    return layer(state["image"], state["kernel"], state["bias"], fast=True, **options)


def _check_state(state: dict[str, Any]) -> None:
    """Raise a StepperError for a state whose parts do not fit each other."""
    for name in ("image", "kernel", "bias"):
        if not np.isfinite(state[name]).all():
            raise StepperError(f"{name} holds NaN or infinity; give finite numbers")
    try:
        shape = _convolve(state).shape
    except ValueError as error:
        raise StepperError(str(error)) from error
    padding, dilation = (_pair(name, state[name]) for name in ("padding", "dilation"))
    most = tuple(d * (k - 1) for d, k in zip(dilation, state["kernel"].shape[:2], strict=True))
    if any(given > limit for given, limit in zip(padding, most, strict=True)):
        raise StepperError(
            f"padding is {padding}; the stepper takes up to {most}, the window's length less 1: "
            "with more, whole windows would lie in the padding"
        )
    if max(shape[:2]) > _MOST:
        raise StepperError(
            f"the output is {shape[0]} x {shape[1]}; the stepper shows up to {_MOST}"
        )
    place = (*state["position"], state["filter"])
    whole = isinstance(state["filter"], (int, np.integer))
    if not whole or not all(0 <= p < n for p, n in zip(place, shape, strict=True)):
        raise StepperError(
            f"position {state['position']} of filter {state['filter']} does not exist; "
            f"the output is {shape[0]} x {shape[1]} with {shape[2]} filters, counted from 0"
        )
