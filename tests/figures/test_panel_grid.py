"""Figures that can be read on a page of 400 px."""

import matplotlib.pyplot as plt
import pytest

from islesedu import figures
from islesedu.figures.panel_grid import WIDTH, readable

PIXELS_OF_PAGE = 354  # what a page of 400 px leaves for a figure


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, None, 1), (4, None, 2), (7, 2, 4)])
def test_panels_stand_in_as_many_rows_as_they_need(count, columns, rows):
    figure, axes = figures.panels(count, columns=columns)
    assert len(axes) == count == len(figure.axes)
    assert axes[-1].get_subplotspec().rowspan.stop == rows
    assert figure.get_size_inches()[0] == WIDTH


def test_too_few_panels_is_an_error():
    with pytest.raises(ValueError, match="count is 0"):
        figures.panels(0)


def letters(figure):
    """Return the height of the smallest letters, in px of a narrow page."""
    figure.canvas.draw()
    sizes = [t.get_fontsize() for t in figure.findobj(plt.Text) if t.get_text()]
    return min(sizes) / 72 * PIXELS_OF_PAGE / figure.get_size_inches()[0]


def test_small_letters_become_readable_ticks_and_legends_too():
    figure, (ax,) = figures.panels(1)
    ax.plot([0, 1], label="curve")
    ax.tick_params(labelsize=5)
    ax.legend(fontsize="x-small")
    figure.colorbar(ax.imshow([[0, 1]]), label="unit")
    readable(figure)
    assert letters(figure) > 8.5


def test_a_wide_figure_and_large_letters_stay():
    wide, ax = plt.subplots(figsize=(12, 3))
    ax.set_title("small", fontsize=7)
    readable(wide)
    assert ax.title.get_fontsize() == 7
    figure, (ax,) = figures.panels(1)
    ax.set_title("large", fontsize=20)
    readable(figure)
    assert ax.title.get_fontsize() == 20
