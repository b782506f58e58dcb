"""Names of other challenges: what has a name in the kit is read, the rest is listed."""

import json

import pytest

from islesedu.errors import IslesError
from islesedu.isles.find import collect, find_cases
from islesedu.isles.passed_over import describe
from islesedu.isles.read import read_case


def touch(root, *names):
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def dotted(root, *fields, prefix="SMIR"):
    for number, field in enumerate((*fields, "OT")):
        stem = f"{prefix}.Brain.XX.O.{field}.{300 + number}"
        touch(root, f"{stem}/{stem}.nii")


def the_one(root, **options):
    (case,) = find_cases(root, **options)
    return case


@pytest.mark.parametrize(
    ("fields", "maps"),
    [
        ("MR_DWI MR_Flair MR_T1 MR_T2", "DWI FLAIR T1 T2"),
        ("MR_DWI MR_T1c MR_T2 MR_CBF MR_CBV MR_TTP MR_Tmax", "CBF CBV DWI T1c T2 TTP Tmax"),
        ("MR_DWI_reg MR_T1c_reg MR_T2_reg", "DWI T1c T2"),
        ("CT CT_4DPWI CT_CBF CT_CBV CT_MTT CT_Tmax", "4DPWI CBF CBV CT MTT Tmax"),
        ("mr_adc MR_RCBF", "ADC CBF"),
    ],
)
def test_dotted_names_of_2015_to_2018(tmp_path, fields, maps):
    dotted(tmp_path / "case_1", *fields.split(), prefix="SMIR")
    case = the_one(tmp_path)
    assert (sorted(case.maps), case.lesion is not None) == (maps.split(), True)


ACUTE = "sub-stroke0001/ses-01"
LATER = "sub-stroke0001/ses-02"


def isles2024(root, lesion="sub-stroke0001_ses-02_lesion-msk"):
    first = f"derivatives/{ACUTE}"
    names = ("cta", "ctp", "lvo-msk", "cow-msk")
    touch(root, *(f"{first}/sub-stroke0001_ses-01_space-ncct_{name}.nii.gz" for name in names))
    maps = ("tmax", "mtt", "cbf", "cbv")
    stem = f"{first}/perfusion-maps/sub-stroke0001_ses-01_space-ncct"
    touch(root, *(f"{stem}_{name}.nii.gz" for name in maps))
    stem = f"derivatives/{LATER}/sub-stroke0001_ses-02_space-ncct"
    touch(root, *(f"{stem}_{name}.nii.gz" for name in ("dwi", "adc")))
    touch(root, f"derivatives/{LATER}/{lesion}.nii.gz")
    touch(
        root, *(f"raw_data/{ACUTE}/sub-stroke0001_ses-01_{name}.nii.gz" for name in ("ncct", *maps))
    )
    return root


NAMES = ("sub-stroke0001_ses-02_lesion-msk", "sub-stroke0001_ses-02_space-ncct_lesion-msk")


@pytest.mark.parametrize("lesion", NAMES)
def test_isles2024_is_one_case_in_the_space_of_its_ct(tmp_path, lesion):
    case = the_one(isles2024(tmp_path, lesion))
    assert case.name == "sub-stroke0001" and lesion in case.lesion.name
    assert sorted(case.maps) == "4DPWI ADC CBF CBV CT CTA DWI MTT Tmax".split()
    assert all("space-ncct" in file.name for name, file in case.maps.items() if name != "CT")
    passed = {one.file.name: one.why for one in collect(tmp_path).passed}
    assert "the name says no channel" in passed["sub-stroke0001_ses-01_space-ncct_lvo-msk.nii.gz"]
    assert "another space" in passed["sub-stroke0001_ses-01_tmax.nii.gz"]
    assert len(passed) == 6


def test_a_lesion_of_another_space_gives_way_to_the_registered_one(tmp_path):
    for name in NAMES:
        isles2024(tmp_path, name)
    assert NAMES[1] in the_one(tmp_path).lesion.name


def test_raw_maps_of_isles2024_alone_keep_their_session(tmp_path):
    case = the_one(isles2024(tmp_path) / "raw_data")
    assert sorted(case.maps) == ["CBF", "CBV", "CT", "MTT", "Tmax"] and case.lesion is None


@pytest.mark.parametrize("native", [True, False])
def test_a_lesion_alone_in_a_space_takes_no_map_away(tmp_path, native):
    touch(tmp_path, "sub-1/sub-1_T1w.nii", "derivatives/sub-1_space-MNI_label-lesion_mask.nii")
    if native:
        touch(tmp_path, "derivatives/sub-1_label-lesion_mask.nii")
    case = the_one(tmp_path)
    assert list(case.maps) == ["T1"] and ("space" in case.lesion.name) != native
    assert len(collect(tmp_path).passed) == native


def test_two_visits_in_one_space_stay_two_cases(tmp_path):
    for visit in ("ses-1", "ses-2"):
        touch(tmp_path, f"sub-a/{visit}/sub-a_{visit}_space-MNI_adc.nii.gz")
    names = [case.name for case in find_cases(tmp_path)]
    assert names == ["sub-a_ses-1_space-mni", "sub-a_ses-2_space-mni"]


