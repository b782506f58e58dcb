// NetworkLab: the slice browser around a network that predicts while the reader changes what it sees.
//
// `host` says who has the patients and who predicts: a page (page.js) or a kernel (kernel.js). What all
// modules share is `l`: the patient, the edits, the maps as they are now, the probability, the log.

import { create } from "../dom.js";
import { showBrowser } from "../browser/show.js";
import { codesOf, countsOf, diceOf, largestOf, levelsOf, mapOf, sideOf } from "./describe.js";
import { applyEdits, flippedBox, wordsOf } from "./edits.js";
import { diagnosticsOf } from "./diagnostics.js";
import { filesOf } from "./lab_files.js";
import { controlsOf, headOf, whatItSees } from "./lab_controls.js";
import { logOf } from "./lab_log.js";
import { firstView, labStore, localModel } from "./lab_store.js";
import { Cancelled } from "./predictor.js";
import { brushOn, regionOf } from "./lab_region.js";
import { cutInput, mirrorInput, standardize, uncut, xFastest } from "./standardize.js";
import { sweepOf } from "./sweep.js";

export async function showLab(el, host) {
  const l = { host, about: host.about, edits: [], undone: [], network: 0, average: false, fields: [], running: null, again: false, failed: false, runs: [] };
  l.root = create("div", { class: "islesedu-lab", "data-lm-suppress-shortcuts": "true" });
  l.result = create("p", { class: "isl-result" });
  l.error = create("p", { class: "isl-error", role: "alert" });
  l.live = create("p", { class: "isl-hidden", role: "status", "aria-live": "polite" });
  l.place = create("div", { class: "isl-place" });
  l.store = labStore();
  Object.assign(l, { edit: (edit) => addEdit(l, edit), refresh: () => refresh(l), predict: () => predictNow(l), compute: (maps) => compute(l, maps),
    choosePatient: (n) => choosePatient(l, n), usePatient: (patient) => usePatient(l, patient), useNetwork: (n) => useNetwork(l, n),
    inform: (text) => { l.live.textContent = text; }, level: () => Math.round(l.view.get("threshold") * 200),
    refit: (text) => refit(l, text), showPlace: () => showPlace(l), standardize });
  l.say = (text) => { l.error.textContent = text; };
  l.root.append(...headOf(l), l.error, l.live, l.place);
  el.replaceChildren(l.root);
  l.place.before(whatItSees(l));
  l.root.append(controlsOf(l), create("div", { class: "isl-row" }, regionOf(l), sweepOf(l)), logOf(l), ...filesOf(l), diagnosticsOf(l));
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
  l.base = null;
}

function usePatient(l, patient) {
  const { channels } = l.about.networks[l.network];
  if (patient.channels.join() !== channels.join()) throw new Error(`this network takes ${channels.join(", ")}; ${patient.name} has ${patient.channels.join(", ")}`);
  Object.assign(l, { patient, edits: [], undone: [], region: new Uint8Array(patient.maps[0].length), sensitivity: null, base: null });
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
  l.view = localModel({ meta: { sides: [l.side], colors: l.about.colors, steps: 200 }, ...firstView(l.side, before, l.about.threshold), ...same }, l.store);
  l.shown = l.patient;
  fillStore(l);
  l.stopView = showBrowser({ model: l.view, el: l.place });
  l.browser = l.place.querySelector(".islesedu-browser");
  let later = 0;
  l.view.on("change:threshold", () => {
    tellResult(l);
    clearTimeout(later);
    later = setTimeout(() => { if (l.fresh) logScore(l, `threshold ${l.view.get("threshold").toFixed(3)}`, null); }, 900);
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

function addEdit(l, edit) {
  l.edits.push(edit);
  l.undone = [];
  refit(l, wordsOf(edit, l.patient.channels));
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
  return Float32Array.from(clinical, (name) => {
    const value = l.now.treatment[name];
    if (value === undefined || value === null || value === "") return NaN;
    return name === "TICI" ? l.about.grades[value] ?? NaN : Number(value);
  });
}

async function compute(l, maps) { // -> { probability, x running fastest, seconds }
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
  l.progress(l.runs.at(-1)?.seconds);
  tellResult(l);
  const mine = () => l.running === running;
  let failed = null;
  try {
    const { probability, seconds } = await compute(l, l.now.maps);
    if (!mine()) return;
    if (running.patient === l.patient && !l.again) {
      if (l.failed) l.say("");
      Object.assign(l, { probability, fresh: true, failed: false });
      l.runs.push({ seconds, shape: l.patient.shape });
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

function scoreNow(l) { // Dice, if there is a reference, and ml, at the threshold of this moment
  const { truth, probability } = l.side.counts, level = l.level(), ml = l.patient.spacing.reduce((a, v) => a * v) / 1000;
  return { dice: truth === null ? null : diceOf(probability, truth, level), ml: probability[0][level] * ml,
    reference: truth === null ? null : truth * ml };
}

function tellResult(l) {
  if (!l.fresh) {
    const drawn = l.probability ? " What is drawn is the prediction before this change." : "";
    l.result.textContent = `${l.running ? "Predicting." : "Not predicted."}${drawn}`;
    return;
  }
  const { dice, ml, reference } = scoreNow(l);
  const was = l.base && dice !== null && l.edits.length ? `; unchanged patient: ${l.base.dice.toFixed(3)}` : "";
  l.result.textContent = `${dice === null ? "No reference lesion" : `Dice ${dice.toFixed(3)}${was}`} · predicted ${ml.toFixed(1)} ml`
    + `${reference === null ? "" : ` · reference ${reference.toFixed(1)} ml`} · threshold ${l.view.get("threshold").toFixed(3)}`;
}

function logScore(l, text, seconds) { // one line of the log
  const score = scoreNow(l);
  if (!l.edits.length && seconds !== null) l.base = score;
  l.host.keep({ patient: l.patient.name, network: l.about.networks[l.network].name + (l.average ? ", averaged with the mirror image" : ""),
    what: text, edits: l.edits.length, threshold: l.view.get("threshold"), ...score, seconds });
  l.showLog();
  const said = score.dice === null ? "" : ` Dice ${score.dice.toFixed(3)},`;
  l.inform(`${l.host.tried().length}, ${text}:${said} ${score.ml.toFixed(1)} ml predicted.`);
}
