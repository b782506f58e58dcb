// Tiles: one figure for each map, or for each plane of one map, as large as fits.

import { clamp, create } from "../dom.js";
import { frameOf, toCanvas, toVoxel } from "./view.js";

export const PLANES = ["axial", "coronal", "sagittal"];
const GAP = 6, CAPTION = 42; // px between two tiles, and below each

function shownOf(b, side) { // [map, plane] of every tile
  const { map, plane, orthogonal } = b.state;
  if (orthogonal) return PLANES.map((each) => [map === "all" ? b.names[0] : map, each]);
  return (map === "all" ? side.maps.map((m) => m.name) : [map]).map((name) => [name, plane]);
}

const NARROW = 640, LEAST = 170; // px: of a phone or of a window at 200 %, and of a tile there

function layOut(sizes, room, tallest, least) { // px per mm and columns with which tiles of these mm are largest
  const scaleOf = (columns) => {
    const widest = Array.from({ length: Math.min(columns, sizes.length) }, (_, c) =>
      Math.max(...sizes.filter((_s, n) => n % columns === c).map(([w]) => w)));
    const highest = sizes.filter((_s, n) => n % columns === 0).map((_s, r) =>
      Math.max(...sizes.slice(r * columns, (r + 1) * columns).map(([, h]) => h)));
    const sum = (values) => values.reduce((a, v) => a + v, 0);
    return [(room - GAP * (widest.length - 1)) / sum(widest), (tallest - CAPTION * highest.length) / sum(highest)];
  };
  const few = Math.min(sizes.length, Math.floor(room / least));
  if (room < NARROW && few > 1) return { scale: scaleOf(few)[0], columns: few }; // legible: the page scrolls
  const choices = sizes.map((_, n) => ({ scale: Math.min(...scaleOf(n + 1)), columns: n + 1 }));
  return choices.reduce((best, one) => (one.scale > best.scale ? one : best));
}

export function build(b, listen) {
  const width = b.stage.clientWidth - 4;
  if (width <= 0) return;
  const { map, plane, orthogonal } = b.state;
  const key = `${map} ${orthogonal || plane} ${width} ${devicePixelRatio}`;
  if (key === b.built) return;
  b.built = key;
  const apart = b.sides.length === 2 && width < 700; // one below the other on small screens
  b.stage.style.flexDirection = apart ? "column" : "row";
  const room = b.sides.length === 2 && !apart ? (width - 12) / 2 : width;
  const tallest = clamp((map === "all" || orthogonal ? b.meta.share ?? 0.8 : 0.65) * innerHeight, 420, 900);
  b.tiles = [];
  b.stage.replaceChildren(...b.sides.map((side, s) => {
    const shown = shownOf(b, side);
    const sizes = shown.map(([, each]) => frameOf(side, each).focus.map(([low, high]) => high - low));
    const { scale, columns } = layOut(sizes, room, tallest, b.meta.least ?? LEAST);
    const grid = create("div", { class: "isl-tiles" });
    const widths = sizes.map(([w]) => Math.max(90, Math.floor(w * scale)));
    grid.style.gridTemplateColumns = Array.from({ length: Math.min(columns, shown.length) }, (_, c) =>
      `${Math.max(...widths.filter((_w, n) => n % columns === c))}px`).join(" ");
    shown.forEach(([name, each], n) => {
      const [w, h] = sizes[n], px = widths[n];
      grid.append(tileOf(b, side, name, each, px, Math.round(Math.max(60, (px * h) / w)), listen));
    });
    const score = create("span", { class: "isl-score" });
    const title = create("h3", {}, create("span", {}, side.name || (b.sides.length > 1 ? `side ${s + 1}` : "")), score);
    b.tiles.filter((t) => t.side === side).forEach((t) => { t.score = score; });
    return create("div", { class: "isl-side" },
      ...(side.name || b.sides.length > 1 || b.has("truth") ? [title] : []), grid);
  }));
}

function tileOf(b, side, name, plane, w, h, listen) {
  const about = side.maps.find((m) => m.name === name);
  const canvas = create("canvas", { role: "img", "aria-label": `${name}, ${plane} slice` });
  [canvas.width, canvas.height] = [w, h].map((n) => Math.round(n * devicePixelRatio));
  Object.assign(canvas.style, { width: `${w}px`, height: `${h}px` });
  const value = create("span"), low = create("span"), high = create("span"), bar = create("span", { class: "isl-bar" });
  const unit = about?.unit ? ` ${about.unit.replace(/^1e-(\d)/, (_, n) => `× 10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[n]}`)}` : ""; // 535 × 10⁻⁶ mm²/s
  const mirrored = create("span"), other = create("div", { class: "isl-other" }, create("span", {}, "mirror"), mirrored);
  const caption = create("figcaption", {},
    create("div", {}, create("b", {}, b.state.orthogonal ? `${name}, ${plane}` : name), value), other,
    create("div", { class: "isl-scale" }, low, bar, high));
  const figure = create("figure", {}, canvas, caption);
  figure.style.width = `${w}px`;
  const tile = { side, name, plane, about, canvas, figure, value, other, mirrored, low, high, bar, unit, off: new OffscreenCanvas(1, 1) };
  if (about) b.tiles.push(tile);
  else caption.replaceChildren(`${side.name || "This side"} has no ${name}.`);
  canvas.voxelToPixel = (voxel) => toCanvas(b, tile, voxel); // for tests
  canvas.pixelToVoxel = (x, y) => toVoxel(b, tile, x, y); // for NetworkLab's brush
  listen(tile);
  return figure;
}
