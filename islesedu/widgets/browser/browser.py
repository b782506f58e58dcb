"""SliceBrowser: all maps of a patient, reference and prediction, one slice at a time."""

from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from islesedu.widgets import standalone
from islesedu.widgets.browser.compare_sides import make_sides
from islesedu.widgets.browser.inputs import BrowserError, as_volume
from islesedu.widgets.browser.page import Buffers, describe_all
from islesedu.widgets.browser.side import Side
from islesedu.widgets.browser.state import COLORS, TRAITS, BrowserState
from islesedu.widgets.scripts import join_modules
from islesedu.widgets.stepper_picture import Picture

PAGE = 24_000_000
"""Packed bytes that an exported page takes; beyond them it has the picture alone."""


class SliceBrowser(BrowserState):
    """Browse the maps of a patient with the lesion and its prediction.

    Parameters
    ----------
    patient : Patient, array (X, Y, Z) or (X, Y, Z, C), or path of a NIfTI file
        Six maps without names are taken for `islesedu.CHANNELS`.
    lesion, prediction : array (X, Y, Z) of 0 and 1, or path, optional
        Reference mask and predicted mask; a patient's own lesion is shown without being named.
        With ``lesion=False`` it is not: neither Python nor the page tells where it is.
    probability : array (X, Y, Z) between 0 and 1, or path, optional
        Predicted where it is above `threshold`. With `what_if` one for each combination of labels,
        (labels of the first name, labels of the second, ..., X, Y, Z); it is not copied.
    series : array (X, Y, Z, T), path, or True, optional
        DSC time series; True reads the one of the patient's case.
    compare : Patient, array, path or dict, optional
        Shown beside it, linked: a second patient, or a dict with some of patient, lesion,
        prediction, probability, series and name. A dict without a patient is a second model on the
        same one.
    what_if : mapping of str to sequence of str or numbers, optional
        Counterfactuals of the first side: one to three names, with two or more labels each, to
        choose from, such as ``{"TICI": ["0", "2b", "3"], "hours": [1, 2, 4]}``.
    channels : sequence of str, optional
        Names of the maps.
    spacing : three floats, optional
        Voxel size in mm.
    affine : array (4, 4), optional
        From voxel numbers to mm (RAS+); without it, x runs to the right and y to the front.
    name : str, optional
        Written above the slices.
    **view
        Any of the attributes below that are in sync with the page.

    Attributes
    ----------
    plane : {"axial", "coronal", "sagittal"}
    position : tuple of three int
        Voxel under the crosshair.
    slice : int
        Voxel number of the slice shown, along the axis across the plane.
    map : str
        Name of the map that is shown large, or "all".
    time : int
        Time point of the series.
    zoom : float, 1 to 16
    threshold : float, 0 to 1 in steps of 0.005
    truth_style, prediction_style : {"outline", "fill", "both", "none"}
    source : {"prediction", "probability"}
        Which of the two is taken for the prediction.
    outcomes, overlay : bool
        Show true positives, false positives and false negatives instead of two masks; show either.
    opacity : float, 0 to 1
        Of fills.
    crosshair : bool
    orthogonal : bool
        Show three orthogonal planes of one map: of `map`, or of the first if that is "all".
    mirror : bool
        Tell the value on the other side of the mid-sagittal plane, see `mirror_position`.
    windows : dict of str to [low, high]
        Values shown black and white, by map, in the unit of the first side.
    colors : dict of str to str
        Colour map, by map.
    chosen : tuple of int
        Number of the label chosen for each name of `what_if`; all below follow it.
    choice : dict of str to str
        The labels themselves.
    predicted, dice, predicted_ml
        The first side's predicted mask (X, Y, Z), its Dice and its volume in ml.
    sides : tuple of Side
        One, or two where something is compared.
    embed : bool or None
        Whether a saved output holds the voxels, so that an exported page works by itself. None:
        unless JupyterLab runs the cell, whose notebooks would grow by megabytes.

    Raises
    ------
    BrowserError
        A ValueError: what was given cannot be shown. The widget keeps its last state.

    Examples
    --------
    >>> browser = SliceBrowser(np.arange(24).reshape(2, 3, 4), plane="coronal", slice=1)
    >>> browser.position, browser.values
    ((1, 1, 2), {'map': 18.0})

    Counterfactual predictions, one for each of two labels:

    >>> stack = np.stack([np.full((2, 3, 4), 0.9), np.eye(3, 4)[None].repeat(2, 0)])
    >>> browser = SliceBrowser(np.ones((2, 3, 4)), probability=stack, what_if={"TICI": [0, 3]})
    >>> closed = browser.predicted.sum()
    >>> browser.chosen = (1,)
    >>> browser.choice, int(closed), int(browser.predicted.sum())
    ({'TICI': '3'}, 24, 6)
    """

    _esm = join_modules(Path(__file__).with_name("browser.js"))
    _css = Path(__file__).with_name("browser.css")

    embed: bool | None = None

    def __init__(
        self,
        patient: Any,
        lesion: Any = None,
        prediction: Any = None,
        probability: Any = None,
        *,
        series: Any = None,
        compare: Any = None,
        what_if: Any = None,
        channels: Any = None,
        spacing: Any = None,
        affine: Any = None,
        name: str | None = None,
        **view: Any,
    ):
        if unknown := set(view) - set(TRAITS):
            raise BrowserError(f"no argument {unknown.pop()!r}; a view has {', '.join(TRAITS)}")
        volume = as_volume(patient, channels=channels, spacing=spacing, affine=affine, name=name)
        self.sides: tuple[Side, ...] = make_sides(
            volume, lesion, prediction, probability, series, compare, what_if
        )
        only = all(side.prediction is None for side in self.sides)
        first = {
            "source": "probability" if only and self._any("probability") else "prediction",
            "windows": {n: [*next(iter(w.values()))] for n, w in self._windows().items()},
            "colors": {n: "magma" if n == "probability" else "gray" for n in self.maps},
            "chosen": (0,) * len(what_if or ()),
        }
        super().__init__(meta=describe_all(self.sides, COLORS), **first)
        self.buffers = Buffers(self.sides, self.meta["sides"])
        self.plane = view.pop("plane", "axial")
        self.chosen = view.pop("chosen", self.chosen)
        self.position = view.pop("position", self._start())
        for key, value in view.items():
            setattr(self, key, value.item() if isinstance(value, np.generic) else value)
        self.on_msg(self._answer)

    def _start(self) -> tuple[int, int, int]:
        """Return where to begin: in the lesion, or in the middle of the brain."""
        side = self.sides[0]
        return side.largest(self.plane) or tuple((low + high) // 2 for low, high in side.focus)

    def go_to_lesion(self) -> None:
        """Go to the slice with the largest lesion."""
        place = self.sides[0].largest(self.plane)
        if place is None:
            raise BrowserError("there is no voxel of a lesion to go to; give lesion= with one")
        self.position = place

    @property
    def predicted(self) -> np.ndarray | None:
        """The mask (X, Y, Z) that is shown as the first side's prediction."""
        return self.sides[0].predicted(self.source, self.threshold)

    @property
    def dice(self) -> float | None:
        """Dice of the first side's prediction and reference mask."""
        return self.sides[0].dice(self.source, self.threshold)

    @property
    def predicted_ml(self) -> float | None:
        """Volume of the first side's prediction in ml."""
        return self.sides[0].predicted_ml(self.source, self.threshold)

    @property
    def choice(self) -> dict[str, str]:
        """The label chosen for each name of `what_if`."""
        alternatives = self.sides[0].alternatives
        return {} if alternatives is None else alternatives.choice(self.chosen)

    def figure(self) -> Picture:
        """Draw what is on the screen, for paper and for pages without scripts."""
        from islesedu.widgets.browser.picture import draw_browser

        return draw_browser(self.sides, self.state())

    def __repr__(self) -> str:
        side = self.sides[0]
        values = ", ".join(f"{name} {value:.4g}" for name, value in self.values.items())
        place = ", ".join(f"{mm:g}" for mm in self.millimetres)
        of = f" of {side.volume.name}" if side.volume.name else ""
        count = side.volume.shape[self._across]
        text = f"SliceBrowser{of}: {self.plane} slice {self.slice} (0 to {count - 1}), voxel "
        text += f"{self.position}, mm ({place}): {values}"
        if self.mirror and self.mirror_values:
            values = ", ".join(f"{name} {value:.4g}" for name, value in self.mirror_values.items())
            text += f"; mirror voxel {self.mirror_position}: {values}"
        if answer := side.answer(self.chosen, self.threshold):
            text += f"; {answer}"
        return text if self.dice is None else f"{text}; Dice {self.dice:.3f}"

    def _answer(self, _: Any, content: dict, buffers: list) -> None:
        """Send the buffer that a page asks for."""
        name = content.get("ask")
        if name in self.buffers.names():
            self.send({"part": name}, [self.buffers.part(name)])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """Return the widget, and what shows where it cannot: HTML, a picture, text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["image/png"] = standalone.in_base64(self.figure()._repr_png_())
        data["text/plain"] = repr(self)
        if self.embed or (self.embed is None and not standalone.run_by_jupyterlab()):
            data["text/html"] = self.to_html(data["image/png"])
        return data, metadata

    def to_html(self, picture: str | None = None) -> str:
        """Return HTML in which the browser works without Python; `picture` is a PNG in base64."""
        picture = picture or standalone.in_base64(self.figure()._repr_png_())
        words = escape(repr(self), quote=True)
        fallback = f'<img src="data:image/png;base64,{picture}" alt="{words}">'
        embedded = self.buffers.embedded(PAGE)
        if embedded is None:
            large = f"more than {PAGE // 10**6} MB"
            return f"{fallback}<p>These volumes, {large}, are shown by a running notebook only.</p>"
        state = {"meta": self.meta, "embedded": embedded, **self.state()}
        return standalone.to_html(str(self._esm), state, fallback, str(self._css))
