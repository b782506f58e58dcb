// One tile: the slice through its window, the masks over it, crosshair, mirror voxel and letters.

import { lookupTable, pixelOf } from "./codes.js";
import { OUTCOMES, PREDICTION, REFERENCE, REGION, pattern, strokeOn } from "./masks.js";
import { masksOf } from "./outcomes.js";
import { frameOf, mirrorOf, place, positionOn, slicePart, toCanvas, viewOf } from "./view.js";
import { dataOf, outsideOf, partOf } from "./voxels.js";

export const windowOf = (b, tile) => b.state.windows[tile.name].map((end) => end * (tile.about?.scale ?? 1));

function tableOf(b, tile, data) {
  const [window, colors] = [windowOf(b, tile), b.state.colors[tile.name]];
  const eight = !(data instanceof Uint16Array);
  const key = `${tile.side.maps_of} ${tile.name} ${eight}`, now = `${window} ${colors}`;
  if (b.tables.get(key)?.now === now) return b.tables.get(key).table;
  const table = tile.name === "probability"
    ? Uint32Array.from({ length: 256 }, (_, n) => pixelOf(n / b.meta.steps, ...window, b.palette[colors]))
    : lookupTable(eight ? 8 : 16, tile.about.range, window, b.palette[colors]);
  b.tables.set(key, { now, table });
  return table;
}

export function paint(b, tile) {
  const { side, plane, canvas, off, about } = tile, c = canvas.getContext("2d", { alpha: false });
  const data = dataOf(b, side, tile.name), part = slicePart(b, side, plane);
  const { n, size } = frameOf(side, plane), { scale, left, top } = place(b, tile);
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.fillStyle = "#000";
  c.fillRect(0, 0, canvas.width, canvas.height);
  if (data) { // outside the box the map is the same everywhere
    const pixel = pixelOf(outsideOf(b, side, about), ...windowOf(b, tile), b.palette[b.state.colors[tile.name]]);
    c.fillStyle = `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
    c.fillRect(left, top, n[0] * size[0] * scale, n[1] * size[1] * scale);
  }
  if (data && part.inside) {
    const { w, h } = part, table = tableOf(b, tile, data);
    if (off.width !== w || off.height !== h || !tile.pixels) {
      [off.width, off.height] = [w, h];
      tile.pixels = new ImageData(w, h);
    }
    const out = new Uint32Array(tile.pixels.data.buffer);
    for (let r = 0, i = 0; r < h; r++) {
      for (let k = 0, at = part.base + r * part.dr; k < w; k++, i++, at += part.dc) out[i] = table[data[at]];
    }
    off.getContext("2d").putImageData(tile.pixels, 0, 0);
    c.imageSmoothingEnabled = false;
    c.drawImage(off, left + part.left * size[0] * scale, top + part.top * size[1] * scale,
      w * size[0] * scale, h * size[1] * scale);
  }
  if (!data) words(c, b.store.isAbsent(partOf(b, side, tile.name)) ? "not in this page" : "loading ...", canvas.width / 2, canvas.height / 2);
  const fit = new DOMMatrix([scale * size[0], 0, 0, scale * size[1], left, top]);
  if (b.state.overlay) paintMasks(b, c, masksOf(b, side, plane), fit);
  if (b.state.crosshair) paintCrosshair(c, toCanvas(b, tile, positionOn(b, side)), canvas);
  if (b.state.mirror) paintMirror(b, c, tile);
  const edge = 9 * devicePixelRatio, { labels } = viewOf(side, plane);
  words(c, labels[0], edge, canvas.height / 2);
  words(c, labels[1], canvas.width - edge, canvas.height / 2);
  words(c, labels[2], canvas.width / 2, edge);
  words(c, labels[3], canvas.width / 2, canvas.height - edge);
}

function words(c, text, x, y) {
  c.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
  [c.textAlign, c.textBaseline, c.lineJoin] = ["center", "middle", "round"];
  [c.lineWidth, c.strokeStyle, c.fillStyle] = [3 * devicePixelRatio, "#000", "#fff"];
  c.strokeText(text, x, y);
  c.fillText(text, x, y);
}

function paintMasks(b, c, masks, fit) {
  const dpr = devicePixelRatio;
  const draw = (path, color, sign, style, dashed) => {
    if (!path || style === "none") return;
    const there = new Path2D();
    there.addPath(path, fit);
    if (style !== "outline") {
      c.fillStyle = c.createPattern(pattern(color, sign, b.state.opacity, dpr), "repeat");
      c.fill(there, "evenodd");
    }
    if (style !== "fill") strokeOn(c, there, color, dashed, dpr);
  };
  if (masks.outcomes) masks.outcomes.forEach((path, n) => draw(path, OUTCOMES[n][1], OUTCOMES[n][2], "fill"));
  draw(masks.truth, REFERENCE, "", b.state.truth_style, false);
  draw(masks.prediction, PREDICTION, "/", b.state.prediction_style, true);
  draw(masks.region, REGION, "x", "both", false);
}

function twice(c, draw) { // a yellow line that can be seen on white, too
  for (const [color, width] of [["rgb(0 0 0 / 50%)", 3], ["#f0e442", 1]]) {
    [c.strokeStyle, c.lineWidth] = [color, width * devicePixelRatio];
    c.beginPath();
    draw();
    c.stroke();
  }
}

function paintCrosshair(c, [x, y], canvas) {
  const gap = 7 * devicePixelRatio;
  [[0, y, x - gap, y], [x + gap, y, canvas.width, y], [x, 0, x, y - gap], [x, y + gap, x, canvas.height]]
    .forEach(([x1, y1, x2, y2]) => twice(c, () => { c.moveTo(x1, y1); c.lineTo(x2, y2); }));
}

function paintMirror(b, c, tile) { // a diamond, where the mirror voxel lies in the slice that is shown
  const voxel = mirrorOf(b, tile.side), across = viewOf(tile.side, tile.plane).axes[2];
  if (!voxel || voxel[across] !== positionOn(b, tile.side)[across]) return;
  const [x, y] = toCanvas(b, tile, voxel), r = 6 * devicePixelRatio;
  twice(c, () => { c.moveTo(x - r, y); c.lineTo(x, y - r); c.lineTo(x + r, y); c.lineTo(x, y + r); c.closePath(); });
}
