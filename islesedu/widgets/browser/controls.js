// The controls: native inputs, each brought up to date by one of `b.fields`.

import { create } from "../dom.js";
import { show } from "./codes.js";
import { goToLesion, goToSlice, look, reset, setWindow, showMap, showPlanes, zoomBy } from "./moves.js";
import { copyPosition, savePicture } from "./save.js";
import { PLANES } from "./tiles.js";
import { countOf } from "./view.js";
import { answer, asks, outcomeOf, wantedOf } from "./what_if.js";

const STYLES = ["outline", "fill", "both", "none"];
const COLOR_NAMES = { gray: "gray", gray_r: "gray, inverted", viridis: "viridis", magma: "magma",
  cividis: "cividis", coolwarm: "blue to red" };

function control(b, label, input, get, set, event = "change") {
  input.addEventListener(event, () => set(input));
  b.fields.push(() => { if (get) get(input); });
  input.id = `${b.id}-${b.fields.length}`;
  return create("span", { class: "isl-field" }, create("label", { for: input.id }, label), input);
}
function range(b, label, name, { min, max, step, text }, set, get = () => b.state[name]) {
  const input = create("input", { type: "range", min, step }), output = create("output", { "aria-hidden": "true" });
  const node = control(b, label, input, () => {
    input.max = typeof max === "function" ? max() : max;
    input.value = get();
    output.textContent = text(get());
    input.setAttribute("aria-valuetext", text(get()));
  }, () => set(Number(input.value)), "input");
  node.append(output);
  return node;
}
function select(b, label, options, get, set) {
  const input = create("select");
  let now = "";
  return control(b, label, input, () => {
    const list = options();
    if (now !== JSON.stringify(list)) {
      now = JSON.stringify(list);
      input.replaceChildren(...list.map(([value, text]) => create("option", { value }, text)));
    }
    input.value = get();
  }, () => set(input.value));
}
function box(b, label, name, set = (on) => b.put({ [name]: on })) {
  const input = create("input", { type: "checkbox" });
  return control(b, label, input, () => { input.checked = b.state[name]; }, () => set(input.checked));
}
function button(text, act) {
  const node = create("button", { type: "button" }, text);
  node.addEventListener("click", act);
  return node;
}
const group = (name, ...children) => create("fieldset", {}, create("legend", {}, name), ...children);

export function planesAndSlices(b) { // above the slices: little, so that they are seen on a phone
  const planes = PLANES.map((plane) => {
    const input = create("input", { type: "radio", name: `${b.id}-plane`, value: plane });
    b.fields.push(() => { input.checked = b.state.plane === plane; });
    input.addEventListener("change", () => look(b, plane));
    return create("label", { class: "isl-field" }, input, ` ${plane[0].toUpperCase()}${plane.slice(1)}`);
  });
  const slider = range(b, "Slice", "slice", { min: 0, max: () => countOf(b) - 1, step: 1,
    text: (v) => `${v} (0 to ${countOf(b) - 1})` }, (to) => goToSlice(b, to));
  const time = b.film ? [range(b, "Time", "time", { min: 0, max: b.film.times - 1, step: 1, text: String },
    (to) => b.put({ time: to }))] : [];
  const lesion = b.hasLesion ? [button("Largest lesion", () => goToLesion(b))] : [];
  b.fields.push(() => lesion.forEach((node) => { node.disabled = !outcomeOf(b, b.sides[0]).largest[b.state.plane]; }));
  return create("div", { class: "isl-row" }, group("Plane", ...planes), group("Slices", slider, ...time, ...lesion));
}

export function viewGroup(b) {
  return group("View",
    select(b, "Show", () => [["all", "all maps"], ...b.names.map((n) => [n, n])], () => b.state.map, (map) => showMap(b, map)),
    box(b, "Three planes", "orthogonal", (on) => showPlanes(b, on)),
    range(b, "Zoom", "zoom", { min: 1, max: 16, step: 0.1, text: (v) => `${v.toFixed(1)} ×` }, (zoom) => zoomBy(b, zoom / b.state.zoom)),
    box(b, "Crosshair", "crosshair"), ...(b.hasMirror ? [box(b, "Mirror voxel", "mirror")] : []),
    button("Reset", () => reset(b)));
}

export function takeAway(b) { // what one takes along
  const done = create("span", { class: "isl-done", "aria-hidden": "true" });
  const say = (words) => { done.textContent = b.live.textContent = words; };
  return group("Copy and save", button("Copy position", () => copyPosition(b, say)),
    button("Save picture", () => savePicture(b, say)), done);
}

