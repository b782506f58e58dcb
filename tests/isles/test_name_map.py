"""``--map``: which names a mapping fits, and what it refuses."""

import json
from pathlib import Path

import pytest

from islesedu.errors import IslesError
from islesedu.isles.find import find_cases
from islesedu.isles.name_map import check_name_map, match_name, read_name_map


@pytest.mark.parametrize(
    ("part", "name", "rest"),
    [
        ("perf", "p1_perf.nii.gz", "p1"),
        ("perf", "p1-PERF.NII", "p1"),
        ("_perf", "p1_perf.nii", "p1"),
        ("perf.nii.gz", "perf.nii.gz", ""),
        ("perf", "p1_perf_reg.nii", "p1_reg"),
        ("MR_perf", "VSD.Brain.XX.O.MR_perf.12.nii", "VSD.Brain.XX.O.12"),
        ("0001", "case_0001.nii.gz", "case"),
        ("perf map", "p1 perf map.nii", "p1"),
        ("*_p?rf", "p1_perf.nii", ""),
        ("*_perf.nii", "a/b/p1_perf.nii", ""),
        ("t/{case}_x.nii", "study/t/p1_x.nii", "p1"),
        ("{case}/perf", "p1/perf.nii.gz", "p1"),
    ],
)
def test_what_a_part_fits(part, name, rest):
    assert match_name({part: "Tmax"}, Path("root", name), Path("root"))[:2] == ("Tmax", rest)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("perf", "p1_perfusion.nii"),
        ("perf", "superperf.nii"),
        ("ncct", "s_space-ncct_tmax.nii"),  # the value of a BIDS entity
        ("{case}/perf.nii", "perf.nii"),
        ("t/{case}.nii", "v/p1.nii"),
    ],
)
def test_what_a_part_does_not_fit(part, name):
    assert match_name({part: "Tmax"}, Path("root", name), Path("root")) is None


def test_the_end_of_a_name_goes_before_its_inside_and_long_before_short():
    names = {"t1": "T1", "t1_reg": "T1c", "mask": "lesion"}
    root = Path()
    assert match_name(names, Path("a_t1_mask.nii"), root).channel == "lesion"
    assert match_name(names, Path("a_t1_reg.nii"), root).channel == "T1c"


def test_a_file_of_pairs(tmp_path):
    file = tmp_path / "names.json"
    file.write_text(json.dumps({"perf": "tmax", "m/{case}.nii": "lesion"}), "utf-8-sig")
    assert read_name_map(str(file)) == {"perf": "Tmax", "m/{case}.nii": "lesion"}
    for content, words in (("{", "it is no JSON"), ("[1]", "names is"), ('{"a": 1}', "two texts")):
        file.write_text(content)
        with pytest.raises(IslesError, match=words) as caught:
            read_name_map(str(file))
        assert "names.json" in str(caught.value)


@pytest.mark.parametrize(
    "names", [{"": "Tmax"}, {"_": "Tmax"}, {"a": ""}, {1: "Tmax"}, ["a"], "a=b"]
)
def test_what_is_no_mapping_is_refused(names, tmp_path):
    for use in (check_name_map, lambda given: find_cases(tmp_path, names=given)):
        with pytest.raises(IslesError, match="names"):
            use(names)


def write(root, *names):
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def found(root, names=None):
    return {c.name: (sorted(c.maps), c.lesion is not None) for c in find_cases(root, names=names)}


def test_a_folder_for_each_case(tmp_path):
    write(tmp_path, *(f"p{n}/{name}.nii" for n in (1, 2) for name in ("perf", "old_d", "roi")))
    names = {"perf": "Tmax", "d": "SWI", "roi": "lesion"}
    assert found(tmp_path, names) == dict.fromkeys(("p1", "p2"), (["SWI", "Tmax"], True))


def test_all_cases_in_one_folder(tmp_path):
    write(tmp_path, *(f"all/p{n}_{name}.nii.gz" for n in (1, 2) for name in ("perf", "d", "roi")))
    names = {"perf": "Tmax", "d": "ADC", "roi": "lesion"}
    assert found(tmp_path, names) == dict.fromkeys(("p1", "p2"), (["ADC", "Tmax"], True))


def test_images_and_masks_apart(tmp_path):
    write(tmp_path, *(f"{kind}/p{n}.nii.gz" for n in (1, 2) for kind in ("images", "masks")))
    names = {"images/{case}.nii.gz": "FLAIR", "masks/{case}": "lesion"}
    assert found(tmp_path, names) == dict.fromkeys(("p1", "p2"), (["FLAIR"], True))


def test_a_mapping_goes_before_what_the_kit_knows(tmp_path):
    write(tmp_path, "p1/MR_ADC.nii", "p1/adc_clean.nii")
    assert found(tmp_path) == {"p1": (["ADC"], False)}
    (case,) = find_cases(tmp_path, names={"adc_clean": "ADC"})
    assert case.maps["ADC"].name == "adc_clean.nii"


def test_bids_and_dotted_names_keep_their_cases(tmp_path):
    write(tmp_path, "sub-1/sub-1_ses-1_perf.nii", "sub-1/sub-1_ses-1_adc.nii")
    stems = [f"VSD.Brain.XX.O.MR_{name}.{n}" for n, name in enumerate(("perf", "ADC"))]
    write(tmp_path, *(f"training_1/{stem}/{stem}.nii" for stem in stems))
    both = (["ADC", "Tmax"], False)
    assert found(tmp_path, {"perf": "Tmax", "MR_perf": "Tmax"}) == {
        "sub-1": both,
        "training_1": both,
    }


def test_two_files_that_a_mapping_gives_one_map_are_refused(tmp_path):
    write(tmp_path, "p1/perf.nii", "p1/perf2.nii")
    with pytest.raises(IslesError, match="perf2.nii is a second file for the Tmax of case p1"):
        find_cases(tmp_path, names={"perf": "Tmax", "perf2": "Tmax"})
