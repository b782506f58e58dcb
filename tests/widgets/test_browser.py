"""The slice browser in Python: what it takes, refuses, says and hands to the page."""

import json
from dataclasses import replace

import matplotlib
import nibabel as nib
import numpy as np
import pytest
import traitlets
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import BboxImage
from matplotlib.transforms import Bbox

from islesedu import CHANNELS
from islesedu.isles.case import SERIES, Patient
from islesedu.isles.find import find_cases
from islesedu.isles.orientation import PLANES, view
from islesedu.isles.read import read_case
from islesedu.isles.save import write_map
from islesedu.metrics.overlap import dice
from islesedu.widgets.browser.browser import SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError
from islesedu.widgets.browser.packing import STEPS, THRESHOLDS, encode, levels, pack
from islesedu.widgets.browser.picture import edges
from tests.widgets.unpacking import decode, unpack

SHAPE = (10, 12, 8)
SPACING = (2.0, 1.5, 5.0)


def made_patient(rng, orientation="RAS", shape=SHAPE, spacing=SPACING):
    """A patient with different values everywhere in a brain, and a lesion on the left side.

    The lesion's middle lies at mm (-6, 3, 5), whatever the orientation of the voxels.
    """
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -np.array(shape) * spacing / 2
    image = np.zeros((*shape, 6), np.float32)
    inner = tuple(slice(1, n - 1) for n in shape)
    size = [n - 2 for n in shape]
    scales = (400, 1.5, 20, 5, 10, 4)
    image[inner] = rng.random((*size, 6)) * scales + np.array(scales) * 1.2
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    mm = grid @ affine[:3, :3].T + affine[:3, 3]
    lesion = (np.abs(mm - (-6, 3, 5)) <= (2, 3, 5)).all(axis=-1)
    image[lesion, 0] *= 0.4
    files = [nib.Nifti1Image(v, affine) for v in (image, lesion.astype(np.uint8))]
    to = nib.orientations.axcodes2ornt(tuple(orientation))
    turned = [
        f.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(affine), to))
        for f in files
    ]
    image, lesion = (np.asanyarray(f.dataobj) for f in turned)
    zooms = tuple(float(z) for z in turned[0].header.get_zooms()[:3])
    return Patient(
        f"patient {orientation}", image, lesion > 0, zooms, turned[0].affine, {}, CHANNELS
    )


def made_probability(rng, patient):
    """A probability that is high in the lesion and at some places beside it."""
    values = rng.random(patient.lesion.shape) * 0.6
    return np.where(patient.lesion, 0.3 + values, values * patient.brain).astype(np.float32)


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.fixture
def probability(rng, patient):
    return made_probability(rng, patient)


# Planes


@pytest.mark.parametrize("orientation", ["RAS", "LAS", "LPS", "PIR", "SAR"])
@pytest.mark.parametrize(
    "plane, letters", [("axial", "RLAP"), ("coronal", "RLSI"), ("sagittal", "APSI")]
)
def test_a_picture_is_the_same_however_the_voxels_lie(rng, orientation, plane, letters):
    pictures = []
    for p in (
        made_patient(np.random.default_rng(1)),
        made_patient(np.random.default_rng(1), orientation),
    ):
        look = view(p.affine, plane)
        place = np.linalg.inv(p.affine) @ [-6, 3, 5, 1]
        browser = SliceBrowser(p, plane=plane, position=place[:3].round())
        pictures.append(look.picture(p.image, browser.slice))
        assert "".join(look.labels) == letters
        assert pictures[-1][look.pixel(browser.position, p.lesion.shape)].tolist() == list(
            browser.values.values()
        )
    np.testing.assert_array_equal(*pictures)


def test_left_is_on_the_right_and_the_front_is_up(patient):
    voxel = np.linalg.inv(patient.affine) @ [-6, 3, 5, 1]  # 6 mm to the left, 3 mm to the front
    row, column = view(patient.affine).pixel(voxel[:3].round().astype(int), SHAPE)
    assert column > SHAPE[0] / 2 and row < SHAPE[1] / 2


