// Read one NIfTI file: its voxels as float32, x running fastest, and where they lie (isles/nifti.py).

const TYPES = { // NIfTI's code of a type: what it is called, its bytes, how a DataView reads it
  2: ["uint8", 1, "getUint8"], 4: ["int16", 2, "getInt16"], 8: ["int32", 4, "getInt32"],
  16: ["float32", 4, "getFloat32"], 64: ["float64", 8, "getFloat64"], 256: ["int8", 1, "getInt8"],
  512: ["uint16", 2, "getUint16"], 768: ["uint32", 4, "getUint32"] };
const LARGEST_VOLUME = 2 ** 28; // voxels: no real volume has more
const TO_MM = { 1: 1000, 3: 0.001 }; // by the code of the unit: metres, micrometres; all else is mm

export class FileError extends Error {} // a sentence for the reader

export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function readNifti(name, packed) { // bytes of a .nii or .nii.gz
  if (!/\.nii(\.gz)?$/i.test(name)) {
    throw new FileError(`${name} is no NIfTI file by its name; give a file that ends in .nii or .nii.gz`);
  }
  let bytes = packed;
  if (packed[0] === 0x1f && packed[1] === 0x8b) {
    bytes = await gunzip(packed).catch(() => {
      throw new FileError(`${name} is damaged: it cannot be unpacked; copy it again`);
    });
  }
  const header = readHeader(name, bytes);
  return { name, ...header, values: readVoxels(name, bytes, header) };
}

function readHeader(name, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes.length >= 352 && view.getInt32(0, true) === 348;
  if (!little && !(bytes.length >= 352 && view.getInt32(0, false) === 348)) {
    throw new FileError(`${name} cannot be opened as NIfTI-1 (its header has not 348 bytes); copy or unpack it again`);
  }
  const numbers = (at, count, read = "getFloat32", size = 4) =>
    Array.from({ length: count }, (_, n) => view[read](at + n * size, little));
  const dim = numbers(40, 8, "getInt16", 2), all = dim.slice(1, 1 + Math.min(7, Math.max(0, dim[0])));
  if (all.length < 3 || Math.min(...all) < 1 || all.slice(3).some((n) => n !== 1)) {
    throw new FileError(`${name} has the shape (${all.join(", ")}); expected three axes (X, Y, Z)`);
  }
  const shape = all.slice(0, 3), voxels = shape.reduce((a, n) => a * n), code = view.getInt16(70, little);
  if (voxels > LARGEST_VOLUME) {
    throw new FileError(`${name} claims the shape (${shape.join(", ")}), more voxels than are believed: the header is damaged`);
  }
  if (!TYPES[code]) throw new FileError(`${name} holds values of NIfTI's type ${code}; expected real numbers of up to 64 bits`);
  const offset = Math.max(352, Math.floor(view.getFloat32(108, little)));
  if (!(offset + voxels * TYPES[code][1] <= bytes.length)) {
    throw new FileError(`${name} is cut off: ${bytes.length} bytes cannot hold the (${shape.join(", ")}) voxels its header promises; copy or unpack it again`);
  }
  return { shape, little, code, offset, scale: numbers(112, 2), ...placeOfVoxels(name, numbers, view, little) };
}

function placeOfVoxels(name, numbers, view, little) { // sform, else qform, else voxel size
  const pixdim = numbers(76, 8), codes = numbers(252, 2, "getInt16", 2); // qform, sform
  const unit = TO_MM[view.getUint8(123) & 7] ?? 1, edges = pixdim.slice(1, 4).map((v) => Math.abs(v) || 1);
  let rows;
  if (codes[1] > 0) rows = [280, 296, 312].map((at) => numbers(at, 4));
  else if (codes[0] > 0) rows = turned(numbers(256, 3), numbers(268, 3), edges, pixdim[0] < 0 ? -1 : 1);
  else rows = [[-edges[0], 0, 0, 0], [0, edges[1], 0, 0], [0, 0, edges[2], 0]]; // as nibabel does
  rows = rows.map((row) => row.map((v) => v * unit));
  const sizes = [0, 1, 2].map((a) => Math.hypot(...rows.map((row) => row[a])));
  if (!sizes.every((size) => Number.isFinite(size) && size > 0)) {
    throw new FileError(`${name} gives voxels of (${sizes.join(", ")}) mm; expected finite numbers above 0: mend the sform`);
  }
  const said = edges.map((v) => v * unit), same = sizes.every((v, a) => Math.abs(v - said[a]) <= 1e-3 * v);
  return { affine: [...rows, [0, 0, 0, 1]], spacing: same ? said : sizes, placed: codes.some((code) => code > 0) };
}

function turned([b, c, d], shift, [dx, dy, dz], qfac) { // from a quaternion to three rows of an affine
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const turn = [[a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c]];
  return turn.map((row, n) => [row[0] * dx, row[1] * dy, row[2] * dz * qfac, shift[n]]);
}

function readVoxels(name, bytes, { shape, little, code, offset, scale: [slope, inter] }) { // not finite: 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), [, size, read] = TYPES[code];
  const values = new Float32Array(shape.reduce((a, n) => a * n)), scaled = Number.isFinite(slope) && slope !== 0;
  let finite = 0;
  for (let i = 0, at = offset; i < values.length; i++, at += size) {
    const raw = view[read](at, little), value = Math.fround(scaled ? raw * slope + inter : raw);
    if (!Number.isFinite(value)) continue;
    values[i] = value;
    finite++;
  }
  if (!finite) throw new FileError(`${name} holds no finite value, only NaN or infinity; expected a map: export it again`);
  return values;
}
