"""Slips of mismatch and threshold: a function that makes one is told which."""

import pytest

from islesedu.course import check
from islesedu.course.bank import find


def slips(name):
    values, named = find(name).calls()[0]
    return [(name, sentence) for sentence in find(name).slips(*values, **named)]


@pytest.mark.parametrize(("name", "sentence"), slips("06.6") + slips("06.12"))
def test_a_function_that_slips_is_told_how(name, sentence):
    exercise = find(name)
    verdict = check(name, lambda *values: exercise.slips(*values)[sentence])
    assert verdict.state == "wrong"
    assert sentence.lower() in verdict.message.lower()
