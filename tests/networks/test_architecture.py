import inspect

import pytest

from islesedu.networks.architecture import ARGUMENTS, check_architecture, count_parameters
from islesedu.networks.vnet import build_vnet

SMALL = {"convolutions": (1, 2), "bottom_convolutions": 2, "kernel_size": 2}


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"filters": 3, "kernel_size": 3, "bottom_convolutions": 1},
        {"clinical_features": 3},
        {"clinical_features": 2, "fusion": "concat"},
    ],
)
def test_the_parameters_are_those_of_the_network_that_is_built(how):
    how = {"channels": 2, "filters": 2} | SMALL | how
    network = {name: how[name] for name in SMALL}
    others = {name: value for name, value in how.items() if name not in SMALL}
    assert count_parameters(network=network, **others) == build_vnet(**how).count_params()


def test_the_arguments_are_those_of_the_network():
    found = inspect.signature(build_vnet).parameters
    assert {name: found[name].default for name in ARGUMENTS} == ARGUMENTS
    others = {"channels", "filters", "clinical_features", "fusion", "name"}
    assert set(found) - others == set(ARGUMENTS)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"foo": 3}, "there is no argument 'foo'; give kernel_size"),
        ({"filters": 3}, "there is no argument 'filters'"),
        ({"kernel_size": 0}, "kernel_size is 0"),
        ({"kernel_size": "5"}, "kernel_size is '5'"),
        ({"kernel_size": True}, "kernel_size is True"),
        ({"convolutions": 3}, "convolutions is 3; give one count a level"),
        ({"convolutions": "12"}, "convolutions is '12'"),
        ({"convolutions": []}, r"convolutions is \[\]"),
        ({"convolutions": [1, None]}, r"convolutions\[1\] is None"),
        ({"convolutions": [1] * 99}, "convolutions has 99 levels; give at most 16"),
        ({"initial_bias": float("nan")}, "initial_bias is nan; give a finite number"),
        ({"activation_slope": 10**400}, "activation_slope is .*; give a finite number"),
    ],
)
def test_an_argument_that_makes_no_network_is_named(how, words):
    with pytest.raises(ValueError, match=words):
        check_architecture(6, 1, how)


def test_numbers_beyond_all_memory_are_counted_too():
    assert count_parameters(filters=10**30, network={"convolutions": [10**9] * 16}) > 10**70
