"""The apparent diffusion coefficient (ADC) that a scanner measures."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from islesedu.phantom.circulation import Circulation
from islesedu.phantom.template import Tissue, smooth_noise


def diffusion_map(
    tissue: Tissue,
    blood: Circulation,
    damage: np.ndarray,
    spacing: Sequence[float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the ADC (X, Y, Z) in 1e-6 mm²/s, whole numbers as scanners give them.

    Water is trapped in dying cells, so ADC falls from about 840 to 530; an old stroke is bright.

    Parameters
    ----------
    tissue, blood : Tissue, Circulation
        What is in the voxels.
    damage : ndarray, (X, Y, Z)
        Done when the scan is made; from 1 on the tissue is dead.
    spacing : tuple of float
        Voxel size in mm.
    rng : Generator
        Draws texture, noise and the losses near air.
    """
    shape = damage.shape
    dying = 1 / (1 + np.maximum(damage, 1e-6) ** -1.5)  # half at 1
    dying = dying * (1 + 0.25 * smooth_noise(rng, shape, spacing, 7)).clip(0, 1.5)
    solid = (870 * tissue.gray + 800 * tissue.white) * (1 - rng.uniform(0.28, 0.42) * dying)
    solid = solid * np.exp(0.08 * smooth_noise(rng, shape, spacing, 4)) * (1 - blood.old)
    solid = solid * (1 - _distortion(tissue, spacing, rng))
    adc = solid + 3000 * tissue.fluid + 2000 * blood.old
    grain = ndimage.gaussian_filter(rng.standard_normal(shape, np.float32), (0.6, 0.6, 0))
    adc = adc + 90 * grain / grain.std()
    return np.where(tissue.brain, np.round(adc.clip(1, 4095)), 0).astype(np.float32)


def _distortion(tissue: Tissue, spacing: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    """Return the share (X, Y, Z) of the ADC that is lost near air, above the sinuses and ears."""
    _, front, up = tissue.place
    low = np.exp(-(((up + 25) / 18) ** 2)) * (1 + np.tanh((np.abs(front - 10) - 25) / 15)) / 2
    wavy = 1 + smooth_noise(rng, up.shape, spacing, 8)
    return (rng.uniform(0.1, 0.4) * low * wavy).clip(0, 0.6)
