// The stepper's sum: one line a channel with every product, and the link from a term to its cells.

import { create } from "./dom.js";
import { inBrackets, show } from "./stepper_arithmetic.js";

export function makeTerms(channels, count) { // the lines, without numbers yet
  const lines = Array.from({ length: channels }, (_, c) => create("div", { class: "isl-terms" },
    create("span", { class: "isl-sum" }),
    ...Array.from({ length: count }, (_, n) => [
      ...(n ? [create("span", { "aria-hidden": "true" }, "+")] : []),
      create("span", { class: "isl-term", "data-tap": `${c} ${n}` }, create("span"), create("small")),
    ]).flat()));
  return [...lines, create("p", { class: "isl-total" })];
}

export function fillTerms(nodes, taps, { bias, relu, result }) { // taps: a list for each channel
  let total = 0;
  const sums = taps.map((own) => own.reduce((sum, tap) => sum + tap.product, 0));
  taps.forEach((own, c) => {
    nodes[c].firstChild.textContent = `${taps.length > 1 ? `channel ${c + 1}: ` : ""}${show(sums[c])} =`;
    nodes[c].querySelectorAll(".isl-term").forEach((node, n) => {
      node.firstChild.textContent = `${show(own[n].value)}×${inBrackets(own[n].weight)}`;
      node.lastChild.textContent = show(own[n].product);
      own[n].before = total; // the sum of all terms before this one
      total += own[n].product;
    });
  });
  const words = [];
  if (taps.length > 1 || bias !== 0) {
    const parts = [...sums.map((sum, n) => (n ? inBrackets(sum) : show(sum))), ...(bias ? [`bias ${inBrackets(bias)}`] : [])];
    words.push(`${parts.join(" + ")} = ${show(total + bias)}`);
  }
  if (relu) words.push(`relu(${show(total + bias)}) = ${show(result)}`);
  nodes.at(-1).textContent = words.join("; ");
  return total;
}

export function link(root, note, tapOf) { // a product under pointer or focus, and its term, are marked
  let at = null;
  const mark = () => {
    root.querySelectorAll(".isl-linked").forEach((node) => node.classList.remove("isl-linked"));
    const key = at?.isConnected ? at.dataset.tap : undefined;
    note.textContent = "";
    if (!key) return;
    root.querySelectorAll(`[data-tap="${key}"]`).forEach((node) => node.classList.add("isl-linked"));
    const { tap, number, count } = tapOf(key);
    note.textContent = `Term ${number} of ${count}: ${show(tap.value)} × ${inBrackets(tap.weight)} = ` +
      `${show(tap.product)}; the sum so far is ${show(tap.before + tap.product)}.`;
  };
  const look = (event) => {
    at = event.target.closest?.("[data-tap], td > *") ?? null;
    mark();
  };
  const leave = () => {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    at = focused?.closest("[data-tap]") ?? null;
    mark();
  };
  root.addEventListener("pointerover", look);
  root.addEventListener("focusin", look);
  root.addEventListener("pointerleave", leave);
  root.addEventListener("focusout", () => { at = null; mark(); });
  return mark;
}
