"""What a search may try: a specification such as "rate=0.01,0.03;steps=500,1000" and its values."""

from collections.abc import Mapping, Sequence

from islesedu.common.arguments import Kind, share, shown, whole
from islesedu.errors import TrainingError
from islesedu.training.config import RATE

_NAMES = {
    "rate": "learning_rate",
    "filters": "filters",
    "steps": "steps",
    "threshold": "threshold",
    "components": "component_share",
}
"""What can be searched: its name in a specification, and that of the option."""
_KINDS = {
    "learning_rate": RATE,
    "filters": whole(1),
    "steps": whole(1),
    "threshold": share,
    "component_share": share,
}
SAMPLERS = ("grid", "random", "bayes")
Spec = dict[str, list]


def parse_search(text: str | Mapping[str, Sequence[float]] | None, sampler: str = "grid") -> Spec:
    """Return what to search, by the name of the option.

    Parameters
    ----------
    text : str, mapping or None
        Such as ``"rate=0.01,0.03;steps=500,1000;threshold=0.3,0.5"``, or the same as a mapping,
        also by the names of the options. None or an empty mapping means no search.
    sampler : {"grid", "random", "bayes"}
        The last two also take a range, ``rate=0.001..0.1``, for rate (in logarithms), filters and
        steps.

    Returns
    -------
    dict of str to list
        The values; for a range ``[low, None, high]``.

    Raises
    ------
    TrainingError
        A name that cannot be searched, or a value out of its bounds.

    Examples
    --------
    >>> parse_search("rate=0.01,0.03;steps=500")
    {'learning_rate': [0.01, 0.03], 'steps': [500]}
    """
    if sampler not in SAMPLERS:
        raise TrainingError(f"sampler is {sampler!r}; choose one of {', '.join(SAMPLERS)}")
    if text is None or text == {}:
        return {}
    if not isinstance(text, str | Mapping):
        raise TrainingError(f"search is {shown(text)}; give such as 'rate=0.01,0.03;steps=500'")
    spec: Spec = {}
    for name, values in text.items() if isinstance(text, Mapping) else _split(text):
        option = _NAMES.get(name, name)
        if option not in _KINDS:
            raise TrainingError(
                f"search names {shown(name)}; what can be searched is {', '.join(_NAMES)}, such as "
                "'rate=0.01,0.03;steps=500,1000'"
            )
        if option in spec:
            raise TrainingError(f"search names {name} twice; give all its values in one list")
        if not isinstance(values, list | tuple) or not values:
            raise TrainingError(f"search gives {name} as {shown(values)}; give a list of values")
        is_range = len(values) == 3 and values[1] is None
        if is_range and (sampler == "grid" or _KINDS[option] is share):
            raise TrainingError(
                f"search gives {name} as a range; {'a grid' if sampler == 'grid' else 'it'} wants "
                "a list, such as 0.3,0.5 (ranges: rate, filters and steps, with the sampler random "
                "or bayes)"
            )
        read = [None if x is None and is_range else _read(name, x, _KINDS[option]) for x in values]
        if len(set(read)) < len(read):
            raise TrainingError(f"search gives {name} a value twice; give each once")
        spec[option] = read
        if is_range and not spec[option][0] < spec[option][2]:
            raise TrainingError(
                f"search gives {name} from {values[0]} to {values[2]}; turn it round"
            )
    if not spec:
        raise TrainingError("search is empty; give such as 'rate=0.01,0.03', or no search")
    return spec


def _split(text: str) -> list[tuple[str, list[str | None]]]:
    """Return names and texts of values in a specification."""
    parts = []
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, sign, values = part.partition("=")
        if not sign:
            raise TrainingError(f"search holds {part!r}; expected NAME=VALUE,VALUE;NAME=...")
        low, dots, high = values.partition("..")
        parts.append((name.strip(), [low, None, high] if dots else values.split(",")))
    return parts


def _read(name: str, value: str | float, kind: Kind) -> float:
    try:
        return kind(name, kind.keep(value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        raise TrainingError(
            f"search gives {name} the value {shown(value)}; {kind.otherwise}"
        ) from None
