"""Draw docs/overview.png, the picture of the README.

Run ``make lessons`` first (lesson 12 trains the network this picture asks), then
``python docs/overview.py`` in the folder of the README.
"""

import matplotlib

matplotlib.use("agg")

import keras
import matplotlib.pyplot as plt

from islesedu import CHANNELS, build_vnet, figures, metrics
from islesedu.isles import find_cases, read_case
from islesedu.training import crop_to_brain, predict_probability

CASE = "test_5"


def main() -> None:
    """Draw six maps, the network, and its prediction for a patient it has never seen."""
    model = keras.models.load_model("build/runs/lesson_12/best.keras", compile=False)
    case = next(c for c in find_cases("build/cohort/test") if c.name == CASE)
    truth_case = next(c for c in find_cases("build/cohort/truth") if c.name == CASE)
    patient, truth = read_case(case), read_case(truth_case, ["ADC"]).lesion
    prediction = predict_probability(model, patient.image, crop=True) > 0.5
    cropped, place = crop_to_brain(patient.image, margin=1)
    truth, prediction = truth[place], prediction[place]
    score, z = metrics.dice(prediction, truth), figures.best_slice(truth)

    figure = plt.figure(figsize=(16, 4.6), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1.2, 1.8, 0.9])
    for number, (channel, ax) in enumerate(zip(CHANNELS, left.subplots(2, 3).ravel(), strict=True)):
        vmin, vmax = figures.RANGES[channel]
        slice_xy = cropped[:, :, z, number]
        figures.show_slice(slice_xy, ax, title=channel, vmin=vmin, vmax=vmax, colorbar=False)
    left.suptitle("six maps on the day of the stroke")
    ax = figures.architecture(build_vnet(filters=4), middle.subplots())
    ax.set_title("the V-Net of lessons 11 and 12")
    ax.get_legend().remove()
    for text in ax.texts:
        text.set_fontsize(6)
    ax = right.subplots()
    figures.overlay(cropped[:, :, z, 5], truth[..., z], prediction[..., z], ax, vmin=0, vmax=12)
    ax.set_title(f"the lesion after 90 days, Dice {score:.2f}")
    figure.savefig("docs/overview.png", dpi=90)


if __name__ == "__main__":
    main()
