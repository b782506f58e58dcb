"""Damaged, odd and foreign files in the place of a map, a lesion or a prediction."""

import gzip
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib
import numpy as np

from benchmarks.faults.campaign import Answer, Fault, Scene

Damage = Callable[[Path], None]


def replaced(data: bytes) -> Damage:
    """Replace the file by some bytes."""
    return lambda file: file.write_bytes(data) and None


def patched(offset: int, form: str, *values: float) -> Damage:
    """Overwrite a field of the header."""

    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        struct.pack_into(form, data, offset, *values)
        file.write_bytes(data)

    return damage


def changed(change: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Damage:
    """Replace values and affine by what a function makes of them."""

    def damage(file: Path) -> None:
        image = nib.load(file, mmap=False)
        values, affine = change(image.get_fdata(dtype=np.float32), image.affine.copy())
        nib.save(nib.Nifti1Image(values, affine), file)

    return damage


def shifted(values: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Move the volume by ten voxels of 6.5 mm."""
    affine[:3, 3] += 65
    return values, affine


def turned(values: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mirror the affine's first axis, not the values."""
    affine[0] *= -1
    return values, affine


def rotated(values: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn the volume about its first corner by 30 degrees: the corner itself stays."""
    angle = np.pi / 6
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    affine[:2, :2] = turn @ affine[:2, :2]
    return values, affine


def linked(file: Path) -> None:
    """Make the file a link to an annexed object that is not here."""
    file.unlink()
    file.symlink_to("../.git/annex/objects/Xq/MD5E-s123--abc.nii")


def packed_as_plain(file: Path) -> None:
    """Keep gzip data under a name that ends in .nii."""
    file.write_bytes(gzip.compress(file.read_bytes()))


def foldered(file: Path) -> None:
    """Put a folder where the file was."""
    file.unlink()
    file.mkdir()


def complex_values(file: Path) -> None:
    """Store complex numbers."""
    image = nib.load(file, mmap=False)
    nib.save(nib.Nifti1Image(image.get_fdata().astype(np.complex64), image.affine), file)


def coloured(file: Path) -> None:
    """Store colours."""
    image = nib.load(file, mmap=False)
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(np.zeros(image.shape, kind), image.affine), file)


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 1024\n"
HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"

ANY: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "empty file": (replaced(b""), ("empty|0 bytes|cut off|cannot be opened",)),
    "cut in the header": (lambda f: f.write_bytes(f.read_bytes()[:200]) and None, ()),
    "cut in the voxels": (lambda f: f.write_bytes(f.read_bytes()[:900]) and None, ("cut off",)),
    "Git-LFS pointer": (replaced(LFS), ("git lfs pull",)),
    "page of an error": (replaced(HTML), ("html|web page",)),
    "gzip data named .nii": (packed_as_plain, (".nii.gz",)),
    "annexed link without data": (linked, ("datalad get|git annex get",)),
    "folder in its place": (foldered, ()),
    "complex values": (complex_values, ("complex",)),
    "colours": (coloured, ("real numbers|type",)),
    "two axes": (changed(lambda v, a: (v[:, :, 0], a)), ("shape",)),
    "a series": (changed(lambda v, a: (np.stack([v, v], -1), a)), ("shape",)),
    "another grid": (changed(lambda v, a: (v[:-1], a)), ("grid",)),
    "shifted": (changed(shifted), ("voxels away|affine",)),
    "mirrored": (changed(turned), ("voxels away|affine",)),
    "rotated about its corner": (changed(rotated), ("voxels away|affine",)),
    "affine not finite": (patched(280, "<4f", np.nan, 0, 0, 0), ("affine|voxel size",)),
    "voxel size zero": (patched(80, "<3f", 0, 0, 0), ()),
    "absurd size": (patched(42, "<3h", 32000, 32000, 32000), ("believed|cut off",)),
    "all NaN": (changed(lambda v, a: (np.full_like(v, np.nan), a)), ("nan|brain|finite",)),
    "scaled to infinity": (patched(112, "<f", 3.4e38), ("infin|overflow|beyond 3.4e38",)),
    "wrong magic": (patched(344, "<4s", b"abc\0"), ()),
}
"""Damage of any volume, and what must be said of it besides the file's name."""
MASK: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "probabilities": (changed(lambda v, a: (v * 0.4, a)), ("0.4",)),
    "three labels": (changed(lambda v, a: (v + 2 * (v[::-1] > 0), a)), ("2|3",)),
    "half": (changed(lambda v, a: (np.where(v > 0, 0.5, 0), a)), ("0.5",)),
    "NaN outside": (changed(lambda v, a: (np.where(v > 0, 1, np.nan), a)), ("nan",)),
    "negative": (changed(lambda v, a: (2 * v - 1, a)), ("-1",)),
}
SAID_ONLY = {"voxel size zero"}
"""Damage that nibabel repairs from the sform; a warning or a right answer is enough."""


MAP_ONLY = {"scaled to infinity"}
"""Damage that no mask can have: a label may be any number."""


def faults() -> Iterator[Fault]:
    """Yield the faults of volumes."""
    for name, (damage, says) in ANY.items():
        yield from _of_map(name, damage, says)
        if name not in MAP_ONLY:
            yield from _of_lesion(name, damage, says)
            yield from _of_prediction(name, damage, says)
    for name, (damage, says) in MASK.items():
        yield from _of_lesion(name, damage, says)
        yield from _of_prediction(name, damage, says)
    yield from _right()


def _of_map(name: str, damage: Damage, says: tuple[str, ...]) -> Iterator[Fault]:
    def check(scene: Scene) -> list:
        folder = scene.only()
        damage(scene.map(folder))
        return ["data", "check", folder]

    def predict(scene: Scene) -> list:
        return ["predict", scene.run, check(scene)[2], "--output", scene.out]

    status = (0, 1, 2) if name in SAID_ONLY else (1, 2)
    named = ("adc",)
    yield Fault(f"volumes: map: {name}: data check", check, (*named, *says), status)
    if name not in SAID_ONLY:
        yield Fault(f"volumes: map: {name}: predict", predict, (*named, *says))


def _of_lesion(name: str, damage: Damage, says: tuple[str, ...]) -> Iterator[Fault]:
    def check(scene: Scene) -> list:
        damage(scene.map(scene.training, "OT"))
        return ["data", "check", scene.training]

    # A folder hides the mask: the case is left out, which must be said.
    status = (0, 1, 2) if name == "folder in its place" else (1, 2)
    named = ("training_1",) if name == "folder in its place" else ("ot",)

    def evaluate(scene: Scene) -> list:
        return ["evaluate", scene.masks, check(scene)[2], "--csv", scene.folder / "scores.csv"]

    if name in SAID_ONLY:
        return
    yield Fault(f"volumes: lesion: {name}: data check", check, (*named, *says), status)
    yield Fault(
        f"volumes: lesion: {name}: evaluate",
        evaluate,
        (*named, *says),
        status,
        may_write=status[0] == 0,
    )


def _of_prediction(name: str, damage: Damage, says: tuple[str, ...]) -> Iterator[Fault]:
    def evaluate(scene: Scene) -> list:
        mask = sorted(scene.masks.glob("*.nii"))[0]
        shutil.copyfile(scene.map(scene.training, "OT"), mask)  # a mask with some lesion in it
        damage(mask)
        return ["evaluate", scene.masks, scene.training, "--csv", scene.folder / "scores.csv"]

    if name not in SAID_ONLY:
        yield Fault(f"volumes: prediction: {name}: evaluate", evaluate, ("smir", *says))


def _volume(answer: Answer) -> float:
    """Return the smallest lesion volume in ml that ``data check`` printed."""
    line = next(line for line in answer.out.splitlines() if "lesion volume" in line)
    return float(line.split(":")[1].split(",")[0])


def _stored_as(change: Callable[[Path], None]) -> Fault:
    def prepare(scene: Scene) -> list:
        folder = scene.only()
        for file in folder.glob("*/*/*.nii"):
            change(file)
        return ["data", "check", folder]

    def right(scene: Scene, answer: Answer) -> bool:
        lesion = nib.load(scene.map(scene.training, "OT"))
        size = np.prod(nib.affines.voxel_sizes(lesion.affine))
        expected = lesion.get_fdata().sum() * size / 1000
        return abs(_volume(answer) - expected) < 0.011

    name = change.__doc__.strip().rstrip(".")
    return Fault(f"volumes: right: {name}", prepare, status=(0,), right=right)


def _right() -> Iterator[Fault]:
    """Yield unusual but sound files, whose lesion volume must be right."""

    def resave(file: Path, dtype: type = np.float64, axes: int = 0, **header: int) -> None:
        image = nib.load(file, mmap=False)
        values = np.asarray(image.dataobj).reshape(image.shape + (1,) * axes)
        new = nib.Nifti1Image(values.astype(dtype), image.affine)
        for key, value in header.items():
            new.header[key] = value
        nib.save(new, file)

    def doubles(file: Path) -> None:
        """Float64 values."""
        resave(file)

    def trailing(file: Path) -> None:
        """Trailing axes of one."""
        resave(file, np.float32, axes=2)

    def capitals(file: Path) -> None:
        """Suffix .NII."""
        file.rename(file.with_suffix(".NII"))

    def metres(file: Path) -> None:
        """Affine and voxel size in metres."""
        image = nib.load(file, mmap=False)
        affine = image.affine * np.array([[1e-3], [1e-3], [1e-3], [1]])
        new = nib.Nifti1Image(np.asarray(image.dataobj), affine)
        new.header["xyzt_units"] = 1
        nib.save(new, file)

    def micrometres(file: Path) -> None:
        """Affine and voxel size in micrometres."""
        image = nib.load(file, mmap=False)
        affine = image.affine * np.array([[1e3], [1e3], [1e3], [1]])
        new = nib.Nifti1Image(np.asarray(image.dataobj), affine)
        new.header["xyzt_units"] = 3
        nib.save(new, file)

    def pixdim(file: Path) -> None:
        """Voxel size 1 in pixdim, the true one in the sform."""
        patched(80, "<3f", 1, 1, 1)(file)
        patched(252, "<2h", 0, 2)(file)

    def big_endian(file: Path) -> None:
        """Big-endian numbers."""
        image = nib.load(file, mmap=False)
        header = image.header.as_byteswapped(">")
        nib.save(nib.Nifti1Image(np.asarray(image.dataobj), image.affine, header), file)

    def second(file: Path) -> None:
        """NIfTI-2."""
        image = nib.load(file, mmap=False)
        nib.save(nib.Nifti2Image(np.asarray(image.dataobj), image.affine), file)

    def packed(file: Path) -> None:
        """Packed files."""
        Path(f"{file}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()

    changes = doubles, trailing, capitals, metres, micrometres, pixdim, big_endian, second, packed
    yield from map(_stored_as, changes)
