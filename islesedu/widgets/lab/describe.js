// What the slice browser is told of a patient (browser/page.py does the same in Python), and its voxels.

const WORLD = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] }; // columns, rows, slices: right, front, top
const LETTERS = [["R", "L"], ["A", "P"], ["S", "I"]];
const LEVELS = 200; // steps of the threshold between 0 and 1, as in packing.py
const LOWEST = 256, HIGHEST = 65535; // codes, as in packing.py

export function directionsOf(affine) { // for right, front and top: which axis runs there, and 1 or -1
  const lengths = [0, 1, 2].map((a) => Math.hypot(...[0, 1, 2].map((w) => affine[w][a])));
  const left = { axes: [0, 1, 2], worlds: [0, 1, 2] }, found = [];
  while (left.axes.length) { // the pair that agrees most first
    const pairs = left.axes.flatMap((a) => left.worlds.map((w) => [Math.abs(affine[w][a]) / lengths[a], a, w]));
    const [, axis, world] = pairs.reduce((best, one) => (one[0] > best[0] ? one : best));
    found[world] = [axis, affine[world][axis] < 0 ? -1 : 1];
    left.axes = left.axes.filter((a) => a !== axis);
    left.worlds = left.worlds.filter((w) => w !== world);
  }
  return found;
}

export function complete(patient) { // adds what follows from maps and affine; done once for a patient
  const { maps, shape, affine } = patient, brain = new Uint8Array(maps[0].length);
  maps.forEach((values) => values.forEach((value, i) => { if (value !== 0) brain[i] = 1; }));
  const box = boxOf(brain, shape) ?? shape.map((n) => [0, n]), directions = directionsOf(affine);
  const [axis] = directions[0];
  return { ...patient, brain, box, directions, mirror: { axis, sum: box[axis][0] + box[axis][1] - 1 } };
}

function boxOf(mask, [nx, ny, nz]) { // first voxel inside and the one after the last, along each axis; or null
  const low = [nx, ny, nz], high = [0, 0, 0];
  mask.forEach((v, i) => {
    if (!v) return;
    [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].forEach((at, a) => {
      if (at < low[a]) low[a] = at;
      if (at >= high[a]) high[a] = at + 1;
    });
  });
  return high[0] ? low.map((at, a) => [at, high[a]]) : null;
}

export function sideOf(patient, { ranges, units }) { // all that the browser needs, but the voxels
  const { shape, affine, directions, placed } = patient;
  const planes = Object.fromEntries(Object.entries(WORLD).map(([plane, world]) => {
    const labels = placed ? [...LETTERS[world[0]], ...LETTERS[world[1]]] : ["", "", "", ""];
    return [plane, { axes: world.map((w) => directions[w][0]), flips: world.slice(0, 2).map((w) => directions[w][1] > 0), labels }];
  }));
  const outcomes = { truth: Boolean(patient.lesion), probability: true, region: true };
  return { name: patient.name, maps_of: 0, shape, spacing: patient.spacing, affine, placed,
    box: shape.map((n) => [0, n]), focus: patient.box,
    maps: [...patient.channels.map((name, c) => mapOf(name, units[name] ?? "", windowsOf(patient, c, ranges[name]))),
      mapOf("probability", "", [["0 to 1", 0, 1]])],
    planes, directions, mirror: placed ? [patient.mirror.axis, patient.mirror.sum] : null,
    has: Object.keys(outcomes).filter((name) => outcomes[name]), counts: { truth: null, probability: null }, largest: {},
    what_if: [], alternatives: [] };
}

export const mapOf = (name, unit, windows) => ({ name, unit, range: windows[0].slice(1), outside: null, scale: 1, bytes: 2, times: 0, windows });

function windowsOf(patient, c, standard) { // the one to begin with first, as windows.py
  const values = patient.maps[c].filter((_v, i) => patient.brain[i]);
  if (!values.length) return [["0 to 1", 0, 1]];
  values.sort();
  const at = (share) => values[Math.round(share * (values.length - 1))];
  const own = ["1 to 99 %", at(0.01), at(0.99)], all = ["full range", values[0], values.at(-1)];
  const windows = standard && own[2] > standard[1] / 4 && own[2] < standard[1] * 4 ? [["standard", ...standard], own, all] : [own, all];
  return windows.map(([name, low, high]) => (low < high ? [name, low, high] : [name, low - 0.5, high + 0.5]));
}

export function codesOf(values) { // float -> 16-bit codes and the range they stand for
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  const scale = high > low ? (HIGHEST - LOWEST) / (high - low) : 0, codes = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) codes[i] = Math.round((values[i] - low) * scale) + LOWEST;
  return { codes, range: [low, high > low ? high : low + 1] };
}

const THRESHOLDS = Float32Array.from({ length: LEVELS + 1 }, (_, k) => k / LEVELS);

export function levelsOf(probability) { // how many of the thresholds each probability is above, exactly
  return Uint8Array.from(probability, (p) => {
    let level = Math.floor(p * LEVELS);
    while (level <= LEVELS && THRESHOLDS[level] < p) level++;
    while (level > 0 && THRESHOLDS[level - 1] >= p) level--;
    return level;
  });
}

export function countsOf(levels, lesion) { // voxels predicted at each threshold: all of them, those in the lesion
  const tables = [new Float64Array(LEVELS + 2), new Float64Array(LEVELS + 2)];
  levels.forEach((level, i) => { tables[0][level]++; if (lesion?.[i]) tables[1][level]++; });
  const above = (table) => {
    const out = [];
    for (let k = LEVELS, sum = 0; k >= 0; k--) { sum += table[k + 1]; out[k] = sum; }
    return out;
  };
  return { truth: lesion ? lesion.reduce((sum, v) => sum + v, 0) : null,
    probability: lesion ? tables.map(above) : [above(tables[0])] };
}

export function largestOf(mask, shape, planes) { // a voxel in the slice with most of the mask, by plane
  const strides = [1, shape[0], shape[0] * shape[1]], at = (i, a) => Math.floor(i / strides[a]) % shape[a], all = [];
  mask.forEach((v, i) => { if (v) all.push(i); });
  return Object.fromEntries(Object.entries(planes).map(([plane, { axes }]) => {
    if (!all.length) return [plane, null];
    const across = axes[2], areas = new Uint32Array(shape[across]);
    all.forEach((i) => areas[at(i, across)]++);
    const slice = areas.indexOf(Math.max(...areas)), inside = all.filter((i) => at(i, across) === slice);
    const middle = [0, 1, 2].map((a) => inside.reduce((sum, i) => sum + at(i, a), 0) / inside.length);
    const far = (i) => [0, 1, 2].reduce((sum, a) => sum + (at(i, a) - middle[a]) ** 2, 0);
    const nearest = inside.reduce((best, i) => (far(i) < far(best) ? i : best));
    return [plane, [0, 1, 2].map((a) => at(nearest, a))];
  }));
}

export const diceOf = ([found, both], truth, level) => (found[level] + truth ? (2 * both[level]) / (found[level] + truth) : 1);
