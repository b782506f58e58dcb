// Keys of the slices, and what the help says of keys, mouse and touch.

import { create } from "../dom.js";
import { goToLesion, goToSlice, goToTime, look, moveOnScreen, reset, showMap, showPlanes, zoomBy } from "./moves.js";
import { countOf } from "./view.js";

const SHIFTED = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function tableOfKeys(b) { // what is not offered has no key
  const toggle = (name) => () => b.put({ [name]: !b.state[name] });
  const keys = { ArrowUp: () => goToSlice(b, b.state.slice + 1), ArrowDown: () => goToSlice(b, b.state.slice - 1),
    ArrowRight: () => goToTime(b, 1), ArrowLeft: () => goToTime(b, -1),
    PageUp: () => goToSlice(b, b.state.slice + 5), PageDown: () => goToSlice(b, b.state.slice - 5),
    Home: () => goToSlice(b, 0), End: () => goToSlice(b, countOf(b) - 1), 0: () => showMap(b, "all"),
    a: () => look(b, "axial"), c: () => look(b, "coronal"), s: () => look(b, "sagittal"),
    p: () => showPlanes(b, !b.state.orthogonal), x: toggle("crosshair"), r: () => reset(b),
    "+": () => zoomBy(b, 1.25), "=": () => zoomBy(b, 1.25), "-": () => zoomBy(b, 0.8) };
  b.names.slice(0, 9).forEach((name, n) => { keys[n + 1] = () => showMap(b, name); });
  if (b.hasMirror) keys.m = toggle("mirror");
  if (b.hasLesion) keys.l = () => goToLesion(b);
  if (b.hasOverlay) keys.o = toggle("overlay");
  return keys;
}

export function listenToKeys(b) {
  const keys = tableOfKeys(b);
  b.root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const native = event.target.matches("input, select, summary");
    if (native || event.key === " ") { // what the page does with keys JupyterLab would take for itself
      if (/^(.|Arrow.*|Page.*|Home|End)$/.test(event.key) && event.target !== b.stage) event.stopPropagation();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.shiftKey && key in SHIFTED) moveOnScreen(b, ...SHIFTED[key]);
    else if (Object.hasOwn(keys, key)) keys[key]();
    else return;
    b.paintNow(); // the next frame need not wait for the picture
    event.preventDefault();
    event.stopPropagation();
  });
}

export function helpOf(b) {
  const rows = [["↑ ↓, or wheel after a click", "next and previous slice"], ["Page Up, Page Down", "five slices"],
    ["Home, End", "first and last slice"],
    ["← →", b.film ? "previous and next time point" : "previous and next slice"],
    ["Shift + arrows, or drag", "move the crosshair"], ["1 to 9", "one map large"], ["0", "all maps"],
    ["A, C, S", "axial, coronal, sagittal"], ["P", "three planes of one map"],
    ...(b.hasLesion ? [["L", "largest lesion"]] : []), ...(b.hasOverlay ? [["O", "overlay on and off"]] : []),
    ["X", "crosshair on and off"], ...(b.hasMirror ? [["M", "mirror voxel on and off"]] : []),
    ["+ and −, Ctrl + wheel, or two fingers", "zoom"], ["Shift + drag, middle button, or two fingers", "pan"],
    ["Alt + drag, or right button", "window: across its width, up its level"],
    ["tap", "crosshair"], ["swipe left and right", "next and previous slice"], ["R", "reset the view"]];
  return create("details", {}, create("summary", {}, "Keys, mouse and touch"),
    create("p", { id: `${b.id}-keys` }, ...rows.flatMap(([key, what], n) =>
      [...(n ? [" · "] : []), create("kbd", {}, key), ` ${what}`])));
}
