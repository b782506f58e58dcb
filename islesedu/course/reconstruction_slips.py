"""What the usual mistakes of reconstruction and registration give, lesson 22."""

import numpy as np


def to_kspace(image: np.ndarray) -> np.ndarray:
    """Return the k-space of an image, its centre in the middle."""
    return np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho"))


def _to_image(kspace: np.ndarray) -> np.ndarray:
    """Return the image of a k-space."""
    return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace), norm="ortho"))


def _channels(image: np.ndarray) -> np.ndarray:
    """Return real and imaginary part (2, H, W)."""
    return np.stack([image.real, image.imag])


def _polar(image: np.ndarray) -> np.ndarray:
    """Return magnitude and phase (2, H, W), which were not asked for."""
    return np.stack([np.abs(image), np.angle(image)])


def combination(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Return one image of those of all coils."""
    return _channels((np.conj(maps) * images).sum(axis=0) / (np.abs(maps) ** 2).sum(axis=0))


def combination_slips(images: np.ndarray, maps: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    energy, weighted = np.abs(maps) ** 2, np.conj(maps) * images
    total = weighted.sum(axis=0)
    wrong = {
        "take the complex conjugate of the sensitivities": (
            (maps * images).sum(axis=0) / energy.sum(axis=0)
        ),
        "divide by the sum of the squared magnitudes of the sensitivities": total,
        "the square of a complex number is not its squared magnitude": (
            total / (maps**2).sum(axis=0)
        ),
        "square the magnitudes below the line": total / np.abs(maps).sum(axis=0),
        "sum above and below the line first, then divide": (weighted / energy).sum(axis=0),
        "that is a mean in which a coil that sees little counts as much as the others": (
            (weighted / energy).mean(axis=0)
        ),
    }
    polar = _polar(total / energy.sum(axis=0))
    return {slip: _channels(one) for slip, one in wrong.items()} | {
        "real and imaginary part are asked for, not magnitude and phase": polar
    }


def consistency(image: np.ndarray, kspace: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return the image with the measured lines of a k-space."""
    return _channels(_to_image(np.where(lines[:, None], kspace, to_kspace(image))))


def consistency_slips(image: np.ndarray, kspace: np.ndarray, lines: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    own, measured = to_kspace(image), lines[:, None]
    mixed = np.where(measured, kspace, own)
    wrong = {
        "the lines that were not measured stay as the image has them": _to_image(
            np.where(measured, kspace, 0)
        ),
        "take the measured values where lines is True, not elsewhere": _to_image(
            np.where(measured, own, kspace)
        ),
        "the image is not changed at all: replace lines of its k-space": image,
        "replace the lines, do not add to them": _to_image(own + np.where(measured, kspace, 0)),
        "return the image, not its k-space": mixed,
    }
    return {slip: _channels(one) for slip, one in wrong.items()} | {
        "real and imaginary part are asked for, not magnitude and phase": _polar(_to_image(mixed))
    }


def mutual_information(counts: np.ndarray) -> float:
    """Return the mutual information of a joint histogram."""
    p = counts / counts.sum()
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    used = p > 0
    return float(np.sum(p[used] * np.log(p[used] / independent[used])))


def information_slips(counts: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    p, right = counts / counts.sum(), mutual_information(counts)
    used = p > 0
    return {
        "the natural logarithm is asked for, not that of base 2": right / np.log(2),
        "the natural logarithm is asked for, not that of base 10": right / np.log(10),
        "divide the counts by their sum first": right * counts.sum(),
        "that is the joint entropy; divide by the row and column sums": (
            -np.sum(p[used] * np.log(p[used]))
        ),
        "the fraction is the other way round": -right,
        "0 times the logarithm of 0 counts as 0: leave out the empty cells": np.nan,
    }
