// Reference mask and prediction: their outlines in a slice, and their scores.

import { outlineOf } from "./masks.js";
import { slicePart } from "./view.js";
import { dataOf, partOf } from "./voxels.js";
import { level, outcomeOf } from "./what_if.js";

const sourceOf = (b, side) => [b.state.source, "prediction", "probability"].find((s) => side.has.includes(s));

export function masksOf(b, side, plane) { // paths of reference and prediction, or of the outcomes, in columns and rows
  const part = slicePart(b, side, plane), data = {}, source = sourceOf(b, side);
  if (side.has.includes("truth")) data.truth = dataOf(b, side, "truth");
  if (source) data.prediction = dataOf(b, side, source);
  if (side.has.includes("region")) data.region = dataOf(b, side, "region");
  const key = `${b.sides.indexOf(side)} ${plane} ${part.base} ${source && partOf(b, side, source)} ${level(b)} ${b.state.outcomes}`;
  if (b.paths.has(key)) return b.paths.get(key);
  const cut = (codes, above) => {
    const mask = new Uint8Array(part.w * part.h);
    for (let r = 0, i = 0; r < part.h; r++) {
      for (let c = 0, at = part.base + r * part.dr; c < part.w; c++, i++, at += part.dc) mask[i] = codes[at] > above ? 1 : 0;
    }
    return mask;
  };
  const outline = (mask) => (mask?.includes(1) ? outlineOf(mask, part.w, part.h, part.left, part.top) : null);
  const truth = part.inside && data.truth ? cut(data.truth, 0) : null;
  const found = part.inside && data.prediction ? cut(data.prediction, source === "probability" ? level(b) : 0) : null;
  const result = b.state.outcomes && side.has.includes("truth") && source
    ? { outcomes: truth && found ? [[1, 1], [1, 0], [0, 1]].map(([t, p]) =>
      outline(truth.map((v, i) => (v === t && found[i] === p ? 1 : 0)))) : [] }
    : { truth: outline(truth), prediction: outline(found) };
  if (part.inside && data.region) result.region = outline(cut(data.region, 0));
  if (b.paths.size > 60) b.paths.clear();
  b.paths.set(key, result);
  return result;
}

export function scoreOf(b, side) { // voxels TP, FP, FN and Dice of the whole volume
  const source = sourceOf(b, side);
  const { truth, [source]: table } = outcomeOf(b, side).counts;
  if (truth === null || !table) return null;
  const [found, both] = table.map((n) => (Array.isArray(n) ? n[level(b)] : n));
  return { dice: found + truth ? (2 * both) / (found + truth) : 1, tp: both, fp: found - both, fn: truth - both };
}
