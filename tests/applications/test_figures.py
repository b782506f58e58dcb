import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgba

from islesedu.applications import figures
from islesedu.applications.figures import SHADES
from islesedu.applications.pulse_sequence import LIMITS, TISSUES, choose_times
from islesedu.figures.style import TRUTH

CLASSES = ("background", "CSF", "gray matter", "white matter")


def test_each_class_has_its_shade_whatever_the_others(ax):
    labels = np.array([[0, 0], [3, 1]])
    assert figures.label_map(labels, ax, CLASSES, title="truth") is ax
    drawn = ax.images[0]
    for number in (0, 1, 3):
        assert drawn.to_rgba(number) == to_rgba(SHADES[number])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(CLASSES[1:])
    assert ax.get_title() == "truth"


def test_one_legend_serves_many_label_maps():
    figure, axes = plt.subplots(1, 2, layout="constrained")
    for ax in axes:
        figures.label_map(np.eye(3, dtype=int), ax, CLASSES, legend=False)
    figures.label_legend(figure, CLASSES)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(CLASSES[1:])
    assert all(ax.get_legend() is None for ax in axes)
    plt.close(figure)


def test_shades_differ_in_brightness():
    grays = [np.dot(to_rgba(shade)[:3], (0.299, 0.587, 0.114)) for shade in SHADES]
    assert np.diff(sorted(grays)).min() > 0.1


def test_frame_encloses_its_pixels(ax):
    ax.imshow(np.zeros((8, 8)))
    figures.frame((1, 2, 4, 8), ax, TRUTH, label="truth")
    (box,) = ax.patches
    assert box.get_xy() == (1.5, 0.5) and (box.get_width(), box.get_height()) == (6, 3)
    assert box.get_linestyle() == "solid"


def test_warp_of_nothing_is_straight_lines(ax):
    figures.warp_grid(np.zeros((2, 9, 13)), ax, (2, 2), every=4)
    for lines, axis in zip(ax.collections, (0, 1), strict=True):
        for path in lines.get_paths():
            for part in path.to_polygons(closed_only=False):
                assert np.ptp(part[:, axis]) < 1e-9


def test_landscape_shows_where_each_path_ends(ax):
    tissues = TISSUES["old lesion"], TISSUES["white matter"]
    path = choose_times(*tissues, (2000.0, 100.0), steps=20)
    figures.contrast_landscape(*tissues, ax, {"one": path})
    assert f"TR {path[-1, 0]:.0f}" in ax.get_legend().get_texts()[0].get_text()
    assert ax.get_xlabel() == "TR (ms)" and ax.get_xscale() == "log"
    np.testing.assert_allclose(ax.get_xlim(), LIMITS["tr"])
