// What the result line says: Dice and volumes at the threshold of this moment, beside those of the unchanged
// patient; and why a prediction stays the same though its input was changed.

import { diceOf } from "./describe.js";
import { inputOf } from "./edits.js";

const SAME = 1e-3; // if no probability changes by as much, the prediction has not changed

const settingOf = (l) => `${l.network} ${l.average}`; // how it is predicted; what is predicted are the edits

export function keepPrediction(l) { // of the prediction that has just come
  l.why = whyTheSame(l);
  l.last = { edits: l.edits, probability: l.probability, patient: l.patient, setting: settingOf(l) };
  if (!l.edits.length) l.bases.set(settingOf(l), l.side.counts);
}

function whyTheSame(l) { // "" if it is not, or if nothing was changed
  const { last, edits, now } = l;
  if (!last || last.patient !== l.patient || last.setting !== settingOf(l)) return "";
  const same = edits.findIndex((edit, n) => edit !== last.edits[n]), from = same < 0 ? edits.length : same;
  const changed = [...edits.slice(from), ...last.edits.slice(from)], all = (test) => changed.every(test);
  if (!changed.length || l.probability.some((p, i) => Math.abs(p - last.probability[i]) >= SAME)) return "";
  const any = (...kinds) => edits.some(({ kind }) => kinds.includes(kind));
  if (all(({ kind, channel }) => ["scale", "noise"].includes(kind) && now.off.has(channel))) {
    return "The prediction has not changed: the map that you have changed is off, so the network does not see it.";
  }
  if (all(({ kind }) => kind === "scale") && !now.stats) {
    return "The prediction has not changed although the input has: each map is standardized before the network sees it (z-score: minus its mean, divided by its SD), "
      + "and this removes a constant factor or shift. Tick \"Standardize with the unchanged map's mean and SD\" to let the network see the change.";
  }
  if (all(({ kind }) => kind === "fill") && !any("occlude")) {
    return now.off.size
      ? "The prediction has not changed although the value of the map has: a map that is off is constant, and standardization gives every constant map the z-score 0. "
        + "The two means differ in an occluded region, or when the unchanged map's mean and SD are used."
      : "The prediction has not changed, because nothing is occluded yet. Occlude a region, then compare the two values.";
  }
  if (all(({ kind }) => kind === "keep") && !any("scale", "noise", "occlude", "replace", "move") && !now.off.size) {
    return "The prediction has not changed: the maps are unchanged, so they are standardized with the same mean and SD as before. Scale or shift a map to see the difference.";
  }
  return `The prediction has not changed although the input has: no probability changes by ${SAME} or more.`;
}

function scoreNow(l) { // Dice, if there is a reference, and ml, at the threshold of this moment
  const { truth, probability } = l.side.counts, level = l.level(), ml = l.patient.spacing.reduce((a, v) => a * v) / 1000;
  return { dice: truth === null ? null : diceOf(probability, truth, level), ml: probability[0][level] * ml,
    reference: truth === null ? null : truth * ml };
}

export function tellResult(l) {
  l.reason.textContent = l.fresh ? l.why : "";
  if (!l.fresh) {
    const drawn = l.probability ? " What is drawn is the prediction before this change." : "";
    l.result.textContent = `${l.running ? `Predicting: ${l.waiting}.` : "Not predicted."}${drawn}`;
    return;
  }
  const { dice, ml, reference } = scoreNow(l), base = l.bases.get(settingOf(l)), threshold = `at threshold ${l.view.get("threshold").toFixed(3)}`;
  const was = base && dice !== null && l.edits.length ? ` (unchanged patient: ${diceOf(base.probability, base.truth, l.level()).toFixed(3)})` : "";
  const truth = reference === null ? [] : [reference ? `reference ${reference.toFixed(1)} ml`
    : ml ? "the reference is empty, so any predicted voxel gives Dice 0" : "reference and prediction are both empty, which counts as Dice 1"];
  l.result.textContent = [dice === null ? `No reference lesion, ${threshold}` : `Dice ${dice.toFixed(3)}${was} ${threshold}`,
    `predicted ${ml.toFixed(1)} ml`, ...truth].join(" · ");
}

export function logScore(l, text, seconds) { // one line of the log
  const score = scoreNow(l);
  l.host.keep({ patient: l.patient.name, network: l.about.networks[l.network].name, what: text,
    input: inputOf(l.edits, l.patient.channels, l.average),
    threshold: l.view.get("threshold"), ...score, seconds });
  l.showLog();
  const said = score.dice === null ? "" : ` Dice ${score.dice.toFixed(3)},`, reason = seconds === null ? "" : ` ${l.why}`;
  l.inform(`${l.host.tried().length}, ${text}:${said} ${score.ml.toFixed(1)} ml predicted.${reason}`);
}
