// Moving through the head, zooming, panning, and back to the beginning.

import { clamp } from "../dom.js";
import { acrossOf, countOf, frameOf, place, toCanvas, viewOf } from "./view.js";
import { outcomeOf } from "./what_if.js";

export function goTo(b, position, follow = true, plane = b.state.plane) {
  const to = position.map((v, a) => clamp(v, 0, b.sides[0].shape[a] - 1));
  b.put({ ...(plane === b.state.plane ? {} : { plane }), position: to, slice: to[acrossOf(b, plane)] });
  if (follow) keepInView(b);
}
export function goToSlice(b, index, plane = b.state.plane) {
  const position = [...b.state.position];
  position[acrossOf(b, plane)] = clamp(Math.round(index), 0, countOf(b, plane) - 1);
  goTo(b, position, false, plane);
}
export function look(b, plane) { b.put({ plane, slice: b.state.position[acrossOf(b, plane)] }); }
export function moveOnScreen(b, columns, rows) { // by voxels, as they lie on the screen
  const { axes, flips } = viewOf(b.sides[0], b.state.plane), position = [...b.state.position];
  position[axes[0]] += flips[0] ? -columns : columns;
  position[axes[1]] += flips[1] ? -rows : rows;
  goTo(b, position);
}
export function goToLesion(b) {
  const to = outcomeOf(b, b.sides[0]).largest[b.state.plane];
  if (to) goTo(b, to);
}
export function goToTime(b, by) { // slices, where there is no time series
  if (b.film) b.put({ time: clamp(b.state.time + by, 0, b.film.times - 1) });
  else goToSlice(b, b.state.slice + by);
}

export function keepInView(b) { // the part that is shown follows the crosshair
  if (b.state.zoom <= 1) return;
  for (const plane of new Set(b.tiles.map((t) => t.plane))) {
    const tile = b.tiles.find((t) => t.side === b.sides[0] && t.plane === plane);
    if (!tile) continue;
    const [x, y] = toCanvas(b, tile, b.state.position), { width, height } = tile.canvas;
    if (x > 0.04 * width && x < 0.96 * width && y > 0.04 * height && y < 0.96 * height) continue;
    const { scale } = place(b, tile);
    b.pan[plane] = [b.pan[plane][0] + (x - width / 2) / scale, b.pan[plane][1] + (y - height / 2) / scale];
  }
}
export function panBy(b, plane, dx, dy) {
  const { focus } = frameOf(b.sides[0], plane);
  b.pan[plane] = [dx, dy].map((d, i) => {
    const half = (focus[i][1] - focus[i][0]) / 2;
    return clamp(b.pan[plane][i] - d, -half, half);
  });
  b.draw();
}
function center(b) { Object.keys(b.pan).forEach((plane) => { b.pan[plane] = [0, 0]; }); }
export function zoomBy(b, factor) {
  b.put({ zoom: clamp(b.state.zoom * factor, 1, 16) });
  if (b.state.zoom === 1) center(b); else keepInView(b);
}
export function zoomAt(b, factor, tile, x, y) { // what is under x, y stays there
  const before = place(b, tile);
  const mm = [(x - before.left) / before.scale, (y - before.top) / before.scale];
  b.put({ zoom: clamp(b.state.zoom * factor, 1, 16) });
  if (b.state.zoom === 1) { center(b); return; }
  const after = place(b, tile);
  panBy(b, tile.plane, (x - after.left) / after.scale - mm[0], (y - after.top) / after.scale - mm[1]);
}

export function setWindow(b, name, ends) { b.put({ windows: { ...b.state.windows, [name]: ends } }); }
export function showPlanes(b, orthogonal) { // three planes of one map
  b.put({ orthogonal, ...(orthogonal && b.state.map === "all" ? { map: b.windowed } : {}) });
}
export function showMap(b, map) { b.put({ map, ...(map === "all" ? { orthogonal: false } : {}) }); }
export function reset(b) {
  center(b);
  b.put(structuredClone(b.initial));
}
