"""The report of a comparison: ``cases.csv``, ``table.md``, and one page, ``index.html``."""

import base64
import html
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from islesedu.comparison.report_tables import (
    SLIDE_TITLE,
    as_markdown,
    collapse_note,
    introduction,
    sections,
)
from islesedu.comparison.results import Comparison
from islesedu.files import write_text
from islesedu.isles.read import read_case
from islesedu.training.dataset import cases_with_lesion

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
.wide { overflow-x: auto; }
th, td { border: 1px solid; padding: .3rem .7rem; text-align: right; }
th[scope=row], caption { text-align: left; }
caption { font-weight: bold; padding: .3rem 0; }
img { max-width: 100%; height: auto; background: white; }
figure { margin: 1rem 0; }
.warning, .other { border: 2px solid; padding: .1rem 1rem; margin: 1rem 0; }
.other { border-style: dashed; }
"""


def write_report(comparison: Comparison, folder: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a comparison into its folder.

    Parameters
    ----------
    comparison : Comparison
        Results.
    folder : path-like, optional
        ISLES folder, for pictures of cases; without it, or without predictions, there are none.

    Returns
    -------
    Path
        ``report/index.html``.
    """
    place = comparison.path / "report"
    write_text(place / "cases.csv", comparison.cases.to_csv(index=False))
    write_text(place / "table.md", as_markdown(comparison))
    write_text(place / "index.html", as_html(comparison, folder))
    return place / "index.html"


def as_html(comparison: Comparison, folder: str | os.PathLike[str] | None) -> str:
    """Return the report as one page that needs nothing else."""
    body = ["<h1>Comparison of losses</h1>"]
    body += [f"<p>{html.escape(sentence)}</p>" for sentence in introduction(comparison)]
    words = [f"<strong>{html.escape(s)}</strong><br>" for s in comparison.collapsed()]
    note = "".join([*words, html.escape(collapse_note(comparison))])
    body.append(f"<p class='warning'>{note}</p>" if words else f"<p>{note}</p>")
    for title, table, remark in sections(comparison):
        kind = " class='other'" if title == SLIDE_TITLE else ""
        body.append(f"<section{kind}><h2>{html.escape(title)}</h2>{html_table(title, table)}")
        body.append(f"<p>{html.escape(remark)}</p></section>" if remark else "</section>")
    body.append("<h2>Spread over the cases</h2>" + boxes(comparison))
    body.append(curves(comparison))
    pictures = [case_pictures(comparison, loss, folder) for loss in comparison.losses if folder]
    if any(pictures):
        body.append("<h2>Median, worst and best case by Dice</h2>" + "".join(pictures))
    inside = "\n".join(body)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison of losses</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{inside}\n</main></body>\n</html>\n"
    )


