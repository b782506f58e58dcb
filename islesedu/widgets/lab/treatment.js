// The treatment that a network may take as input, besides the maps (isles/clinical_features.py).

import { choice, note, numberField, press, tool } from "./lab_parts.js";

const CLINICAL = {
  TICI: "TICI: how well the artery was reopened, from 0 (not) to 3 (completely).",
  TSS: "TSS: minutes from the first symptom to the scan.",
  TTT: "TTT: minutes from the scan to the treatment.",
};

export function clinicalNumber(name, value, grades) { // what the network gets; NaN: unknown. An Error says what is allowed
  const text = String(value ?? "").trim();
  if (text === "") return NaN;
  if (name === "TICI") {
    const found = grades.find(([grade]) => grade === text);
    if (!found) throw new Error(`TICI is ${text}; choose ${grades.map(([grade]) => grade).join(", ")} or unknown`);
    return found[1];
  }
  const minutes = Number(text);
  if (!(minutes >= 0 && minutes < Infinity)) throw new Error(`${name} is ${text}; give a number of minutes, 0 or more, or leave the field empty if it is unknown`);
  return minutes;
}

export function treatmentOf(l) {
  const { networks, grades } = l.about, named = Object.keys(CLINICAL).filter((name) => networks.some(({ clinical }) => clinical.includes(name)));
  const all = Object.fromEntries(named.map((name) => [name, name === "TICI"
    ? choice(name, [["", "unknown"], ...grades.map(([grade]) => [grade, grade])]) : numberField(`${name} (min)`, "", { min: 0 })]));
  const given = (name) => (all[name].input.validity.badInput ? "not a number" : all[name].input.value);
  const apply = press("Set treatment", () => {
    const { clinical } = networks[l.network], wrong = clinical.map((name) => {
      let problem = "";
      try { clinicalNumber(name, given(name), grades); } catch (error) { problem = error.message; }
      all[name].input.setAttribute("aria-invalid", String(problem !== ""));
      return problem;
    }).filter(Boolean);
    l.say(wrong.join("; "));
    if (!wrong.length) l.edit({ kind: "treatment", values: { ...l.now.treatment, ...Object.fromEntries(clinical.map((name) => [name, given(name)])) }, of: clinical });
  });
  const words = note(""), group = tool("Treatment", ...Object.values(all), apply, words);
  group.open = true;
  l.fields.push(() => {
    const { clinical } = networks[l.network], now = l.now.treatment;
    group.hidden = !clinical.length;
    words.textContent = `${clinical.map((name) => CLINICAL[name]).join(" ")} Empty: unknown. A number beyond those of the patients that the network was trained on counts as the nearest of theirs. The reference stays the lesion under the treatment that the patient had.`;
    named.forEach((name) => { all[name].hidden = !clinical.includes(name); });
    if (l.treatmentShown === now) return;
    l.treatmentShown = now;
    named.forEach((name) => { all[name].input.value = now[name] ?? ""; all[name].input.removeAttribute("aria-invalid"); });
  });
  return group;
}
