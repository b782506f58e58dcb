// Codes of voxels: unpacked, as values, and as colours through a window.

import { clamp } from "../dom.js";

const FIRST = 256, LAST = 65535; // codes of the lowest and the highest value, as in packing.py

export const show = (x) => (x === null || !Number.isFinite(x) ? "no value"
  : String(Number(x.toPrecision(4))).replace("-", "−").replace(/e\+?/, " × 10^"));

export function bytesOf(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export const valueOf = (code, [low, high]) => (code < FIRST ? null : low + ((code - FIRST) / (LAST - FIRST)) * (high - low));
export const codeOf = (data, index) => (data instanceof Uint16Array ? data[index]
  : data[index] && ((data[index] << 8) | 128)); // a high byte alone stands for the middle of its codes

export function lookupTable(bits, range, [low, high], colors) { // code or high byte -> pixel
  const table = new Uint32Array(1 << bits);
  for (let code = 0; code < table.length; code++) {
    table[code] = pixelOf(valueOf(bits === 16 ? code : code && ((code << 8) | 128), range), low, high, colors);
  }
  return table;
}
export function pixelOf(value, low, high, colors) {
  if (value === null) return 0xff000000; // black: no value
  const at = 3 * Math.round(clamp((value - low) / (high - low), 0, 1) * 255);
  return (0xff000000 | (colors[at + 2] << 16) | (colors[at + 1] << 8) | colors[at]) >>> 0;
}
