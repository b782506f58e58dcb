"""Which files are volumes, and what a file that is none is and how to make a volume of it."""

import gzip
import os
import re
import shlex
import zlib
from pathlib import Path
from typing import NamedTuple

_VOLUME = re.compile(r"(\.nii(\.gz)*)+$", re.IGNORECASE)
_CONVERT = "convert it: nib-convert {name} {stem}.nii.gz"
_ITK = "read it with SimpleITK.ReadImage and write it with SimpleITK.WriteImage as {stem}.nii.gz"


class Format(NamedTuple):
    """What a file is, and what to do with it; ``{name}`` and ``{stem}`` stand for its name."""

    what: str
    mend: str

    def advice(self, file: Path) -> str:
        """Return what a file is, and what to do with it."""
        names = {"name": shlex.quote(file.name), "stem": shlex.quote(volume_stem(file.name))}
        return f"{self.what}; {self.mend.format(**names)}"


_PAIR = Format(
    "half of an image pair (.hdr and .img)", "make one file of both: nib-convert {name} {stem}.nii"
)
_DICOM = Format("a DICOM file", "convert the series: dcm2niix -z y FOLDER")
_NRRD = Format("an NRRD image", _ITK)
_META = Format("a MetaImage", _ITK)
_MGH = Format("a FreeSurfer volume", _CONVERT)
_MINC = Format("a MINC image", _CONVERT)
_AFNI = Format("an AFNI data set", "convert it: 3dAFNItoNIFTI -prefix {stem}.nii.gz {name}")
_ZSTD = Format("packed with Zstandard", "unpack it: unzstd {name} -o {stem}.nii")
_BZIP = Format("packed with bzip2", "unpack it: bzip2 -dc {name} > {stem}.nii")
_XZ = Format("packed with xz", "unpack it: xz -dc {name} > {stem}.nii")
_ZIP = Format("a ZIP archive", "unpack it: unzip {name}")
_SEVEN = Format("a 7-Zip archive", "unpack it: 7z x {name}")
_TAR = Format("a tar archive", "unpack it: tar xf {name}")
_SUFFIXES = (
    {".hdr": _PAIR, ".img": _PAIR, ".dcm": _DICOM, ".ima": _DICOM, ".dicom": _DICOM}
    | {".nrrd": _NRRD, ".nhdr": _NRRD, ".mha": _META, ".mhd": _META, ".mgz": _MGH, ".mgh": _MGH}
    | {".mnc": _MINC, ".brik": _AFNI, ".head": _AFNI}
)
_PACKED = {".zst": _ZSTD, ".bz2": _BZIP, ".xz": _XZ, ".zip": _ZIP, ".7z": _SEVEN, ".tar": _TAR}
"""Only where a volume's name stands before it, such as ``MR_ADC.nii.zst``."""
_MAGIC = {
    b"version https://git-lfs": Format("a Git LFS pointer, not the image", "run: git lfs pull"),
    b"/annex/objects/": Format("a git-annex pointer, not the image", "run: datalad get {name}"),
    b"PK\3\4": _ZIP,
    b"\x28\xb5\x2f\xfd": _ZSTD,
    b"BZh": _BZIP,
    b"\xfd7zXZ\0": _XZ,
    b"7z\xbc\xaf\x27\x1c": _SEVEN,
    b"NRRD": _NRRD,
    b"ObjectType = Image": _META,
    b"CDF": _MINC,
    b"\x89HDF": _MINC,
}
_EMPTY = Format("empty (0 bytes)", "copy or download it again")
_HTML = Format(
    "a web page, perhaps of a login or an error", "download the image again, signed in if need be"
)
_GZIP = Format("packed with gzip, though its name does not say so", "rename it to {stem}.nii.gz")
_TWICE = Format("packed with gzip twice", "unpack it twice: gzip -dc {name} | gzip -d > {stem}.nii")
_PLAIN = Format("not packed, though its name ends in .gz", "rename it to {stem}.nii")
_TEXT = Format("a text file, not an image", "copy or download the image again")


def is_volume_name(name: str) -> bool:
    """Tell whether a file's name is that of a volume: .nii or .nii.gz, also in capitals.

    Examples
    --------
    >>> is_volume_name("MR_ADC.NII.GZ"), is_volume_name("MR_ADC.hdr")
    (True, False)
    """
    return _VOLUME.search(name) is not None


