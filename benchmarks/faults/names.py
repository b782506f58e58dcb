"""Folders whose files bear other names, or hold what the kit does not read."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib

from benchmarks.faults.campaign import Answer, Fault, Scene


def maps(scene: Scene) -> dict[str, Path]:
    """Return the files of training_1 by channel, the lesion as OT."""
    names = {"rCBV": "CBV", "rCBF": "CBF"}
    files = scene.training.glob("training_1/*/*.nii")
    fields = {file.name.split(".")[4].removeprefix("MR_"): file for file in files}
    return {names.get(field, field): file for field, file in fields.items()}


def layout(naming: Callable[[str], str | None], also: Callable[[Path], None] = lambda f: None):
    """Return a function that lays the files of a case out under other names."""

    def lay(scene: Scene) -> Path:
        folder = scene.folder / "other"
        for channel, file in maps(scene).items():
            if name := naming(channel):
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        also(folder)
        return folder

    return lay


def _bids_2024(channel: str) -> str | None:
    raw = "sub-stroke0001/ses-01/perfusion-maps/sub-stroke0001_ses-01_space-ncct_"
    lesion = "derivatives/sub-stroke0001/ses-02/sub-stroke0001_ses-02_lesion-msk.nii"
    if channel == "OT":
        return lesion
    return None if channel in ("ADC", "TTP") else f"{raw}{channel.lower()}.nii"


def _isles_2018(channel: str) -> str | None:
    if channel in ("ADC", "TTP"):
        return None
    field = "OT" if channel == "OT" else f"CT_{channel}"
    return f"case_1/SMIR.Brain.XX.O.{field}.345/SMIR.Brain.XX.O.{field}.345.nii"


def _siss_2015(channel: str) -> str | None:
    field = {"ADC": "MR_DWI", "CBF": "MR_Flair", "CBV": "MR_T1", "MTT": "MR_T2", "OT": "OT"}
    name = field.get(channel)
    return name and f"1/VSD.Brain.XX.O.{name}.70616/VSD.Brain.XX.O.{name}.70616.nii"


def _flat(channel: str) -> str:
    return f"case/{channel}.nii" if channel != "OT" else "case/lesion-msk.nii"


READ = {
    "ISLES 2024": (_bids_2024, "CBV,CBF,MTT,Tmax"),
    "ISLES 2018": (_isles_2018, "CBV,CBF,MTT,Tmax"),
    "ISLES 2015 SISS": (_siss_2015, "DWI,FLAIR,T1,T2"),
    "capitals": (lambda c: f"training_1/MR_{c}.NII" if c != "OT" else "training_1/OT.NII", ""),
}
"""Layouts that are read, and the channels to ask for."""


def _nnunet(channel: str) -> str:
    channels = ["ADC", "CBV", "CBF", "MTT", "TTP", "Tmax", "OT"]
    return f"imagesTr/case_{channels.index(channel):04d}.nii"


def _foreign(suffix: str, says: str) -> Fault:
    """Return a fault: one map is stored in a format that the kit does not read."""

    def prepare(scene: Scene) -> list:
        folder = scene.only()
        file = scene.map(folder)
        if suffix in (".mgz", ".hdr"):
            kind = nib.MGHImage if suffix == ".mgz" else nib.Nifti1Pair
            image = nib.load(file, mmap=False)
            nib.save(kind(image.get_fdata(dtype="float32"), image.affine), file.with_suffix(suffix))
            file.unlink()
        else:
            file.rename(file.with_name(file.stem + suffix))
        return ["data", "check", folder]

    return Fault(f"names: format {suffix}", prepare, (says, suffix))


def _mapped(option: list[str], naming: Callable[[str], str | None], name: str) -> Fault:
    """Return a fault: names that only ``--map`` can explain."""
    return Fault(
        f"names: mapped: {name}",
        lambda scene: ["data", "check", layout(naming)(scene), *option],
        status=(0,),
        right=lambda scene, answer: "1 cases" in answer.out or "1 case" in answer.out,
    )


def _lesion_is_read(scene: Scene, answer: Answer) -> bool:
    return "1 with a lesion" in answer.out


def _touched(name: str) -> Callable[[Scene], list]:
    def prepare(scene: Scene) -> list:
        folder = scene.only()
        (folder / "training_1" / name).write_bytes(b"x" * 400)
        return ["data", "check", folder]

    return prepare


def _second(name: str) -> Callable[[Scene], list]:
    def prepare(scene: Scene) -> list:
        folder = scene.only()
        file = scene.map(folder)
        target = file.with_name(name.format(file.stem))
        shutil.copyfile(file, target)
        return ["data", "check", folder]

    return prepare


def faults() -> Iterator[Fault]:
    """Yield the faults of names."""
    for name, (naming, channels) in READ.items():
        option = ["--channels", channels] if channels else []
        yield Fault(
            f"names: layout of {name}",
            lambda scene, naming=naming, option=option: [
                *("data", "check", layout(naming)(scene)),
                *option,
            ],
            status=(0,),
            right=_lesion_is_read,
        )
    for suffix in (".mgz", ".hdr", ".nii.zst", ".mnc", ".nrrd", ".dcm"):
        yield _foreign(suffix, "convert|nib-convert|dcm2niix|unzstd|simpleitk")
    yield _mapped(
        ["--map", "Tmax=Tmax", "--map", "lesion-msk=lesion", "--channels", "Tmax"], _flat, "flat"
    )
    yield Fault(
        "names: nothing understood names what is there",
        lambda scene: ["data", "check", layout(lambda c: f"case/x_{c}.nii")(scene)],
        ("x_", "--map"),
    )
    yield Fault(
        "names: nnU-Net folder",
        lambda scene: ["data", "check", layout(_nnunet)(scene)],
        ("case_000",),
        status=(0, 1, 2),
    )
    for name in ("notes.nii", "T1 weighted.nii.gz", "mask.nii", "report.mgz"):
        yield Fault(
            f"names: {name} passed over",
            _touched(name),
            (name, "passed over|not understood|not read"),
            status=(0, 1),
        )
    for name in ("{}.nii.gz", "{} (1).nii", "{}.NII"):
        yield Fault(
            f"names: second file {name} for a map", _second(name), ("second file|copy",), (0, 1, 2)
        )
    for name in ("._VSD.Brain.XX.O.MR_ADC.127034.nii", "MR_ADC.nii:Zone.Identifier", ".DS_Store"):
        yield Fault(f"names: {name} is no volume", _touched(name), status=(0,))