@pytest.mark.parametrize(
    ("name", "is_lesion"),
    [
        ("msk", True), ("mask", True), ("lesion_mask", True), ("lesion-msk", True),
        ("label-lesion_mask", True), ("desc-lesion_mask", True), ("Lesion-MSK", True),
        ("desc-brain_mask", False), ("brain_mask", False), ("cow-msk", False), ("dseg", False),
    ],
)  # fmt: skip
def test_which_masks_are_the_lesion(tmp_path, name, is_lesion):
    touch(tmp_path, "sub-1/sub-1_ses-1_adc.nii.gz", f"derivatives/sub-1/sub-1_ses-1_{name}.nii.gz")
    assert (the_one(tmp_path).lesion is not None) == is_lesion
    assert len(collect(tmp_path).passed) == (not is_lesion)


@pytest.mark.parametrize("name", ["OT", "lesion", "lesion_mask", "Lesion-msk", "p1_seg", "p1_mask"])
def test_lesions_beside_plain_maps(tmp_path, name):
    touch(tmp_path, "p1/ADC.nii", f"p1/{name}.nii")
    assert the_one(tmp_path).lesion is not None


@pytest.mark.parametrize("name", ["mask", "brain_mask", "p1_brain_mask", "seg", "p2_adc"])
def test_what_may_be_anything_is_passed_over(tmp_path, name):
    touch(tmp_path, "p1/MR_ADC.nii", f"p1/{name}.nii")
    case = the_one(tmp_path)
    assert case.lesion is None and list(case.maps) == ["ADC"]
    assert [one.file.name for one in collect(tmp_path).passed] == [f"{name}.nii"]


@pytest.mark.parametrize("stem", ["BraTS20_Training_001", "BraTS-GLI-00000-000"])
def test_brats_folders(tmp_path, stem):
    sign, ends = ("_", "flair t1 t1ce t2 seg") if "20" in stem else ("-", "t2f t1n t1c t2w seg")
    touch(tmp_path, *(f"{stem}/{stem}{sign}{end}.nii.gz" for end in ends.split()))
    case = the_one(tmp_path)
    assert sorted(case.maps) == ["FLAIR", "T1", "T1c", "T2"] and case.lesion and case.name == stem


def test_each_map_in_a_folder_of_its_name(tmp_path):
    touch(tmp_path, *(f"p{n}/{name}/{name}.nii" for n in (1, 2) for name in ("ADC", "DWI")))
    assert [(c.name, sorted(c.maps)) for c in find_cases(tmp_path)] == [
        (name, ["ADC", "DWI"]) for name in ("p1", "p2")
    ]


def nnunet(root, content):
    touch(root, *(f"imagesTr/p{n}_000{c}.nii.gz" for n in (1, 2) for c in (0, 1)))
    touch(root, "labelsTr/p1.nii.gz", "labelsTr/p2.nii.gz", "imagesTs/p3_0000.nii.gz")
    if content is not None:
        (root / "dataset.json").write_text(
            content if isinstance(content, str) else json.dumps(content)
        )
    return root


@pytest.mark.parametrize("key", ["channel_names", "modality"])
def test_nnunet_with_its_dataset_json(tmp_path, key):
    cases = find_cases(nnunet(tmp_path, {key: {"0": "dwi", "1": "Tissue"}}))
    assert [case.name for case in cases] == ["p1", "p2", "p3"]
    assert sorted(cases[0].maps) == ["DWI", "Tissue"] and cases[0].lesion and not cases[2].lesion


def test_nnunet_without_names_of_channels(tmp_path):
    nnunet(tmp_path, None)
    (passed, *_) = [one for one in collect(tmp_path).passed]
    assert "no dataset.json" in passed.why
    cases = find_cases(tmp_path, names={"0000": "DWI", "_0001": "ADC"})
    assert sorted(cases[0].maps) == ["ADC", "DWI"] and cases[0].lesion
    with pytest.raises(IslesError, match="dataset.json is damaged"):
        find_cases(nnunet(tmp_path, "{"))


def test_a_case_without_any_map_is_named_not_none(tmp_path):
    dotted(tmp_path / "case_1", "MR_unknown")
    with pytest.raises(
        IslesError, match="case_1 in .* has no map; it has none whose file name says"
    ):
        read_case(the_one(tmp_path), (the_one(tmp_path).reference,))


def test_paths_are_named_below_the_folder_also_by_a_relative_path(tmp_path, monkeypatch):
    touch(tmp_path, "data/p1/a_perf.nii", "data/p1/MR_ADC.nii")
    monkeypatch.chdir(tmp_path)
    for folder in ("data", "./data", tmp_path / "data", "../" + tmp_path.name + "/data"):
        (sentence,) = describe(collect(folder).passed, folder)
        assert "passed over 1 file (p1/a_perf.nii)" in sentence
    monkeypatch.chdir(tmp_path / "data")
    assert "(p1/a_perf.nii)" in next(describe(collect(".").passed, "."))


def test_the_kits_own_cohort_has_nothing_to_pass_over(cohort):
    assert collect(cohort).passed == collect(cohort / "training").passed == []


def test_nothing_understood_says_what_lies_there(tmp_path):
    touch(tmp_path, "p1/a_perf.nii", "p1/T1.mgz")
    words = r"no ISLES case; .*FreeSurfer volume; convert it.*--map perf=Tmax"
    with pytest.raises(IslesError, match=words):
        find_cases(tmp_path)
