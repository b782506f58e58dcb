"""Lesson 06, Meet the patients."""

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.patient_slips import (
    benign_delay,
    benign_delay_slips,
    best_threshold,
    mismatch,
    mismatch_cases,
    mismatch_slips,
    threshold_cases,
    threshold_slips,
)
from islesedu.course.place import PlaceExercise
from islesedu.metrics import dice, precision, recall

_SUCCESS = ["2b", "3"]
"""TICI grades that count as successful reperfusion."""

_MISMATCH = '''def your_mismatch(core, hypoperfused, spacing):
    """Return core volume (ml), mismatch volume (ml) and mismatch ratio."""
    voxel_ml = np.prod(spacing) / 1000  # 1 ml = 1000 mm³
    core_ml = core.sum() * voxel_ml
    hypoperfused_ml = hypoperfused.sum() * voxel_ml
    return core_ml, hypoperfused_ml - core_ml, hypoperfused_ml / core_ml'''

_THRESHOLD = '''def your_best_threshold(maps, lesions, thresholds):
    """Return the threshold with the highest mean Dice over the patients."""
    means = []  # one a threshold
    for t in thresholds:
        scores = [dice(m > t, lesion) for m, lesion in zip(maps, lesions)]
        means.append(np.mean(scores))
    return thresholds[np.argmax(means)]'''


_BENIGN = """tissue = second.brain & (second_adc > 650) & (second_adc < 1100) & (across < -8)
normal = np.median(second_cbf[tissue])  # of this hemisphere
delayed = tissue & (second_tmax > 6) & (second_cbf > 0.9 * normal)
your_delay = np.argwhere(delayed)[0]  # or read in the browser"""


def _stub_voxel(name: str, mask: str) -> str:
    """Return a solution that takes the voxel of a mask that is farthest from its edge."""
    return f"""depth = ndimage.distance_transform_edt({mask}, sampling=spacing)  # mm to the edge
{name} = np.unravel_index(depth.argmax(), depth.shape)  # read in the browser, just as well"""


