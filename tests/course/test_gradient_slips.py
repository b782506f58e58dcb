"""Slips of gradients: a function that makes one is told which."""

import pytest

from islesedu.course import check
from islesedu.course.bank import find


def slips(name):
    values, named = find(name).calls()[0]
    return [(name, sentence) for sentence in find(name).slips(*values, **named)]


@pytest.mark.parametrize(("name", "sentence"), slips("03.7") + slips("03.8"))
def test_a_function_that_slips_is_told_how(name, sentence):
    exercise = find(name)
    verdict = check(name, lambda *values: exercise.slips(*values)[sentence])
    assert verdict.state == "wrong"
    assert sentence.lower() in verdict.message.lower()


def test_weights_may_be_changed_in_place_and_put_back():
    def in_place(loss, weights, epsilon):
        gradient = weights * 0
        for index, weight in list(zip(range(weights.size), weights.ravel(), strict=True)):
            weights.flat[index] = weight + epsilon
            above = loss(weights)
            weights.flat[index] = weight - epsilon
            gradient.flat[index] = (above - loss(weights)) / (2 * epsilon)
            weights.flat[index] = weight
        return gradient

    assert check("03.7", in_place)
