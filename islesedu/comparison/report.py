"""The report of a comparison: ``cases.csv``, ``table.md``, and one page, ``index.html``."""

import base64
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from islesedu import figures
from islesedu.common.files import remove_partials, write_text
from islesedu.common.locks import folder_lock
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.report_tables import (
    SLIDE_TITLE,
    as_markdown,
    cells,
    collapse_note,
    introduction,
    sections,
)
from islesedu.comparison.results import Comparison
from islesedu.isles.case import Case, Patient
from islesedu.isles.read import read_case
from islesedu.training.dataset import cases_with_lesion

_TEMPLATE = Path(__file__).with_name("report.html")
_BOXES = (("dice", "hausdorff_voxels", "assd_2017_voxels"), ("hausdorff_mm", "assd_2017_mm"))
"""Measures of each row of box plots."""


def write_report(
    comparison: Comparison, folder: str | os.PathLike[str] | Sequence[Case] | None = None
) -> Path:
    """Write the report of a comparison into its folder.

    Parameters
    ----------
    comparison : Comparison
        Results.
    folder : path-like or sequence of Case, optional
        ISLES folder, or its cases, for pictures of cases; without it, or without predictions, there
        are none.

    Returns
    -------
    Path
        ``report/index.html``.
    """
    place = comparison.path / "report"
    files = {
        "cases.csv": comparison.cases.to_csv(index=False),
        "table.md": as_markdown(comparison),
        "index.html": _as_html(comparison, folder),
    }
    with folder_lock(place, "written", wait=True):
        remove_partials(place, *files)
        for name, text in files.items():
            write_text(place / name, text)
    return place / "index.html"


def _as_html(comparison: Comparison, folder: str | os.PathLike[str] | Sequence[Case] | None) -> str:
    """Return the report as one page that needs nothing else; arguments as in `write_report`."""
    pictures = {}
    if folder is not None:
        names = CompareFolder(comparison.path).settings.get("names")  # how files are mapped
        cases = cases_with_lesion(folder, mapping=names)
        pictures = {loss: _case_picture(comparison, loss, cases) for loss in comparison.losses}
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        introduction=introduction(comparison),
        collapsed=comparison.collapsed(),
        collapse_note=collapse_note(comparison),
        parts=[(title, cells(table), note) for title, table, note in sections(comparison)],
        published=SLIDE_TITLE,
        boxes=[_boxes(comparison, columns) for columns in _BOXES],
        curves=_curves(comparison),
        cases={loss: picture for loss, picture in pictures.items() if picture},
    )


class _Picture(NamedTuple):
    """A figure within the page: the PNG file in base 64, its description and its caption."""

    data: str
    alt: str
    caption: str


def _axes(columns: int, width: float, height: float) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with a row of axes, drawn without a screen."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def _picture(figure: Figure, alt: str, caption: str) -> _Picture:
    file = io.BytesIO()
    # Without date and version, or two reports of the same results would differ.
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})
    return _Picture(base64.b64encode(file.getvalue()).decode(), alt, caption)


def _boxes(comparison: Comparison, columns: Sequence[str]) -> _Picture:
    """Return box plots of some measures."""
    figure, axes = _axes(len(columns), 3.6 * len(columns), 4)
    for column, ax in zip(columns, axes, strict=True):
        figures.score_boxes(comparison.cases, ax, column)
        ax.tick_params(axis="x", labelsize="small")
    medians = comparison.cases.groupby("loss", sort=False)[list(columns)].median()
    values = "; ".join(
        f"{loss}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items())
        for loss, row in medians.iterrows()
    )
    caption = (
        "Half of the cases lie in the box, the line in it is the median, the diamond the mean. "
        "Each sign is a case; under the name, how many have a number."
    )
    return _picture(figure, f"Box plots. Medians: {values}.", caption)


def _curves(comparison: Comparison) -> _Picture | None:
    """Return the learning curves of all folds; None where the run folders are not."""
    figure, (ax,) = _axes(1, 8, 4)
    ends: dict[str, list[float]] = {}
    for task in comparison.tasks:
        history = comparison.history(task.loss, task.fold.number)
        if history.empty:
            continue
        style = figures.CURVES[comparison.losses.index(task.loss) % len(figures.CURVES)]
        how = {"color": style.color, "ls": style.linestyle}
        label = None if task.loss in ends else task.loss
        ax.plot(history["step"], history["dice"], label=label, **how)
        ends.setdefault(task.loss, []).append(history["dice"].iloc[-1])
    if not ends:
        return None
    ax.set(xlabel="step", ylabel="Dice (0 to 1)", title="Dice of the training cases, by round")
    ax.legend()
    values = "; ".join(f"{loss}: {min(e):.3f} to {max(e):.3f}" for loss, e in ends.items())
    caption = "Each line is a fold. Training cases: this is how it learned, not how good it is."
    return _picture(figure, f"Learning curves. Dice of the last round: {values}.", caption)


def _case_picture(comparison: Comparison, loss: str, cases: Sequence[Case]) -> _Picture | None:
    """Return pictures of a loss's median, worst and best case; None without predictions."""
    chosen, found = comparison.pick(loss), {case.name: case for case in cases}
    figure, axes = _axes(len(chosen), 3.6 * len(chosen), 4.2)
    texts = []
    for (kind, name), ax in zip(chosen.items(), axes, strict=True):
        try:
            mask, _ = comparison.prediction(loss, name)
        except ValueError:
            return None
        patient = read_case(found[name], (found[name].reference,))
        row = comparison.of(loss).set_index("case").loc[name]
        _draw_case(patient, mask, ax, f"{kind}: {name}\nDice {row['dice']:.3f}")
        texts.append(
            f"{kind}, {name}: Dice {row['dice']:.3f}, predicted {row['predicted_ml']:.1f} ml of "
            f"true {row['true_ml']:.1f} ml"
        )
    values = "; ".join(texts)
    caption = (
        f"The slice of {found[name].reference} with most lesion: the true lesion (solid line) and "
        f"what the network predicts (dashed line). {values}."
    )
    alt = f"Three slices with outlines of truth and prediction under {loss}: {values}."
    return _picture(figure, alt, caption)


def _draw_case(patient: Patient, mask: np.ndarray, ax: Axes, title: str) -> None:
    """Draw the slice with most lesion of a patient's one map, and the outlines of both masks."""
    view = figures.view(patient.affine, placed=patient.placed)
    image = patient.image[..., 0]
    number = figures.best_slice(patient.lesion if patient.lesion.any() else mask, view.axis)
    scale = figures.gray_scale(patient.channels[0], image)
    image, truth, mask = (view.cut(volume, number) for volume in (image, patient.lesion, mask))
    title = f"{title}\nslice {number}{hidden_outline(mask)}"
    figures.overlay(
        image, truth, mask, ax, title=title, vmin=scale.vmin, vmax=scale.vmax, view=view
    )


def hidden_outline(mask: np.ndarray) -> str:
    """Return what the outline of a mask (X, Y) cannot show: that it is empty, or full.

    Examples
    --------
    >>> hidden_outline(np.zeros((2, 2), bool)), hidden_outline(np.eye(2, dtype=bool))
    (': nothing predicted', '')
    """
    if not mask.any():
        return ": nothing predicted"
    return ": all predicted" if mask.all() else ""
