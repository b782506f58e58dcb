"""What a check found, in words and as a box in the notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

State = Literal["waiting", "right", "wrong", "taken"]


_SIGNS = {"waiting": "○ Not answered yet.", "right": "✓ Correct.", "wrong": "✗ Not yet."}
_SIGNS["taken"] = "● Answered. It will be judged when your work is graded."


_COLORS = {"waiting": "#56B4E9", "right": "#009E73", "wrong": "#D55E00", "taken": "#56B4E9"}


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    state : {"waiting", "right", "wrong", "taken"}
        Whether there is an answer, and whether it is right; "taken" where nobody can tell.
    message : str
        What was expected, what came, and what the likely slip is.
    hint : str
        For those who ask: a notebook unfolds it.
    hints : tuple of str
        Several of them; each unfolds only after the one before.
    solution : str
        Source of a right answer, for those who ask after an attempt.
    """

    state: State
    message: str = ""
    hint: str = ""
    solution: str = ""
    hints: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether the answer is right."""
        return self.state == "right"

    def __repr__(self) -> str:
        hint = f"Hint: {self.hint}" if self.hint and self.state != "right" else ""
        return " ".join(part for part in (_SIGNS[self.state], self.message, hint) if part)

    def _repr_html_(self) -> str:
        """Return a box for the notebook: sign and words carry the meaning, the colour helps."""
        style = f"border-left: 6px solid {_COLORS[self.state]}; padding: 0.3em 0.8em"
        text = escape(self.message).replace("\n", "<br>")
        asked = _unfold_hints((self.hint,) if self.hint else self.hints)
        asked = asked if self.state != "right" else ""
        solved = f"<pre>{escape(self.solution)}</pre>" if self.solution else ""
        asked += _unfold("Show a solution", solved if self.state != "waiting" else "")
        return f'<div role="status" style="{style}"><b>{_SIGNS[self.state]}</b> {text}{asked}</div>'


def _unfold(title: str, content: str) -> str:
    """Return HTML that shows its content when asked."""
    return f"<details><summary>{title}</summary>{content}</details>" if content else ""


def _unfold_hints(hints: Sequence[str]) -> str:
    """Return HTML in which each hint can be unfolded only inside the one before."""
    html = ""
    for number in range(len(hints), 0, -1):
        title = f"Hint {number} of {len(hints)}" if len(hints) > 1 else "Hint"
        html = _unfold(title, escape(hints[number - 1]) + html)
    return html