def test_the_true_aspect_ratio(patient):
    assert [view(patient.affine, p).aspect for p in PLANES] == [0.75, 2.5, 5 / 1.5]


def test_an_oblique_volume_is_named_after_the_nearest_directions():
    turn = np.deg2rad(20)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    assert view(affine) == view(np.eye(4))


@pytest.mark.parametrize("affine", [np.zeros((4, 4)), np.eye(3), np.full((4, 4), np.nan)])
def test_an_affine_that_is_none_is_refused(affine):
    with pytest.raises(BrowserError, match="affine is"):
        SliceBrowser(np.ones((3, 3, 3)), affine=affine)


# Packing


def test_codes_give_values_back_and_keep_what_is_none(rng):
    values = rng.normal(0, 300, (4, 5, 6))
    values[0, 0, 0] = np.nan
    low, high = np.nanmin(values), np.nanmax(values)
    codes = encode(values, low, high)
    np.testing.assert_allclose(decode(codes, low, high), values, atol=(high - low) / 65279)
    coarse = decode((codes & 0xFF00) | 128 * (codes > 0), low, high)
    np.testing.assert_allclose(coarse, values, atol=(high - low) / 255)
    assert np.isnan(coarse[0, 0, 0]) and np.isnan(coarse).sum() == 1


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16])
def test_codes_made_in_blocks_are_those_made_at_once(rng, kind):
    values = rng.normal(0, 300, (50, 40, 30, 2)).astype(kind)[..., 1]  # more than one block
    if kind != np.int16:
        values[::7, 3] = np.nan
        values[5, 5, 0] = np.inf
    known = np.isfinite(values)
    for low, high in ((float(values[known].min()), float(values[known].max())), (-100, 200)):
        scale = (65535 - 256) / (high - low)
        wanted = np.rint((values.astype(float)[known] - low) * scale).clip(0, 65279) + 256
        codes = encode(values, low, high)
        np.testing.assert_array_equal(codes[known], wanted)
        assert codes.dtype == np.uint16 and not codes[~known].any()


def test_levels_cut_where_numpy_cuts(rng):
    for kind in (np.float32, np.float64):
        exact = np.array(THRESHOLDS, kind)
        values = np.concatenate(
            [exact, rng.random(2000).astype(kind), np.nextafter(exact, kind(1))]
        )
        for number, at in enumerate(THRESHOLDS):
            np.testing.assert_array_equal(levels(values) > number, values > at)


def test_what_is_packed_has_x_running_fastest(rng):
    values = rng.integers(0, 255, (3, 4, 5)).astype(np.uint8)
    for noise in (False, True):
        packed = pack(values, noise)
        np.testing.assert_array_equal(unpack(packed, values.shape), values)
        assert unpack(packed, (60,))[1] == values[1, 0, 0]


