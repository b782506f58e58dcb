import pandas as pd
import pytest

from islesedu.cluster.timeline import cluster_parts, plot_timeline


@pytest.fixture
def updates():
    return pd.DataFrame(
        {
            "step": [1, 2, 3],
            "worker": [0, 1, 0],
            "start": [100.0, 100.0, 102.0],
            "pulled": [100.5, 100.5, 102.5],
            "end": [102.0, 103.0, 104.0],
            "staleness": [0, 1, 7],
        }
    )


def test_a_bar_spans_from_pull_to_push_in_the_row_of_its_worker(ax, updates):
    plot_timeline(updates, ax)
    reads, computes = ax.patches[0::2], ax.patches[1::2]
    assert [(b.get_x(), b.get_width()) for b in reads] == [(0, 0.5), (0, 0.5), (2, 0.5)]
    assert [(b.get_x(), b.get_width()) for b in computes] == [(0.5, 1.5), (0.5, 2.5), (2.5, 1.5)]
    assert [b.get_y() + 0.25 for b in computes] == [0, 1, 0]
    assert [text.get_text() for text in ax.texts] == ["0", "1", "7"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["worker 0", "worker 1"]


def test_events_stand_where_they_happened(ax, updates):
    plot_timeline(updates, ax, [(101.0, "worker 1 killed")])
    assert ax.lines[0].get_xdata()[0] == 1.0
    assert ax.texts[-1].get_text().strip() == "worker 1 killed"


def test_the_case_of_a_dead_worker_is_marked_twice(ax):
    updates = pd.DataFrame(
        {
            "step": [1, 2, 4, 3],
            "worker": [1, 0, 0, 0],
            "start": [100.0, 100.0, 102.0, 104.0],
            "pulled": [100.5, 100.5, 102.5, 104.5],
            "end": [101.0, 102.0, 104.0, 106.0],
            "staleness": 0,
        }
    )
    plot_timeline(updates, ax, died=(1, 101.8))
    lost, again = ax.patches[-2:]
    assert (lost.get_x(), round(lost.get_width(), 6), lost.get_y() + 0.25) == (1, 0.8, 1)
    assert (again.get_x(), again.get_width(), round(again.get_y() + 0.31, 6)) == (4, 2, 0)
    assert not again.get_fill() or again.get_facecolor()[3] == 0
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words[-2:] == ["begun, then killed", "the same case again"]


def test_a_worker_that_died_between_two_cases_lost_none(ax, updates):
    plot_timeline(updates, ax, died=(1, 103.5), legend=False)
    assert len(ax.patches) == 2 * len(updates) and ax.get_legend() is None


@pytest.mark.parametrize("bars", [60, 61])
def test_numbers_are_announced_where_they_are(ax, updates, bars):
    many = pd.concat([updates] * 21, ignore_index=True).head(bars)
    plot_timeline(many, ax)
    assert ("numbers" in ax.get_title()) == (len(ax.texts) == bars) == (bars == 60)


@pytest.mark.parametrize("workers", [1, 3])
def test_all_parts_are_named(ax, workers):
    cluster_parts(ax, workers)
    words = {text.get_text() for text in ax.texts}
    assert {"chief", "parameter server", "pull", "push"} <= words
    assert {f"worker {n}" for n in range(workers)} <= words
