import pytest

from islesedu import figures
from islesedu.figures.nested_folds import TEST, TRAINING, VALIDATION


def boxes(ax, style):
    """Return row, left end and width of the boxes of one kind."""
    own = [p for p in ax.patches if (p.get_hatch() or "") == style.hatch]
    return [(int(p.get_y()), p.get_x(), p.get_width()) for p in own]


def test_each_part_is_tested_once_and_the_others_train(ax):
    assert figures.fold_scheme(ax, folds=4, inner_folds=3) is ax
    assert boxes(ax, TEST) == [(0, 0, 1), (1, 1, 1), (2, 2, 1), (3, 3, 1)]
    assert len(boxes(ax, TRAINING)) == 4 * 3 + 3 * 2


@pytest.mark.parametrize("opened, left", [(1, 1), (4, 0)])
def test_the_inner_folds_lie_below_the_training_parts(ax, opened, left):
    figures.fold_scheme(ax, folds=4, inner_folds=3, opened=opened)
    starts = [x for _, x, _ in boxes(ax, VALIDATION)]
    assert starts == pytest.approx([left, left + 1, left + 2])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["outer 1", "outer 2", "outer 3", "outer 4", "inner 1", "inner 2", "inner 3"]


@pytest.mark.parametrize("folds, inner_folds, opened", [(1, 3, 1), (5, 1, 1), (5, 3, 6)])
def test_what_cannot_be_drawn_is_named(ax, folds, inner_folds, opened):
    with pytest.raises(ValueError, match=f"are {folds}, {inner_folds} and {opened}; give two"):
        figures.fold_scheme(ax, folds, inner_folds, opened)