def test_parts_hold_the_maps_of_the_cropped_brain(patient, probability):
    browser = SliceBrowser(patient, probability=probability)
    about = browser.meta["sides"][0]
    assert about["box"] == [[1, n - 1] for n in SHAPE]
    size = tuple(n - 2 for n in SHAPE)
    for number, one in enumerate(about["maps"][:6]):
        high, low = (
            unpack(browser.buffers.part(f"0/{one['name']}/0/{byte}"), size).astype(int)
            for byte in ("high", "low")
        )
        values = decode(high * 256 + low, *one["range"])
        inside = patient.image[1:-1, 1:-1, 1:-1, number]
        np.testing.assert_allclose(values, inside, rtol=1e-4)
        assert one["outside"] == 0
    found = unpack(browser.buffers.part("0/probability/0/high"), size)
    np.testing.assert_array_equal(found > STEPS // 2, probability[1:-1, 1:-1, 1:-1] > 0.5)


# Where one looks


def test_it_begins_in_the_largest_part_of_the_lesion(patient):
    browser = SliceBrowser(patient)
    assert patient.lesion[browser.position]
    assert browser.slice == browser.position[2] == patient.lesion.sum(axis=(0, 1)).argmax()


def test_slice_and_position_follow_each_other(patient):
    browser = SliceBrowser(patient, position=(2, 3, 4))
    browser.slice = 6
    assert browser.position == (2, 3, 6)
    browser.plane = "sagittal"
    assert browser.slice == 2
    browser.position = (5, 6, 7)
    assert browser.slice == 5


def test_a_change_can_be_observed_once(patient):
    browser, seen = SliceBrowser(patient, slice=2), []
    browser.observe(lambda change: seen.append(change["new"]), "slice")
    browser.slice = 3
    browser.set_state({"slice": 5, "position": [1, 1, 5]})  # as the page sends them
    assert seen == [3, 5]


def test_values_and_millimetres_under_the_crosshair(patient):
    browser = SliceBrowser(patient, position=(3, 4, 5))
    assert list(browser.values.values()) == patient.image[3, 4, 5].tolist()
    assert browser.millimetres == (-10 + 6, -9 + 6, -20 + 25)
    assert "voxel (3, 4, 5), mm (-4, -3, 5)" in repr(browser)


def test_going_to_the_lesion_in_every_plane(patient):
    browser = SliceBrowser(patient)
    for plane, axis in zip(PLANES, (2, 1, 0), strict=True):
        browser.plane, browser.position = plane, (0, 0, 0)
        browser.go_to_lesion()
        others = tuple(a for a in range(3) if a != axis)
        assert (
            patient.lesion.sum(axis=others)[browser.slice] == patient.lesion.sum(axis=others).max()
        )
        assert patient.lesion[browser.position]


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("slice", 8, "slice is 8; the axial slices are 0 to 7"),
        ("position", (1, 2), "expected three voxel numbers"),
        ("position", (1, 2, 99), r"below \(10, 12, 8\)"),
        ("position", (1, 2, 0.5), "expected three voxel numbers"),
        ("position", 3, "expected three voxel numbers"),
        ("position", None, "expected three voxel numbers"),
        ("plane", "oblique", "plane"),
        ("map", "T1", "map is 'T1'; choose all, ADC"),
        ("time", 1, "there is no time series"),
        ("zoom", 0.5, "from 1 to 16"),
        ("threshold", 1.5, "from 0 to 1"),
        ("truth_style", "dotted", "truth_style"),
        ("source", "probability", "no probability was given"),
        ("windows", {"ADC": (5, 1)}, "the lower one first"),
        ("windows", {"ADC": "wide"}, "the lower one first"),
        ("windows", {"T1": (0, 1)}, "names 'T1'"),
        ("colors", {"ADC": "jet"}, "colors of ADC is 'jet'; choose one of gray"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_last_state_stays(patient, name, value, words):
    browser = SliceBrowser(patient, prediction=patient.lesion)
    before = json.dumps(browser.get_state(), default=str)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(browser, name, value)
    assert json.dumps(browser.get_state(), default=str) == before


def test_a_view_is_given_from_the_start(patient):
    browser = SliceBrowser(
        patient, plane="coronal", slice=3, map="Tmax", windows={"Tmax": (0, 6)}, zoom=2
    )
    assert (browser.position[1], browser.map, browser.zoom) == (3, "Tmax", 2)
    assert browser.windows["Tmax"] == [0, 6] and browser.windows["ADC"] == [0, 1500]
    with pytest.raises(BrowserError, match="no argument 'slices'"):
        SliceBrowser(patient, slices=3)


# Truth and prediction


@pytest.mark.parametrize("threshold", [0, 0.125, 0.5, 0.8, 1])
def test_dice_is_that_of_the_package_and_the_page_has_its_counts(patient, probability, threshold):
    browser = SliceBrowser(patient, probability=probability, threshold=threshold)
    assert browser.source == "probability"
    np.testing.assert_array_equal(browser.predicted, probability > threshold)
    wanted = dice(probability > threshold, patient.lesion)
    assert browser.dice == wanted
    counts, number = browser.meta["sides"][0]["counts"], round(threshold * STEPS)
    found, both = (table[number] for table in counts["probability"])
    assert 2 * both / (found + counts["truth"]) == pytest.approx(wanted, abs=1e-12)


def test_the_threshold_goes_in_steps(patient, probability):
    browser = SliceBrowser(patient, probability=probability)
    browser.threshold = 0.1234
    assert browser.threshold == 0.125


def test_mask_and_probability_can_both_be_there(patient, probability):
    browser = SliceBrowser(patient, prediction=patient.lesion, probability=probability)
    assert (browser.source, browser.dice) == ("prediction", 1.0)
    browser.source = "probability"
    assert browser.dice == dice(probability > 0.5, patient.lesion)


def test_a_mask_of_255_is_a_mask(patient):
    with pytest.warns(UserWarning, match="prediction holds 0 and 255"):
        browser = SliceBrowser(patient, prediction=patient.lesion * np.uint8(255))
    assert browser.dice == 1.0


def test_an_empty_lesion_is_shown(patient):
    empty = np.zeros(SHAPE, bool)
    browser = SliceBrowser(patient, lesion=empty, prediction=empty)
    assert browser.dice == 1.0
    with pytest.raises(BrowserError, match="no voxel of a lesion"):
        browser.go_to_lesion()
    browser.figure().draw_without_rendering()


def test_two_models_share_the_maps(patient, probability):
    browser = SliceBrowser(
        patient, probability=probability, compare={"probability": 1 - probability, "name": "worse"}
    )
    first, second = browser.sides
    assert first.box == second.box == [[0, n] for n in SHAPE]  # the second reaches into the air
    assert second.dice("probability", 0.5) == dice(1 - probability > 0.5, patient.lesion)
    assert {part.split("/")[0] for part in browser.buffers.names() if "/ADC/" in part} == {"0"}
    assert {part.split("/")[0] for part in browser.buffers.names() if "probab" in part} == {
        "0",
        "1",
    }


def test_what_is_predicted_in_the_air_travels_too(patient):
    probability = np.zeros(SHAPE)
    probability[9, 5, 5] = 0.01
    box = SliceBrowser(patient, probability=probability).sides[0].box
    assert box == [[1, 10], [1, 11], [1, 7]]


def test_each_side_predicts_from_what_it_has(patient, probability):
    browser = SliceBrowser(
        patient, prediction=patient.lesion, compare={"probability": probability}, outcomes=True
    )
    assert browser.source == "prediction" and browser.dice == 1
    wanted = dice(probability > 0.5, patient.lesion)
    assert browser.sides[1].dice("prediction", 0.5) == wanted
    titles = [part.get_suptitle() for part in browser.figure().subfigs]
    assert titles[0].endswith("Dice 1.000") and titles[1].endswith(f"Dice {wanted:.3f}")


def test_two_patients_side_by_side(patient, rng):
    other = made_patient(rng, "LAS", shape=(20, 24, 16), spacing=(1, 0.75, 2.5))
    browser = SliceBrowser(patient, compare=other)
    assert [side["name"] for side in browser.meta["sides"]] == ["patient RAS", "patient LAS"]
    assert [side["maps_of"] for side in browser.meta["sides"]] == [0, 1]
    assert browser.sides[1].truth.sum() == other.lesion.sum()


@pytest.mark.parametrize("orientation", ["LAS", "PIR", "SAR"])
def test_two_patients_are_linked_by_the_directions_of_the_body(patient, orientation):
    other = made_patient(np.random.default_rng(2017), orientation)
    first, second = SliceBrowser(patient, compare=other).sides
    for position in [(2, 7, 4), (9, 0, 1)]:
        place = second.place(position, first)
        mm = (affine @ [*p, 1] for affine, p in ((patient.affine, position), (other.affine, place)))
        np.testing.assert_allclose(*mm)


def test_a_film_on_the_grid_of_the_maps(patient, rng):
    film = rng.random((*SHAPE, 5)) * 100
    browser = SliceBrowser(patient, series=film, time=3, position=(4, 5, 6))
    assert browser.values[SERIES] == film[4, 5, 6, 3]
    about = browser.meta["sides"][0]["maps"][6]
    assert (about["name"], about["times"]) == (SERIES, 5)
    high = unpack(browser.buffers.part(f"0/{SERIES}/3/high"), SHAPE).astype(int)
    seen = decode(high * 256 + 128, *about["range"])
    low, top = about["range"]
    np.testing.assert_allclose(seen, film[..., 3].clip(low, top), atol=(top - low) / 200)


def test_a_film_on_another_grid_is_laid_onto_the_maps(patient, tmp_path):
    affine = patient.affine.copy()
    affine[0, 0] *= 2  # half as many voxels along x, each over two
    affine[0, 3] += 1
    film = np.arange(5 * 12 * 8 * 2, dtype=np.float32).reshape(5, 12, 8, 1, 2)
    nib.save(nib.Nifti1Image(film, affine), tmp_path / "film.nii")
    browser = SliceBrowser(patient, series=tmp_path / "film.nii")
    assert browser.sides[0].series.shape == (*SHAPE, 2)
    np.testing.assert_array_equal(browser.sides[0].series[4:6, 3, 2, 1], film[2, 3, 2, 0, 1])


# What may be shown


def test_an_array_a_file_and_a_patient(patient, tmp_path):
    file = write_map(tmp_path / "adc.nii.gz", patient.image[..., 0], patient.affine, SPACING)
    lesion = write_map(tmp_path / "les.nii", patient.lesion, patient.affine, SPACING, dtype=bool)
    from_file = SliceBrowser(file, lesion, position=(3, 4, 5), channels="ADC")
    from_array = SliceBrowser(patient.image[..., 0], spacing=SPACING, position=(3, 4, 5))
    assert from_file.millimetres == (-4, -3, 5) and from_array.millimetres == (6, 6, 25)
    assert from_file.values["ADC"] == from_array.values["map"] == patient.image[3, 4, 5, 0]
    assert from_file.sides[0].volume.name == "adc"
    assert SliceBrowser(patient.image).maps == CHANNELS
    assert SliceBrowser(patient.image[..., :2]).maps == ("map 1", "map 2")


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.float64])
def test_numbers_of_any_type(rng, kind):
    values = rng.integers(0, 2, (5, 6, 7)).astype(kind)
    browser = SliceBrowser(values, position=(1, 2, 3))
    assert browser.values["map"] == values[1, 2, 3]
    assert browser.meta["sides"][0]["maps"][0]["range"] == [0, 1]


