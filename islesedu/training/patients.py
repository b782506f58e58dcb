"""A patient is not a case: visits of one patient, and copies under two names, belong together."""

import re
from collections.abc import Iterable, Mapping


def patient_of(name: str) -> str:
    """Return the patient that a case's name speaks of: BIDS has ``sub-`` for it, ``ses-`` for when.

    Other names, such as training_1 or ISLES_0001_0000, each stand for a patient of their own.

    Examples
    --------
    >>> patient_of("sub-strokecase0001_ses-0002"), patient_of("training_1")
    ('sub-strokecase0001', 'training_1')
    """
    subject = re.match(r"sub-[^_]+", name)
    return subject[0] if subject else re.sub(r"_ses-[^_]+", "", name)


def group_patients(fingerprints: Mapping[str, str | None]) -> dict[str, str]:
    """Return the patient of each case: one for all visits, and for all names of one image.

    Parameters
    ----------
    fingerprints : mapping of str to str
        Of each case by its name, see `islesedu.training.provenance.fingerprint`; None where only
        the name counts.

    Returns
    -------
    dict of str to str
        By the name of the case the name of the first case of its patient.

    Examples
    --------
    >>> group_patients({"sub-1_ses-1": "a", "sub-2": "b", "sub-1_ses-2": "c", "copy": "b"})
    {'sub-1_ses-1': 'sub-1_ses-1', 'sub-2': 'sub-2', 'sub-1_ses-2': 'sub-1_ses-1', 'copy': 'sub-2'}
    """
    patients: dict[str, str] = {}
    cases_with: dict[tuple, str] = {}  # the first case of a patient's name, or of an image
    for name, image in fingerprints.items():
        marks = [("name", patient_of(name)), *([("image", image)] if image else [])]
        known = {patients[cases_with[mark]]: None for mark in marks if mark in cases_with}
        first = min(known, key=list(patients).index) if len(known) > 1 else next(iter(known), name)
        if len(known) > 1:  # this case shows that two patients are one
            patients = {case: first if own in known else own for case, own in patients.items()}
        patients[name] = first
        for mark in marks:
            cases_with.setdefault(mark, name)
    return patients


def count_patients(names: Iterable[str], patients: Mapping[str, str]) -> str:
    """Return how many patients there are among cases, and which cases are one, in words.

    Examples
    --------
    >>> count_patients(["a", "b", "c"], {"a": "a", "b": "a", "c": "c"})
    '2 patients in 3 cases (a and b are one patient)'
    """
    members: dict[str, list[str]] = {}
    for name in names:
        members.setdefault(patients[name], []).append(name)
    words = f"{len(members)} patient{'s' * (len(members) != 1)}"
    if several := [" and ".join(cases[:2]) for cases in members.values() if len(cases) > 1]:
        words += f" in {sum(map(len, members.values()))} cases ({several[0]} are one patient)"
    return words
