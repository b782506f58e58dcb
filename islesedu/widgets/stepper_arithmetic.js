// The stepper's arithmetic: shapes, products and sums of a state, and numbers as text.
//
// Numbers are nested lists: image [H][W][C], kernel [kh][kw][C][K], bias [K]; stride, padding,
// dilation and position are pairs [row, column], counted from 0.

const MOST = 40; // rows or columns of an output that can be looked at, as in stepper.py

export const show = (x) => String(Number.isInteger(x) ? x : parseFloat(x.toFixed(3)));
export const inBrackets = (x) => (x < 0 ? `(${show(x)})` : show(x));

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

export function numberOf(text) { // "−3", "1,5", "1e2" and "1/9" are numbers, too; else NaN
  const parts = text.trim().replaceAll("−", "-").replaceAll(",", ".").split("/").map((t) => t.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) return NaN;
  const number = parts.length === 1 ? Number(parts[0]) : Number(parts[0]) / Number(parts[1]);
  return Number.isFinite(number) ? number : NaN;
}

export function pairOf(text) { // "2" or "1, 2" as a pair; NaN where there is none
  const parts = text.split(",").map((t) => (/^\s*\d+\s*$/.test(t) ? Number(t) : NaN));
  if (parts.length > 2) return [NaN, NaN];
  return [parts[0], parts.at(-1)];
}

const outputLength = (n, k, s, p, d) => Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1;

export function shapeOf(state) {
  const size = [state.image.length, state.image[0].length];
  const kernel = [state.kernel.length, state.kernel[0].length];
  const out = [0, 1].map((a) =>
    outputLength(size[a], kernel[a], state.stride[a], state.padding[a], state.dilation[a]));
  return { size, kernel, out, channels: state.image[0][0].length, filters: state.kernel[0][0][0].length };
}

export function complaint(state, changes) { // a sentence about what does not fit, or ""
  for (const [name, least] of [["stride", 1], ["padding", 0], ["dilation", 1]]) {
    if (!(changes[name] ?? state[name]).every((v) => Number.isInteger(v) && v >= least)) {
      return `${name}: give one whole number from ${least} up, or two such as 1, 2.`;
    }
  }
  const next = { ...state, ...changes };
  const { size, kernel, out } = shapeOf(next);
  const most = [0, 1].map((a) => next.dilation[a] * (kernel[a] - 1));
  if (next.padding.some((p, a) => p > most[a])) {
    return `padding: at most ${most[0] === most[1] ? most[0] : most.join(", ")} here, the window's ` +
      "length less 1; with more, whole windows would lie in the padding.";
  }
  if (Math.max(...out) > MOST) return `That makes an output of ${out.join(" x ")}; at most ${MOST} fit here.`;
  if (Math.min(...out) >= 1) return "";
  return `The kernel (${kernel.join(" x ")}) does not fit into the image (${size.join(" x ")}) ` +
    "with this padding and dilation.";
}

export function tapsAt(state, [row, column], channel, filter) { // every product of one window
  const taps = [];
  state.kernel.forEach((line, i) => line.forEach((weights, j) => {
    const r = row * state.stride[0] + i * state.dilation[0] - state.padding[0];
    const c = column * state.stride[1] + j * state.dilation[1] - state.padding[1];
    const value = state.image[r]?.[c]?.[channel] ?? 0;
    const weight = weights[channel][filter];
    taps.push({ r, c, i, j, channel, value, weight, product: value * weight });
  }));
  return taps;
}

export function outputAt(state, position, filter) {
  let total = state.bias[filter];
  for (let channel = 0; channel < state.image[0][0].length; channel++) {
    for (const tap of tapsAt(state, position, channel, filter)) total += tap.product;
  }
  return state.relu ? Math.max(total, 0) : total;
}