def test_windows_are_the_usual_ones_or_percentiles(patient):
    windows = SliceBrowser(patient).windows
    assert windows["ADC"] == [0, 1500] and windows["Tmax"] == [0, 12]
    ttp = patient.image[..., 4][patient.brain]
    np.testing.assert_allclose(windows["TTP"], np.percentile(ttp, [1, 99]))
    wrong = patient.image * ([1, 1, 1000, 1, 1, 1])  # as case 45 of ISLES 2017
    assert SliceBrowser(replace(patient, image=wrong)).windows["CBF"][1] > 10_000


def test_a_map_too_dark_for_the_standard_window_begins_with_its_own(patient):
    dark = patient.image.copy()
    dark[..., CHANNELS.index("CBF")] *= 0.2
    assert SliceBrowser(patient).windows["CBF"] == [0, 60]
    assert SliceBrowser(replace(patient, image=dark)).windows["CBF"][1] < 15


@pytest.mark.parametrize(
    "factor, unit, top",
    [(1e-6, "mm²/s", 1.5e-3), (1e-3, "1e-3 mm²/s", 1.5), (1, "1e-6 mm²/s", 1500)],
)
def test_adc_has_the_unit_of_its_size(patient, factor, unit, top):
    browser = SliceBrowser(replace(patient, image=patient.image * factor))
    assert browser.sides[0].volume.units["ADC"] == unit
    assert browser.windows["ADC"][1] == pytest.approx(top)


