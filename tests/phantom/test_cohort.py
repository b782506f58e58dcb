import csv
import errno
import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from multiprocessing import active_children
from pathlib import Path

import nibabel as nib
import numpy as np
import psutil
import pytest
from scipy import ndimage

from islesedu.errors import IslesError, NoRoomError
from islesedu.isles.check import check_folder
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.perfusion.bolus import concentration
from islesedu.perfusion.deconvolution import deconvolve
from islesedu.phantom.cohort import GRIDS, MARKER, make_cohort, read_state, read_truth
from islesedu.phantom.outcome import STATES
from islesedu.phantom.patient import (
    TEST_NUMBERS,
    TRAINING_NUMBERS,
    case_grid,
    make_patient,
    quantiles,
)
from islesedu.phantom.scanner import BASELINE, resample
from islesedu.phantom.stroke import Stroke


def make(folder, training=2, test=1, seed=2017, scale=0.1):
    return make_cohort(folder, training, test, seed, scale, progress=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture(scope="module")
def patients():
    """Six patients on coarse grids."""
    return [make_patient(2017, "training", number, 0.2) for number in (1, 2, 4, 5, 6, 7)]


def test_grids_are_those_of_the_challenge():
    sizes = [max(grid) for grid in GRIDS]
    assert len(GRIDS) == 43
    assert np.mean(sizes) == pytest.approx(190.5116, abs=1e-4)
    assert np.std(sizes) == pytest.approx(42.5164, abs=1e-4)


def test_every_grid_is_dealt_out_once():
    dealt = Counter(case_grid(2017, "training", n, 1.0)[0] for n in TRAINING_NUMBERS)
    assert dealt == Counter(GRIDS)


def test_scale_changes_the_plane_not_the_slices():
    (grid, spacing), (small, wide) = (case_grid(1, "test", 3, s) for s in (1.0, 0.5))
    assert small == (grid[0] // 2, grid[1] // 2, grid[2])
    assert wide == (2 * spacing[0], 2 * spacing[1], spacing[2])


def test_cohort_reads_like_isles(cohort):
    cases = find_cases(cohort)
    names = [case.name for case in cases]
    assert names == ["training_1", "training_2", "training_4", "training_5", "test_1", "test_2"]
    assert [case.lesion is None for case in cases] == [False] * 4 + [True] * 2
    assert all(case.layout == "isles2017" and case.clinical for case in cases)
    assert not any(problem.fatal for problem in check_folder(cohort))


def test_lesions_of_test_cases_lie_apart(cohort):
    kept_back = find_cases(cohort / "truth")
    assert [case.name for case in kept_back] == ["test_1", "test_2"]
    for case, public in zip(kept_back, find_cases(cohort / "test"), strict=True):
        patient = read_case(case, ["ADC", "MTT"])
        np.testing.assert_array_equal(
            patient.image[..., 0], read_case(public, ["ADC"]).image[..., 0]
        )
        assert case.maps["MTT"].name == public.maps["MTT"].name  # it names the prediction
        assert patient.lesion.any()


def test_clinical_tables_have_the_columns_of_the_challenge(cohort):
    heads = {}
    for part in ("Training", "Test"):
        with (cohort / f"ISLES2017_{part}.csv").open(encoding="utf-8") as file:
            heads[part] = next(csv.reader(file))
    assert [h.lower() for h in heads["Training"]] == "case,mrs,days to mrs,tici,tss,ttt".split(",")
    assert heads["Test"] == ["Case", "TICI", "TSS", "TTT"]  # the outcome is kept back


def test_same_seed_same_bytes_whatever_the_number_of_cases(tmp_path):
    few, more = make(tmp_path / "a b", training=1), make(tmp_path / "more", training=2)
    few, more = contents(few), contents(more)
    cases = [name for name in few if name.endswith(".nii")]
    assert len(cases) == 7 + 6 + 3
    assert all(few[name] == more[name] for name in cases)


def test_another_seed_makes_other_patients():
    one, other = (make_patient(seed, "training", 1, 0.1).maps["ADC"] for seed in (1, 2))
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_more_cases_than_the_challenge_go_on_counting(tmp_path):
    make(tmp_path / "c", training=0, test=34, scale=0.05)
    names = {case.name for case in find_cases(tmp_path / "c")}
    assert names == {f"test_{n}" for n in [*TEST_NUMBERS, 41, 42]}


def test_finished_cohort_is_left_alone(tmp_path):
    folder = make(tmp_path / "c")
    before = {f: f.stat().st_mtime_ns for f in folder.rglob("*")}
    assert make(folder) == folder
    assert {f: f.stat().st_mtime_ns for f in folder.rglob("*")} == before


@pytest.mark.parametrize("finished", [True, False])
def test_missing_cases_are_made_again_and_the_others_kept(tmp_path, finished):
    folder = make(tmp_path / "c")
    whole = contents(folder)
    shutil.rmtree(folder / "training" / "training_2")
    shutil.rmtree(folder / "truth" / "test_1")
    marker = json.loads(whole[MARKER]) | {"finished": finished}
    (folder / MARKER).write_text(json.dumps(marker))
    # What a process that was killed leaves: its number is larger than any that can run.
    rest = folder / "training" / ".partial-99999999-training_2"
    rest.mkdir()
    (folder / ".partial-99999999-cohort.json").touch()
    kept = folder / "training" / "training_1"
    changed = kept.stat().st_mtime_ns
    make(folder)
    assert contents(folder) == whole
    assert not rest.exists() and kept.stat().st_mtime_ns == changed


def cut(file):
    file.write_bytes(file.read_bytes()[:-9])


def spoil(file):
    file.write_bytes(b"<html>" * 5000)


DAMAGE = {
    "training/training_1/*ADC*/*.nii*": cut,
    "training/training_1/*Tmax*/*.nii*": Path.unlink,
    "training/training_2/*OT*": shutil.rmtree,
    "test/test_1/*MTT*/*.nii*": spoil,
    "truth/test_1/*OT*/*.nii*": lambda file: file.write_bytes(b""),
    "physiology/training_1.json": cut,
    "physiology/training_2.json": lambda file: file.write_text("[]"),
    "physiology/test_1.nii.gz": cut,
    "ISLES2017_Training.csv": cut,
    "ISLES2017_Test.csv": Path.unlink,
}


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_missing_or_cut_of_a_finished_cohort_is_made_again(tmp_path, packed):
    folder = tmp_path / "c"
    how = {"scale": 0.1, "progress": False, "packed": packed}
    before = contents(make_cohort(folder, 2, 1, **how))
    (folder / "training" / "training_1" / "notes.txt").write_text("mine")
    for place, damage in DAMAGE.items():
        (path,) = folder.glob(place)
        damage(path)
        make_cohort(folder, 2, 1, **how)
        after = contents(folder)
        assert after.pop("training/training_1/notes.txt") == b"mine"
        assert after == before, place


def test_a_full_disk_leaves_nothing_half_written_and_says_the_room(tmp_path, monkeypatch):
    def refuse(image, file):
        Path(file).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr("islesedu.isles.save.nib.save", refuse)
    with pytest.raises(
        NoRoomError, match=r"c: .* for 2 patients: [\d.]+ MB are needed .*; free some"
    ):
        make(tmp_path / "c", training=2, test=0)
    assert not [f for f in (tmp_path / "c").rglob("*") if f.is_file() and f.name != MARKER]


WORKER = """
import sys, time
from pathlib import Path
from islesedu.phantom.template import templates
from islesedu.phantom import make_cohort
templates()
Path(sys.argv[1], "ready-" + sys.argv[2]).touch()
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.001)
make_cohort(Path(sys.argv[1]) / "both", 6, 2, 2017, 0.1, progress=False)
"""


def test_two_processes_do_not_harm_each_other(tmp_path):
    alone = contents(make(tmp_path / "alone", 6, 2))
    both = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path), str(n)]) for n in range(2)
    ]
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("ready-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    (tmp_path / "go").touch()  # both at once
    assert [process.wait(120) for process in both] == [0, 0]
    assert contents(tmp_path / "both") == alone


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"])
def test_an_ended_command_leaves_no_process_and_is_completed_by_the_next(how, cohort, tmp_path):
    folder = tmp_path / "c"
    counts = ["--training", "4", "--test", "2", "--scale", "0.1", "--jobs", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "islesedu", "data", "make", folder, *counts],
        stderr=subprocess.PIPE,
        text=True,
        # a shell's background job, such as these tests may be, ignores Ctrl-C, and so would this
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    started, deadline = [], time.monotonic() + 120
    while len(started) < 2 or not (folder / MARKER).exists():
        assert process.poll() is None and time.monotonic() < deadline
        started = [
            p for p in psutil.Process(process.pid).children() if "spawn_main" in str(p.cmdline())
        ]
        time.sleep(0.01)
    process.send_signal(getattr(signal, how))
    _, said = process.communicate(timeout=120)
    assert not psutil.wait_procs(started, timeout=60)[1], "an orphan"
    if how != "SIGKILL":
        assert process.returncode == 130 and said.endswith("islesedu: interrupted\n")
        assert "Traceback" not in said
        assert not [f for f in folder.rglob(".*")]  # no lock, nothing unfinished
    make(folder, 4, 2)
    assert contents(folder) == contents(cohort)


def test_a_process_killed_at_its_patient_is_said_with_a_remedy(tmp_path, monkeypatch):
    def kill_one(*_, **__):
        for process in active_children():
            process.kill()
            process.join()
        yield from ()
        raise BrokenProcessPool

    monkeypatch.setattr("islesedu.phantom.cohort.progress_bar", kill_one)
    with pytest.raises(IslesError, match="a process ended .* with fewer --jobs"):
        make_cohort(tmp_path / "c", 2, 0, 2017, 0.1, jobs=2)
    assert not [f for f in (tmp_path / "c").rglob(".*")]


def test_another_process_may_start_between_any_two_steps(tmp_path, monkeypatch):
    look, others = Path.iterdir, []

    def other_process_first(self):
        if not others:
            others.append("started")
            make(tmp_path)
        return look(self)

    (tmp_path / ".partial-1-cohort.json").touch()  # its marker, not yet whole
    monkeypatch.setattr(Path, "iterdir", other_process_first)
    assert make(tmp_path) == tmp_path
    assert others == ["started"]


def test_refused_disk_is_an_error(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "refused", str(target))

    monkeypatch.setattr("islesedu.phantom.cohort.os.replace", refuse)
    with pytest.raises((OSError, IslesError), match="refused"):
        make(tmp_path / "c")
    assert not contents(tmp_path / "c" / "training")  # nothing unfinished is left


@pytest.mark.parametrize(
    "wrong",
    [
        {"training": -1},
        {"training": 1.5},
        {"training": 0, "test": 0},
        {"seed": -3},
        {"scale": 0},
        {"scale": float("nan")},
        {"scale": True},
        {"scale": "1"},
        {"scale": None},
        {"seed": 10**30},
        {"training": "3"},
        {"training": 10**15},
        {"with_pwi": "no"},
        {"packed": None},
        {"jobs": 0},
        {"jobs": 1.5},
    ],
)
def test_arguments_without_sense_are_named(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make_cohort(tmp_path / "c", **{"training": 1, "test": 0, "scale": 0.05} | wrong)
    assert not (tmp_path / "c").exists()


def test_folder_with_other_arguments_is_refused(tmp_path):
    make(tmp_path / "c", training=1, test=0)
    with pytest.raises(ValueError, match="seed = 2017, not 5"):
        make(tmp_path / "c", training=1, test=0, seed=5)


def test_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        make(tmp_path)
    assert contents(tmp_path) == {"thesis.tex": b"mine"}


MARKERS = ["", "{", "[1]", "null", '{"version": 0}', '{"version": 0, "finished": true}']


@pytest.mark.parametrize("text", [*MARKERS, '{"version": "3"}', "[" * 99999])
def test_marker_that_is_not_ours_is_refused(tmp_path, text):
    (tmp_path / MARKER).write_text(text)
    with pytest.raises(ValueError, match="cohort.json is damaged: .*; remove|of version 0.*remove"):
        make(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [MARKER]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"name": 3}', "[" * 99999])
def test_a_damaged_truth_is_one_sentence(tmp_path, text):
    file = tmp_path / "physiology" / "training_1.json"
    file.parent.mkdir()
    file.write_text(text)
    for read in (read_truth, read_state):
        with pytest.raises(ValueError, match="training_1.json is damaged: .*; remove it") as said:
            read(tmp_path, "training_1")
        assert "\n" not in str(said.value)


def test_a_cohort_of_which_the_disk_has_no_room_is_not_begun(tmp_path):
    with pytest.raises(
        ValueError, match=r"training is 2000000 .* MB each .* on the disk of .* free"
    ):
        make_cohort(tmp_path / "c", training=2_000_000, scale=1)
    with pytest.raises(ValueError, match="jobs is 100000: running 50000 processes"):
        make_cohort(tmp_path / "c", training=50_000, test=0, scale=0.05, packed=True, jobs=100_000)
    assert not (tmp_path / "c").exists()


def test_the_estimate_of_the_room_is_below_what_a_cohort_takes(tmp_path):
    from islesedu.phantom.cohort_size import bytes_of_patient

    for packed in (False, True):
        folder = make_cohort(
            tmp_path / str(packed), training=2, test=0, scale=0.2, packed=packed, progress=False
        )
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        each = bytes_of_patient(0.2, False, packed) - 16 * 4096
        assert 0.2 * size < 2 * each < 1.6 * size


def test_lesions_are_few_voxels_of_very_different_number(patients):
    brain = np.array([p.maps["lesion"][p.tissue.brain].mean() for p in patients])
    assert 0 < brain.min() and brain.max() < 0.3
    assert brain.max() > 4 * brain.min()


def test_lesion_lies_on_the_side_of_the_stroke(patients):
    right = 0
    for patient in patients:
        x = patient.tissue.place[0][patient.maps["lesion"]].mean()
        right += np.sign(x) == patient.stroke.side  # x grows to the patient's right
    assert right >= 5  # a clot that went astray may outweigh a small stroke


def test_maps_change_where_blood_is_short_as_in_a_stroke(patients):
    right = Counter()
    for patient in patients:
        solid = patient.tissue.gray + patient.tissue.white > 0.7
        short = solid & (patient.blood.at_scan < 0.6)
        enough = solid & (patient.blood.at_scan > 0.95)
        for channel, sign in {"ADC": -1, "CBF": -1, "MTT": 1, "TTP": 1, "Tmax": 1}.items():
            values = patient.maps[channel]
            right[channel] += sign * np.median(values[short]) > sign * np.median(values[enough])
    # Not in every patient: noise, other narrow arteries and small strokes hide it.
    assert right["CBF"] >= 5 and right["TTP"] >= 5 and right["Tmax"] >= 5
    assert right["ADC"] >= 4 and right["MTT"] >= 4


def test_units_are_those_of_real_maps(patients):
    medians = {
        channel: np.median([np.median(p.maps[channel][p.tissue.brain]) for p in patients])
        for channel in ("ADC", "CBF", "CBV", "MTT")
    }
    assert 700 < medians["ADC"] < 1000  # 1e-6 mm²/s
    assert 8 < medians["CBF"] < 40 and 0.6 < medians["CBV"] < 3  # ml/100 g/min, ml/100 g
    assert 3 < medians["MTT"] < 9  # s


def test_a_patient_is_the_same_one_at_another_scale():
    coarse, fine = (make_patient(2017, "training", 20, scale) for scale in (0.25, 0.5))
    assert coarse.stroke == fine.stroke and coarse.scanner == fine.scanner
    volumes = [p.maps["lesion"].sum() * np.prod(p.spacing) for p in (coarse, fine)]
    assert volumes[0] == pytest.approx(volumes[1], rel=0.15)
    inside = coarse.tissue.brain
    halved = resample(fine.blood.blocked, inside.shape)
    assert np.corrcoef(halved[inside], coarse.blood.blocked[inside])[0, 1] > 0.95


def test_the_first_cases_are_spread_evenly_over_what_can_happen():
    for part in ("training", "test"):
        real = {"training": TRAINING_NUMBERS, "test": TEST_NUMBERS}[part]
        dealt = [quantiles(5, part, number) for number in real[:16]]
        for name in dealt[0]:
            counts = np.histogram([u[name] for u in dealt], bins=4, range=(0, 1))[0]
            assert counts.tolist() == [4, 4, 4, 4], name


def test_what_was_behind_the_images_lies_beside_the_cohort(cohort):
    for case in find_cases(cohort):
        truth = read_truth(cohort, case.name)
        part, number = case.name.split("_")
        assert truth["stroke"] == asdict(Stroke.of(quantiles(2017, part, int(number))))
        state = nib.load(cohort / "physiology" / f"{case.name}.nii.gz")
        values = np.asarray(state.dataobj)
        voxel = np.prod(state.header.get_zooms()) / 1000
        for word, label in STATES.items():
            assert truth["volumes_ml"][word] == pytest.approx((values == label).sum() * voxel, 1e-3)
        assert state.shape == read_case(case).image.shape[:3]
        np.testing.assert_array_equal(read_state(cohort, case.name), values)
    with pytest.raises(ValueError, match="training_3.json cannot be read"):
        read_truth(cohort, "training_3")
    with pytest.raises(ValueError, match="training_3.json cannot be read"):
        read_state(cohort, "training_3")


def test_clinical_table_is_the_truth_with_gaps(cohort):
    for case in find_cases(cohort):
        truth = read_truth(cohort, case.name)
        for word in ("TICI", "TSS", "TTT"):
            if word in truth["forgotten"]:
                assert word not in case.clinical
            else:
                assert case.clinical[word] == truth[word]


def test_two_processes_of_one_call_write_the_same_bytes(tmp_path):
    alone = contents(make(tmp_path / "alone", 3, 2))
    both = make_cohort(tmp_path / "both", 3, 2, 2017, 0.1, progress=False, jobs=2)
    assert contents(both) == alone


def test_film_can_be_written_and_gives_the_maps_again(tmp_path):
    # Seed 2011: a grid as fine as the time series, so that no pixel lies between others.
    folder = make_cohort(
        tmp_path / "c", 1, 0, 2011, 0.2, progress=False, with_pwi=True, packed=True
    )
    (case,) = find_cases(folder)
    patient, truth = read_case(case), read_truth(folder, case.name)
    image = nib.load(case.maps["4DPWI"])
    assert image.shape == (26, 26, 25, 1, truth["scanner"]["images"])
    assert image.header.get_zooms()[4] == pytest.approx(truth["dt"])
    assert all(file.name.endswith(".nii.gz") for file in case.maps.values())
    series = np.asarray(image.dataobj, float)[:, :, :, 0]
    inside = patient.brain & (series.mean(axis=-1) > 0)
    smooth = ndimage.gaussian_filter(series, (1, 1, 0, 0), truncate=3)[inside]
    maps = deconvolve(concentration(smooth, BASELINE), np.array(truth["artery"]), truth["dt"])
    for name, values in {"CBF": maps.cbf, "CBV": maps.cbv, "TTP": maps.ttp}.items():
        written = patient.image[..., patient.channels.index(name)][inside]
        assert np.corrcoef(values, written)[0, 1] > 0.95, name


@pytest.mark.parametrize("jobs", [0, 1.5, True])
def test_number_of_processes_without_sense_is_refused(tmp_path, jobs):
    with pytest.raises(ValueError, match="jobs is"):
        make_cohort(tmp_path / "c", 1, 0, jobs=jobs)


def test_check_names_the_quirks_of_real_maps(tmp_path):
    folder = make_cohort(tmp_path / "c", 20, 0, 2017, 0.1, progress=False)
    problems = check_folder(folder)
    assert not any(problem.fatal for problem in problems)
    text = "\n".join(problems)
    assert "CBV: in " in text and "negative values, down to -" in text
    assert "Tmax: in " in text and "99th percentile" in text
    assert "clinical table: TTT is missing for" in text