export function thresholdOf(b) {
  const { steps } = b.meta;
  return range(b, "Threshold", "threshold", { min: 0, max: 1, step: 1 / steps, text: (v) => v.toFixed(3) },
    (v) => b.put({ threshold: Math.round(v * steps) / steps, source: "probability" }));
}

export function lesionGroup(b) {
  if (!b.hasOverlay) return [];
  const style = (label, name) => select(b, label, () => STYLES.map((s) => [s, s]), () => b.state[name], (v) => b.put({ [name]: v }));
  const both = b.has("prediction") && b.has("probability");
  return [group("Lesion",
    ...(b.has("truth") ? [style("Reference", "truth_style")] : []),
    ...(b.predicted ? [style("Prediction", "prediction_style")] : []),
    ...(both ? [select(b, "Predicted by", () => [["prediction", "mask"], ["probability", "probability"]],
      () => b.state.source, (source) => b.put({ source }))] : []),
    ...(b.has("probability") && !b.meta.fold ? [thresholdOf(b)] : []),
    range(b, "Opacity", "opacity", { min: 0, max: 1, step: 0.05, text: (v) => v.toFixed(2) }, (opacity) => b.put({ opacity })),
    ...(b.has("truth") && b.predicted ? [box(b, "TP, FP, FN", "outcomes")] : []), box(b, "Overlay", "overlay"))];
}

function windowEnd(b, label, i) {
  const input = create("input", { type: "number", step: "any" });
  input.addEventListener("keydown", (event) => { // JupyterLab keeps Enter from changing the field
    event.stopPropagation();
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.dispatchEvent(new Event("change"));
  });
  return control(b, label, input, () => {
    if (document.activeElement !== input) input.value = Number(b.state.windows[b.windowed][i].toPrecision(6));
  }, () => {
    const ends = [...b.state.windows[b.windowed]];
    ends[i] = input.value === "" ? NaN : Number(input.value);
    const fits = Number.isFinite(ends[i]) && ends[0] < ends[1];
    if (fits) setWindow(b, b.windowed, ends);
    else b.error.textContent = `Window of ${b.windowed}: give two numbers, the lower one first; ${b.state.windows[b.windowed].map(show).join(" to ")} stays.`;
    input.setAttribute("aria-invalid", String(!fits));
  });
}

export function windowGroup(b) {
  const about = () => b.sides.flatMap((side) => side.maps).find((m) => m.name === b.windowed);
  const preset = () => about().windows.find(([, ...ends]) =>
    ends.every((end, i) => end === b.state.windows[b.windowed][i]))?.[0] ?? "custom";
  return group("Window and colours",
    select(b, "Map", () => b.names.map((n) => [n, n]), () => b.windowed, (name) => { b.windowed = name; b.draw(); }),
    select(b, "Window", () => [...about().windows.map(([name]) => [name, name]), ["custom", "custom"]], preset, (name) => {
      const entry = about().windows.find(([n]) => n === name);
      if (entry) setWindow(b, b.windowed, entry.slice(1)); else b.draw();
    }),
    windowEnd(b, "from", 0), windowEnd(b, "to", 1),
    select(b, "Colours", () => Object.entries(COLOR_NAMES), () => b.state.colors[b.windowed],
      (name) => b.put({ colors: { ...b.state.colors, [b.windowed]: name } })));
}

export function whatIfRow(b) {
  const [first] = b.sides;
  if (!asks(first)) return [];
  const volume = create("span", { class: "isl-volume" });
  b.fields.push(() => { volume.textContent = b.onScreen === wantedOf(b) ? answer(b)[1] : "loading ..."; });
  const questions = first.what_if.map(([name, labels], i) => {
    const get = () => b.state.chosen[i];
    const set = (value) => b.put({ chosen: b.state.chosen.map((v, n) => (n === i ? value : v)), source: "probability" });
    if (labels.length <= 6) {
      return select(b, name, () => labels.map((label) => [label, label]), () => labels[get()], (label) => set(labels.indexOf(label)));
    }
    return range(b, name, "chosen", { min: 0, max: labels.length - 1, step: 1, text: (v) => labels[v] }, set, get);
  });
  const whose = b.sides.length > 1 ? `, ${first.name || "side 1"}` : ""; // the second side stays what it is
  return [create("div", { class: "isl-row" }, group(`What if${whose}`, ...questions, volume))];
}
