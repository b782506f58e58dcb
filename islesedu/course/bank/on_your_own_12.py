"""Answers to the open tasks of lesson 12, Train the V-Net."""

ANSWERS = {
    "Train with `epochs = 25`": (
        "Set it in the second cell, then plot `curves['val_dice']` with `curves.index` as epoch. "
        "Early stopping ends the training `patience = 5` epochs after the best one, or after epoch "
        "25. If it ends at 25, ten epochs were too few and 25 may be, too. If it stops earlier, "
        "compare the best value with that of epochs 1 to 10. A gain of the size by which the curve "
        "jumps from epoch to epoch (eight patients, batches of one) is no gain. If the training "
        "Dice rises while the validation Dice falls, the network overfits. The maximum over 25 "
        "epochs is also more optimistic than one over 10: more candidates were tried."
    ),
    "Replace Adagrad by": (
        "Change the optimizer in `compiled_vnet` and train each with `seed` 2017, 2018 and 2019. "
        "Keep the split: `seed` also draws it, so give `default_rng` a fixed 2017. For each seed "
        "take Adam minus Adagrad; the start and the order of the patients are shared, so the "
        "difference is paired. Three differences of one sign suggest an order; if they change "
        "sign, seeds matter more than the optimizer. In either case the comparison holds for these "
        "two learning rates (0.01 with decay, 0.001 without) and this number of epochs: Adagrad's "
        "steps shrink, Adam's do not, so Adam may be ahead early and overfit earlier."
    ),
    "Train without the box": (
        "Give `CROP = None` and `crop=False`. Divide the wall time by the number of steps: it "
        "grows about as the voxels do, by the inverse of the share that the lesson prints for its "
        "boxes. The loss changes, too. Cross-entropy is a mean over more background, which is easy "
        "and soon right, so its gradient on the lesion is smaller; soft Dice is the same for the "
        "same probabilities once the background is near 0. A collapse to all background may "
        "become more likely, and the start slower. Compare at an equal number of "
        "steps *and* at equal time, over several seeds: the box mainly buys steps."
    ),
    "Drop components smaller than a tenth": (
        "Apply it to the masks of the validation patients, at the chosen threshold, and take the "
        "paired differences:\n\n"
        "  ```python\n"
        "  masks = [p > threshold for p in val_probability]\n"
        "  gains = [\n"
        "      metrics.dice(drop_small_components(mask, 0.1), one.lesion)\n"
        "      - metrics.dice(mask, one.lesion)\n"
        "      for mask, one in zip(masks, val_patients, strict=True)\n"
        "  ]\n"
        "  print(np.mean(gains), metrics.bootstrap_interval(gains))\n"
        "  ```\n\n  "
        "Expect little. For the combined loss of the recorded comparison (lesson 13, 43 held-out "
        "patients, threshold 0.5) the mean Dice rises by 0.004 (95 % interval 0.002 to 0.008), in "
        "20 patients it rises, in 3 it falls. The removal helps where small false regions lie far "
        "from the lesion, and hurts where lesions of very different size are right. Dice hardly "
        "depends on small components; the number of false lesions and the Hausdorff distance do."
    ),
}
"""Model answers by words of their task; no number is of a training that was not recorded."""