EXERCISES = {
    "06.1": Exercise(
        asks="one number, in per cent",
        answer=100 * 1.9e6 * (192 + 89) / 22e9,
        tolerance=0.0025,
        slips={
            "the minutes from the scan to the treatment count, too": 100 * 1.9e6 * 192 / 22e9,
            "divide by the neurons of the forebrain; most of the brain's other neurons are in the "
            "cerebellum": 100 * 1.9e6 * 281 / 86e9,
            "that is a fraction; give per cent": 1.9e6 * 281 / 22e9,
            "that is the number of neurons, in millions": 1.9 * 281,
        },
        hints=(
            "How many minutes pass from the onset to the treatment? How many neurons are lost?",
            "Which share of all neurons of the forebrain is that? A billion is 1000 million.",
        ),
        solution="your_percent = 100 * 1.9e6 * (192 + 89) / 22e9",
    ),
    "06.2": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "a clearly reduced ADC and a low CBV are the pattern of the core": "a",
            "the blood arrives late, but its flow is normal: this tissue gets enough": "c",
        },
        hints=(
            "Read the definition of the penumbra: what does it say of the flow, and of the cells?",
            "Which maps must a lack of flow change, and which only the death of cells? Then go "
            "through the rows.",
        ),
        solution='your_region = "b"',
        points=2,
    ),
    "06.3": Exercise(
        asks="one number, in seconds",
        answer=5.0 * 1.1 / 0.4,
        tolerance=0.003,
        slips={
            "MTT is volume by flow: a low flow makes it longer": 5.0 * 0.4 / 1.1,
            "the volume has changed, too": 5.0 / 0.4,
            "divide by the flow": 5.0 * 1.1 * 0.4,
            "these are ratios to the other side, so no factor of 60 is needed": 60 * 1.1 / 0.4,
        },
        hints=(
            "Write the equation for both sides and divide one by the other. What cancels?",
            "Which of the two quantities stands in the numerator, which in the denominator? What "
            "does a change of each do to MTT?",
        ),
        solution="your_mtt = 5.0 * 1.1 / 0.4",
    ),
    "06.4": PlaceExercise(
        asks="the three whole numbers of a voxel",
        answer=lambda state, low_adc, spacing: (state == 3) | (low_adc & (state > 0)),
        slips=lambda state, low_adc, spacing: {
            "the flow is low there, but the tissue is not infarcted yet: look where ADC is low": (
                state > 0
            ),
            "ADC is low there, too, but the perfusion maps are normal: an artefact, such as those "
            "above the air of the sinuses": low_adc,
        },
        hints=(
            "Show ADC alone (key 1) and go through the slices. Look for a dark region, not for "
            "single dark voxels, and compare left and right.",
            "The occluded artery is the left middle cerebral artery; in the picture the patient's "
            "left is on the right.",
            "The dark region must also be bright on Tmax.",
        ),
        solution=_stub_voxel("your_core", "low_adc & hypoperfused"),
        points=2,
    ),
    "06.5": PlaceExercise(
        asks="the three whole numbers of a voxel",
        answer=lambda state, adc, hypoperfused, spacing: (
            hypoperfused & (state > 0) & (state < 3) & (adc > 700)
        ),
        slips=lambda state, adc, hypoperfused, spacing: {
            "ADC is low there: by the maps that is core": adc < 620,
            "ADC around it is reduced, though not below 620: go further from the core": (
                (adc <= 700) & hypoperfused
            ),
            "by the simulation that voxel was infarcted, though its ADC is hardly reduced: go "
            "further from the core": state == 3,
            "the occluded artery feeds this voxel, but Tmax around it is not above 6 s": state > 0,
            "Tmax is above 6 s there, but outside the territory of the occluded artery": (
                hypoperfused
            ),
        },
        hints=(
            "Start in the core and move outwards in the same hemisphere.",
            "Stop where ADC is as on the other side and Tmax is still above 6 s.",
        ),
        solution=_stub_voxel("your_penumbra", "hypoperfused & (state == 2) & (adc > 700)"),
        points=2,
    ),
    "06.6": FunctionExercise(
        asks="a function",
        answer=mismatch,
        cases=mismatch_cases(),
        slips=mismatch_slips,
        hints=(
            "The volume of one voxel is the product of its three edges; 1 ml is 1000 mm³.",
            "mask.sum() counts the voxels of a mask.",
            "Difference and quotient are taken of the two volumes, not of the masks.",
        ),
        solution=_MISMATCH,
        points=3,
    ),
    "06.7": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "one of the three criteria is not met: look at the core": "a",
            "one of the three criteria is not met: subtract the two volumes": "b",
        },
        hints=(
            "There are three criteria, and all must hold.",
            "Compute ratio and difference for each patient, and look at the core as well.",
        ),
        solution='your_patient = "c"',
        points=2,
    ),
    "06.8": PlaceExercise(
        asks="the three whole numbers of a voxel",
        answer=benign_delay,
        slips=benign_delay_slips,
        hints=(
            "First find the stroke: in which hemisphere is ADC low and CBF low?",
            "Show Tmax alone (key 6) and look at the other hemisphere.",
            "Check at the crosshair that ADC is between 650 and 1100 and that CBF is not low.",
        ),
        solution=_BENIGN,
        points=2,
    ),
    "06.9": Exercise(
        asks="one number between 0 and 1",
        answer=lambda hypoperfused, lesion: precision(hypoperfused, lesion),
        tolerance=0.005,
        slips=lambda hypoperfused, lesion: {
            "that is the share of the final lesion that was hypoperfused": recall(
                hypoperfused, lesion
            ),
            "that is the share that survived": 1 - precision(hypoperfused, lesion),
            "that is in per cent": 100 * precision(hypoperfused, lesion),
            "that is the Dice of the two masks": dice(hypoperfused, lesion),
        },
        hints=(
            "Divide by the hypoperfused volume: of this tissue, how much is in the lesion?",
            "The browser gives both parts in ml: hypoperfused and lesion (true positive), "
            "hypoperfused and no lesion (false positive).",
        ),
        solution="your_share = (hypoperfused & lesion).sum() / hypoperfused.sum()",
    ),
    "06.10": Exercise(
        asks="one number between 0 and 1",
        answer=lambda table: float(table["TICI"].dropna().isin(_SUCCESS).mean()),
        tolerance=0.002,
        slips=lambda table: {
            "a missing grade is no failure: leave out the patients without one": float(
                table["TICI"].isin(_SUCCESS).sum() / (len(table) + 1e-9)
            ),
            "grade 3 is a success, too": float((table["TICI"].dropna() == "2b").mean()),
            "grade 2b is a success, too": float((table["TICI"].dropna() == "3").mean()),
            "that is a number of patients": float(table["TICI"].isin(_SUCCESS).sum()),
        },
        hints=(
            "How many patients have a grade at all?",
            "A column of a table has the methods dropna, which leaves out what is missing, and "
            "isin, which compares with several values.",
        ),
        solution='your_success = table["TICI"].dropna().isin(["2b", "3"]).mean()',
    ),
    "06.11": Exercise(
        asks="two numbers: the accuracy in per cent and the Dice",
        answer=(100 - 0.275 - 0.275, 0.5),
        tolerance=1e-4,
        slips={
            "the false positives are errors, too": (100 - 0.275, 0.5),
            "the accuracy should be in per cent": (0.9945, 0.5),
            "in Dice the overlap counts twice": (99.45, 0.25),
            "in Dice the predicted voxels count in the denominator, too": (99.45, 1.0),
        },
        hints=(
            "Take 100 000 voxels: 550 are lesion. How many are true positive, false positive and "
            "false negative?",
            "Accuracy counts the errors of both kinds. Which of the three numbers are errors?",
        ),
        solution="your_pair = (100 * (1 - 550 / 100_000), 2 * 275 / (550 + 550))",
        points=2,
    ),
    "06.12": FunctionExercise(
        asks="a function",
        answer=best_threshold,
        cases=threshold_cases(),
        slips=threshold_slips,
        hints=(
            "Begin with a single threshold: how do you get one number for all patients?",
            "Do so for each threshold, in order. A threshold is asked for, no position, no Dice.",
        ),
        solution=_THRESHOLD,
        points=3,
    ),
}
"""By name, in the order of the lesson."""
