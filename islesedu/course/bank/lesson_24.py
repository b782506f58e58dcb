"""Lesson 24, Bring your own data."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise, OpenExercise
from islesedu.errors import IslesError
from islesedu.isles.name_map import check_name_map, match_name
from islesedu.phantom.hospital_folder import HOSPITAL_NAMES

_LESION = '''def your_lesion(labels, wanted):
    """Return where an array holds one of the wanted labels."""
    return np.isin(labels, wanted)'''

_LEAK = '''def your_leak(training_names, validation_names):
    """Return how many patients occur in both lists of names such as "sub-03_ses-2"."""
    training = {name.split("_")[0] for name in training_names}
    validation = {name.split("_")[0] for name in validation_names}
    return len(training & validation)'''

_NNUNET = '''def your_nnunet_name(case, channel):
    """Return the file name of a channel of a case in nnU-Net's imagesTr."""
    return f"{case}_{channel:04d}.nii.gz"'''


def _maps_all_files(names: Any) -> str:
    """Say what a mapping lacks that should name the four files of a hospital's patient."""
    if not isinstance(names, Mapping) or not names:
        return 'give a dictionary such as {"part of the name": "channel"}'
    if set(names) <= {"ADC", "CBF", "Tmax", "lesion"}:
        return "the part of the file's name comes first, the channel second"
    try:
        names = check_name_map(names)
    except IslesError:
        return "both sides are texts: a part of the file's name, and a channel"
    for channel, part in HOSPITAL_NAMES.items():
        found = match_name(names, Path(f"own/P01_{part}.nii.gz"), Path("own"))
        if found is None:
            return f"no entry says what P01_{part}.nii.gz is"
        if found.channel != channel:
            return f"P01_{part}.nii.gz is not mapped to what the note says of it"
    return ""


def _lesion(labels: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    return np.isin(labels, wanted)


def _lesion_slips(labels: np.ndarray, wanted: Sequence[int]) -> dict[str, np.ndarray]:
    """Return what the usual mistakes give."""
    right = np.isin(labels, wanted)
    slips = {
        "you took every label but 0; a label counts only if it is wanted": labels > 0,
        "you took the first wanted label only": labels == wanted[0],
        "you took the last wanted label only": labels == wanted[-1],
        "that is where no wanted label is": ~right,
        "that keeps the labels; return True or False for each voxel": labels * right,
    }
    return {text: wrong for text, wrong in slips.items() if not np.array_equal(wrong, right)}


def _patient(name: str) -> str:
    return name.split("_")[0]


def _leak(training_names: Sequence[str], validation_names: Sequence[str]) -> int:
    return len(set(map(_patient, training_names)) & set(map(_patient, validation_names)))


def _leak_slips(training_names: Sequence[str], validation_names: Sequence[str]) -> dict[str, Any]:
    """Return what the usual mistakes give."""
    training, validation = (
        set(map(_patient, names)) for names in (training_names, validation_names)
    )
    right = len(training & validation)
    slips = {
        "you compared the whole names; two visits have different names": len(
            set(training_names) & set(validation_names)
        ),
        "those are the patients of both lists together; how many are in both?": len(
            training | validation
        ),
        "that counts the patients that are in one list only": len(training ^ validation),
        "count each patient once, however many visits there are": sum(
            _patient(name) in training for name in validation_names
        ),
    }
    return {text: wrong for text, wrong in slips.items() if wrong != right}


def _nnunet_slips(case: str, channel: int) -> dict[str, str]:
    """Return what the usual mistakes give."""
    return {
        "the number has four digits, with zeros before it": f"{case}_{channel}.nii.gz",
        "channels are counted from 0": f"{case}_{channel + 1:04d}.nii.gz",
        "the ending is missing": f"{case}_{channel:04d}",
        "that is the name in labelsTr; images have a channel": f"{case}.nii.gz",
        "there is an underscore between case and number": f"{case}{channel:04d}.nii.gz",
    }


EXERCISES = {
    "24.1": OpenExercise(
        asks="a dictionary",
        answer=_maps_all_files,
        slips={
            "the part of the file's name comes first, the channel second": {
                "ADC": "trace_adc",
                "CBF": "perf_flow",
                "Tmax": "perf_delay",
                "lesion": "roi",
            },
            "no entry says what P01_roi.nii.gz is": {
                "trace_adc": "ADC",
                "perf_flow": "CBF",
                "perf_delay": "Tmax",
            },
            "P01_perf_delay.nii.gz is not mapped to what the note says of it": {
                "trace_adc": "ADC",
                "perf_flow": "CBF",
                "perf_delay": "TTP",
                "roi": "lesion",
            },
        },
        hints=(
            "Each file's name has two parts: the patient, and what is in the file. The second "
            "part is the key.",
            "The note says what each of the four is. The outlined lesion is a channel, too.",
            'It begins {"trace_adc": "ADC", and has three more entries.',
        ),
        solution='your_names = {"trace_adc": "ADC", "perf_flow": "CBF", "perf_delay": "Tmax"}\n'
        'your_names["roi"] = "lesion"',
        points=2,
    ),
    "24.2": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the network would learn from a lesion that lies beside the tissue": "a",
            "nothing in the images changes, but what a validation says does": "c",
        },
        hints=(
            "What does a factor on a whole map do to its z-scores?",
            "A mask is not standardized. And a copy is standardized like its original.",
        ),
        solution='your_harmless = "b"',
        points=2,
    ),
    "24.3": FunctionExercise(
        asks="a function",
        answer=_lesion,
        cases=[
            (np.array([[0, 1, 2], [3, 2, 0]]), [1, 2]),
            (np.array([[[0, 4], [1, 4]], [[2, 0], [3, 1]]]), [4, 3]),
            (np.array([5, 0, 7, 7]), [7]),
        ],
        slips=_lesion_slips,
        hints=(
            "For one label, labels == 1 gives such an array.",
            "A voxel counts if it holds the first wanted label or the second ... Begin with an "
            "array of False, and combine with |.",
            "np.isin(array, values) does it at once.",
        ),
        solution=_LESION,
        points=2,
    ),
    "24.4": FunctionExercise(
        asks="a function",
        answer=_leak,
        cases=[
            (
                ["sub-01_ses-1", "sub-02_ses-1", "sub-03_ses-1", "sub-03_ses-2"],
                ["sub-04_ses-1", "sub-03_ses-3", "sub-02_ses-2", "sub-03_ses-4"],
            ),
            (["sub-10_ses-1", "sub-11_ses-1"], ["sub-12_ses-1"]),
            (["sub-7_ses-2", "sub-5_ses-1"], ["sub-7_ses-2"]),
        ],
        slips=_leak_slips,
        hints=(
            'name.split("_")[0] is the part of the name that says who it is.',
            "A set holds each patient once, and & gives what is in both sets.",
            "len counts what is in a set.",
        ),
        solution=_LEAK,
        points=3,
    ),
    "24.5": Exercise(
        asks="one number",
        answer=512 * 512 * 200 * 16 * 4 / 1e9,
        tolerance=0.02,
        slips={
            "a 32-bit number has 4 bytes, not 1": 512 * 512 * 200 * 16 / 1e9,
            "a byte has 8 bits: 32 bits are 4 bytes": 512 * 512 * 200 * 16 * 32 / 1e9,
            "each of the 16 filters makes a feature map of its own": 512 * 512 * 200 * 4 / 1e9,
            "that is in GiB, of 2**30 bytes": 512 * 512 * 200 * 16 * 4 / 2**30,
            "that is in MB": 512 * 512 * 200 * 16 * 4 / 1e6,
        },
        hints=(
            "The output has the voxels of the image, and as many channels as there are filters.",
            "Multiply voxels, filters and the bytes of one number, and divide by 10**9.",
        ),
        solution="your_memory = 512 * 512 * 200 * 16 * 4 / 1e9",
    ),
    "24.6": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "a kidney does not lie between liver and spleen: labels are names, not amounts": "a",
            "one sigmoid says lesion or not; it cannot say which of three organs": "c",
        },
        hints=(
            "What does the network have to say of each voxel, and how many numbers does that take?",
            "The probabilities of organs that do not overlap, and of background, add up to 1.",
        ),
        solution='your_layer = "b"',
        points=2,
    ),
    "24.7": FunctionExercise(
        asks="a function",
        answer=lambda case, channel: f"{case}_{channel:04d}.nii.gz",
        cases=[("P08", 1), ("training_12", 0), ("liver_003", 12)],
        slips=_nnunet_slips,
        hints=(
            "The form is <case>_<four digits>.nii.gz.",
            'An f-string can fill up with zeros: f"{7:03d}" is "007".',
        ),
        solution=_NNUNET,
        points=2,
    ),
    "24.8": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "nnU-Net chooses by rules; who wants to change the parts needs them in hand": "b",
            "who wants to see each layer needs code that can be read": "c",
        },
        hints=(
            "Which of the three wants a result, and which want to understand or to change the way?",
            "Several labels, many scans, a GPU, little time: see the table.",
        ),
        solution='your_project = "a"',
        points=2,
    ),
}
"""The exercises of the lesson, by name, in the order of the notebook."""
