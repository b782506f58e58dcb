import numpy as np
import pytest

from islesedu import CHANNELS
from islesedu.phantom import make_patient


def test_a_patient_can_have_another_stroke_in_the_same_head():
    one = make_patient(2017, "training", 20, 0.1)
    other = make_patient(2017, "training", 20, 0.1, side=-one.stroke.side, extent=0.5)
    np.testing.assert_array_equal(one.tissue.gray, other.tissue.gray)
    assert other.stroke.side == -one.stroke.side and other.stroke.tici == one.stroke.tici
    with pytest.raises(TypeError, match="extend"):
        make_patient(2017, "training", 20, 0.1, extend=0.5)


def test_as_patient_gives_the_maps_in_the_order_of_channels():
    made = make_patient(2017, "training", 20, 0.1)
    patient = made.as_patient("one")
    assert patient.channels == CHANNELS and patient.spacing == made.spacing
    for n, name in enumerate(CHANNELS):
        np.testing.assert_array_equal(patient.image[..., n], made.maps[name])
    np.testing.assert_array_equal(patient.lesion, made.maps["lesion"])
    x, y, z = np.array(patient.lesion.shape) - 1
    np.testing.assert_allclose((patient.affine @ [x / 2, y / 2, z / 2, 1])[:3], 0, atol=1e-9)