def test_a_window_goes_over_to_a_patient_in_another_unit(patient):
    other = replace(patient, image=patient.image * [1e-6, 1, 1, 1, 1, 1], name="other")
    browser = SliceBrowser(patient, compare=other, map="ADC")
    first, second = (side["maps"][0]["scale"] for side in browser.meta["sides"])
    assert (first, second) == (1, pytest.approx(1e-6))
    pictures = [ax.images[0] for ax in browser.figure().axes if ax.get_title()]
    ends = [picture.get_clim() for picture in pictures]
    assert ends[0] == (0, 1500) and ends[1] == pytest.approx((0, 1.5e-3))


def test_maps_without_values_are_shown(patient):
    image = patient.image.copy()
    image[..., 1] = np.nan
    image[2, 3, 4, 0] = np.inf
    browser = SliceBrowser(replace(patient, image=image), position=(2, 3, 4))
    about = browser.meta["sides"][0]["maps"]
    json.dumps(browser.meta, allow_nan=False)  # what the page can read
    assert about[1]["outside"] is None and np.isnan(browser.values["CBV"])
    box = tuple(high - low for low, high in browser.sides[0].box)
    assert not unpack(browser.buffers.part("0/CBV/0/high"), box).any()
    assert unpack(browser.buffers.part("0/ADC/0/high"), box)[1, 2, 3] == 0
    browser.figure().draw_without_rendering()


