// Small parts of the lab's page: labelled native inputs, groups, buttons.

import { create } from "../dom.js";

const own = Math.random().toString(36).slice(2); // JupyterLab loads this module once for each lab: ids must differ
let fieldNumber = 0;
const fieldId = () => `islesedu-lab-${own}-${++fieldNumber}`;

export function labelled(text, input) {
  input.id ||= fieldId();
  return create("span", { class: "isl-field" }, create("label", { for: input.id }, text), input);
}
export function checkbox(text, on, set) {
  const input = create("input", { type: "checkbox", id: fieldId() });
  input.checked = on;
  input.addEventListener("change", () => set(input.checked, input));
  return Object.assign(create("span", { class: "isl-field" }, input, create("label", { for: input.id }, text)), { input });
}
export function choice(text, options, set) { // options: [value, words]
  const input = create("select", {}, ...options.map(([value, words]) => create("option", { value }, words)));
  input.addEventListener("change", () => set?.(input.value));
  return Object.assign(labelled(text, input), { input });
}
export function numberField(text, value, { min, max, step = "any" } = {}) {
  const input = create("input", { type: "number", step, value, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) });
  input.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab would take letters and Enter
  return Object.assign(labelled(text, input), { input });
}
export function press(text, act) {
  const node = create("button", { type: "button" }, text);
  node.addEventListener("click", act);
  return node;
}
export const section = (name, ...children) => create("fieldset", {}, create("legend", {}, name), ...children);
export const tool = (name, ...children) => create("details", { class: "isl-tool" }, create("summary", {}, name), create("div", { class: "isl-row" }, ...children));
export const note = (text) => create("p", { class: "isl-note" }, text);