def volume_stem(name: str) -> str:
    """Return a name without .nii or .nii.gz, or without the suffix of another image format.

    Examples
    --------
    >>> [volume_stem(name) for name in ("a.1.NII.GZ", "a.nii.nii.gz", "a.nii.zst", "a.1")]
    ['a.1', 'a', 'a', 'a.1']
    """
    root, suffix = os.path.splitext(name)
    if suffix.lower() in _SUFFIXES or (suffix.lower() in _PACKED and is_volume_name(root)):
        name = root
    return _VOLUME.sub("", name).strip()


def is_packed(file: Path) -> bool:
    """Tell whether a volume is packed with gzip, by its name.

    Examples
    --------
    >>> is_packed(Path("MR_ADC.NII.GZ"))
    True
    """
    return file.suffix.lower() == ".gz"


def format_by_name(file: Path) -> Format | None:
    """Return which other image format a file's name speaks of; None if it speaks of none.

    A name without suffix may be a DICOM file; that is seen in its first bytes.

    Examples
    --------
    >>> print(format_by_name(Path("T1.mgz")).advice(Path("T1.mgz")))
    a FreeSurfer volume; convert it: nib-convert T1.mgz T1.nii.gz
    """
    root, suffix = os.path.splitext(file.name.lower())
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in _PACKED and is_volume_name(root):
        return _PACKED[suffix]
    if suffix[1:].isdigit() or not suffix:
        return _DICOM if _first_bytes(file)[128:132] == b"DICM" else None
    return None


def explain(file: Path) -> str | None:
    """Say in one sentence what a file is that is no NIfTI volume; None if nothing is known.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "ADC.nii")
    ...     _ = file.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    ...     print(explain(file).replace(folder, ""))
    /ADC.nii is a Git LFS pointer, not the image; run: git lfs pull
    """
    if not file.exists():
        return _explain_missing(file)
    if file.is_dir():
        return f"{file} is a folder; give the .nii or .nii.gz file, perhaps one inside it"
    content = _first_bytes(file)
    found = _format_of(content, file)
    if found is None and content[:2] == b"\x1f\x8b" and is_packed(file):
        found = _format_inside(file)
    found = found or format_by_name(file)
    return f"{file} is {found.advice(file)}" if found else None


def _explain_missing(file: Path) -> str:
    """Say that a file is not there, or where a link leads that leads nowhere."""
    if not file.is_symlink():
        return f"{file} cannot be opened, because it is not there; check the path"
    target = os.readlink(file)
    if ".git/annex" in target.replace("\\", "/"):
        return (
            f"{file} is a git-annex link whose content is not there; run: datalad get {file.name}"
        )
    return f"{file} is a link to {target}, which is not there; copy the file itself"


def _first_bytes(file: Path) -> bytes:
    """Return the beginning of a file; nothing of one that cannot be read."""
    if not file.is_file():
        return b""
    try:
        with file.open("rb") as stream:
            return stream.read(512)
    except OSError:
        return b""


def _format_inside(file: Path) -> Format | None:
    """Return what a gzip stream holds instead of a volume."""
    try:
        with gzip.open(file) as stream:
            content = stream.read(512)
    except (OSError, EOFError, zlib.error):
        return None
    return _TWICE if content[:2] == b"\x1f\x8b" else _format_of(content, file, inside=True)


def _format_of(content: bytes, file: Path, inside: bool = False) -> Format | None:
    """Return what the beginning of a file says that it is."""
    if not content:
        return _EMPTY if not inside else Format("empty inside its gzip stream", _EMPTY.mend)
    for magic, found in _MAGIC.items():
        if content.startswith(magic):
            return found
    if (
        content.lstrip(b"\xef\xbb\xbf \r\n\t")[:14]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml"))
    ):
        return _HTML
    if content[128:132] == b"DICM":
        return _DICOM
    if content[257:262] == b"ustar":
        return _TAR
    if content[344:348] == b"ni1\0" or content[4:8] == b"ni2\0":
        return _PAIR
    if content[:2] == b"\x1f\x8b" and not is_packed(file):
        return _MGH if file.suffix.lower() == ".mgz" else _GZIP
    if (content[344:348] == b"n+1\0" or content[4:8] == b"n+2\0") and is_packed(file):
        return None if inside else _PLAIN
    printable = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in content)
    return _TEXT if printable and file.suffix.lower() not in _SUFFIXES else None
