// What a reader does to a patient: a list of edits, applied to the unchanged maps from the first to the last.

import { statsOf } from "./standardize.js";

export function applyEdits(patient, edits) { // -> { maps, lesion, stats: null or those of the unchanged maps }
  const now = { maps: patient.maps.map((values) => values), lesion: patient.lesion, box: patient.box, off: new Set(), stats: null };
  const stats = patient.maps.map(statsOf), inHead = edits.findLast((edit) => edit.kind === "fill")?.head ?? false;
  now.means = inHead ? patient.maps.map((values) => headMean(values, patient.brain)) : stats.map(({ mean }) => mean);
  now.inHead = inHead;
  edits.forEach((edit) => ACTS[edit.kind]?.(now, edit, { patient, stats }));
  now.off.forEach((c) => { now.maps[c] = new Float32Array(patient.maps[c].length).fill(now.means[c]); });
  return now;
}

function headMean(values, brain) {
  let sum = 0, count = 0;
  brain.forEach((inside, i) => { if (inside) { sum += values[i]; count++; } });
  return count ? sum / count : 0;
}

const ACTS = {
  off: (now, { channel }) => now.off.add(channel),
  on: (now, { channel }) => now.off.delete(channel),
  keep: (now, { on }, { stats }) => { now.stats = on ? stats : null; }, // standardize with the unchanged maps' statistics
  scale: (now, { channel, factor, shift }) => {
    now.maps[channel] = now.maps[channel].map((value) => value * factor + shift);
  },
  noise: (now, { channel, amount, seed }, { stats }) => {
    const normal = normalNumbers(seed), spread = amount * stats[channel].std;
    now.maps[channel] = now.maps[channel].map((value) => value + spread * normal());
  },
  flip: (now, _edit, { patient }) => {
    const from = flippedIndex(patient);
    now.maps = now.maps.map((values) => values.map((_v, i) => values[from(i)]));
    now.lesion = now.lesion && now.lesion.map((_v, i) => now.lesion[from(i)]);
    now.box = flippedBox(now.box, patient);
  },
  occlude: (now, { region, channels }) => {
    channels.forEach((c) => { now.maps[c] = now.maps[c].map((value, i) => (region[i] ? now.means[c] : value)); });
  },
  replace: (now, { region, channels }, { patient }) => replaceByOtherSide(now, region, channels, patient),
  move: (now, { region, by }, { patient }) => {
    const before = [...now.maps], lesion = now.lesion, inside = indicesOf(region);
    replaceByOtherSide(now, region, before.map((_m, c) => c), patient);
    now.maps = now.maps.map((values) => values.slice()); // to be written to
    const [nx, ny, nz] = patient.shape, out = now.lesion && now.lesion.slice();
    inside.forEach((i) => {
      const x = (i % nx) + by[0], y = (Math.floor(i / nx) % ny) + by[1], z = Math.floor(i / (nx * ny)) + by[2];
      if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return;
      const to = x + nx * (y + ny * z);
      now.maps.forEach((values, c) => { values[to] = before[c][i]; });
      if (out) out[to] = lesion[i];
    });
    now.lesion = out;
  },
};

export const flippedBox = (box, { shape, mirror: { axis } }) =>
  box.map(([low, high], a) => (a === axis ? [shape[a] - high, shape[a] - low] : [low, high]));

const indicesOf = (region) => { const all = []; region.forEach((v, i) => { if (v) all.push(i); }); return all; };

function replaceByOtherSide(now, region, channels, patient) { // tissue of the mirror voxel; no lesion there any more
  const from = flippedIndex(patient, true);
  channels.forEach((c) => {
    const values = now.maps[c];
    now.maps[c] = values.map((value, i) => (region[i] && from(i) >= 0 ? values[from(i)] : value));
  });
  if (now.lesion && channels.length === now.maps.length) now.lesion = now.lesion.map((v, i) => (region[i] ? 0 : v));
}

function flippedIndex({ shape: [nx, ny], shape, mirror }, aboutTheBrain = false) { // index -> index on the other side
  const { axis, sum } = mirror, stride = [1, nx, nx * ny][axis], count = shape[axis];
  const total = aboutTheBrain ? sum : count - 1; // a flip turns the whole grid
  return (i) => {
    const at = Math.floor(i / stride) % count, to = total - at;
    return to < 0 || to >= count ? -1 : i + (to - at) * stride;
  };
}

export function normalNumbers(seed) { // mulberry32, then Box and Muller: the same numbers everywhere
  let state = seed >>> 0, spare = null;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => {
    if (spare !== null) { const value = spare; spare = null; return value; }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

export function wordsOf(edit, channels) {
  const which = (list) => (list.length === channels.length ? "all maps" : list.map((c) => channels[c]).join(", "));
  const own = channels[edit.channel];
  return { off: () => `${own} off`, on: () => `${own} on`, flip: () => "flip left and right",
    fill: () => `occlusion value: mean of the ${edit.head ? "head" : "volume"}`,
    keep: () => (edit.on ? "standardized with the unchanged maps' mean and SD" : "standardized with the changed maps' own mean and SD"),
    scale: () => `${own} × ${edit.factor}${edit.shift ? ` ${edit.shift < 0 ? "−" : "+"} ${Math.abs(edit.shift)}` : ""}`,
    noise: () => `noise of ${edit.amount} SD on ${own}`, occlude: () => `occlude ${edit.size} voxels in ${which(edit.channels)}`,
    replace: () => `${edit.size} voxels from the other side in ${which(edit.channels)}`,
    move: () => `move ${edit.size} voxels by ${edit.by.join(", ")}`,
    treatment: () => edit.of.map((name) => `${name} ${edit.values[name] === "" ? "unknown" : edit.values[name]}`).join(", "),
  }[edit.kind]();
}

export function inputOf(edits, channels, average) { // the edits in force, in words: without those that a later one has replaced
  const last = (edit) => edits.findLast(({ kind }) => kind === edit.kind);
  const switched = (edit) => edits.findLast(({ kind, channel }) => ["on", "off"].includes(kind) && channel === edit.channel);
  const gone = { on: () => true, off: (edit) => switched(edit) !== edit, fill: (edit) => last(edit) !== edit || !edit.head,
    keep: (edit) => last(edit) !== edit || !edit.on, treatment: (edit) => last(edit) !== edit };
  const words = edits.filter((edit) => !gone[edit.kind]?.(edit)).map((edit) => wordsOf(edit, channels));
  if (average) words.push("averaged with the mirror image");
  return words.length ? words.join("; ") : "unchanged";
}
