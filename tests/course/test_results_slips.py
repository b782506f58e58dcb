from islesedu.course import results_slips
from tests.course.bank_states.lesson_09 import STATE

RESULTS = STATE["results"]


def test_the_silent_method_has_one_penalty_for_both_distances():
    assert results_slips.silent(RESULTS) == "W"
    assert list(results_slips.slips_of_silent(RESULTS).values()) == ["X", "Y"]


def test_cases_without_a_prediction_are_counted():
    assert results_slips.failed(RESULTS) == 2
    assert list(results_slips.slips_of_failed(RESULTS).values()) == [4, 8, 14]


def test_letters_are_swapped_in_pairs():
    wrong = results_slips.slips_of_letters(["C", "A", "D", "B"])
    assert "ACDB" in wrong.values() and len({*wrong.values()}) == 4
