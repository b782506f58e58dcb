"""Show a figure in a notebook together with its description in words."""

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from islesedu.figures.panel_grid import readable


def show(figure: Figure, alt: str) -> None:
    """Show a figure, with a text for those who cannot see it, and close it.

    Letters that could not be read on a narrow page are enlarged in figures of at most 7 inches.

    Parameters
    ----------
    figure : Figure
        Of pyplot or not.
    alt : str
        One sentence that says what can be seen, not the title again. Pages and screen readers use
        it as the picture's alternative text.

    Raises
    ------
    ValueError
        The description is shorter than 20 characters.

    Examples
    --------
    >>> figure, ax = plt.subplots()
    >>> show(figure, "An empty pair of axes from 0 to 1.")
    Figure(640x480)
    """
    if len(alt.strip()) < 20:
        raise ValueError(f"alt is {alt!r}; describe in a sentence what the figure shows")
    readable(figure)
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)
