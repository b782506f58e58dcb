"""What is said of functions that build parts of a network, beyond the slips of the bank."""

import pytest
from keras import layers

from islesedu.course import check
from islesedu.course.bank import find
from islesedu.course.network_judges import judge_residual_block, judge_vnet
from islesedu.networks.blocks import convolve, down, residual_block, up
from islesedu.networks.vnet import build_vnet


def test_the_blocks_of_the_package_pass():
    for name, block in {"11.2": residual_block, "11.4": down, "11.5": up}.items():
        assert check(name, block)
    assert judge_vnet(build_vnet) == ""


def test_a_stub_waits_and_no_function_is_refused():
    def stub(volume, filters):
        return None

    assert check("11.4", stub).state == "waiting"
    assert "give a function" in check("11.4", 17).message
    assert find("11.4").seconds > find("11.3").seconds


def returns_a_layer(volume, shortcut, filters, count, size):
    return layers.Conv3D(filters, size, padding="same")


def forgets_to_return(volume, shortcut, filters, count, size):
    convolve(volume, filters, size)


def stops(volume, shortcut, filters, count, size):
    return convolve(volume, filters, size).nothing


def shrinks(volume, shortcut, filters, count, size):
    return layers.Conv3D(filters, size)(volume)


def other_channels(volume, shortcut, filters, count, size):
    return convolve(volume, filters + 1, size)


def two_always(volume, shortcut, filters, count, size):
    for _ in range(2):
        volume = convolve(volume, filters, size)
    return volume + shortcut


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (returns_a_layer, "returns a layer"),
        (forgets_to_return, "end it with return"),
        (stops, "stops with AttributeError"),
        (shrinks, "keep the size"),
        (other_channels, "`filters` channels"),
        (two_always, "with count = 3"),
        (lambda *arguments: 5, "returns 5"),
    ],
)
def test_other_mistakes_are_said(block, words):
    assert words in judge_residual_block(block)


def test_a_vnet_of_another_size_is_told_which_way():
    def deeper(channels, filters, size, convolutions, bottom):
        return build_vnet(channels, filters, size, convolutions, bottom + 1)

    assert "too many" in judge_vnet(deeper)
    assert "return a keras.Model" in judge_vnet(lambda *arguments: arguments)
