"""Answers to the open tasks of lesson 07, Make perfusion maps."""

ANSWERS = {
    "Set `dt = 3`": (
        "Without noise Tmax suffers most: it moves in steps of *dt*, and is 3 s for every "
        "transit time from 2 to 20 s, although the delay is 0. High flow is lost further (MTT 2 s, "
        "cSVD, P = 0.1: 39 % of the true CBF instead of 46 %), long transit times hardly change, "
        "and CBV stays (3.95 of 4.0). With noise (MTT 4.8 s) the standard deviation of CBV rises "
        "from 1.4 to 4.0 and that of MTT with it, from 2.3 to 6.8 s. There are two reasons: only "
        "three instead of six time points give S0, and 60 images now last 180 s, over which an "
        "error of S0 adds up. With `images = 30` it is 2.0. The whole maps of the last section do "
        "not change, since they have the scanner's own `dt`."
    ),
    'Use `kind="box"`': (
        "No, it is now *overestimated* there. With cSVD, P = 0.1, no noise, the estimate is 0.57, "
        "0.84 and 1.01 of the true CBF for an MTT of 2, 3 and 4 s, and 1.23, 1.19, 1.12 and 1.14 "
        "for 6, 8, 12 and 20 s. A short box is smoothed by the truncation, as the exponential is. "
        "A long box has a flat top, and the truncated series overshoots beside its two edges; CBF "
        "is the maximum and takes the overshoot. Tmax suffers, too: the highest overshoot may be "
        "at either edge (15 s at an MTT of 20 s, P = 0.2, without any delay). So the bias depends "
        "on the form of the residue function, which nobody knows in a patient."
    ),
    "Add a second pass to the AIF": (
        "The model is linear, so the tissue gets the same second pass:\n\n"
        "  ```python\n"
        "  def again(curve):\n"
        "      return curve + 0.1 * np.interp(t - 20, t, curve, left=0)\n\n"
        "  two_passes = again(tissue_curve(t, 50, 4.8, peak=240.0))\n"
        "  for artery in (again(aif), aif):\n"
        "      print(deconvolve(two_passes[None], artery, dt, threshold=0.1))\n"
        "  ```\n\n  "
        "With it in the AIF CBV is 4.00 (true 4.0), CBF 33.4 and MTT 7.2 s; without recirculation "
        "they are 4.00, 34.2 and 7.0. If it is left out of the AIF, CBV is 4.41, a tenth too high, "
        "CBF 34.1 and MTT 7.8 s. The area of the second pass is then taken for blood that stays. "
        "CBF is hardly touched, because the maximum of *k* comes 20 s earlier."
    ),
    "If the head of the patient has moved": (
        "No: it shrinks or even grows, depending on the interpolation. The patient of the lesson "
        "moves once, by 0.5 mm, a tenth of a pixel of 4.7 mm. Compare the median CBV in the two "
        "outermost pixels with the truth, 2.5. Uncorrected it is 5.4. With\n\n"
        "  ```python\n"
        "  first, x, y = scanner.moves[0]  # mm\n"
        "  back = (-x / width, -y / width, 0, 0)  # width of a pixel in mm\n"
        "  series = made.series.copy()\n"
        "  later = series[..., first:]\n"
        "  series[..., first:] = ndimage.shift(later, back, order=1, mode='nearest')\n"
        "  ```\n\n  "
        "it is 6.6, with `order=3` it is 5.2. Linear interpolation smooths, so the later images "
        "become smoother than those before the bolus: at the rim this is a signal drop without any "
        "agent. Shifting the images *before* the move forward instead, with `order=1`, gives 4.0: "
        "now all images are equally smooth, for here the simulated movement is itself a linear "
        "interpolation. What remains comes from pixels of brain and background, and from the "
        "smoothing of the maps. With several moves undo the last one first."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
