"""Synthetic patients: a stroke simulated from the occluded artery to the lesion after 90 days.

All lessons. Open `cohort` first: it writes patients in the folders of ISLES 2017. `patient` makes
one; `template`, `stroke`, `circulation`, `infarct`, `scanner` and `outcome` are its steps.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cohort": ["make_cohort"],
        "hospital_folder": ["HOSPITAL_NAMES", "make_hospital_folder"],
        "patient": ["GRIDS", "SyntheticPatient", "case_numbers", "make_patient", "quantiles"],
        "infarct": ["TissueFate"],
        "stroke": ["QUANTILES", "Stroke"],
        "ground_truth_files": ["read_outcome", "read_state", "read_truth"],
        "outcome": ["STATES", "ground_truth"],
        "population": ["POPULATIONS", "assign_by_severity"],
        "scanner": ["BASELINE", "passages", "resample"],
        "template": ["t1_slice", "templates", "tissue_on_grid"],
    },
)
