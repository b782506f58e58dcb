// ConvolutionStepper: lay the kernel on the image, read every product, move on.
//
// Plain JavaScript without a build step; Python joins the modules (scripts.py). `render` gets a model
// with get, set, save_changes, on and off (anywidget's, or that of standalone.py) and an empty element.

import { create } from "./dom.js";
import { complaint, inBrackets, outputAt, shapeOf, show, tapsAt } from "./stepper_arithmetic.js";
import { makeControls, makeMoves, makeSettings } from "./stepper_controls.js";
import { editable, fitCells, framed, grid, scrollToWindow, walk } from "./stepper_grids.js";
import { fillTerms, link, makeTerms } from "./stepper_terms.js";

const TRAITS = ["image", "kernel", "bias", "relu", "stride", "padding", "dilation", "position", "filter"];
const ARROWS = { ArrowLeft: "Previous", ArrowRight: "Next", ArrowUp: "Previous row",
  ArrowDown: "Next row", Home: "First", End: "Last" };
const HELP = "Keys: left and right one step, up and down one row, Home first, End last, space plays. " +
  "Point at a product or go to its cell to see its term in the sum. Rows and columns are counted from 0, " +
  "as in Python. Cells take 0.5, 1/9 and 1e-2; up to 3 decimals are shown, all are used.";

