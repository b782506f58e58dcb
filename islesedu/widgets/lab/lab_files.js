// Your own patient: files that are dropped onto the page, or chosen. They stay in the page.

import { create } from "../dom.js";
import { complete } from "./describe.js";
import { choice, note, press } from "./lab_parts.js";
import { channelOfFile, patientOfFiles } from "./patient.js";

export function filesOf(l) {
  if (l.host.kernel) return [];
  const { channels } = l.about.networks[0], list = create("div", { class: "isl-row" }), files = new Map();
  const input = create("input", { type: "file", multiple: "", accept: ".nii,.gz", id: "islesedu-lab-files" });
  const go = press("Predict these files", () => use());
  go.disabled = true;
  const zone = create("div", { class: "isl-drop" },
    create("label", { for: input.id }, `Drop the NIfTI files of ${channels.join(", ")} here (and the lesion, if there is one), or choose them: `), input, list, go);
  const error = create("p", { class: "isl-error", role: "alert" });

  const wrong = (text) => { error.textContent = text; };
  async function add(chosen) {
    wrong("");
    for (const file of chosen) {
      if (!/\.nii(\.gz)?$/i.test(file.name)) { wrong(`${file.name} is no NIfTI file by its name; give files that end in .nii or .nii.gz`); continue; }
      files.set(file.name, { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()), channel: channelOfFile(file.name, channels) });
    }
    show();
    if (channels.every((name) => [...files.values()].filter((f) => f.channel === name).length === 1)) await use();
    else if (files.size) wrong(missing());
  }
  function missing() {
    const have = [...files.values()].map((f) => f.channel), lacking = channels.filter((name) => !have.includes(name));
    const twice = channels.find((name) => have.filter((one) => one === name).length > 1);
    if (twice) return `two files are given as ${twice}; choose what each of them is`;
    return lacking.length ? `no map ${lacking.join(", ")} yet; drop it, too, or choose below which file it is` : "";
  }
  function show() {
    list.replaceChildren(...[...files.values()].map((file) => {
      const which = choice(file.name, [["", "not used"], ...[...channels, "lesion"].map((name) => [name, name])], (channel) => {
        file.channel = channel || null;
        wrong(missing());
        go.disabled = missing() !== "";
      });
      which.input.value = [...channels, "lesion"].includes(file.channel) ? file.channel : "";
      return which;
    }), ...(files.size ? [press("Forget these files", () => { files.clear(); input.value = ""; show(); wrong(""); })] : []));
    go.disabled = !files.size || missing() !== "";
  }
  async function use() {
    try {
      const byChannel = Object.fromEntries([...files.values()].filter((f) => f.channel).map((f) => [f.channel, f]));
      const patient = complete(await patientOfFiles("your own", byChannel, channels));
      l.usePatient({ ...patient, clinical: {} });
      l.patientChoice.input.value = "own";
      wrong("");
    } catch (problem) {
      wrong(problem.message);
    }
  }
  input.addEventListener("change", () => add([...input.files]));
  for (const kind of ["dragover", "dragenter"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("isl-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("isl-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("isl-over");
    add([...event.dataTransfer.files]);
  });
  return [create("details", {}, create("summary", {}, "Your own patient"),
    note("The files are read in this page and stay on your machine: the page may send no request. Not a medical device: the network was trained on "
      + "synthetic patients and is fit for no decision about anybody."), zone, error)];
}
