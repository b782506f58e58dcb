"""A drawing of a V-Net or U-Net, read from the Keras model itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

if TYPE_CHECKING:
    import keras

_CONVOLUTIONS = ("Conv2D", "Conv3D")
_UP = ("Conv2DTranspose", "Conv3DTranspose", "UpSampling2D", "UpSampling3D")
_POOLING = ("MaxPooling2D", "MaxPooling3D", "AveragePooling2D", "AveragePooling3D")
_COLORS = {"encoder": "#CCE4F2", "bottom": "#D9D9D9", "decoder": "#FBE0D0", "end": "#FFFFFF"}


@dataclass(frozen=True)
class _Stage:
    """What a network does at one resolution, in its encoder or decoder.

    Attributes
    ----------
    depth : int
        How often the size was halved.
    channels : int
        Of its output.
    convolutions : int
        How many keep the size.
    side : {"encoder", "bottom", "decoder"}
        Going down, at the deepest resolution, going up again.
    skip : bool
        Whether the encoder's output at this depth is concatenated.
    size : tuple of int, or None
        Voxels along each axis.
    kernel : str
        Size of the kernels of its first convolution, such as "5³".
    residual : bool
        Whether a shortcut is added to what the convolutions give.
    """

    depth: int
    channels: int
    convolutions: int
    side: str
    skip: bool = False
    size: tuple[int, ...] | None = None
    kernel: str = ""
    residual: bool = False

    def words(self) -> str:
        """Return what its box says: channels, convolutions with their kernel, addition."""
        lines = [f"{self.channels} ch", f"{self.convolutions} conv {self.kernel}".strip()]
        return "\n".join([*lines, "+ shortcut"] if self.residual else lines)


@dataclass(frozen=True)
class Plan:
    """A network to draw: its stages from the first to the last, its two ends, its way down and up.

    `first` and `last` are the kernels of the first and the last convolution, `down` and `up` what
    halves and doubles the size.
    """

    stages: tuple[_Stage, ...]
    inputs: int
    outputs: int
    title: str
    first: str = ""
    last: str = ""
    down: str = ""
    up: str = ""


def read_plan(model: "keras.Model", size: Sequence[int] | None = None) -> Plan:
    """Read a plan from the layers of a Keras model, in their order.

    A convolution with a stride or a pooling begins the next stage down; a transposed convolution or
    upsampling the next one up; an addition makes the stage residual. The convolution that sees the
    input, and the one that gives the output, are its ends.

    Parameters
    ----------
    model : keras.Model
        Functional, with one input (B, X, Y, Z, C) or (B, H, W, C) and one output.
    size : sequence of int, optional
        Voxels of a volume along each axis.

    Raises
    ------
    ValueError
        No convolution, or a `size` that has not the model's number of axes.
    """
    axes = len(model.inputs[0].shape) - 2
    if size is not None and len(size) != axes:
        raise ValueError(f"size is {tuple(size)}; the model's volumes have {axes} axes")
    channels = model.inputs[0].shape[-1]
    stages = [_Stage(0, channels, 0, "encoder", size=size and tuple(size))]
    ends = {"first": "", "last": "", "down": "", "up": ""}
    for layer in model.layers:
        kind, stage, width = type(layer).__name__, stages[-1], int(layer.output.shape[-1])
        kernel = " x ".join(map(str, getattr(layer, "kernel_size", ())))
        if kind in _UP:
            back = next((s for s in stages if s.depth == stage.depth - 1), None)
            if back is None:
                raise ValueError(f"{model.name} goes up at {layer.name} without having gone down")
            stages.append(_Stage(back.depth, width, 0, "decoder", size=back.size))
            ends["up"] = _step_in_words(layer, "transposed conv" if kernel else "upsampling")
        elif kind in _POOLING or (kind in _CONVOLUTIONS and max(layer.strides) > 1):
            smaller = size and _size_after(layer, stage.size)
            stages.append(_Stage(stage.depth + 1, width, 0, "encoder", size=smaller))
            ends["down"] = _step_in_words(layer, "conv" if kernel else "pooling")
        elif kind in _CONVOLUTIONS and layer.output is model.outputs[0]:
            ends["last"] = kernel
        elif kind in _CONVOLUTIONS and layer.input is model.inputs[0]:
            ends["first"] = kernel
            stages[-1] = replace(stage, channels=width)
        elif kind in _CONVOLUTIONS:
            own = stage.kernel or _power(layer.kernel_size)
            count = stage.convolutions + 1
            stages[-1] = replace(stage, channels=width, convolutions=count, kernel=own)
        elif kind == "Add":
            stages[-1] = replace(stage, residual=True)
        elif kind == "Concatenate":
            stages[-1] = replace(stage, skip=stage.side == "decoder")
    if not any(type(layer).__name__ in _CONVOLUTIONS for layer in model.layers):
        raise ValueError(f"{model.name} has no convolution among its layers; nothing to draw")
    deepest = max(range(len(stages)), key=lambda number: stages[number].depth)
    stages[deepest] = replace(stages[deepest], side="bottom")
    outputs = model.outputs[0].shape[-1]
    title = f"{model.name}: {model.count_params():,} parameters"
    return Plan(tuple(stages), channels, outputs, title, **ends)


def _power(kernel: Sequence[int]) -> str:
    """Return the size of a kernel in few characters.

    Examples
    --------
    >>> _power((5, 5, 5)), _power((3, 3)), _power((3, 3, 1))
    ('5³', '3²', '3 x 3 x 1')
    """
    same = len(set(kernel)) == 1 and len(kernel) in (2, 3)
    return f"{kernel[0]}{'²³'[len(kernel) - 2]}" if same else " x ".join(map(str, kernel))


def _step_in_words(layer: "keras.Layer", kind: str) -> str:
    """Say what halves or doubles the size, with the kernel and the stride where it has any."""
    kernel = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if kernel is None:
        return kind
    return f"{kind} {_power(kernel)}, stride {max(layer.strides)}"


def _size_after(layer: "keras.Layer", size: Sequence[int]) -> tuple[int, ...]:
    """Return the size of a volume after a layer."""
    return tuple(layer.compute_output_shape((1, *size, layer.input.shape[-1]))[1:-1])


def architecture(model: "keras.Model", ax: Axes, size: Sequence[int] | None = None) -> Axes:
    """Draw a V-Net made from the model itself: levels, channels, convolutions, sizes.

    Caption: "The network: each box is a stage with its channels (ch) and convolutions (conv 5³: of
    5 x 5 x 5). '+ shortcut' marks a residual block: a shortcut is added to the result of the
    convolutions. On the way down each stage halves the size, on the way up it doubles it; dotted
    arrows are skip connections, which are concatenated."

    Parameters
    ----------
    model : keras.Model
        Of `islesedu.networks.vnet.build_vnet`, or another network that goes down and up.
    size : sequence of int, optional
        Voxels (X, Y, Z) of a volume; its size at each level is written at the left.
    """
    return _draw_plan(read_plan(model, size), ax)


def _draw_plan(plan: Plan, ax: Axes) -> Axes:
    """Draw the V of a plan."""
    depth = max(stage.depth for stage in plan.stages)
    places = [(_place_of(stage, depth), -stage.depth) for stage in plan.stages]
    for stage, (x, y) in zip(plan.stages, places, strict=True):
        _draw_box(ax, x, y, stage.words(), _COLORS[stage.side])
        if stage.skip:
            how = {"arrowstyle": "->", "ls": ":"}
            ax.annotate("", (x - 0.42, y), (-x + 0.42, y), arrowprops=how)
            ax.text(0, y + 0.06, "skip, concatenated", ha="center", fontsize=8)
        if stage.size and stage.side != "decoder":
            text = " x ".join(map(str, stage.size))
            ax.text(x - 0.5, y, text, ha="right", va="center", fontsize=8)
    for start, end in zip(places, places[1:], strict=False):
        _draw_arrow(ax, start, end)
    ends = (
        (places[0], f"image\n{plan.inputs} ch", plan.first, True),
        (places[-1], f"output\n{plan.outputs} ch", plan.last, False),
    )
    for (x, y), text, kernel, first in ends:
        _draw_box(ax, x, y + 1, text, _COLORS["end"])
        _draw_arrow(ax, *((x, y + 1), (x, y))[:: 1 if first else -1])
        if kernel:
            ax.text(x + 0.1, y + 0.5, f"{kernel} conv", va="center", fontsize=8)
    _draw_legend(plan, ax)
    ax.set(xlim=(-depth - 1.5, depth + 1.5), ylim=(-depth - 0.5, 1.4), title=plan.title)
    ax.axis("off")
    return ax


def _place_of(stage: _Stage, depth: int) -> int:
    """Return where a stage stands from left to right: the bottom of the V, at `depth`, is 0."""
    return (stage.depth - depth) * (-1 if stage.side == "decoder" else 1)


def _draw_box(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """Draw one box with its text."""
    ax.add_patch(Rectangle((x - 0.42, y - 0.34), 0.84, 0.68, fc=color, ec="black"))
    ax.text(x, y, text, ha="center", va="center", fontsize=8)


def _draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw the arrow from one box to the next, a row lower or higher."""
    edge = 0.34 if end[1] > start[1] else -0.34
    ends = (start[0], start[1] + edge), (end[0], end[1] - edge)
    ax.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=12, shrinkA=0, shrinkB=0))


def _draw_legend(plan: Plan, ax: Axes) -> None:
    """Say what the colours mean, for the sides that there are."""
    words = {"encoder": f"encoder: halve the size ({plan.down})", "bottom": "bottom"}
    words |= {"decoder": f"decoder: double it ({plan.up})"}
    sides = {stage.side for stage in plan.stages}
    handles = [Patch(fc=_COLORS[s], ec="black", label=words[s]) for s in words if s in sides]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.02), fontsize=8, ncols=3)