function render({ model, el }) {
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const s = { state: read(), // what the parts below share
    count: () => shapeOf(s.state).out[0] * shapeOf(s.state).out[1],
    here: () => s.state.position[0] * shapeOf(s.state).out[1] + s.state.position[1],
    put(changes) {
      Object.entries(changes).forEach(([name, value]) => model.set(name, value));
      model.save_changes();
    },
    go(index) {
      const columns = shapeOf(s.state).out[1];
      const to = Math.max(0, Math.min(index, s.count() - 1));
      s.put({ position: [Math.floor(to / columns), to % columns] });
    },
    startAgain() { furthest = 0; s.go(0); } };
  const initial = structuredClone(s.state);
  let furthest = s.here(); // the output is filled in up to here

  const root = create("div", { class: "islesedu-stepper", role: "group", tabindex: "0",
    "aria-label": "Convolution, step by step", "data-lm-suppress-shortcuts": "true" });
  root.id = `stepper-${Math.random().toString(36).slice(2)}`;
  const pictures = create("div", { class: "isl-pictures" });
  const arithmetic = create("div", { class: "isl-arithmetic" });
  const say = create("p", { class: "isl-say", role: "status", "aria-live": "polite" });
  const note = create("p", { class: "isl-note" });
  const error = create("p", { class: "isl-error", role: "alert" });
  const complain = (words) => { error.textContent = words; };
  const moves = makeMoves(s);
  const settings = makeSettings(s, complain);
  const controls = makeControls(s, moves, say, () => {
    complain("");
    s.put(initial);
    furthest = s.here();
    update();
    settings.refresh();
  });
  const filters = create("fieldset");
  settings.row.append(filters);
  root.append(controls.row, say, error, pictures, arithmetic, note, settings.row,
    create("p", { class: "isl-help" }, HELP));
  el.replaceChildren(root);

  root.addEventListener("keydown", (event) => {
    const on = event.target;
    if (event.altKey || event.ctrlKey || event.metaKey || on.matches("input, select")) return;
    const table = on.closest("table.isl-input");
    if (table && event.key in ARROWS) walk(table, on, event.key);
    else if (event.key in ARROWS) moves[ARROWS[event.key]]();
    else if (event.key === " " && !on.matches("button:not(td button)") && !table) controls.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // Tables: made when a shape changes, filled at every step ---------------------------------------

  let images = [], kernels = [], outputs = [], lines = [], taps = [], drawn = "";
  const layout = () => JSON.stringify([shapeOf(s.state), s.state.stride, s.state.padding,
    s.state.dilation, s.state.filter]);
  const mark = link(root, note, (key) => {
    const [c, n] = key.split(" ").map(Number), each = taps[c].length;
    return { tap: taps[c][n], number: c * each + n + 1, count: taps.length * each };
  });

  function build() {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const back = ["table.isl-output", "fieldset"].find((where) => focused?.closest(where));
    const { size, kernel, out, channels, filters: K } = shapeOf(s.state);
    const [up, left] = s.state.padding;
    const of = (c) => (channels > 1 ? `, channel ${c + 1}` : "");
    const ofFilter = (f) => (K > 1 ? `, filter ${f + 1}` : "");
    const cell = (name, r, c, trait, at) => {
      const [i, j, ...rest] = at;
      const leaf = (array) => rest.slice(0, -1).reduce((part, n) => part[n], array[i][j]);
      return editable(`${name}, row ${r}, column ${c}`, () => leaf(s.state[trait])[rest.at(-1)], (number) => {
        const changed = structuredClone(s.state[trait]);
        leaf(changed)[rest.at(-1)] = number;
        s.put({ [trait]: changed });
      }, complain);
    };
    [images, kernels, outputs] = [[], [], []];
    for (let c = 0; c < channels; c++) {
      const name = `kernel${of(c)}${ofFilter(s.state.filter)}`;
      images.push(grid("isl-input", `image${of(c)}`, size[0] + 2 * up, size[1] + 2 * left, (r, q) => {
        const [y, x] = [r - up, q - left];
        if (s.state.image[y]?.[x] === undefined) return create("span", { class: "isl-padding" });
        return cell(`image${of(c)}`, y, x, "image", [y, x, c]);
      }));
      kernels.push(grid("isl-input", name, kernel[0], kernel[1], (i, j) =>
        cell(name, i, j, "kernel", [i, j, c, s.state.filter])));
    }
    for (let f = 0; f < K; f++) {
      outputs.push(grid("isl-output", `output${ofFilter(f)}`, out[0], out[1], (r, c) => {
        const button = create("button", { type: "button", tabindex: "-1" });
        button.addEventListener("click", () => s.put({ position: [r, c], filter: f }));
        return button;
      }));
    }
    const sign = (text, words) => create("span", { class: "isl-sign", role: "img", "aria-label": words }, text);
    pictures.classList.toggle("isl-many", channels > 1);
    const pairs = images.map((image, c) => [framed(image), sign("*", "convolved with"), framed(kernels[c])]);
    pictures.replaceChildren( // one channel: all in a row that breaks where it must
      ...(channels === 1 ? pairs[0] : [create("div", { class: "isl-pairs" },
        ...pairs.map((pair) => create("div", { class: "isl-pair" }, ...pair)))]),
      sign("=", "gives"), create("div", { class: "isl-outputs" }, ...outputs.map(framed)));
    lines = makeTerms(channels, kernel[0] * kernel[1]);
    arithmetic.replaceChildren(...lines);
    filters.replaceChildren(...(K < 2 ? [] : [create("legend", {}, "Arithmetic of"),
      ...Array.from({ length: K }, (_, f) => {
        const radio = create("input", { type: "radio", name: `filter-${root.id}` });
        radio.checked = f === s.state.filter;
        radio.addEventListener("change", () => s.put({ filter: f }));
        return create("label", {}, radio, ` filter ${f + 1}`);
      })]));
    settings.refresh();
    drawn = layout();
    update();
    if (back === "fieldset") filters.querySelector(":checked")?.focus();
    else if (back) pictures.querySelector('[aria-current="true"]').focus();
  }

  function setCell(node, text, small = "") {
    node.replaceChildren(text, ...(small ? [create("small", {}, small)] : []));
  }

  function update() {
    const { channels, filters: K, out } = shapeOf(s.state);
    const { position, filter, bias, relu } = s.state;
    taps = Array.from({ length: channels }, (_, c) => tapsAt(s.state, position, c, filter));
    images.forEach((table, c) => fillImage(table, c, taps[c]));
    kernels.forEach((table, c) => [...table.querySelectorAll("td")].forEach((td, n) => {
      const node = td.firstElementChild, tap = taps[c][n];
      if (node.matches("input")) return; // being edited
      setCell(node, show(tap.weight));
      node.dataset.tap = `${c} ${n}`;
      node.setAttribute("aria-label", `${node.dataset.label}: ${show(tap.weight)}, times ${show(tap.value)} is ${show(tap.product)}`);
    }));
    const result = outputAt(s.state, position, filter);
    const total = fillTerms(lines, taps, { bias: bias[filter], relu, result });
    let words = `sum ${show(total)}`;
    if (bias[filter] !== 0 || relu) words += `, plus bias ${inBrackets(bias[filter])} is ${show(total + bias[filter])}`;
    if (relu) words += `, relu makes it ${show(result)}`;
    say.textContent = `${K > 1 ? `Filter ${filter + 1}, position` : "Position"} (${position.join(", ")}) ` +
      `of an output of ${out.join(" x ")}: ${words}.`;
    fillOutputs();
    fitCells(root, [...images, ...kernels]);
    fitCells(root, outputs);
    [...images, ...outputs].forEach(scrollToWindow);
    mark();
  }

  function fillImage(table, c, own) {
    const under = new Map(own.map((tap, n) => [`${tap.r} ${tap.c}`, n])), { padding } = s.state;
    [...table.rows].forEach((line, r) => [...line.cells].forEach((td, q) => {
      const node = td.firstElementChild;
      if (node.matches("input")) return; // being edited
      const [y, x] = [r - padding[0], q - padding[1]];
      const n = under.get(`${y} ${x}`), tap = own[n];
      const value = show(s.state.image[y]?.[x]?.[c] ?? 0);
      node.classList.toggle("isl-under", Boolean(tap));
      if (tap) node.dataset.tap = `${c} ${n}`; else delete node.dataset.tap;
      setCell(node, value, tap ? `×${inBrackets(tap.weight)}` : "");
      if (!node.dataset.label) return;
      node.setAttribute("aria-label", `${node.dataset.label}: ${value}` +
        (tap ? `, times ${show(tap.weight)} is ${show(tap.product)}` : ""));
    }));
  }

  function fillOutputs() {
    const { out, filters: K } = shapeOf(s.state), here = s.here();
    furthest = Math.min(Math.max(furthest, here), s.count() - 1);
    outputs.forEach((table, f) => [...table.querySelectorAll("button")].forEach((button, n) => {
      const at = [Math.floor(n / out[1]), n % out[1]];
      const done = n <= furthest;
      button.textContent = done ? show(outputAt(s.state, at, f)) : "·";
      button.setAttribute("aria-label", `output${K > 1 ? ` of filter ${f + 1}` : ""}, row ${at[0]}, ` +
        `column ${at[1]}: ${done ? button.textContent : "not yet computed"}`);
      const current = n === here && f === s.state.filter;
      button.setAttribute("aria-current", String(current));
      button.tabIndex = n === here ? 0 : -1;
      if (current && document.activeElement?.closest?.("table.isl-output") && root.contains(document.activeElement)) {
        button.focus();
      }
    }));
  }

  // Following the model ----------------------------------------------------------------------------

  function changed() { // several traits often change one after the other: wait until they fit
    s.state = read();
    const { out, channels, filters: K } = shapeOf(s.state), { kernel, bias, filter, position } = s.state;
    const fits = Math.min(...out) >= 1 && kernel[0][0].length === channels && !complaint(s.state, {}) &&
      bias.length === K && filter < K && position.every((p, a) => p < out[a]);
    if (!fits) return;
    if (layout() === drawn) { update(); return; }
    if (JSON.stringify(shapeOf(s.state).out) !== JSON.stringify(JSON.parse(drawn)[0].out)) furthest = s.here();
    build();
  }
  TRAITS.forEach((name) => model.on(`change:${name}`, changed));
  const sized = new ResizeObserver(() => { fitCells(root, [...images, ...kernels]); fitCells(root, outputs); });
  build();
  sized.observe(root);
  return () => {
    controls.pause();
    sized.disconnect();
    TRAITS.forEach((name) => model.off(`change:${name}`, changed));
  };
}

export default { render };
