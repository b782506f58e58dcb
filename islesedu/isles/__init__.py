"""Find, read and check ISLES folders; write predictions the way the challenge wants them.

Real data comes as ISLES 2017 (Zenodo record 17736412) or ISLES 2022 (Zenodo record 7153326); the
synthetic cohort of `islesedu.phantom` is written like the first, so all lessons read it from here.
"""

from islesedu.isles.check import check_folder
from islesedu.isles.clinical import read_clinical
from islesedu.isles.find import find_cases
from islesedu.isles.model import SERIES, UNITS, Case, IslesError, Patient, Problem
from islesedu.isles.read import read_case
from islesedu.isles.summary import summarize_folder
from islesedu.isles.volumes import write_map
from islesedu.isles.write import read_prediction, write_prediction

__all__ = [
    "SERIES",
    "UNITS",
    "Case",
    "IslesError",
    "Patient",
    "Problem",
    "check_folder",
    "find_cases",
    "read_case",
    "read_clinical",
    "read_prediction",
    "summarize_folder",
    "write_map",
    "write_prediction",
]
