import pytest

from islesedu.training.patients import count_patients, group_patients, patient_of


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("sub-strokecase0001_ses-0001", "sub-strokecase0001"),
        ("sub-strokecase0001", "sub-strokecase0001"),
        ("sub-01_ses-pre_run-2", "sub-01"),
        ("training_1_ses-2", "training_1"),
        ("training_1", "training_1"),
        ("training_1_v2", "training_1_v2"),
        ("ISLES_0001_0000", "ISLES_0001_0000"),
    ],
)
def test_only_bids_names_say_which_cases_are_one_patient(name, patient):
    assert patient_of(name) == patient


def test_cases_without_a_name_or_image_in_common_stay_apart():
    names = ["training_1", "training_10", "BraTS_001", "BraTS_002", "sub-1", "sub-10"]
    for images in (names, [None] * 6):
        assert group_patients(dict(zip(names, images, strict=True))) == {n: n for n in names}


def test_names_and_images_chain_to_one_patient():
    images = {"sub-1_ses-1": "a", "x": "b", "sub-2": "c", "y": "c", "sub-1_ses-2": "b"}
    patients = group_patients(images)
    assert patients["x"] == patients["sub-1_ses-2"] == patients["sub-1_ses-1"] == "sub-1_ses-1"
    assert patients["y"] == patients["sub-2"] == "sub-2"
    assert count_patients(images, patients).startswith("2 patients in 5 cases (")
