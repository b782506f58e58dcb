// The voxels that the slice browser of the lab shows: those of this moment, by the browser's own names.

export function labStore() { // for the browser as `store`: the lab puts, the browser gets
  const held = new Map();
  return {
    put: (name, data) => held.set(name, data),
    get: (part) => held.get(part.split("/")[1]) ?? null, // "0/ADC/0/high"
    has: (part) => held.has(part.split("/")[1]),
    isAbsent: () => false, ask() {}, askForRest() {}, received() {}, stop() {},
    held: () => [...held.values()].reduce((sum, data) => sum + data.byteLength, 0),
  };
}

export function localModel(state, store) { // anywidget's names, as in standalone.py
  const listeners = {};
  return { store, get: (name) => state[name], save_changes() {}, off() {},
    set(name, value) { state[name] = value; (listeners[name] ??= []).forEach((f) => f()); },
    on: (event, f) => (listeners[event.replace("change:", "")] ??= []).push(f) };
}

export function firstView(side, before = {}, threshold = 0.5) { // where the browser begins; what the reader has set stays
  const names = side.maps.map((one) => one.name), position = side.largest.axial ?? side.focus.map(([low, high]) => (low + high) >> 1);
  const kept = ["plane", "threshold", "truth_style", "prediction_style", "outcomes", "overlay", "opacity", "crosshair", "mirror", "zoom"];
  const usual = { plane: "axial", threshold, truth_style: "outline", prediction_style: "outline", outcomes: false,
    overlay: true, opacity: 0.4, crosshair: true, mirror: false, zoom: 1 };
  const view = Object.fromEntries(kept.map((name) => [name, before[name] ?? usual[name]]));
  const map = names.includes(before.map) ? before.map : "all";
  return { ...view, position, slice: position[side.planes[view.plane].axes[2]], map, orthogonal: false, time: 0,
    source: "probability", chosen: [], embedded: {},
    windows: Object.fromEntries(side.maps.map((one) => [one.name, one.windows[0].slice(1)])),
    colors: Object.fromEntries(names.map((name) => [name, { probability: "magma", sensitivity: "coolwarm" }[name] ?? "gray"])) };
}
