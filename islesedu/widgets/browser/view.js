// Where a voxel lies: in its plane, on a canvas, in the other patient's head, on the other side.
//
// `b` is what all modules share (browser.js); a tile is one canvas with its side, map and plane.

import { clamp } from "../dom.js";

export const viewOf = (side, plane) => side.planes[plane];
export const acrossOf = (b, plane = b.state.plane) => b.sides[0].planes[plane].axes[2];
export const countOf = (b, plane = b.state.plane) => b.sides[0].shape[acrossOf(b, plane)];

function carry(position, from, to) { // the same part of the way through another head
  if (from === to) return position;
  const there = [0, 0, 0];
  from.directions.forEach(([axis, way], world) => {
    const [own, ownWay] = to.directions[world], part = (position[axis] + 0.5) / from.shape[axis];
    there[own] = Math.floor((way === ownWay ? part : 1 - part) * to.shape[own]);
  });
  return there;
}

export const positionOn = (b, side) => carry(b.state.position, b.sides[0], side);

export function mirrorOf(b, side) { // the voxel on the other side of the mid-sagittal plane, or null
  if (!side.mirror) return null;
  const [axis, sum] = side.mirror, voxel = [...positionOn(b, side)];
  voxel[axis] = sum - voxel[axis];
  return voxel[axis] >= 0 && voxel[axis] < side.shape[axis] ? voxel : null;
}

export function millimetresOf(b) {
  return b.sides[0].affine.slice(0, 3).map((row) =>
    row[3] + row[0] * b.state.position[0] + row[1] * b.state.position[1] + row[2] * b.state.position[2]);
}

export function frameOf(side, plane) { // of the slice in mm, from its left and top; focus: where the brain is
  const { axes: [ca, ra], flips } = viewOf(side, plane);
  const [n, size] = [[side.shape[ca], side.shape[ra]], [side.spacing[ca], side.spacing[ra]]];
  const focus = [ca, ra].map((a, i) => {
    const [low, high] = side.focus[a];
    return (flips[i] ? [n[i] - high, n[i] - low] : [low, high]).map((v) => v * size[i]);
  });
  return { n, size, focus };
}

export function place(b, { side, plane, canvas }) { // canvas pixels: x = left + scale * mm
  const { focus } = frameOf(side, plane);
  const wide = focus.map(([low, high]) => 1.06 * (high - low));
  const scale = Math.min(canvas.width / wide[0], canvas.height / wide[1]) * b.state.zoom;
  const middle = focus.map(([low, high], i) => (low + high) / 2 + b.pan[plane][i]);
  return { scale, left: canvas.width / 2 - scale * middle[0], top: canvas.height / 2 - scale * middle[1] };
}

export function toCanvas(b, tile, voxel) { // centre of a voxel
  const { axes, flips } = viewOf(tile.side, tile.plane), { n, size } = frameOf(tile.side, tile.plane);
  const { scale, left, top } = place(b, tile);
  const at = [0, 1].map((i) => ((flips[i] ? n[i] - 1 - voxel[axes[i]] : voxel[axes[i]]) + 0.5) * size[i]);
  return [left + scale * at[0], top + scale * at[1]];
}

export function toVoxel(b, tile, x, y) { // on the first side's grid
  const { side, plane } = tile, { axes, flips } = viewOf(side, plane), { n, size } = frameOf(side, plane);
  const { scale, left, top } = place(b, tile), voxel = positionOn(b, side).slice();
  [(x - left) / scale, (y - top) / scale].forEach((mm, i) => {
    const index = clamp(Math.floor(mm / size[i]), 0, n[i] - 1);
    voxel[axes[i]] = flips[i] ? n[i] - 1 - index : index;
  });
  if (side === b.sides[0]) return voxel;
  const own = carry(voxel, side, b.sides[0]), across = acrossOf(b, plane);
  own[across] = b.state.position[across];
  return own;
}

export function indexOf(side, voxel) { // within the box that has come, or -1
  const [x, y, z] = voxel.map((v, a) => (v < side.box[a][0] || v >= side.box[a][1] ? NaN : v - side.box[a][0]));
  const [nx, ny] = side.box.map(([low, high]) => high - low);
  return Number.isNaN(x + y + z) ? -1 : x + nx * (y + ny * z);
}

export function slicePart(b, side, plane) { // how the box lies in the slice
  const { axes: [ca, ra, sa], flips } = viewOf(side, plane), sizes = side.box.map(([low, high]) => high - low);
  const strides = [1, sizes[0], sizes[0] * sizes[1]];
  const index = positionOn(b, side)[sa] - side.box[sa][0];
  const [w, h] = [sizes[ca], sizes[ra]];
  const first = (flips[0] ? (w - 1) * strides[ca] : 0) + (flips[1] ? (h - 1) * strides[ra] : 0);
  return { w, h, base: first + index * strides[sa], inside: index >= 0 && index < sizes[sa],
    dc: flips[0] ? -strides[ca] : strides[ca], dr: flips[1] ? -strides[ra] : strides[ra],
    left: flips[0] ? side.shape[ca] - side.box[ca][1] : side.box[ca][0],
    top: flips[1] ? side.shape[ra] - side.box[ra][1] : side.box[ra][0] };
}
