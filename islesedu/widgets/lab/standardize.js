// What the network takes: z-scores of each channel over the whole volume (training/preprocess.py).

export function statsOf(values) { // mean and standard deviation, background included
  let sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, std: Math.sqrt(squares / values.length) };
}

export const isFlat = ({ mean, std }) => std <= 1e-6 * Math.abs(mean); // that is no contrast

// Maps, x running fastest -> (1, X, Y, Z, C) as Keras has it, the channel running fastest.
export function standardize(maps, [nx, ny, nz], stats = maps.map(statsOf)) {
  const out = new Float32Array(nx * ny * nz * maps.length), count = maps.length;
  maps.forEach((values, c) => {
    const { mean, std } = stats[c], factor = isFlat(stats[c]) ? 0 : 1 / std;
    for (let z = 0, i = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++, i++) out[((x * ny + y) * nz + z) * count + c] = (values[i] - mean) * factor;
      }
    }
  });
  return out;
}

export function mirrorInput(input, shape, channels, axis) { // (1, X, Y, Z, C) flipped along an axis
  const out = new Float32Array(input.length), [nx, ny, nz] = shape;
  for (let x = 0, at = 0; x < nx; x++) {
    for (let y = 0; y < ny; y++) {
      for (let z = 0; z < nz; z++, at += channels) {
        const from = [x, y, z];
        from[axis] = shape[axis] - 1 - from[axis];
        const start = ((from[0] * ny + from[1]) * nz + from[2]) * channels;
        for (let c = 0; c < channels; c++) out[at + c] = input[start + c];
      }
    }
  }
  return out;
}

export function xFastest(values, [nx, ny, nz]) { // (X, Y, Z) as Keras has it -> x running fastest
  const out = new Float32Array(values.length);
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) out[i] = values[(x * ny + y) * nz + z];
  }
  return out;
}

const sizesOf = (box) => box.map(([low, high]) => high - low);

export function cutInput(input, [, ny, nz], channels, box) { // (1, X, Y, Z, C) -> its part in a box
  const [bx, by, bz] = sizesOf(box), out = new Float32Array(bx * by * bz * channels);
  for (let x = 0, at = 0; x < bx; x++) {
    for (let y = 0; y < by; y++, at += bz * channels) {
      const start = (((x + box[0][0]) * ny + y + box[1][0]) * nz + box[2][0]) * channels;
      out.set(input.subarray(start, start + bz * channels), at);
    }
  }
  return { image: out, sizes: [bx, by, bz] };
}

export function uncut(values, [nx, ny, nz], box) { // (X', Y', Z') -> (X, Y, Z), 0 around it
  const [bx, by, bz] = sizesOf(box), out = new Float32Array(nx * ny * nz);
  for (let x = 0, at = 0; x < bx; x++) {
    for (let y = 0; y < by; y++, at += bz) {
      out.set(values.subarray(at, at + bz), ((x + box[0][0]) * ny + y + box[1][0]) * nz + box[2][0]);
    }
  }
  return out;
}
