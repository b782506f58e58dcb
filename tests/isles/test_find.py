"""Finding cases: every layout, order, litter, and the clinical table."""

import os
import shutil
from pathlib import Path

import pytest

from islesedu.errors import IslesError
from islesedu.isles.case import Case
from islesedu.isles.clinical_table import read_clinical
from islesedu.isles.find import find_cases

FIELDS = {"ADC": "MR_ADC", "CBV": "MR_rCBV", "CBF": "MR_rCBF", "MTT": "MR_MTT", "Tmax": "MR_Tmax"}
CHANNELS = sorted([*FIELDS, "TTP", "4DPWI"])


def touch(file, content=b""):
    """Names are all that finding looks at, so the files may be empty."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def nested(folder, prefix="VSD", suffix=".nii", first=500):
    """Write the names of an ISLES 2017 case; the numbers run against the alphabet."""
    fields = [*FIELDS.values(), "MR_TTP", "MR_4DPWI", "OT"]
    for number, field in enumerate(fields):
        stem = f"{prefix}.Brain.XX.O.{field}.{first - number}"
        touch(folder / stem / (stem + suffix))
    return folder


@pytest.mark.parametrize("prefix", ["VSD", "SMIR"])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_isles2017_channels_come_from_the_fifth_field(tmp_path, prefix, suffix):
    (case,) = find_cases(nested(tmp_path / "training_1", prefix, suffix).parent)
    assert (case.name, case.layout) == ("training_1", "isles2017")
    assert sorted(case.maps) == CHANNELS
    for channel, field in FIELDS.items():
        assert f".{field}." in case.maps[channel].name
    assert ".OT." in case.lesion.name


def test_a_map_may_be_named_by_its_folder_or_lie_without_one(tmp_path):
    touch(tmp_path / "training_1" / "VSD.Brain.XX.O.MR_ADC.5" / "image.nii")
    touch(tmp_path / "training_1" / "VSD.Brain.XX.O.MR_MTT.6.nii.gz")
    (case,) = find_cases(tmp_path)
    assert case.name == "training_1" and sorted(case.maps) == ["ADC", "MTT"]


def test_flat_variant(tmp_path):
    for name in ("MR_ADC.nii", "MR_rCBF.nii.gz", "OT.nii", "MR_ADC.png"):
        touch(tmp_path / "training_22" / name)
    (case,) = find_cases(tmp_path)
    assert (case.name, case.layout, sorted(case.maps)) == ("training_22", "flat", ["ADC", "CBF"])
    assert case.lesion.name == "OT.nii"


def test_training_before_test_and_two_before_ten(tmp_path):
    for name in ("test/test_1", "training/training_10", "training/training_2", "test/test_11"):
        nested(tmp_path / name)
    names = [case.name for case in find_cases(tmp_path)]
    assert names == ["training_2", "training_10", "test_1", "test_11"]
    assert [case.name for case in find_cases(tmp_path / "test")] == ["test_1", "test_11"]


def test_one_case_alone_also_by_a_relative_path(tmp_path, monkeypatch):
    folder = nested(tmp_path / "training_7")
    monkeypatch.chdir(folder)
    for way in (folder, str(folder), "."):
        (case,) = find_cases(way)
        assert case.name == "training_7" and case.folder == folder


def test_litter_and_kept_back_lesions_are_passed_over(tmp_path):
    real = nested(tmp_path / "training_1")
    nested(tmp_path / "__MACOSX" / "training_1")
    nested(tmp_path / "truth" / "test_1")
    touch(real / "VSD.Brain.XX.O.MR_ADC.500" / "._VSD.Brain.XX.O.MR_ADC.500.nii")
    touch(real / ".DS_Store")
    touch(tmp_path / "SMIR.islesedu.496.nii")
    assert [case.folder for case in find_cases(tmp_path)] == [real]
    assert [case.name for case in find_cases(tmp_path / "truth")] == ["test_1"]


def test_links_keep_their_name_and_circles_end(tmp_path):
    nested(tmp_path / "store" / "a73")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "training_1").symlink_to(tmp_path / "store" / "a73")
    (tmp_path / "data" / "again").symlink_to(tmp_path / "data")
    assert [case.name for case in find_cases(tmp_path / "data")] == ["training_1"]


def test_isles2022_in_its_folders_with_masks_apart(tmp_path):
    visit = tmp_path / "sub-strokecase0001" / "ses-0001"
    touch(visit / "dwi" / "sub-strokecase0001_ses-0001_adc.nii.gz")
    touch(visit / "dwi" / "sub-strokecase0001_ses-0001_dwi.nii.gz")
    touch(visit / "anat" / "sub-strokecase0001_ses-0001_FLAIR.nii.gz")
    stem = "sub-strokecase0001/ses-0001/sub-strokecase0001_ses-0001_msk.nii.gz"
    touch(tmp_path / "derivatives" / stem)
    (case,) = find_cases(tmp_path)
    assert (case.name, case.layout) == ("sub-strokecase0001", "isles2022")
    assert sorted(case.maps) == ["ADC", "DWI", "FLAIR"] and case.lesion is not None


def test_two_visits_are_two_cases(tmp_path):
    for visit in ("ses-1", "ses-2"):
        touch(tmp_path / "sub-a" / visit / f"sub-a_{visit}_adc.nii.gz")
    assert [case.name for case in find_cases(tmp_path)] == ["sub-a_ses-1", "sub-a_ses-2"]


def test_the_real_isles2022_cases(shared):
    cases = find_cases(shared / "real")
    assert [case.name[-4:] for case in cases] == ["0001", "0002", "0009"]
    assert all({"ADC", "DWI"} <= set(case.maps) and case.lesion for case in cases)
    assert ["FLAIR" in case.maps for case in cases] == [False, False, True]


def test_nothing_found_says_what_was_looked_for(tmp_path):
    with pytest.raises(IslesError, match=r"holds no ISLES case; .*MR_ADC.*_adc\.nii\.gz"):
        find_cases(tmp_path)
    with pytest.raises(IslesError, match="is not a folder"):
        find_cases(tmp_path / "nowhere")


def test_two_files_of_one_channel_are_refused(tmp_path):
    folder = nested(tmp_path / "training_1")
    touch(folder / "VSD.Brain.XX.O.MR_ADC.9" / "VSD.Brain.XX.O.MR_ADC.9.nii")
    with pytest.raises(IslesError, match="MR_ADC.9.nii is a second file for the ADC of case"):
        find_cases(tmp_path)


def test_two_cases_of_one_name_are_not_mixed(tmp_path):
    nested(tmp_path / "a" / "training_1")
    nested(tmp_path / "b" / "training_1")
    with pytest.raises(IslesError, match="both called training_1"):
        find_cases(tmp_path)


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    nested(tmp_path / "training_1")
    listing = os.scandir

    def refuse(folder):
        if str(folder).endswith("training_1"):
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(IslesError, match=r"training_1 cannot be listed \(Permission denied\)"):
        find_cases(tmp_path)


TRAINING = b"Case,mRS,Days to mRS,TICI scale,TSS (min),TTT\r\ntraining_2,3,90,2b,181,75\r\n"
TRAINING += b"Training_10,0,88,3,\xa0140\x85,\r\nTest_4,1,90,3,1,1\r\n\r\n"


def test_clinical_table_with_odd_bytes_and_gaps(tmp_path):
    table = read_clinical(touch(tmp_path / "ISLES2017_Training.csv", TRAINING))
    assert table[2] == {"mRS": 3, "days_to_mRS": 90, "TICI": "2b", "TSS": 181, "TTT": 75}
    assert sorted(table) == [2, 10]  # the stray row of a test case is none of them
    assert table[10]["TICI"] == "3" and "TTT" not in table[10]


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_clinical_table_with_semicolons_or_a_byte_order_mark(tmp_path, mark):
    text = mark + "case;TICI;TSS;TTT\n7;2a;12.5;n/a\n"
    table = read_clinical(touch(tmp_path / "t.csv", text.encode()))
    assert table == {7: {"TICI": "2a", "TSS": 12.5}}


def test_clinical_rows_join_by_name_and_keep_the_parts_apart(tmp_path):
    for name in ("training/training_2", "test/test_2", "training/training_3"):
        nested(tmp_path / name)
    touch(tmp_path / "ISLES2017_Training.csv", TRAINING)
    touch(tmp_path / "ISLES2017_Test.csv", b"Case,TICI,TSS,TTT\ntest_2,1,60,61\n")
    with pytest.warns(UserWarning, match="has no row for 1 of 2 cases: training_3"):
        found = {case.name: case.clinical for case in find_cases(tmp_path)}
    assert found["training_2"]["mRS"] == 3
    assert found["test_2"] == {"TICI": "1", "TSS": 60, "TTT": 61}
    assert found["training_3"] == {}
    (alone,) = find_cases(tmp_path / "training" / "training_2")
    assert alone.clinical == found["training_2"]


def test_folders_above_many_cases_are_listed_once_for_the_table_and_once_for_the_cases(
    tmp_path, listed
):
    for number in range(6):
        nested(tmp_path / "training" / f"training_{number}")
    touch(tmp_path / "ISLES2017_Training.csv", TRAINING)
    with pytest.warns(UserWarning, match="has no row for 5 of 6 cases: .*, training_5"):
        assert find_cases(tmp_path)[2].clinical["mRS"] == 3
    above = [str(folder) for folder in (tmp_path / "training", tmp_path, tmp_path.parent)]
    assert [listed.count(folder) for folder in above] == [2, 2, 0]


def test_without_a_table_the_clinical_row_is_empty(tmp_path):
    nested(tmp_path / "training_2")
    assert find_cases(tmp_path)[0].clinical == {}


def test_a_map_whose_folder_was_renamed_stays_with_its_case(cohort, tmp_path):
    folder = shutil.copytree(cohort / "training", tmp_path / "training")
    place = next((folder / "training_1").glob("*MR_ADC*"))
    place.rename(place.with_name(place.name.replace("MR_ADC", "MR_ADX")))
    cases = find_cases(folder)
    assert len(cases) == 4 and "ADC" in cases[0].maps  # its file still says what it is
    file = next((folder / "training_2").glob("*MR_ADC*/*.nii"))
    renamed = file.with_name(file.name.replace("MR_ADC", "MR_ADX"))
    file.rename(renamed)
    renamed.parent.rename(renamed.parent.with_name(renamed.stem))
    cases = find_cases(folder)
    assert [case.name for case in cases] == [f"training_{n}" for n in (1, 2, 4, 5)]
    assert "ADC" not in cases[1].maps


def test_a_film_never_stands_for_a_case():
    files = {name: Path(f"{name}.nii") for name in ("4DPWI", "Tmax", "MTT", "ADC")}
    assert Case("one", Path("."), "flat", files).reference == "ADC"
    del files["ADC"]
    assert Case("one", Path("."), "flat", files).reference == "MTT"
    assert Case("one", Path("."), "flat", {"4DPWI": Path("4DPWI.nii")}).reference is None