def html_table(caption: str, table: pd.DataFrame) -> str:
    """Return a table in HTML, with a caption, and headings that say what they head."""
    names = [table.index.name, *table.columns]
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(str(name))}</th>'
        + "".join(f"<td>{html.escape(str(value))}</td>" for value in row)
        + "</tr>"
        for name, row in zip(table.index, table.values.tolist(), strict=True)
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def figure_html(figure: Figure, alt: str, caption: str) -> str:
    """Return a matplotlib figure as a picture within the page."""
    picture = io.BytesIO()
    # Without date and version, or two reports of the same results would differ.
    figure.savefig(picture, format="png", dpi=100, metadata={"Software": None})
    data = base64.b64encode(picture.getvalue()).decode()
    return (
        f'<figure><img alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def new_figure(columns: int, height: float) -> tuple[Figure, Any]:
    """Return a figure with a row of axes, drawn without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6 * columns, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def boxes(comparison: Comparison) -> str:
    """Return box plots of Dice, and of the distances in both units."""
    from islesedu import figures

    parts = []
    for columns in (
        ("dice", "hausdorff_voxels", "assd_2017_voxels"),
        ("hausdorff_mm", "assd_2017_mm"),
    ):
        figure, axes = new_figure(len(columns), 4)
        for column, ax in zip(columns, axes, strict=True):
            figures.score_boxes(comparison.cases, ax, column)
            ax.tick_params(axis="x", labelsize="small")
        medians = comparison.cases.groupby("loss", sort=False)[list(columns)].median()
        said = "; ".join(
            f"{loss}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items())
            for loss, row in medians.iterrows()
        )
        caption = (
            "Half of the cases lie in the box, the line in it is the median, the diamond the mean. "
            "Each sign is a case; under the name, how many have a number."
        )
        parts.append(figure_html(figure, f"Box plots. Medians: {said}.", caption))
    return "".join(parts)


def curves(comparison: Comparison) -> str:
    """Return the learning curves of all folds; nothing where the run folders are not."""
    from islesedu.figures.style import CURVES

    figure, (ax,) = new_figure(1, 4)
    figure.set_figwidth(8)
    said = {}
    for task in comparison.tasks:
        history = comparison.history(task.loss, task.fold.number)
        if history.empty:
            continue
        look = CURVES[comparison.losses.index(task.loss) % len(CURVES)]
        label = None if task.loss in said else task.loss
        ax.plot(history["step"], history["dice"], color=look.color, ls=look.linestyle, label=label)
        said.setdefault(task.loss, []).append(history["dice"].iloc[-1])
    if not said:
        return ""
    ax.set(xlabel="step", ylabel="Dice (0 to 1)", title="Dice of the training cases, by round")
    ax.legend()
    ends = "; ".join(f"{loss}: {min(e):.3f} to {max(e):.3f}" for loss, e in said.items())
    caption = "Each line is a fold. Training cases: this is how it learned, not how good it is."
    picture = figure_html(figure, f"Learning curves. Dice of the last round: {ends}.", caption)
    return f"<h2>Learning curves</h2>{picture}"


def shown(mask_xy: np.ndarray) -> str:
    """Return what the outline of a mask cannot show: that there is none, or no end of it."""
    if not mask_xy.any():
        return ": nothing predicted"
    return ": all predicted" if mask_xy.all() else ""


def case_pictures(comparison: Comparison, loss: str, folder: str | os.PathLike[str]) -> str:
    """Return pictures of a loss's median, worst and best case; nothing without predictions."""
    from islesedu import figures

    chosen_cases, rows = comparison.pick(loss), comparison.of(loss).set_index("case")
    figure, axes = new_figure(len(chosen_cases), 4.2)
    said = []
    for (kind, name), ax in zip(chosen_cases.items(), axes, strict=True):
        try:
            mask, _ = comparison.prediction(loss, name)
        except ValueError:
            return ""
        (case,) = cases_with_lesion(folder, [name])
        patient = read_case(case, (case.reference,))
        how = figures.view(patient.affine)
        at = figures.best_slice(patient.lesion if patient.lesion.any() else mask, how.axis)
        background = patient.image[..., 0]
        scale = figures.gray_scale(case.reference, background)
        row = rows.loc[name]
        figures.overlay(
            how.cut(background, at),
            how.cut(patient.lesion, at),
            how.cut(mask, at),
            ax,
            title=f"{kind}: {name}\nDice {row['dice']:.3f}\nslice {at}{shown(how.cut(mask, at))}",
            vmin=scale.vmin,
            vmax=scale.vmax,
            view=how,
        )
        said.append(
            f"{kind}, {name}: Dice {row['dice']:.3f}, predicted {row['predicted_ml']:.1f} ml of "
            f"true {row['true_ml']:.1f} ml"
        )
    caption = (
        f"The slice of {case.reference} with most lesion: the true lesion (solid line) and what "
        f"the network predicts (dashed line). {'; '.join(said)}."
    )
    alt = f"Three slices with outlines of truth and prediction under {loss}: {'; '.join(said)}."
    return f"<h3>{html.escape(loss)}</h3>{figure_html(figure, alt, caption)}"
