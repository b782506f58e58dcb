// The lab's controls: what is shown to the network, and what is undone.

import { create } from "../dom.js";
import { checkbox, choice, note, numberField, press, section } from "./lab_parts.js";

export function headOf(l) { // patient, network, progress, result
  const { patients, networks } = l.about;
  const own = create("option", { value: "own", hidden: "" }, "your own files");
  l.patientChoice = choice("Patient", patients.map((p, n) => [n, p.title]), (n) => { if (n !== "own") l.choosePatient(Number(n)); });
  l.patientChoice.input.append(own);
  const network = choice("Network", networks.map((one, n) => [n, one.title]), (n) => {
    l.useNetwork(Number(n));
    l.fields.forEach((field) => field());
    l.refit("another network");
  });
  const mirror = checkbox("Average with the mirror image", l.average, (on) => { l.average = on; l.refit(on ? "averaged with the mirror image" : "not averaged"); });
  const bar = create("progress", { max: 1, "aria-label": "Prediction" }), words = create("span", { class: "isl-done" });
  const cancel = press("Cancel", () => l.predictor.cancel());
  let timer = 0;
  l.progress = (expected) => { // null: done; else seconds of the last run, or undefined at the first
    clearInterval(timer);
    cancel.disabled = expected === null;
    bar.hidden = expected === null;
    const first = l.host.kernel ? "asking the kernel" : "loading the network";
    words.textContent = expected === null ? "" : expected ? `predicting, about ${expected.toFixed(1)} s` : first;
    if (expected === null) return;
    bar.removeAttribute("value");
    const start = performance.now();
    timer = setInterval(() => {
      const seconds = (performance.now() - start) / 1000;
      if (expected) bar.value = Math.min(0.95, seconds / expected);
      if (l.host.kernel && seconds > 10 + 3 * (expected ?? 0)) words.textContent = "no answer yet: the kernel is busy with another cell, or with this";
    }, 100);
  };
  l.progress(null);
  const again = press("Predict again", () => { l.pending = "the same again"; l.predict(); });
  const running = create("div", { class: "isl-bar-top" }, l.result, create("div", { class: "isl-row isl-running" }, again, cancel, bar, words));
  return [create("div", { class: "isl-row" }, l.patientChoice, ...(networks.length > 1 ? [network] : []), mirror), running];
}

export function whatItSees(l) { // above the slices: what is tried most
  return create("div", { class: "isl-row isl-top" }, mapSwitches(l), treatmentOf(l), undoing(l));
}
export function controlsOf(l) {
  return create("div", { class: "isl-row" }, changeOne(l));
}

function mapSwitches(l) { // a map that is off is its own mean everywhere: z-score 0
  const { channels } = l.about.networks[0];
  const boxes = channels.map((name, channel) => checkbox(name, true, (on) => l.edit({ kind: on ? "on" : "off", channel })));
  const fill = choice("What is hidden gets the mean of the", [["volume", "volume (z-score 0)"], ["head", "head"]], (value) => l.edit({ kind: "fill", head: value === "head" }));
  l.fields.push(() => {
    boxes.forEach((box, c) => { box.input.checked = !l.now.off.has(c); });
    fill.input.value = l.now.inHead ? "head" : "volume";
  });
  return section("Maps the network sees", ...boxes, fill,
    note("The volume's mean counts the air: in the head it is a low value. A low ADC is what dying tissue has."));
}

function changeOne(l) {
  const { channels } = l.about.networks[0];
  const map = choice("Map", channels.map((name, c) => [c, name])), factor = numberField("times", 1), shift = numberField("plus", 0);
  const amount = numberField("SD of the noise", 0.5, { min: 0 });
  const channel = () => Number(map.input.value);
  const number = (field) => (field.input.value.trim() === "" ? NaN : Number(field.input.value));
  const scale = press("Scale and shift", () => {
    const edit = { kind: "scale", channel: channel(), factor: number(factor), shift: number(shift) };
    if (!Number.isFinite(edit.factor + edit.shift)) l.say("times and plus: give a number each, such as 10 and 0");
    else { l.say(""); l.edit(edit); }
  });
  const noise = press("Add noise", () => {
    const edit = { kind: "noise", channel: channel(), amount: number(amount), seed: l.edits.length + 1 };
    if (!(edit.amount >= 0)) l.say("noise: give its standard deviation in standard deviations of the map, 0 or more");
    else { l.say(""); l.edit(edit); }
  });
  const keep = checkbox("Standardize with the unchanged map's mean and SD", false, (on) => l.edit({ kind: "keep", on }));
  l.fields.push(() => { keep.input.checked = l.now.stats !== null; });
  return section("Change one map", map, factor, shift, scale, amount, noise, keep,
    note("In the map's unit, before it is standardized. The kit standardizes after the change."));
}

const CLINICAL = { // what a network may be conditioned on (isles/clinical_features.py)
  TICI: "TICI: how well the artery was reopened, from 0 (not) to 3 (completely).",
  TSS: "TSS: minutes from the first symptom to the scan.",
  TTT: "TTT: minutes from the scan to the treatment.",
};

function treatmentOf(l) { // of a network that is conditioned on it
  const { networks, grades } = l.about, named = Object.keys(CLINICAL).filter((name) => networks.some(({ clinical }) => clinical.includes(name)));
  const all = Object.fromEntries(named.map((name) => [name, name === "TICI"
    ? choice(name, [["", "unknown"], ...Object.keys(grades).map((g) => [g, g])]) : numberField(`${name} (min)`, "", { min: 0 })]));
  const apply = press("Set treatment", () => {
    const { clinical } = networks[l.network];
    l.edit({ kind: "treatment", values: { ...l.now.treatment, ...Object.fromEntries(clinical.map((name) => [name, all[name].input.value])) }, of: clinical });
  });
  const words = note(""), group = section("Treatment", ...Object.values(all), apply, words);
  l.fields.push(() => {
    const { clinical } = networks[l.network], now = l.now.treatment;
    group.hidden = !clinical.length;
    words.textContent = `${clinical.map((name) => CLINICAL[name]).join(" ")} Empty: unknown. The reference stays the lesion under the treatment that the patient had.`;
    named.forEach((name) => { all[name].hidden = !clinical.includes(name); });
    if (l.treatmentShown === now) return;
    l.treatmentShown = now;
    named.forEach((name) => { all[name].input.value = now[name] ?? ""; });
  });
  return group;
}

function undoing(l) {
  const undo = press("Undo", () => { l.undone.push(l.edits.pop()); l.refit("undo"); });
  const redo = press("Redo", () => { l.edits.push(l.undone.pop()); l.refit("redo"); });
  const reset = press("Reset the patient", () => { l.undone.push(...l.edits.reverse()); l.edits = []; l.region.fill(0); l.refit("as it is"); });
  l.fields.push(() => {
    undo.disabled = !l.edits.length;
    redo.disabled = !l.undone.length;
    reset.disabled = !l.edits.length && !l.region.includes(1);
  });
  return section("Patient", press("Flip left and right", () => l.edit({ kind: "flip" })), undo, redo, reset);
}
