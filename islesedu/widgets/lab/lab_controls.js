// The lab's controls: who predicts for whom, and what is shown to the network.

import { create } from "../dom.js";
import { historyOf } from "./lab_history.js";
import { checkbox, choice, note, numberField, press, section, tool } from "./lab_parts.js";

export function headOf(l) { // patient, network; result and what belongs to it, which stays in view
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
  const bar = create("progress", { max: 1, "aria-label": "Prediction" }), cancel = press("Cancel", () => l.predictor.cancel());
  let timer = 0;
  l.progress = (expected) => { // null: done; else seconds that are expected, or undefined at the first
    clearInterval(timer);
    cancel.disabled = expected === null;
    bar.classList.toggle("isl-idle", expected === null);
    l.waiting = expected ? `about ${expected.toFixed(1)} s` : l.host.kernel ? "asking the kernel" : "loading the network";
    bar[expected === null ? "setAttribute" : "removeAttribute"]("value", 0);
    if (expected === null) return;
    const start = performance.now();
    timer = setInterval(() => {
      const seconds = (performance.now() - start) / 1000;
      if (expected) bar.value = Math.min(0.95, seconds / expected);
      if (!l.host.kernel || seconds <= 10 + 3 * (expected ?? 0)) return;
      l.waiting = "no answer yet, the kernel is busy with another cell, or with this";
      l.tellResult();
    }, 100);
  };
  l.progress(null);
  const again = press("Predict again", () => { l.pending = "the same again"; l.predict(); });
  l.thresholdPlace = create("span");
  const running = create("div", { class: "isl-bar-top" }, l.result,
    create("div", { class: "isl-row" }, l.thresholdPlace, ...historyOf(l), again, cancel), l.reason, l.error, bar);
  new ResizeObserver(() => l.root.style.setProperty("--isl-bar", `${running.offsetHeight}px`)).observe(running);
  return [create("div", { class: "isl-row" }, l.patientChoice, ...(networks.length > 1 ? [network] : []), mirror), running];
}

export function mapSwitches(l) { // a map that is off is its own mean everywhere: z-score 0
  const { channels } = l.about.networks[0];
  const boxes = channels.map((name, channel) => checkbox(name, true, (on) => l.edit({ kind: on ? "on" : "off", channel })));
  l.fields.push(() => boxes.forEach((box, c) => { box.input.checked = !l.now.off.has(c); }));
  return section("Maps the network sees", ...boxes, note("A map that is off is constant: its z-score is 0 everywhere."));
}

export function changeMaps(l) {
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
  return tool("Scale, shift, noise, flip", map, factor, shift, scale, amount, noise, keep, press("Flip left and right", () => l.edit({ kind: "flip" })),
    note("Scale and shift act in the map's unit, each on the map as it is by then. Afterwards each map is standardized over the volume, so a constant factor or shift cancels, unless the unchanged map's mean and SD are used."));
}
