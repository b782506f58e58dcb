// NetworkLab: the slice browser around a network that predicts while the reader changes what it sees.
//
// `host` says who has the patients and who predicts: a page (page.js) or a kernel (kernel.js). What all
// modules share is `l`: the patient, the edits, the maps as they are now, the probability, the log.

import { create } from "../dom.js";
import { showBrowser } from "../browser/show.js";
import { codesOf, countsOf, largestOf, levelsOf, mapOf, sideOf } from "./describe.js";
import { applyEdits, flippedBox } from "./edits.js";
import { diagnosticsOf } from "./diagnostics.js";
import { filesOf } from "./lab_files.js";
import { changeMaps, headOf, mapSwitches } from "./lab_controls.js";
import { addEdit } from "./lab_history.js";
import { logOf } from "./lab_log.js";
import { keepPrediction, logScore, tellResult } from "./lab_score.js";
import { firstView, labStore, localModel } from "./lab_store.js";
import { Cancelled } from "./predictor.js";
import { brushOn, regionOf } from "./lab_region.js";
import { cutInput, mirrorInput, standardize, uncut, xFastest } from "./standardize.js";
import { sweepOf } from "./sweep.js";
import { clinicalNumber, treatmentOf } from "./treatment.js";

const SHARE = 0.68, LEAST_TILE = 118; // of the window's height that the tiles take; px of a tile on a phone

export async function showLab(el, host) {
  const l = { host, about: host.about, edits: [], past: [], future: [], bases: new Map(), why: "", network: 0, average: false, fields: [], running: null, again: false, failed: false, runs: [] };
  l.root = create("div", { class: "islesedu-lab", "data-lm-suppress-shortcuts": "true" });
  l.result = create("p", { class: "isl-result" });
  l.reason = create("p", { class: "isl-why" });
  l.error = create("p", { class: "isl-error", role: "alert" });
  l.live = create("p", { class: "isl-hidden", role: "status", "aria-live": "polite" });
  l.place = create("div", { class: "isl-place" });
  l.store = labStore();
  Object.assign(l, { edit: (edit) => addEdit(l, edit), refresh: () => refresh(l), predict: () => predictNow(l), compute: (maps) => compute(l, maps),
    choosePatient: (n) => choosePatient(l, n), usePatient: (patient) => usePatient(l, patient), useNetwork: (n) => useNetwork(l, n),
    inform: (text) => { l.live.textContent = text; }, level: () => Math.round(l.view.get("threshold") * 200), expected: () => expectedSeconds(l), tellResult: () => tellResult(l),
    refit: (text) => refit(l, text), showPlace: () => showPlace(l), standardize });
  l.say = (text) => { l.error.textContent = text; };
  l.root.append(...headOf(l), l.live, create("div", { class: "isl-main" }, l.place,
    create("div", { class: "isl-tools" }, mapSwitches(l), treatmentOf(l), changeMaps(l), regionOf(l), sweepOf(l), logOf(l), ...filesOf(l), diagnosticsOf(l))));
  el.replaceChildren(l.root);
  l.root.lab = l; // for tests and the page's own diagnostics
  useNetwork(l, 0);
  await choosePatient(l, 0);
  return () => { l.predictor.stop(); host.close(); };
}

async function choosePatient(l, n) {
  try {
    l.root.dataset.state = "loading";
    l.wanted = n;
    const patient = await l.host.patient(n);
    if (l.wanted === n) usePatient(l, patient); // else another one was chosen meanwhile
  } catch (error) {
    l.root.dataset.state = "failed";
    l.say(error.message);
  }
}

function useNetwork(l, n) {
  l.predictor?.stop();
  l.running = null;
  l.network = n;
  l.predictor = l.host.predictor(n);
}

function usePatient(l, patient) {
  const { channels } = l.about.networks[l.network];
  if (patient.channels.join() !== channels.join()) throw new Error(`this network takes ${channels.join(", ")}; ${patient.name} has ${patient.channels.join(", ")}`);
  Object.assign(l, { patient, edits: [], past: [], future: [], bases: new Map(), region: new Uint8Array(patient.maps[0].length), sensitivity: null });
  l.treatment = { ...patient.clinical };
  l.say("");
  Object.assign(l, { probability: null, fresh: false, now: null });
  showPlace(l);
  refit(l, "as it is");
}

function showPlace(l) { // the browser anew: another patient, or another list of maps
  const before = l.view ? Object.fromEntries(["plane", "threshold", "truth_style", "prediction_style", "outcomes", "overlay", "opacity", "crosshair", "mirror", "zoom", "map"]
    .map((name) => [name, l.view.get(name)])) : {};
  const same = l.shown === l.patient && l.view ? { position: l.view.get("position"), slice: l.view.get("slice") } : {};
  l.side = sideOf(l.patient, l.about);
  if (l.sensitivity) l.side.maps.push(mapOf("sensitivity", "", [["symmetric", -l.sensitivity.most, l.sensitivity.most]]));
  l.side.largest = largestOf(l.patient.lesion ?? l.region, l.patient.shape, l.side.planes);
  l.stopView?.();
  l.view = localModel({ meta: { sides: [l.side], colors: l.about.colors, steps: 200, share: SHARE, least: LEAST_TILE, fold: true }, ...firstView(l.side, before, l.about.threshold), ...same }, l.store);
  l.shown = l.patient;
  fillStore(l);
  l.stopView = showBrowser({ model: l.view, el: l.place });
  l.browser = l.place.querySelector(".islesedu-browser");
  l.thresholdPlace.replaceChildren(l.browser.threshold);
  l.view.on("change:threshold", () => {
    tellResult(l);
    l.fields.forEach((field) => field());
    clearTimeout(l.thresholdLater);
    l.thresholdLater = setTimeout(() => { if (l.fresh) logScore(l, `threshold ${l.view.get("threshold").toFixed(3)}`, null); }, 900);
  });
  brushOn(l);
}

