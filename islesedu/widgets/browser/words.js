// What is said: values under the tiles, the line below them, the legend, and the live region.

import { create } from "../dom.js";
import { show } from "./codes.js";
import { OUTCOMES, PREDICTION, REFERENCE, REGION, pattern, strokeOn } from "./masks.js";
import { scoreOf } from "./outcomes.js";
import { windowOf } from "./paint.js";
import { countOf, millimetresOf, mirrorOf, positionOn } from "./view.js";
import { valueAt } from "./voxels.js";
import { answer, asks, ml, outcomeOf } from "./what_if.js";

const ENDS = [["R", "L"], ["A", "P"], ["S", "I"]];
const AT_REST = 400; // ms after which a place is read out: nobody can listen to every slice that passes

const nameOf = (b, side) => side.name || `side ${b.sides.indexOf(side) + 1}`;

function tellTile(b, tile) { // returns what the live region says of it
  const words = (value) => (value === undefined ? "…" : value === null ? "no value" : show(value) + tile.unit);
  const text = words(valueAt(b, tile.side, tile.name));
  tile.value.textContent = text;
  tile.other.hidden = !b.state.mirror;
  let other = "";
  if (b.state.mirror) {
    const voxel = mirrorOf(b, tile.side);
    tile.mirrored.textContent = voxel ? words(valueAt(b, tile.side, tile.name, voxel)) : "outside";
    other = `, mirror ${tile.mirrored.textContent}`;
  }
  const [low, high] = windowOf(b, tile), colors = b.palette[b.state.colors[tile.name]];
  [tile.low.textContent, tile.high.textContent] = [show(low), show(high)];
  const stops = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `rgb(${colors.slice(3 * Math.round(n * 31.875)).slice(0, 3).join(" ")})`);
  const gradient = `linear-gradient(to right, ${stops})`;
  if (tile.gradient !== gradient) tile.bar.style.background = tile.gradient = gradient;
  tile.figure.classList.toggle("isl-active", b.state.orthogonal && tile.plane === b.state.plane);
  return `${b.sides.length > 1 ? `${nameOf(b, tile.side)} ` : ""}${tile.name} ${text}${other}`;
}

function tellScore(b, side) {
  const score = scoreOf(b, side), box = b.tiles.find((t) => t.side === side)?.score;
  if (!score) {
    const truth = b.state.overlay ? outcomeOf(b, side).counts.truth : null; // do not tell what is hidden
    if (box) box.textContent = truth === null ? "" : truth ? `lesion ${ml(side, truth)} ml` : "the lesion is empty";
    return "";
  }
  if (box) box.textContent = `Dice ${score.dice.toFixed(3)} · ${["tp", "fp", "fn"].map((k) => `${k.toUpperCase()} ${ml(side, score[k])}`).join(" · ")} ml${score.tp + score.fn ? "" : " · the reference is empty"}`;
  return ` Dice ${score.dice.toFixed(3)}.`;
}

export function placeOf(b) { // the line below the tiles
  const { plane, slice, time, mirror } = b.state, [first, second] = b.sides;
  const mm = first.placed
    ? `${millimetresOf(b).map((v, a) => `${ENDS[a][v < 0 ? 1 : 0]} ${Math.abs(v).toFixed(1)}`).join(", ")} mm` : "left and right unknown";
  const other = second && second.maps_of === 1 ? [`${nameOf(b, second)}: voxel ${positionOn(b, second).join(", ")}`] : [];
  const opposite = mirrorOf(b, first);
  return [`${plane[0].toUpperCase()}${plane.slice(1)} slice ${slice} (0 to ${countOf(b) - 1})${b.film ? `, time ${time}` : ""}`,
    `voxel ${b.state.position.join(", ")}`, mm,
    ...(mirror ? [opposite ? `mirror voxel ${opposite.join(", ")}` : "no mirror voxel here"] : []), ...other].join(" · ");
}

export function tell(b) {
  const parts = [...new Set(b.tiles.map((tile) => tellTile(b, tile)))];
  const scores = b.sides.map((side) => tellScore(b, side)).join("");
  b.say.textContent = placeOf(b);
  clearTimeout(b.later);
  const answered = asks(b.sides[0]) ? `${answer(b).join(": ")}.` : "";
  b.later = setTimeout(() => { // what was asked last is said first
    const where = `${b.say.textContent}: ${parts.join("; ")}.${scores}`;
    b.live.textContent = (answered === b.said ? [where, answered] : [answered, where]).join(" ").trim();
    b.said = answered;
  }, AT_REST);
}

export function tellLegend(b) {
  const { outcomes, overlay, truth_style, prediction_style, opacity } = b.state;
  const key = JSON.stringify([outcomes, overlay, truth_style, prediction_style, opacity]);
  if (b.legend.dataset.key === key) return;
  b.legend.dataset.key = key;
  const split = outcomes && b.has("truth") && b.predicted;
  const entries = !overlay ? [] : split ? OUTCOMES.map(([name, color, sign]) => [name, color, sign, "fill"])
    : [...(b.has("truth") ? [["reference mask", REFERENCE, "", truth_style]] : []),
      ...(b.predicted ? [["prediction", PREDICTION, "/", prediction_style, true]] : []),
      ...(b.has("region") ? [["marked region", REGION, "x", "both"]] : [])];
  b.legend.replaceChildren(...entries.filter((e) => e[3] !== "none").map(([name, color, sign, style, dashed]) => {
    const how = split ? `, sign ${sign}` : { outline: dashed ? ", dashed" : ", solid",
      fill: dashed ? ", hatched" : ", filled", both: dashed ? ", dashed and hatched" : ", outlined and filled" }[style];
    return create("span", {}, sample(color, sign, style, dashed, opacity), name + how);
  }));
}

function sample(color, sign, style, dashed, opacity) { // a small box drawn as the mask is
  const dpr = devicePixelRatio, canvas = create("canvas", { width: 34 * dpr, height: 18 * dpr, "aria-hidden": "true" });
  Object.assign(canvas.style, { width: "34px", height: "18px" });
  const c = canvas.getContext("2d"), box = new Path2D();
  c.fillStyle = "#555";
  c.fillRect(0, 0, canvas.width, canvas.height);
  box.rect(3 * dpr, 3 * dpr, 28 * dpr, 12 * dpr);
  if (style !== "outline") {
    c.fillStyle = c.createPattern(pattern(color, sign, opacity, dpr), "repeat");
    c.fill(box);
  }
  if (style !== "fill") strokeOn(c, box, color, dashed, dpr);
  return canvas;
}
