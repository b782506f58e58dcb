// Occlusion sensitivity (Zeiler and Fergus, 2014): hide one block after the other; where does the prediction need it?

import { create } from "../dom.js";
import { Cancelled } from "./predictor.js";
import { choice, note, press, tool } from "./lab_parts.js";

export function blocksOf({ box, shape, brain }, edge) { // blocks of voxels that hold some of the head
  const steps = [edge, edge, Math.max(1, Math.round(edge / 2))], blocks = []; // slices are thicker
  for (let z = box[2][0]; z < box[2][1]; z += steps[2]) {
    for (let y = box[1][0]; y < box[1][1]; y += steps[1]) {
      for (let x = box[0][0]; x < box[0][1]; x += steps[0]) {
        const ends = [x, y, z].map((v, a) => [v, Math.min(shape[a], v + steps[a])]);
        if (indicesIn(ends, shape).some((i) => brain[i])) blocks.push(ends);
      }
    }
  }
  return blocks;
}

function indicesIn([[x0, x1], [y0, y1], [z0, z1]], [nx, ny]) {
  const all = [];
  for (let z = z0; z < z1; z++) for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) all.push(x + nx * (y + ny * z));
  return all;
}

export function sweepOf(l) {
  const { channels } = l.about.networks[0];
  const where = choice("in", [["all", "all maps"], ...channels.map((name, c) => [c, name])]);
  const edge = choice("Block", [[16, "16 voxels"], [12, "12 voxels"], [24, "24 voxels"]], () => plan());
  const words = create("span", { class: "isl-done" }), bar = create("progress", { max: 1, value: 0, "aria-label": "Sweep" });
  let stopped = true;
  bar.hidden = true;
  const start = press("Sweep", () => sweep().catch((error) => { l.say(error instanceof Cancelled ? "the sweep was stopped before its end" : error.message); }));
  const stop = press("Stop", () => { stopped = true; });
  stop.disabled = true;
  function plan() {
    const blocks = blocksOf(l.patient, Number(edge.input.value)), seconds = l.expected();
    words.textContent = `${blocks.length} predictions${seconds ? `, about ${Math.ceil(blocks.length * seconds)} s` : ""}`;
    return blocks;
  }
  async function sweep() {
    const { patient, now, probability } = l, which = where.input.value, blocks = plan(), level = l.view.get("threshold");
    const inside = [...probability.keys()].filter((i) => probability[i] > level);
    if (!inside.length) { l.say("nothing is predicted at this threshold; lower it, then sweep"); return; }
    const { means } = now, values = new Float32Array(probability.length);
    const before = inside.reduce((sum, i) => sum + probability[i], 0) / inside.length;
    l.say("");
    [stopped, start.disabled, stop.disabled, bar.hidden] = [false, true, false, false];
    try {
      for (let n = 0; n < blocks.length && !stopped; n++) {
        const hidden = indicesIn(blocks[n], patient.shape), maps = now.maps.map((one) => one.slice());
        maps.forEach((one, c) => { if (which === "all" || c === Number(which)) hidden.forEach((i) => { one[i] = means[c]; }); });
        const after = (await l.compute(maps)).probability;
        if (l.now !== now) { l.say("the input has changed; the sweep was stopped"); return; }
        const drop = before - inside.reduce((sum, i) => sum + after[i], 0) / inside.length;
        hidden.forEach((i) => { values[i] = drop; });
        bar.value = (n + 1) / blocks.length;
        words.textContent = `${n + 1} of ${blocks.length}, about ${Math.ceil((blocks.length - n - 1) * l.expected())} s left`;
      }
      show(values);
    } finally {
      [stopped, start.disabled, stop.disabled, bar.hidden] = [true, false, true, true];
      plan();
    }
  }
  function show(values) {
    const most = values.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-6);
    l.sensitivity = { values, most };
    l.showPlace();
    l.view.set("map", "sensitivity");
    const at = values.indexOf(values.reduce((top, v) => Math.max(top, v), -Infinity));
    l.inform(`The sensitivity map is shown. The largest drop is ${values[at].toFixed(3)}.`);
  }
  l.fields.push(() => { if (stopped && l.patient) { start.disabled = !l.fresh; plan(); } });
  return tool("Sweep: occlusion sensitivity", edge, where, start, stop, bar, words,
    note("One block after the other is occluded, in all maps or in the one that you choose. Its voxels get the mean that is chosen under \"Mark a region\". The map \"sensitivity\" shows how much the mean probability inside the predicted lesion drops."));
}
