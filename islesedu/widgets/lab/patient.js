// A patient: maps on one grid, from files or from the kernel; what is wrong is said in a sentence.

import { FileError, readNifti } from "./nifti.js";

const PARTS = { adc: "ADC", cbv: "CBV", rcbv: "CBV", cbf: "CBF", rcbf: "CBF", mtt: "MTT", ttp: "TTP", tmax: "Tmax",
  dwi: "DWI", flair: "FLAIR", t1: "T1", t1w: "T1", t2: "T2", t2w: "T2", "4dpwi": "4DPWI", pwi: "4DPWI",
  ot: "lesion", lesion: "lesion", msk: "lesion", mask: "lesion", seg: "lesion", lesionmsk: "lesion" };

export function channelOfFile(name, known = []) { // "VSD.Brain.XX.O.MR_rCBF.128020.nii" -> "CBF"; null if it says none
  const stem = name.replace(/\.nii(\.gz)?$/i, ""), dotted = stem.split(".");
  const field = dotted.length >= 6 && /^(VSD|SMIR)$/i.test(dotted[0]) ? dotted[4] : stem;
  const words = field.toLowerCase().split(/[\s_.-]+/).reverse();
  const own = words.map((word) => known.find((one) => one.toLowerCase() === word)).find(Boolean);
  return own ?? words.map((word) => PARTS[word]).find(Boolean) ?? null;
}

export async function patientOfFiles(name, files, channels) { // files: channel -> { name, bytes }
  const maps = {};
  for (const channel of channels) {
    if (!files[channel]) {
      const listing = Object.keys(files).join(", ") || "none whose name says which map it is";
      throw new FileError(`case ${name} has no map ${channel}; it has ${listing}`);
    }
  }
  let first = null;
  for (const channel of [...channels, ...(files.lesion ? ["lesion"] : [])]) {
    const volume = await readNifti(files[channel].name, files[channel].bytes);
    first ??= volume;
    checkGrid(volume, first);
    maps[channel] = volume;
  }
  const place = Object.values(maps).find((volume) => volume.placed) ?? first;
  return { name, channels, shape: first.shape, affine: place.affine, spacing: place.spacing, placed: place.placed,
    maps: channels.map((channel) => maps[channel].values),
    lesion: maps.lesion ? maskOf(maps.lesion) : null, clinical: {} };
}

function checkGrid(volume, first) {
  if (volume.shape.some((n, a) => n !== first.shape[a])) {
    throw new FileError(`${volume.name} has the grid (${volume.shape.join(", ")}), but ${first.name} has (${first.shape.join(", ")}); resample one onto the other`);
  }
  const apart = volume.placed && first.placed ? apartOf(volume, first) : 0;
  if (apart > 0.5) {
    throw new FileError(`${volume.name} lies up to ${apart.toFixed(1)} voxels away from ${first.name}, because they have different affines; resample one onto the other`);
  }
}

function apartOf(volume, first) { // voxels, at the worst corner
  let worst = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [0, 1, 2].map((a) => ((corner >> a) & 1) * (volume.shape[a] - 1));
    for (let row = 0; row < 3; row++) {
      const at = ({ affine }) => affine[row][3] + voxel.reduce((sum, v, a) => sum + affine[row][a] * v, 0);
      worst = Math.max(worst, Math.abs(at(volume) - at(first)));
    }
  }
  return worst / Math.min(...first.spacing);
}

function maskOf({ name, values }) { // 0, and one other whole number: metrics/masks.py
  const label = Math.max(1, Math.round(values.reduce((top, v) => Math.max(top, v), 0)));
  return Uint8Array.from(values, (value) => {
    const inside = value > label / 2;
    if (Math.abs(value - (inside ? label : 0)) > 1e-3) {
      throw new FileError(`${name} holds ${Number(value.toPrecision(4))} and ${label}; a mask holds 0 and one other whole number: apply a threshold to probabilities`);
    }
    return inside ? 1 : 0;
  });
}
