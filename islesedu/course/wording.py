"""Arguments of a function, and sentences, as a verdict says them."""

import re
from typing import Any

import numpy as np

from islesedu.course.answers import short


def arguments_in_words(values: tuple, named: dict[str, Any]) -> str:
    """Return the arguments of a call in few characters; of a large array only its shape."""
    words = [_in_words(value) for value in values]
    return ", ".join([*words, *(f"{key}={_in_words(value)}" for key, value in named.items())])


def _in_words(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"an array of shape {value.shape}"
    return short(value)


def as_sentence(text: str) -> str:
    """Return a text as a sentence: a capital letter first, a full stop or question mark last."""
    text = text.strip().rstrip(".")
    if re.match(r"(a|[a-z]{2,})\b(?![._(])", text):  # names such as p, conv3, np.pad stay
        text = text[0].upper() + text[1:]
    return text if not text or text.endswith("?") else f"{text}."
