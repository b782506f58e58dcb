"""Open and read images with nibabel: names in any letters, packed files to their check sum."""

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.arrayproxy import ArrayProxy

from islesedu.isles.formats import is_packed


def open_image(file: Path) -> nib.filebasedimages.FileBasedImage:
    """Open a file with nibabel, which by itself looks for .nii where a name ends in .Nii.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     nib.save(nib.Nifti1Image(np.ones((2, 3, 4)), np.eye(4)), f"{folder}/ADC.nii")
    ...     open_image(Path(folder, "ADC.nii").rename(Path(folder, "ADC.Nii"))).shape
    (2, 3, 4)
    """
    try:
        return nib.load(file, mmap=False)
    except FileNotFoundError:
        if not file.exists():
            raise
    holder = {"image": nib.FileHolder(str(file))}
    try:
        return nib.Nifti1Image.from_file_map(holder, mmap=False)
    except nib.filebasedimages.ImageFileError:
        return nib.Nifti2Image.from_file_map(holder, mmap=False)


def read_values(image: nib.Nifti1Image, dtype: type | None = None) -> np.ndarray:
    """Return the values of an opened image; a packed file is read to its end, once.

    Raises
    ------
    Exception
        Whatever zlib, gzip, nibabel and the disk say of a damaged file, also if only its check sum
        is wrong.

    Examples
    --------
    >>> read_values(nib.Nifti1Image(np.full((2, 1), 7, np.int16), np.eye(4))).tolist()
    [[7], [7]]
    """
    file, data = image.get_filename(), image.dataobj
    if not file or not is_packed(Path(file)):
        return np.asanyarray(data, dtype=dtype)
    spec = (data.shape, data.dtype, data.offset, data.slope, data.inter)
    with gzip.open(file) as stream:
        values = np.asanyarray(ArrayProxy(stream, spec, mmap=False), dtype=dtype)
        read_to_end(stream)
    return values


def read_to_end(stream: gzip.GzipFile) -> None:
    """Read what is left of a packed file: at its end Python compares the check sum.

    Examples
    --------
    >>> import io
    >>> read_to_end(stream := gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(b"abc"))))
    >>> stream.read()
    b''
    """
    while stream.read(2**20):
        pass
