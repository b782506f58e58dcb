// The log: what was tried, on which input, with the Dice of each; to be copied into a spreadsheet.

import { create } from "../dom.js";
import { press } from "./lab_parts.js";

const COLUMNS = [["no.", (_r, n) => n + 1], ["tried", (r) => r.what], ["input", (r) => r.input], ["Dice", (r) => (r.dice === null ? "no reference" : r.dice.toFixed(3) + (r.reference ? "" : " (empty reference)"))],
  ["predicted ml", (r) => r.ml.toFixed(1)], ["threshold", (r) => r.threshold.toFixed(3)], ["patient", (r) => r.patient], ["network", (r) => r.network],
  ["seconds", (r) => (r.seconds === null ? "" : r.seconds.toFixed(1))]];

export function logOf(l) { // roles, because a narrow log is drawn as cards
  const body = create("tbody", { role: "rowgroup" }), done = create("span", { class: "isl-done" });
  const head = create("thead", { role: "rowgroup" }, create("tr", { role: "row" }, ...COLUMNS.map(([name]) => create("th", { scope: "col", role: "columnheader" }, name))));
  const table = create("div", { class: "isl-scroll", tabindex: "0", role: "region", "aria-label": "What was tried" },
    create("table", { role: "table", "aria-label": "What was tried, the newest first" }, head, body));
  const copy = press("Copy the log", () => copyText([COLUMNS.map(([name]) => name),
    ...l.host.tried().map((row, n) => COLUMNS.map(([, of]) => of(row, n)))].map((cells) => cells.join("\t")).join("\n"), done));
  l.showLog = () => {
    const rows = l.host.tried();
    copy.disabled = !rows.length;
    body.replaceChildren(...rows.map((row, n) => create("tr", { role: "row" },
      ...COLUMNS.map(([name, of]) => create("td", { role: "cell", "data-label": name }, String(of(row, n)))))).reverse());
  };
  l.host.follow(l.showLog);
  l.showLog();
  return create("details", { open: "" }, create("summary", {}, "What was tried"), table, create("div", { class: "isl-row" }, copy, done));
}

export async function copyText(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    done.textContent = "copied";
  } catch { // a page that was opened from a disk may not
    const field = create("textarea", { "aria-label": "Text to copy" });
    field.value = text;
    done.replaceChildren(field);
    field.select();
  }
}
