// Undo, redo and reset. A step back is the list of edits before it; that of a reset holds mark and threshold, too.

import { applyEdits, wordsOf } from "./edits.js";
import { press } from "./lab_parts.js";

export function addEdit(l, edit) {
  const { maps } = applyEdits(l.patient, [...l.edits, edit]);
  if (maps.some((values) => values.some((value) => !Number.isFinite(value)))) {
    l.say(`${wordsOf(edit, l.patient.channels)} makes values that no image can hold; give smaller numbers`);
    return;
  }
  l.say("");
  l.past.push({ edits: l.edits });
  goOn(l, [...l.edits, edit], wordsOf(edit, l.patient.channels));
}

function goOn(l, edits, text) { // what was undone cannot be redone any more
  l.future = [];
  l.edits = edits;
  l.refit(text);
}

const restOf = (l) => ({ region: l.region, threshold: l.view.get("threshold") });

function setRest(l, { region, threshold }) {
  l.region = region;
  l.view.set("threshold", threshold);
  clearTimeout(l.thresholdLater); // the prediction's own line in the log tells it
}

function step(l, from, to, text) {
  const found = from.pop();
  to.push({ edits: l.edits, ...(found.region ? restOf(l) : {}) });
  l.edits = found.edits;
  if (found.region) setRest(l, found);
  l.refit(text);
}

export function historyOf(l) {
  const undo = press("Undo", () => step(l, l.past, l.future, "undo")), redo = press("Redo", () => step(l, l.future, l.past, "redo"));
  const reset = press("Reset all", () => {
    l.past.push({ edits: l.edits, ...restOf(l) });
    setRest(l, { region: new Uint8Array(l.region.length), threshold: l.about.threshold });
    goOn(l, [], "as it is");
  });
  reset.title = "The patient as it is: no change, nothing marked, the first threshold";
  l.fields.push(() => {
    undo.disabled = !l.past.length;
    redo.disabled = !l.future.length;
    reset.disabled = !l.edits.length && !l.region.includes(1) && l.view.get("threshold") === l.about.threshold;
  });
  return [undo, redo, reset];
}
