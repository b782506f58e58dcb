"""From what was given to the slice browser to its sides: one, or two that are compared."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from islesedu.widgets.browser.inputs import BrowserError, Volume, as_text, as_volume
from islesedu.widgets.browser.overlays import as_mask, as_probability, as_series
from islesedu.widgets.browser.side import Side
from islesedu.widgets.browser.what_if import as_alternatives

_SIDE_KEYS = ("patient", "lesion", "prediction", "probability", "name", "series")
"""What `compare` may hold."""


def make_sides(
    volume: Volume,
    lesion: Any,
    prediction: Any,
    probability: Any,
    series: Any,
    compare: Any,
    what_if: Any = None,
) -> tuple[Side, ...]:
    """Return one side, or two where something is compared; alternatives belong to the first."""
    given = {"lesion": lesion, "prediction": prediction, "series": series}
    if what_if is None:
        first = _make_side(volume, given | {"probability": probability}, "")
    else:
        alternatives = as_alternatives(what_if, probability, volume)
        first = replace(_make_side(volume, given, ""), alternatives=alternatives).choose(0)
    if compare is None:
        return (first,)
    if not isinstance(compare, Mapping):
        compare = {"patient": compare}
    if unknown := set(compare) - set(_SIDE_KEYS):
        raise BrowserError(
            f"compare has {', '.join(sorted(map(str, unknown)))}; it takes {', '.join(_SIDE_KEYS)}"
        )
    name = compare.get("name")
    name = None if name is None else as_text("the name in compare", name)
    if compare.get("patient") is not None:
        other = as_volume(compare["patient"], name=name, argument="compare")
        return first, _make_side(other, compare, "compare ")
    if compare.get("series") is not None:
        raise BrowserError(
            "compare has a series but no patient; the time series is the first one's"
        )
    other = replace(volume, name=name or volume.name)
    given = {"lesion": lesion if lesion is not None else volume.lesion}
    second = _make_side(other, given | {**compare, "series": None}, "compare ")
    second = replace(second, series=first.series)
    return replace(first, shared=second), replace(second, shared=first)


def _make_side(volume: Volume, given: Mapping[str, Any], of: str) -> Side:
    """Return a side from what was given for it; `of` stands before names in complaints."""

    def take(key: str, convert: Callable, instead: Any = None) -> Any:
        value = given.get(key) if given.get(key) is not None else instead
        hidden = value is None or (key == "lesion" and value is False)
        return None if hidden else convert(f"{of}{key}", value, volume)

    series = given.get("series")
    return Side(
        volume,
        truth=take("lesion", as_mask, volume.lesion),
        prediction=take("prediction", as_mask),
        probability=take("probability", as_probability),
        series=as_series(series, volume) if series is not None and series is not False else None,
    )