@pytest.mark.parametrize("shape", [(10, 12, 1), (1, 1, 1), (1, 9, 9)])
def test_one_slice_is_a_volume(rng, shape):
    browser = SliceBrowser(rng.random(shape), np.ones(shape))
    for plane in PLANES:
        browser.plane = plane
        browser.figure().draw_without_rendering()
    assert not np.isnan(browser.values["map"])


def test_nothing_but_air_is_shown():
    browser = SliceBrowser(np.zeros((4, 4, 4)))
    assert browser.sides[0].box == [[0, 4]] * 3
    browser.figure().draw_without_rendering()


def test_a_large_volume_travels_with_one_byte_a_value(rng):
    volume = np.broadcast_to(rng.random((512, 512, 1)).astype(np.float32) + 1, (512, 512, 100))
    browser = SliceBrowser(volume, volume > 1.9, position=(100, 200, 50))
    about = browser.meta["sides"][0]["maps"][0]
    assert about["bytes"] == 1 and browser.buffers.names() == ["0/map/0/high", "0/truth/0/high"]
    codes = np.array(
        [unpack(browser.buffers.part("0/map/0/high"), volume.shape)[100, 200, 50]], int
    )
    value = decode(codes * 256 + 128, *about["range"])[0]
    low, high = np.percentile(volume[..., 0], [1, 99])
    assert value == pytest.approx(np.clip(browser.values["map"], low, high), abs=0.006)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"patient": np.ones(5)}, r"patient has the shape \(5,\); expected \(X, Y, Z\)"),
        ({"patient": np.ones((1, 4, 4, 4, 6))}, r"take one patient of the batch, image\[0\]"),
        ({"patient": np.ones((0, 4, 4))}, "patient has the shape"),
        ({"patient": "no/such/file.nii"}, "no such file is there"),
        ({"patient": None}, "patient holds object"),
        ({"patient": np.ones((3, 3, 3), complex)}, "patient holds complex128"),
        ({"channels": ["a", "b"]}, "expected 6 different names"),
        ({"channels": ["a"] * 6}, "expected 6 different names"),
        ({"channels": ["all", *"bcdef"]}, "none of them 'all'"),
        ({"spacing": (1, 2)}, "spacing is"),
        ({"spacing": (1, 2, 0)}, "expected three sizes in mm"),
        ({"spacing": (1, 1, 1)}, "but affine has voxels of"),
        ({"lesion": np.ones((10, 12))}, r"lesion has the shape \(10, 12\)"),
        ({"prediction": np.ones((9, 12, 8))}, r"prediction has the shape \(9, 12, 8\), but the"),
        ({"prediction": np.full(SHAPE, 0.3)}, "hand probabilities over as probability="),
        ({"lesion": np.arange(960).reshape(SHAPE) % 3}, "lesion holds 0, 1 and 2; a mask"),
        ({"probability": np.full(SHAPE, 3.0)}, "apply the sigmoid"),
        ({"probability": np.ones((5, 6, 4))}, "resample it onto the patient's grid"),
        ({"series": np.ones((5, 6, 4, 9))}, r"expected \(X, Y, Z, T\) on it"),
        ({"series": True}, "has no file 4DPWI"),
        ({"compare": {"mask": 1}}, "compare has mask; it takes patient, lesion"),
        ({"compare": {"prediction": np.ones((1, 2, 3))}}, "compare prediction has the shape"),
        ({"compare": np.ones(3)}, "compare has the shape"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(patient, arguments, words):
    with pytest.raises(BrowserError, match=words) as caught:
        SliceBrowser(**({"patient": patient} | arguments))
    assert "\n" not in str(caught.value)


def test_a_prediction_from_elsewhere_is_refused(patient, tmp_path):
    affine = patient.affine.copy()
    affine[0, 3] += 30
    file = write_map(tmp_path / "p.nii", patient.lesion, affine, SPACING, dtype=bool)
    with pytest.raises(BrowserError, match="prediction lies 30.0 mm from the patient"):
        SliceBrowser(patient, prediction=file)


# Pictures and pages


def test_the_figure_shows_the_slice_through_the_window(patient):
    browser = SliceBrowser(patient, plane="sagittal", slice=4, map="ADC")
    (ax,) = browser.figure().axes
    shown = ax.images[0]
    wanted = view(patient.affine, "sagittal").picture(patient.image[..., 0], 4)
    np.testing.assert_array_equal(shown.get_array(), wanted)
    assert shown.get_clim() == (0, 1500) and ax.get_aspect() == SPACING[2] / SPACING[1]
    assert [text.get_text() for text in ax.texts] == list("APSI")


def test_the_figure_has_every_map_and_what_lies_over_it(patient, probability):
    browser = SliceBrowser(patient, prediction=patient.lesion, probability=probability)
    titles = [ax.get_title() for ax in browser.figure().axes]
    assert [title.split(",")[0] for title in titles] == [*CHANNELS, "probability"]
    browser.map, browser.crosshair = "CBF", False
    lines = {line.get_color() for line in browser.figure().axes[0].lines}
    assert len(lines) == 2
    browser.overlay = False
    assert not browser.figure().axes[0].lines
    browser.overlay, browser.outcomes = True, True
    (names,) = [[t.get_text() for t in legend.get_texts()] for legend in browser.figure().legends]
    assert names == ["true positive", "false negative", "false positive"]


@pytest.mark.parametrize("plane", PLANES)
def test_nothing_in_the_figure_covers_anything_else(patient, probability, plane):
    other = {"probability": 1 - probability, "name": "other"}
    browser = SliceBrowser(patient, probability=probability, compare=other, plane=plane)
    figure = browser.figure()
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    for part in figure.subfigs:
        heading, *ends = [text.get_window_extent() for text in part.texts]
        bars = [each.get_window_extent() for each in part.artists if isinstance(each, BboxImage)]
        assert len(ends) == 2 * len(bars)
        boxes += [heading, *map(Bbox.union, zip(bars, ends[::2], ends[1::2], strict=True))]
    boxes += [legend.get_window_extent() for legend in figure.legends]
    assert len(boxes) == 2 * (7 + 7 + 1) + 1
    for number, box in enumerate(boxes):
        assert figure.bbox.padded(1).contains(*box.min) and figure.bbox.contains(*box.max)
        assert not box.padded(-1).count_overlaps(boxes[:number])


def test_the_bar_under_a_map_has_its_colours_and_the_ends_of_its_window(patient):
    browser = SliceBrowser(patient, map="CBF", colors={"CBF": "viridis"}, windows={"CBF": [5, 45]})
    figure = browser.figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (part,) = figure.subfigs
    (bar,) = [each for each in part.artists if isinstance(each, BboxImage)]
    assert [text.get_text() for text in part.texts[1:]] == ["5", "45"]
    x0, y0, x1, y1 = bar.get_window_extent().extents
    row = np.asarray(canvas.buffer_rgba())[::-1][round((y0 + y1) / 2)]
    for share in (0.1, 0.5, 0.9):
        wanted = 255 * np.array(colormaps["viridis"](share)[:3])
        np.testing.assert_allclose(row[round(x0 + share * (x1 - x0)), :3], wanted, atol=6)


def test_outlines_run_along_the_edges_of_voxels():
    mask = np.zeros((5, 6), bool)
    mask[1:3, 2:4] = mask[3, 4] = True  # a square, and a voxel that touches it at a corner
    lines = edges(mask)
    steps = sum(len(columns) - 1 for columns, _ in lines)
    assert steps == 8 + 4
    area = sum(np.sum(c[:-1] * r[1:] - c[1:] * r[:-1]) / 2 for c, r in lines)
    assert abs(area) == 5


def test_every_viewer_gets_something(patient):
    browser = SliceBrowser(patient)
    data, _ = browser._repr_mimebundle_()
    assert set(data) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "image/png",
        "text/plain",
    }
    assert data["text/plain"] == repr(browser)
    assert "<img src=" in data["text/html"].split("<script")[0]


