"""A small state of lesson 09's notebook, as its exercises need it."""

import numpy as np
import pandas as pd

from islesedu import metrics

_TRUTH = ("........", ".####...", ".#####..", ".#####..", ".#####..", "..###...")
_PREDICTION = (".......#", "........", "..###...", ".#####..", ".####...", "........")
truth, prediction = (np.array([[c == "#" for c in r] for r in m]) for m in (_TRUTH, _PREDICTION))
_ROWS = [
    *(("V", case, 0.5, 9.0 + case, 3.0) for case in range(6)),
    *(("W", case, 0.0, 40.0 + case, 40.0 + case) for case in range(6)),
    *(("X", case, 0.0, 30.0 + case, 22.0) for case in range(6)),
    *(("Y", case, 0.7, 8.0, 2.0) for case in range(4)),
    *(("Y", case, 0.0, 40.0 + case, 40.0 + case) for case in (4, 5)),
]
STATE = {
    "truth": truth,
    "prediction": prediction,
    "small_truth": truth,
    "small_prediction": prediction,
    "metrics": metrics,
    "letters": ["C", "A", "D", "B"],
    "results": pd.DataFrame(_ROWS, columns=["method", "case", "DC", "HD", "ASSD"]),
}
