"""Find, read and check ISLES folders; write predictions the way the challenge wants them.

Lesson 06, and wherever patients are read. Open `find`, then `read`. Real data comes as ISLES 2017
(Zenodo record 17736412) or ISLES 2022 (Zenodo record 7153326); the synthetic cohort of
`islesedu.phantom` is written like the first, so all lessons read it from here.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "case": ["UNITS", "Case", "Patient", "Problem"],
        "channels": ["SERIES"],
        "check": ["check_folder", "summarize_folder"],
        "clinical_table": ["read_clinical"],
        "clinical_features": ["INPUTS", "check_columns", "clinical_vector", "fit_scale"],
        "find": ["find_cases"],
        "read": ["read_case"],
        "save": ["write_map"],
        "write": ["list_predictions", "read_prediction", "write_prediction"],
        "orientation": ["AXIAL", "View", "best_slice", "upright", "view"],
    },
)
