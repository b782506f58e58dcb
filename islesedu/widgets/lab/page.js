// NetworkLab in a page by itself: networks, patients and the runtime lie beside it, as scripts.
//
// Scripts, because a page that was opened from a disk may load those, and nothing else. Each hands over
// its content, packed, through `islesedu_lab(name, content)`.

import { bytesOf } from "../browser/codes.js";
import { complete } from "./describe.js";
import { showLab } from "./lab_view.js";
import { gunzip } from "./nifti.js";
import { patientOfFiles } from "./patient.js";
import { makePredictor } from "./predictor.js";

const shelf = new Map(); // name -> promise of what a script has handed over
const arrivals = new Map();
window.islesedu_lab = (name, content) => arrivals.get(name)?.(content);

function fetchScript(name) {
  if (!shelf.has(name)) {
    shelf.set(name, new Promise((resolve, reject) => {
      arrivals.set(name, resolve);
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onerror = () => { shelf.delete(name); reject(new Error(`data/${name}.js could not be loaded; the page's folder must be whole`)); };
      document.head.append(script);
      script.onload = () => script.remove();
    }));
  }
  return shelf.get(name);
}

const unpack = async (text) => gunzip(bytesOf(text));
const textOf = (bytes) => new TextDecoder().decode(bytes);

function pageHost(about) {
  const runtime = async (backend) => {
    const { script, mjs, wasm } = await fetchScript(`runtime-${backend}`);
    const [own, glue, binary] = await Promise.all([script, mjs, wasm].map(unpack));
    return { script: textOf(own), mjs: textOf(glue), wasm: binary.buffer };
  };
  const network = (n) => async () => {
    const { model, probe } = await fetchScript(about.networks[n].file);
    const expected = new Float32Array((await unpack(probe.expected)).buffer);
    return { network: await unpack(model), probe: { ...probe, expected, clinical: probe.clinical && Float32Array.from(probe.clinical, (v) => v ?? NaN) } };
  };
  const wanted = new URLSearchParams(location.search).get("backend") ?? "wasm", rows = [];
  return { about,
    async patient(n) {
      const { file, name, channels, clinical } = about.patients[n], content = await fetchScript(file);
      const files = Object.fromEntries(Object.entries(content).map(([channel, text]) => [channel, { name: `${channel}.nii`, bytes: bytesOf(text) }]));
      return complete({ ...await patientOfFiles(name, files, channels), clinical });
    },
    predictor: (n) => makePredictor({ runtime, network: network(n) }, wanted),
    tried: () => rows, keep(row) { rows.push(row); }, follow() {}, close() {} };
}

if (window.parent !== window) document.documentElement.classList.add("isl-framed"); // the page around has said the introduction

function render({ el }) {
  return fetchScript("about").then((about) => showLab(el, pageHost(about)));
}

export default { render };
