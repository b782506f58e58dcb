// The result in words: Dice and volume at the threshold of this moment, and why nothing has changed.

import { diceOf } from "./describe.js";

export function resultOf(l, counts) { // Dice, if there is a reference, and ml
  const { truth, probability } = counts, level = l.level(), ml = l.patient.spacing.reduce((a, v) => a * v) / 1000;
  return { dice: truth === null ? null : diceOf(probability, truth, level), ml: probability[0][level] * ml,
    reference: truth === null ? null : truth * ml };
}

const ABSORBED = {
  scale: "The network was given the same numbers as before: a z-score subtracts the map's mean and divides by its SD, so a factor or an added "
    + "number cancels. To let the change through, tick Standardize with the unchanged map's mean and SD.",
  fill: "The network was given the same numbers as before: a map with one value everywhere has a z-score of 0, whatever that value is. To see a "
    + "difference, tick Standardize with the unchanged map's mean and SD.",
  none: "Nothing is hidden yet: switch a map off, or occlude a region.",
};

export function tellResult(l) {
  l.because.textContent = l.fresh && l.absorbed ? ABSORBED[l.absorbed === "fill" && !l.now.hides ? "none" : l.absorbed] : "";
  if (!l.fresh) {
    const drawn = l.probability ? " What is drawn is the prediction before this change." : "";
    l.result.textContent = `${l.running ? "Predicting." : "Not predicted."}${drawn}`;
    return;
  }
  const { dice, ml, reference } = resultOf(l, l.side.counts);
  const parts = [diceWords(l, dice, reference), `predicted ${ml.toFixed(1)} ml`];
  if (reference) parts.push(`reference ${reference.toFixed(1)} ml`);
  parts.push(`threshold ${l.view.get("threshold").toFixed(3)}`);
  l.result.textContent = parts.join(" · ");
}

function diceWords(l, dice, reference) {
  if (dice === null) return "No reference lesion";
  const before = l.base && l.edits.length ? resultOf(l, l.base) : null; // at the same threshold
  const was = before?.reference ? `; unchanged patient: ${before.dice.toFixed(3)}` : "";
  if (reference) return `Dice ${dice.toFixed(3)}${was}`;
  return `Dice ${dice.toFixed(0)}, as the reference is empty: 1 if nothing is predicted, else 0${was}`;
}