function fillStore(l) { // what the browser draws, from the maps and the probability of this moment
  l.now ??= applyEdits(l.patient, l.edits);
  l.now.maps.forEach((values, c) => {
    const { codes, range } = codesOf(values);
    l.side.maps[c].range = range;
    l.store.put(l.patient.channels[c], codes);
  });
  const levels = l.probability ? levelsOf(l.probability) : new Uint8Array(l.patient.maps[0].length);
  l.side.counts = l.fresh ? countsOf(levels, l.now.lesion) : { truth: l.now.lesion?.reduce((sum, v) => sum + v, 0) ?? null, probability: null };
  l.store.put("probability", levels);
  l.store.put("region", l.region);
  if (l.now.lesion) l.store.put("truth", l.now.lesion);
  if (l.sensitivity) {
    const { codes, range } = codesOf(l.sensitivity.values);
    l.side.maps.at(-1).range = range;
    l.store.put("sensitivity", codes);
  }
}

function refresh(l) { // after the maps, the region or the probability have changed
  fillStore(l);
  l.browser.refresh();
  tellResult(l);
  l.fields.forEach((field) => field());
}

function refit(l, text) { // the edits have changed: show them and predict
  l.now = applyEdits(l.patient, l.edits);
  l.now.treatment = l.edits.findLast((edit) => edit.kind === "treatment")?.values ?? l.treatment;
  Object.assign(l, { pending: text, fresh: false });
  refresh(l);
  predictNow(l);
}

function clinicalOf(l) {
  const { clinical } = l.about.networks[l.network];
  if (!clinical.length) return null;
  return Float32Array.from(clinical, (name) => clinicalNumber(name, l.now.treatment[name], l.about.grades));
}

const settingsOf = (l) => `${l.network} ${l.average} ${l.patient.shape}`; // that decide how long a prediction takes

function expectedSeconds(l) { // median of this session's predictions but the first, which waits for the network; that only if it is alone
  const like = l.runs.filter((run) => run.settings === settingsOf(l)), later = like.slice(1).map(({ spent }) => spent).slice(-9).sort((a, b) => a - b);
  return later[later.length >> 1] ?? like[0]?.seconds;
}

async function compute(l, maps) { // computeOnce, and how long the reader has waited for it
  const start = performance.now(), settings = settingsOf(l), found = await computeOnce(l, maps);
  if (found.probability.some(Number.isNaN)) throw new Error("the network computes no probability from values as large as these; undo the last change");
  l.runs.push({ seconds: found.seconds, spent: (performance.now() - start) / 1000, settings });
  return found;
}

async function computeOnce(l, maps) { // -> { probability, x running fastest, seconds }
  const { shape, mirror } = l.patient, count = maps.length, image = standardize(maps, shape, l.now.stats ?? undefined);
  const once = async (given, box) => { // a network that was trained on the box around the head sees nothing else
    const { image: cut, sizes } = l.about.networks[l.network].crop ? cutInput(given, shape, count, box) : { image: given, sizes: shape };
    const { values, seconds } = await l.predictor.predict(cut, [1, ...sizes, count], clinicalOf(l));
    return { values: sizes === shape ? values : uncut(values, shape, box), seconds };
  };
  const { values, seconds } = await once(image, l.now.box);
  if (!l.average) return { probability: xFastest(values, shape), seconds };
  const second = await once(mirrorInput(image, shape, count, mirror.axis), flippedBox(l.now.box, l.patient));
  const back = mirrorInput(second.values, shape, 1, mirror.axis);
  return { probability: xFastest(values.map((p, i) => (p + back[i]) / 2), shape), seconds: seconds + second.seconds };
}

async function predictNow(l) { // one prediction at a time; the newest edit is predicted last
  if (l.running) { l.again = true; return; }
  const running = l.running = { patient: l.patient, text: l.pending };
  l.root.dataset.state = "predicting";
  l.progress(l.runs.length ? expectedSeconds(l) ?? l.runs.at(-1).seconds : undefined);
  tellResult(l);
  const mine = () => l.running === running;
  let failed = null;
  try {
    const { probability, seconds } = await compute(l, l.now.maps);
    if (!mine()) return;
    if (running.patient === l.patient && !l.again) {
      if (l.failed) l.say("");
      Object.assign(l, { probability, fresh: true, failed: false });
      fillStore(l);
      keepPrediction(l);
      refresh(l);
      logScore(l, running.text, seconds);
    }
  } catch (error) {
    failed = error;
    if (!(error instanceof Cancelled)) { l.failed = true; l.say(error.message); } else if (mine()) l.inform("Prediction cancelled.");
  }
  if (!mine()) return;
  l.running = null;
  l.progress(null);
  if (l.again && !failed) { l.again = false; predictNow(l); return; }
  l.again = false;
  l.root.dataset.state = failed ? (failed instanceof Cancelled ? "cancelled" : "failed") : "ready";
  tellResult(l);
}