def test_a_page_that_would_be_too_large_keeps_the_picture(patient, monkeypatch):
    monkeypatch.setattr("islesedu.widgets.browser.browser.PAGE", 1000)
    html = SliceBrowser(patient).to_html()
    assert "<img src=" in html and "<script" not in html and "running notebook" in html


def test_the_kernel_sends_what_is_asked_for_and_nothing_else(patient, monkeypatch):
    browser, sent = SliceBrowser(patient), []
    monkeypatch.setattr(browser, "send", lambda content, buffers: sent.append((content, buffers)))
    for name in ("0/ADC/0/high", "0/T1/0/high", "9/ADC/0/high", None):
        browser._handle_custom_msg({"ask": name}, [])
    assert sent == [({"part": "0/ADC/0/high"}, [browser.buffers.part("0/ADC/0/high")])]


def test_colour_maps_are_those_of_matplotlib(patient):
    import base64

    browser = SliceBrowser(patient)
    table = np.frombuffer(base64.b64decode(browser.meta["colors"]["magma"]), np.uint8)
    wanted = matplotlib.colormaps["magma"](200)[:3]
    np.testing.assert_allclose(table.reshape(256, 3)[200] / 255, wanted, atol=1 / 255)


# Real patients


@pytest.mark.parametrize("number", ["0001", "0002", "0009"])
def test_real_patients_are_read_right(shared, number, tmp_path):
    folder = shared / "real/isles22" / f"isles22_case{number}"
    place = tmp_path / f"sub-strokecase{number}" / "ses-0001"
    place.mkdir(parents=True)
    for file in folder.glob("*.nii.gz"):
        (place / file.name).symlink_to(file)
    (case,) = find_cases(tmp_path)
    patient = read_case(case, ("ADC", "DWI"))
    browser = SliceBrowser(patient)
    assert patient.lesion[browser.position]
    assert list(browser.values.values()) == patient.image[browser.position].tolist()
    low, high = browser.windows["ADC"]
    assert low < np.median(patient.image[..., 0][patient.brain]) < high
    assert browser.sides[0].volume.units["ADC"] == ("mm²/s" if number == "0002" else "1e-3 mm²/s")
    world = nib.load(case.maps["ADC"]).affine @ [*browser.position, 1]
    np.testing.assert_allclose(browser.millimetres, world[:3], atol=1e-3)
    letters = nib.aff2axcodes(patient.affine)
    row, column = view(patient.affine).pixel(browser.position, patient.lesion.shape)
    x = list(letters).index("L" if "L" in letters else "R")
    from_left = (
        browser.position[x]
        if letters[x] == "L"
        else patient.lesion.shape[x] - 1 - browser.position[x]
    )
    assert column == from_left  # columns run from the patient's right to the left
