// The stepper's tables: image and kernel with cells that can be edited, and the output.

import { create } from "./dom.js";
import { numberOf, show } from "./stepper_arithmetic.js";

export function grid(kind, caption, rows, columns, cell) { // the table; `framed` shows it
  const table = create("table", { class: kind, role: "grid", "aria-label": caption });
  const body = create("tbody");
  for (let r = 0; r < rows; r++) {
    const line = create("tr");
    for (let c = 0; c < columns; c++) line.append(create("td", {}, cell(r, c)));
    body.append(line);
  }
  table.append(body);
  const first = table.querySelector("button");
  if (first) first.tabIndex = 0;
  return table;
}

export const framed = (table) => create("div", { class: "isl-grid" }, // a caption does not widen the cells
  create("div", { class: "isl-caption", "aria-hidden": "true" }, table.getAttribute("aria-label")),
  create("div", { class: "isl-scroll" }, table));

export function focusOn(button) { // one stop of the tab key a grid
  button.closest("table").querySelectorAll("button").forEach((b) => { b.tabIndex = -1; });
  button.tabIndex = 0;
  button.focus();
}

export function walk(table, from, key) { // arrow keys within image and kernel: from cell to cell
  const columns = table.rows[0].cells.length;
  const cells = [...table.querySelectorAll("button, span")];
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
    Home: -Infinity, End: Infinity }[key];
  const own = [...table.querySelectorAll("button")];
  const to = Number.isFinite(by) ? cells[cells.indexOf(from) + by] : own.at(by < 0 ? 0 : -1);
  if (to?.matches("button")) focusOn(to);
}

export function editable(label, value, write, complain) { // a cell: a button, a field while edited
  const button = create("button", { type: "button", tabindex: "-1" });
  button.dataset.label = label;
  button.addEventListener("click", () => {
    const before = String(value()); // in full: what is not changed stays exact
    const input = create("input", { type: "text", inputmode: "text", "aria-label": label, autocomplete: "off" });
    input.value = before;
    let open = true;
    const close = (keep) => {
      if (!open) return;
      open = false;
      const number = numberOf(input.value);
      input.replaceWith(button);
      const refused = keep && !Number.isFinite(number);
      complain(refused ? `${label}: "${input.value}" is not a number; ${show(value())} stays.` : "");
      if (keep && !refused && input.value !== before) write(number);
      focusOn(button);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // or the key would go on to the button and open it again
      close(event.key === "Enter");
    });
    input.addEventListener("blur", () => close(true));
    button.replaceWith(input);
    input.focus();
    input.select();
  });
  return button;
}

export function fitCells(root, tables) { // all cells of these tables as wide as the longest text needs
  const longest = Math.max(...tables.flatMap((table) => [...table.querySelectorAll("td > *")].map((node) =>
    Math.max(node.firstChild?.textContent.length ?? 0, 0.8 * (node.querySelector("small")?.textContent.length ?? 0)))));
  const room = Math.floor((root.clientWidth - 40) / Math.max(...tables.map((t) => t.rows[0].cells.length)) - 2);
  const width = Math.max(30, Math.min(40, room), Math.ceil(8 * longest + 10));
  tables.forEach((table) => table.style.setProperty("--isl-cell", `${width}px`));
}

export function scrollToWindow(table) { // where not all of a grid is in sight, the window is
  const box = table.parentElement, marked = table.querySelectorAll(".isl-under, [aria-current='true']");
  if (!marked.length || (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight)) return;
  const all = box.getBoundingClientRect();
  const [first, last] = [marked[0], marked[marked.length - 1]].map((m) => m.getBoundingClientRect());
  if (first.left < all.left || last.right > all.right) box.scrollLeft += (first.left + last.right - all.left - all.right) / 2;
  if (first.top < all.top || last.bottom > all.bottom) box.scrollTop += (first.top + last.bottom - all.top - all.bottom) / 2;
}
