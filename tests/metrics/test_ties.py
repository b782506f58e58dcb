import numpy as np

from islesedu.metrics.ties import merge_ties


def test_what_differs_by_rounding_is_made_equal_and_nothing_else():
    values = [0.1 + 0.2, 0.3, 0.3 + 1e-9, np.nan, np.inf, -np.inf, 0.3, -0.3]
    merged = merge_ties(values)
    assert merged[0] == merged[1] == merged[6] != merged[2]
    np.testing.assert_array_equal(merged[3:6], values[3:6])
    assert merge_ties([]).size == 0 and merge_ties([np.nan]).shape == (1,)


def test_the_tolerance_goes_with_the_unit():
    millimetres = merge_ties([100.0, 100.0 + 5e-11, 100.001])
    assert millimetres[0] == millimetres[1] < millimetres[2]
    small = merge_ties([1e-13, 2e-13])  # such as m²/s
    assert small[0] < small[1]
    assert len(set(merge_ties([1.0, 1.2, 1.4, 2.0], tolerance=0.25))) == 2
