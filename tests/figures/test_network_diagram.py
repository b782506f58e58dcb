"""The drawing of a network follows the network: change the model, and the drawing changes."""

import keras
import pytest
from keras import layers

from islesedu import figures
from islesedu.figures.network_diagram import read_plan
from islesedu.networks.vnet import build_vnet


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def small(**arguments):
    return build_vnet(**{"filters": 2, "kernel_size": 3, "convolutions": (1, 2)} | arguments)


def test_drawing_has_the_levels_of_the_model(ax):
    model = small(channels=5)
    assert figures.architecture(model, ax) is ax
    texts = texts_of(ax)
    assert texts.count("2 ch\n1 conv 3³\n+ shortcut") == 2
    assert texts.count("4 ch\n2 conv 3³\n+ shortcut") == 2
    assert texts.count("8 ch\n3 conv 3³\n+ shortcut") == 1
    assert "image\n5 ch" in texts and "output\n1 ch" in texts
    assert "3 x 3 x 3 conv" in texts and "1 x 1 x 1 conv" in texts
    assert texts.count("skip, concatenated") == 2
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "encoder: halve the size (conv 2³, stride 2)" in words
    assert "decoder: double it (transposed conv 2³, stride 2)" in words
    assert ax.get_title() == f"vnet: {model.count_params():,} parameters"


@pytest.mark.parametrize(
    ("change", "new", "old"),
    [
        ({"filters": 3}, "3 ch\n1 conv 3³\n+ shortcut", "2 ch\n1 conv 3³\n+ shortcut"),
        ({"convolutions": (4, 2)}, "2 ch\n4 conv 3³\n+ shortcut", "2 ch\n1 conv 3³\n+ shortcut"),
        ({"bottom_convolutions": 1}, "8 ch\n1 conv 3³\n+ shortcut", "8 ch\n3 conv 3³\n+ shortcut"),
        ({"kernel_size": 5}, "5 x 5 x 5 conv", "3 x 3 x 3 conv"),
        (
            {"convolutions": (1, 2, 2)},
            "16 ch\n3 conv 3³\n+ shortcut",
            "8 ch\n3 conv 3³\n+ shortcut",
        ),
    ],
)
def test_another_model_is_another_drawing(ax, change, new, old):
    figures.architecture(small(**change), ax)
    assert new in texts_of(ax) and old not in texts_of(ax)


def test_every_convolution_of_the_model_is_counted():
    model = small(convolutions=(1, 2, 3))
    plan = read_plan(model)
    keep_size = [x for x in model.layers if type(x).__name__ == "Conv3D" and x.strides[0] == 1]
    assert sum(stage.convolutions for stage in plan.stages) + 2 == len(keep_size)  # and two ends
    doubled = [x for x in model.layers if type(x).__name__ == "Conv3DTranspose"]
    assert sum(stage.side == "decoder" for stage in plan.stages) == len(doubled) == 3


def test_sizes_are_those_that_the_model_computes(ax):
    model = small()
    figures.architecture(model, ax, size=(19, 8, 5))
    for name, depth in (("input", 0), ("encoder1_down", 1), ("encoder2_down", 2)):
        inner = keras.Model(model.inputs[0], model.get_layer(name).output)
        shape = inner(keras.ops.zeros((1, 19, 8, 5, 6))).shape[1:4]
        (text,) = [t for t in ax.texts if t.get_text() == " x ".join(map(str, shape))]
        assert text.get_position()[1] == -depth
    assert "10 x 4 x 3" in texts_of(ax)


def test_boxes_stand_in_a_v_and_the_decoder_on_the_right(ax):
    figures.architecture(small(), ax)
    boxes = [text.get_position() for text in ax.texts if text.get_text().endswith("+ shortcut")]
    boxes = [place for place in boxes if place[1] in (0, -1, -2)]
    assert boxes == [(-2, 0), (-1, -1), (0, -2), (1, -1), (2, 0)]


def test_a_size_with_other_axes_is_refused(ax):
    with pytest.raises(ValueError, match=r"size is \(8, 8\); the model's volumes have 3 axes"):
        figures.architecture(small(), ax, size=(8, 8))


def test_other_networks_are_read_too(ax):
    image = keras.Input((None, None, 1))
    one = layers.Conv2D(4, 3, padding="same")(image)
    skip = layers.Conv2D(4, 3, padding="same")(one)
    low = layers.MaxPooling2D(2)(skip)
    low = layers.Conv2D(8, 3, padding="same")(low)
    up = layers.UpSampling2D(2)(low)
    both = layers.Concatenate()([up, skip])
    both = layers.Conv2D(4, 3, padding="same")(both)
    model = keras.Model(image, layers.Conv2D(3, 1)(both), name="unet")
    figures.architecture(model, ax, size=(32, 16))
    texts = texts_of(ax)
    assert texts.count("4 ch\n1 conv 3²") == 2 and "8 ch\n1 conv 3²" in texts
    assert "output\n3 ch" in texts and "skip, concatenated" in texts and "16 x 8" in texts
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "encoder: halve the size (pooling 2², stride 2)" in words
    assert "decoder: double it (upsampling)" in words


def test_a_network_without_convolution_is_refused(ax):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)], name="flat")
    with pytest.raises(ValueError, match="flat has no convolution"):
        figures.architecture(model, ax)
