// A region that the reader marks, with a brush or at the crosshair, and what is done to it.

import { create } from "../dom.js";
import { checkbox, choice, note, numberField, press, tool } from "./lab_parts.js";

function ballAround(l, centre, radius, value = 1) { // mark the voxels within a radius in mm; inside the head
  const { shape, spacing, brain } = l.patient, reach = spacing.map((mm) => Math.ceil(radius / mm)), [nx, ny] = shape;
  const ends = centre.map((v, a) => [Math.max(0, v - reach[a]), Math.min(shape[a] - 1, v + reach[a])]);
  for (let z = ends[2][0]; z <= ends[2][1]; z++) {
    for (let y = ends[1][0]; y <= ends[1][1]; y++) {
      for (let x = ends[0][0]; x <= ends[0][1]; x++) {
        const far = Math.hypot(...[x, y, z].map((v, a) => (v - centre[a]) * spacing[a])), i = x + nx * (y + ny * z);
        if (far <= radius && brain[i]) l.region[i] = value;
      }
    }
  }
}

export function brushOn(l) { // a pointer on the slices marks instead of moving the crosshair, while the brush is on
  const stage = l.place.querySelector(".isl-stage");
  let painting = false, last = 0;
  const dab = (event) => {
    const { canvas } = painting, box = canvas.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top].map((px) => px * devicePixelRatio);
    const from = painting.at ?? at, steps = Math.ceil(Math.hypot(at[0] - from[0], at[1] - from[1]) / 4) || 1; // no gaps
    for (let n = 1; n <= steps; n++) {
      const between = at.map((to, i) => from[i] + ((to - from[i]) * n) / steps), voxel = canvas.pixelToVoxel(...between);
      if (voxel.join() !== painting.voxel) ballAround(l, voxel, l.brush.radius());
      painting.voxel = voxel.join();
    }
    painting.at = at;
    if (performance.now() - last < 40) return;
    last = performance.now();
    l.browser.refresh();
  };
  const taken = (event) => { event.preventDefault(); event.stopPropagation(); };
  stage.addEventListener("pointerdown", (event) => {
    if (!l.brush.on() || event.button !== 0 || event.target.tagName !== "CANVAS") return;
    taken(event);
    painting = { canvas: event.target };
    stage.setPointerCapture(event.pointerId);
    dab(event);
  }, true);
  stage.addEventListener("pointermove", (event) => { if (painting) { taken(event); dab(event); } }, true);
  const end = (event) => {
    if (!painting) return;
    taken(event);
    painting = false;
    l.marked();
  };
  stage.addEventListener("pointerup", end, true);
  stage.addEventListener("pointercancel", end, true);
  stage.addEventListener("touchmove", (event) => { if (l.brush.on() && event.cancelable) event.preventDefault(); }, { passive: false, capture: true });
  stage.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "b" || event.altKey || event.ctrlKey || event.metaKey) return;
    taken(event);
    l.markHere();
  }, true);
}

export function regionOf(l) {
  const brush = checkbox("Brush: mark by dragging on a slice", false, () => {});
  const radius = numberField("Radius (mm)", 12, { min: 1, max: 60 });
  const millimetres = () => Math.min(60, Math.max(1, Number(radius.input.value) || 12));
  radius.input.addEventListener("change", () => { radius.input.value = millimetres(); }); // what counts is what is seen
  l.brush = { on: () => brush.input.checked, radius: millimetres };
  const size = create("span", { class: "isl-done" });
  const count = () => l.region.reduce((sum, v) => sum + v, 0);
  l.marked = () => {
    l.refresh();
    l.inform(`${count()} voxels are marked.`);
  };
  l.markHere = () => { ballAround(l, l.view.get("position"), l.brush.radius()); l.marked(); };
  const here = press("Mark at the crosshair (B)", () => l.markHere());
  const lesion = press("Mark the reference lesion", () => { l.region.set(l.now.lesion); l.marked(); });
  const clear = press("Clear the mark", () => { l.region = new Uint8Array(l.region.length); l.marked(); });
  const { channels } = l.about.networks[0];
  const where = choice("in", [["all", "all maps"], ...channels.map((name, c) => [c, name])]);
  const chosen = () => (where.input.value === "all" ? channels.map((_n, c) => c) : [Number(where.input.value)]);
  const act = (kind, more = () => ({})) => () => l.edit({ kind, region: l.region.slice(), size: count(), channels: chosen(), ...more() });
  const occlude = press("Occlude", act("occlude")), replace = press("Replace by the other side", act("replace"));
  const move = press("Move to the crosshair", () => {
    const by = shiftTo(l), moved = shifted(l, by);
    act("move", () => ({ by }))();
    l.region = moved; // the mark goes along with its tissue
    l.refresh();
  });
  const fill = choice("Occluded voxels get the mean of", [["volume", "the volume, air included"], ["head", "the head"]], (value) => l.edit({ kind: "fill", head: value === "head" }));
  l.fields.push(() => {
    fill.input.value = l.now.inHead ? "head" : "volume";
    const none = !l.region.includes(1);
    [occlude, move, clear].forEach((node) => { node.disabled = none; });
    replace.disabled = none || !l.patient.placed;
    move.disabled = none || !l.patient.placed;
    lesion.disabled = !l.now.lesion?.includes(1);
    size.textContent = none ? "nothing marked" : `${count()} voxels marked`;
  });
  return tool("Mark a region: occlude, replace, move", brush, radius, here, lesion, clear, size, where, occlude, replace, move, fill,
    note("Occlude: the map's mean. The mean of the volume counts the air around the head, so inside the head it is a low value, and a low ADC is what dying tissue has. "
      + "Replace: the tissue of the mirror voxel; in all maps, the reference loses the region, too. Move: the tissue of all maps, and the reference with it; "
      + "the old place gets the other side's tissue. The patch keeps a hard edge, which no patient has."));
}

function shiftTo(l) { // from the middle of the mark to the crosshair
  const [nx, ny] = l.patient.shape, sum = [0, 0, 0];
  let count = 0;
  l.region.forEach((v, i) => {
    if (!v) return;
    [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].forEach((at, a) => { sum[a] += at; });
    count++;
  });
  return l.view.get("position").map((v, a) => v - Math.round(sum[a] / count));
}

function shifted(l, by) { // the mark, moved
  const [nx, ny, nz] = l.patient.shape, out = new Uint8Array(l.region.length);
  l.region.forEach((v, i) => {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].map((at, a) => at + by[a]);
    if (v && x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz) out[x + nx * (y + ny * z)] = 1;
  });
  return out;
}
