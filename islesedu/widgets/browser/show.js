// SliceBrowser: slices of a patient's maps with reference mask and prediction, drawn on canvas.
//
// Plain JavaScript without a build step; Python joins the modules (scripts.py). `render` gets a model
// with get, set, save_changes, on and off (anywidget's, or that of standalone.py) and an empty element.
// `meta` says what there is; the voxels come as packed 8-bit buffers (packing.py), asked for when they
// are first looked at, or lie in the page (`embedded`), or in a `store` that comes with the model, whose
// owner says `root.refresh()` when they change (NetworkLab). Voxel numbers are those of the whole grid, x
// running fastest.

import { create } from "../dom.js";
import { bytesOf } from "./codes.js";
import { lesionGroup, planesAndSlices, takeAway, thresholdOf, viewGroup, whatIfRow, windowGroup } from "./controls.js";
import { helpOf, listenToKeys } from "./keys.js";
import { keepInView } from "./moves.js";
import { paint } from "./paint.js";
import { listen } from "./pointer.js";
import { build } from "./tiles.js";
import { dataOf, makeStore } from "./voxels.js";
import { follow, wantedOf } from "./what_if.js";
import { tell, tellLegend } from "./words.js";

const NAMES = ["plane", "slice", "position", "map", "time", "zoom", "threshold", "truth_style", "prediction_style",
  "source", "outcomes", "overlay", "opacity", "crosshair", "orthogonal", "mirror", "windows", "colors", "chosen"];

function share(model) { // what all modules are handed: what is shown, and of what
  const meta = model.get("meta"), { sides } = meta;
  const state = Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  const has = (what) => sides.some((side) => side.has.includes(what));
  const names = [...new Set(sides.flatMap((side) => side.maps.map((m) => m.name)))];
  const predicted = has("prediction") || has("probability");
  return { model, meta, sides, state, has, names, predicted, embedded: model.get("embedded"),
    id: `browser-${Math.random().toString(36).slice(2)}`,
    film: sides.flatMap((side) => side.maps).find((m) => m.times),
    hasOverlay: has("truth") || predicted, hasLesion: sides[0].has.length > 0,
    hasMirror: sides.some((side) => side.mirror), initial: structuredClone(state),
    palette: Object.fromEntries(Object.entries(meta.colors).map(([name, text]) => [name, bytesOf(text)])),
    pan: { axial: [0, 0], coronal: [0, 0], sagittal: [0, 0] }, // mm
    windowed: state.map === "all" ? names[0] : state.map, // whose window the fields show
    tiles: [], fields: [], tables: new Map(), paths: new Map(), built: "", said: "" };
}

function addRoot(b) {
  b.root = create("div", { class: "islesedu-browser", "data-lm-suppress-shortcuts": "true" });
  b.stage = create("div", { class: "isl-stage", tabindex: "0", role: "application", id: b.id,
    "aria-label": "Slices", "aria-describedby": `${b.id}-keys`, "data-lm-suppress-shortcuts": "true" });
  b.say = create("p", { class: "isl-say" });
  b.live = create("p", { class: "isl-hidden", role: "status", "aria-live": "polite" });
  b.legend = create("div", { class: "isl-legend" });
  b.error = create("p", { class: "isl-error", role: "alert" });
  const row = create("div", { class: "isl-row" }, viewGroup(b), ...lesionGroup(b), windowGroup(b), takeAway(b)), { fold } = b.meta;
  if (fold) b.root.threshold = thresholdOf(b); // NetworkLab has it beside the Dice
  b.root.append(planesAndSlices(b), ...whatIfRow(b), b.stage, b.say, b.live, b.legend, b.error,
    fold ? create("details", {}, create("summary", {}, "View, overlays, window and colours"), row) : row, helpOf(b));
  b.root.state = () => structuredClone(b.state); // for tests
  b.root.held = () => b.store.held(); // and benchmarks
  b.root.refresh = () => { // voxels have changed in a store that is not ours
    b.tables.clear();
    b.paths.clear();
    b.draw();
  };
}

export function showBrowser({ model, el }) {
  const b = share(model);
  let frame = 0;
  b.store = model.store ?? makeStore(b);
  b.draw = () => { if (!frame) frame = requestAnimationFrame(paintAll); };
  b.paintNow = () => {
    if (!frame) return;
    cancelAnimationFrame(frame);
    paintAll();
  };
  b.put = (changes) => {
    b.error.textContent = "";
    if (changes.map && changes.map !== "all") b.windowed = changes.map;
    Object.assign(b.state, changes); // before the model says that something has changed
    Object.entries(changes).forEach(([name, value]) => model.set(name, value));
    model.save_changes();
    b.draw();
  };
  function paintAll() {
    frame = 0;
    build(b, (tile) => listen(b, tile));
    follow(b);
    b.tiles.forEach((tile) => paint(b, tile));
    tell(b);
    tellLegend(b);
    b.fields.forEach((field) => field());
    b.root.dataset.ready = b.tiles.length > 0 && b.tiles.every((tile) => dataOf(b, tile.side, tile.name));
    b.store.askForRest();
  }
  function changed() { // the model has: from Python, or from another view
    const before = b.state;
    b.state = Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    if (b.state.map !== "all" && b.state.map !== before.map) b.windowed = b.state.map;
    if (b.state.position.some((v, a) => v !== before.position[a])) keepInView(b);
    b.draw();
  }

  b.onScreen = wantedOf(b); // the number of the alternative that is shown
  addRoot(b);
  listenToKeys(b);
  el.replaceChildren(b.root);
  NAMES.forEach((name) => model.on(`change:${name}`, changed));
  if (!b.embedded) model.on("msg:custom", b.store.received);
  const sized = new ResizeObserver(b.draw);
  sized.observe(b.stage);
  b.draw();
  return () => {
    sized.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(b.later);
    b.store.stop();
    NAMES.forEach((name) => model.off(`change:${name}`, changed));
    if (!b.embedded) model.off("msg:custom", b.store.received);
  };
}
