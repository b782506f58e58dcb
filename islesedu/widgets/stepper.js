// ConvolutionStepper: lay the kernel on the image, read every product, move on.
//
// Plain JavaScript, no build step. `render` gets a model with get, set, save_changes, on and off
// (anywidget's, or that of standalone.py) and an empty element. Numbers are nested lists:
// image [H][W][C], kernels [kh][kw][C][K], bias [K]; stride, padding, dilation and position are
// pairs [rows, columns].

const STYLE = `
.islesedu-stepper { --paper: var(--jp-layout-color0, Canvas);
  --ink: var(--jp-content-font-color0, CanvasText); --blue: #0072b2; --orange: #d55e00;
  color: var(--ink); background: var(--paper); padding: 0.6em; font-size: 14px; line-height: 1.5; }
.islesedu-stepper .row { display: flex; flex-wrap: wrap; gap: 0.5em 1em; align-items: flex-start;
  margin-bottom: 0.6em; }
.islesedu-stepper :is(button, select, input) { font: inherit; color: var(--ink);
  background: var(--paper); border: 1px solid color-mix(in srgb, var(--ink) 60%, var(--paper));
  border-radius: 3px; }
.islesedu-stepper .row > button { min-width: 2.6em; min-height: 28px; padding: 0 0.6em; }
.islesedu-stepper label input[type="text"] { width: 4em; }
.islesedu-stepper :focus-visible { outline: 3px solid var(--orange); outline-offset: 1px; }
.islesedu-stepper fieldset { border: none; margin: 0; padding: 0; }
.islesedu-stepper fieldset > * { display: inline; margin-right: 0.8em; padding: 0; }
.islesedu-stepper table { border-collapse: collapse; margin: 0; font-variant-numeric: tabular-nums; }
.islesedu-stepper caption { text-align: left; font-weight: bold; white-space: nowrap; }
.islesedu-stepper tr { background: none !important; }
.islesedu-stepper td { padding: 1px; border: none; }
.islesedu-stepper td :is(button, span, input) { display: block; box-sizing: border-box;
  min-width: 38px; width: 100%; height: 38px; padding: 0 2px; text-align: center; line-height: 1.1; }
.islesedu-stepper td span { display: flex; flex-direction: column; justify-content: center;
  border: 1px dotted color-mix(in srgb, var(--ink) 60%, var(--paper)); }
.islesedu-stepper td small { display: block; font-size: 11px; }
.islesedu-stepper .many td :is(button, span, input) { min-width: 34px; height: 30px; font-size: 12px; }
.islesedu-stepper .many td small { font-size: 10px; }
.islesedu-stepper td .under { border: 3px solid var(--blue);
  background: color-mix(in srgb, var(--blue) 18%, var(--paper)); }
.islesedu-stepper td [aria-current="true"] { border: 3px solid var(--orange); font-weight: bold;
  background: color-mix(in srgb, var(--orange) 18%, var(--paper)); }
.islesedu-stepper .terms { display: flex; flex-wrap: wrap; gap: 0 0.35em; margin: 0.2em 0; }
.islesedu-stepper .terms > span { display: inline-flex; flex-direction: column; }
.islesedu-stepper .terms small { font-size: 11px; }
.islesedu-stepper p { margin: 0.3em 0; }
.islesedu-stepper .say { font-weight: bold; }
.islesedu-stepper .error:not(:empty) { border-left: 5px solid var(--orange); padding-left: 0.5em; }
`;

const MOST = 40; // rows or columns of an output that can be looked at

const KEYS = "Keys: left and right one step, up and down one row, Home first, End last, space plays.";

const create = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const show = (x) => String(Number.isInteger(x) ? x : parseFloat(x.toFixed(3)));
const inBrackets = (x) => (x < 0 ? `(${show(x)})` : show(x));

// The arithmetic ------------------------------------------------------------------------------

const outputLength = (n, k, s, p, d) => Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1;

function shapeOf(state) {
  const size = [state.image.length, state.image[0].length];
  const kernel = [state.kernel.length, state.kernel[0].length];
  const out = [0, 1].map((a) =>
    outputLength(size[a], kernel[a], state.stride[a], state.padding[a], state.dilation[a]));
  return { size, kernel, out, channels: state.image[0][0].length, filters: state.kernel[0][0][0].length };
}

function tapsAt(state, [row, column], channel, filter) {
  const taps = [];
  state.kernel.forEach((line, i) => line.forEach((weights, j) => {
    const r = row * state.stride[0] + i * state.dilation[0] - state.padding[0];
    const c = column * state.stride[1] + j * state.dilation[1] - state.padding[1];
    const value = state.image[r]?.[c]?.[channel] ?? 0;
    const weight = weights[channel][filter];
    taps.push({ r, c, value, weight, product: value * weight });
  }));
  return taps;
}

function outputAt(state, position, filter) {
  let total = state.bias[filter];
  for (let channel = 0; channel < state.image[0][0].length; channel++) {
    for (const tap of tapsAt(state, position, channel, filter)) total += tap.product;
  }
  return state.relu ? Math.max(total, 0) : total;
}

// The page ------------------------------------------------------------------------------------

function render({ model, el }) {
  const NAMES = ["image", "kernel", "bias", "relu", "stride", "padding", "dilation", "position", "filter"];
  const read = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  let state = read();
  let timer = null;

  const root = create("div", { class: "islesedu-stepper", role: "group", tabindex: "0",
    "aria-label": "Convolution, step by step", "data-lm-suppress-shortcuts": "true" });
  const pictures = create("div", { class: "row" });
  const arithmetic = create("div", { class: "arithmetic" });
  const say = create("p", { class: "say", role: "status", "aria-live": "polite" });
  const error = create("p", { class: "error", role: "alert" });
  const controls = create("div", { class: "row" });
  const settings = create("div", { class: "row" });
  root.append(create("style", {}, STYLE), controls, settings, error, say, arithmetic, pictures,
    create("p", {}, KEYS));
  el.replaceChildren(root);

  // Moving -----------------------------------------------------------------------------------

  const count = () => shapeOf(state).out[0] * shapeOf(state).out[1];
  const place = () => state.position[0] * shapeOf(state).out[1] + state.position[1];

  function put(changes) {
    Object.entries(changes).forEach(([name, value]) => model.set(name, value));
    model.save_changes();
  }
  function go(index) {
    const columns = shapeOf(state).out[1];
    const to = Math.max(0, Math.min(index, count() - 1));
    put({ position: [Math.floor(to / columns), to % columns] });
  }
  const moves = {
    First: () => go(0),
    Previous: () => go(place() - 1),
    Next: () => go(place() + 1),
    "Previous row": () => go(place() - (state.position[0] > 0 ? shapeOf(state).out[1] : 0)),
    "Next row": () => go(place() +
      (state.position[0] < shapeOf(state).out[0] - 1 ? shapeOf(state).out[1] : 0)),
    Last: () => go(count() - 1),
  };
  const keys = { ArrowLeft: "Previous", ArrowRight: "Next", ArrowUp: "Previous row",
    ArrowDown: "Next row", Home: "First", End: "Last" };

  const play = create("button", { type: "button", "aria-pressed": "false" }, "Play");
  const speed = create("select", {},
    ...[["slow", 1500], ["medium", 600], ["fast", 150]].map(([name, ms]) =>
      create("option", { value: ms }, name)));
  speed.value = "600";
  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
    say.setAttribute("aria-live", "polite");
  }
  function start() {
    if (place() === count() - 1) go(0);
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    say.setAttribute("aria-live", "off"); // nobody can listen that fast
    timer = setInterval(() => {
      go(place() + 1);
      if (place() === count() - 1) pause();
    }, Number(speed.value));
  }
  const toggle = () => (timer ? pause() : start());
  play.addEventListener("click", toggle);
  speed.addEventListener("change", () => { if (timer) { pause(); start(); } });
  for (const [name, move] of Object.entries(moves)) {
    const button = create("button", { type: "button" }, name);
    button.addEventListener("click", move);
    controls.append(button);
  }
  const initial = structuredClone(state);
  const reset = create("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => { error.textContent = ""; put(initial); });
  controls.append(play, create("label", {}, "Speed ", speed), reset);

  root.addEventListener("keydown", (event) => {
    const on = event.target;
    if (event.altKey || event.ctrlKey || event.metaKey || on.matches("input, select")) return;
    const grid = on.closest("table.input");
    if (grid && event.key in keys) walk(grid, on, event.key);
    else if (event.key in keys) moves[keys[event.key]]();
    else if (event.key === " " && !on.matches("button:not(td button)") && !grid) toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function walk(grid, from, key) { // arrow keys within image and kernel move from cell to cell
    const columns = grid.rows[0].cells.length;
    const cells = [...grid.querySelectorAll("button, span")];
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
      Home: -Infinity, End: Infinity }[key];
    const own = [...grid.querySelectorAll("button")];
    const to = Number.isFinite(by) ? cells[cells.indexOf(from) + by] : own.at(by < 0 ? 0 : -1);
    if (to?.matches("button")) focusOn(to);
  }
  function focusOn(button) { // one stop of the tab key a grid
    button.closest("table").querySelectorAll("button").forEach((b) => { b.tabIndex = -1; });
    button.tabIndex = 0;
    button.focus();
  }

  // Settings ---------------------------------------------------------------------------------

  const inputs = {};
  function check(changes) { // a sentence about what does not fit, or ""
    for (const [name, least] of [["stride", 1], ["padding", 0], ["dilation", 1]]) {
      const values = changes[name] ?? state[name];
      if (!values.every((v) => Number.isInteger(v) && v >= least)) {
        return `${name}: give one whole number from ${least} up, or two such as 1, 2.`;
      }
    }
    const { size, kernel, out } = shapeOf({ ...state, ...changes });
    if (Math.max(...out) > MOST) return `That makes an output of ${out.join(" x ")}; at most ${MOST} fit here.`;
    if (Math.min(...out) >= 1) return "";
    return `The kernel (${kernel.join(" x ")}) does not fit into the image (${size.join(" x ")}) ` +
      "with this padding and dilation.";
  }
  for (const name of ["stride", "padding", "dilation"]) {
    inputs[name] = create("input", { type: "text", inputmode: "numeric", autocomplete: "off" });
    inputs[name].addEventListener("change", () => {
      const parts = inputs[name].value.split(",").map((t) => (/^\s*\d+\s*$/.test(t) ? Number(t) : NaN));
      const pair = parts.length === 1 ? [parts[0], parts[0]] : parts;
      error.textContent = pair.length === 2 ? check({ [name]: pair }) : check({ [name]: [NaN] });
      inputs[name].setAttribute("aria-invalid", String(error.textContent !== ""));
      if (error.textContent) return;
      const next = { ...state, [name]: pair };
      const { out } = shapeOf(next);
      put({ [name]: pair, position: state.position.map((p, a) => Math.min(p, out[a] - 1)) });
    });
    settings.append(create("label", {}, `${name[0].toUpperCase()}${name.slice(1)} `, inputs[name]));
  }
  const filters = create("fieldset", {});
  settings.append(filters);

  // Grids ------------------------------------------------------------------------------------

  function grid(kind, caption, rows, columns, cell) {
    const table = create("table", { class: kind, role: "grid" }, create("caption", {}, caption));
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

  function editable(label, value, write) {
    const button = create("button", { type: "button", tabindex: "-1" });
    button.dataset.label = label;
    button.addEventListener("click", () => {
      const input = create("input", { type: "text", inputmode: "decimal", "aria-label": label });
      input.value = show(value());
      let open = true;
      const close = (keep) => {
        if (!open) return;
        open = false;
        const text = input.value.trim().replace(",", ".");
        const number = /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
        input.replaceWith(button);
        error.textContent = keep && !Number.isFinite(number)
          ? `${label}: "${input.value}" is not a number; ${show(value())} stays.` : "";
        if (keep && Number.isFinite(number)) write(number);
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

  let images = [], kernels = [], outputs = [], drawn = "";
  const layout = () => JSON.stringify([shapeOf(state), state.stride, state.padding, state.dilation,
    state.filter]);

  function build() {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const back = ["table.output", "fieldset"].find((where) => focused?.closest(where));
    const { size, kernel, out, channels, filters: K } = shapeOf(state);
    const [up, left] = state.padding;
    const of = (c) => (channels > 1 ? `, channel ${c + 1}` : "");
    const many = (c, f) => of(c) + (K > 1 ? `, filter ${f + 1}` : "");
    [images, kernels, outputs, drawn] = [[], [], [], layout()];
    for (let c = 0; c < channels; c++) {
      images.push(grid("input image", `image${of(c)}`, size[0] + 2 * up, size[1] + 2 * left, (r, q) => {
        const [y, x] = [r - up, q - left];
        if (state.image[y]?.[x] === undefined) return create("span", { class: "padding" });
        return editable(`image${of(c)}, row ${y + 1}, column ${x + 1}`,
          () => state.image[y][x][c], (number) => {
            const image = structuredClone(state.image);
            image[y][x][c] = number;
            put({ image });
          });
      }));
      kernels.push(grid("input kernel", `kernel${many(c, state.filter)}`, kernel[0], kernel[1], (i, j) =>
        editable(`kernel${many(c, state.filter)}, row ${i + 1}, column ${j + 1}`,
          () => state.kernel[i][j][c][state.filter], (number) => {
            const changed = structuredClone(state.kernel);
            changed[i][j][c][state.filter] = number;
            put({ kernel: changed });
          })));
    }
    for (let f = 0; f < K; f++) {
      outputs.push(grid("output", `output${K > 1 ? `, filter ${f + 1}` : ""}`, out[0], out[1], (r, c) => {
        const button = create("button", { type: "button", tabindex: "-1" });
        button.addEventListener("click", () => put({ position: [r, c], filter: f }));
        return button;
      }));
    }
    const pairs = images.map((image, c) => create("div", { class: "row" }, image, kernels[c]));
    pictures.classList.toggle("many", channels > 1);
    pictures.replaceChildren(...pairs, ...outputs);
    filters.replaceChildren(...(K < 2 ? [] : [create("legend", {}, "Arithmetic of"),
      ...Array.from({ length: K }, (_, f) => {
        const radio = create("input", { type: "radio", name: `filter-${root.id}` });
        radio.checked = f === state.filter;
        radio.addEventListener("change", () => put({ filter: f }));
        return create("label", {}, radio, ` filter ${f + 1}`);
      })]));
    for (const [name, input] of Object.entries(inputs)) {
      const [a, b] = state[name];
      input.value = a === b ? `${a}` : `${a}, ${b}`;
      input.setAttribute("aria-invalid", "false");
    }
    update();
    if (back === "fieldset") filters.querySelector(":checked")?.focus();
    else if (back) pictures.querySelector('[aria-current="true"]').focus();
  }

  function setCell(node, text, small = "") {
    node.replaceChildren(text, ...(small ? [create("small", {}, small)] : []));
  }

  function update() {
    const { out, channels, filters: K } = shapeOf(state);
    const { position, filter, padding } = state;
    const here = position[0] * out[1] + position[1];
    arithmetic.replaceChildren();
    let running = 0;
    for (let c = 0; c < channels; c++) {
      const taps = tapsAt(state, position, c, filter);
      const under = new Map(taps.map((tap) => [`${tap.r} ${tap.c}`, tap]));
      [...images[c].rows].forEach((line, r) => [...line.cells].forEach((td, q) => {
        const node = td.firstElementChild;
        if (node.matches("input")) return; // being edited
        const [y, x] = [r - padding[0], q - padding[1]];
        const tap = under.get(`${y} ${x}`);
        const value = show(state.image[y]?.[x]?.[c] ?? 0);
        node.classList.toggle("under", Boolean(tap));
        setCell(node, value, tap ? `×${inBrackets(tap.weight)}` : "");
        if (node.dataset.label) {
          node.setAttribute("aria-label",
            `${node.dataset.label}: ${value}${tap ? `, times ${show(tap.weight)}` : ""}`);
        }
      }));
      [...kernels[c].querySelectorAll("td")].forEach((td, n) => {
        const node = td.firstElementChild;
        if (node.matches("input")) return;
        setCell(node, show(taps[n].weight));
        node.setAttribute("aria-label", `${node.dataset.label}: ${show(taps[n].weight)}`);
      });
      const sum = taps.reduce((total, tap) => total + tap.product, 0);
      const line = create("div", { class: "terms" },
        create("span", {}, `${channels > 1 ? `channel ${c + 1}: ` : ""}${show(sum)} =`));
      taps.forEach((tap, n) => {
        running += tap.product;
        line.append(create("span", { class: "term" },
          `${n ? "+ " : ""}${show(tap.value)}×${inBrackets(tap.weight)}`,
          create("small", {}, `so far ${show(running)}`)));
      });
      arithmetic.append(line);
    }
    const bias = state.bias[filter];
    const [z, result] = [running + bias, outputAt(state, position, filter)];
    let words = `sum ${show(running)}`;
    if (bias !== 0 || state.relu) words += `, plus bias ${inBrackets(bias)} is ${show(z)}`;
    if (state.relu) words += `, relu makes it ${show(result)}`;
    const which = K > 1 ? `Filter ${filter + 1}, row` : "Row";
    say.textContent = `${which} ${position[0] + 1}, column ${position[1] + 1} of ` +
      `${out[0]} x ${out[1]}: ${words}.`;
    outputs.forEach((table, f) => [...table.querySelectorAll("button")].forEach((button, n) => {
      const at = [Math.floor(n / out[1]), n % out[1]];
      const done = n <= here;
      button.textContent = done ? show(outputAt(state, at, f)) : "·";
      button.setAttribute("aria-label", `output${K > 1 ? ` of filter ${f + 1}` : ""}, row ${at[0] + 1}, ` +
        `column ${at[1] + 1}: ${done ? button.textContent : "not yet computed"}`);
      const current = n === here && f === filter;
      button.setAttribute("aria-current", String(current));
      button.tabIndex = n === here ? 0 : -1;
      if (current && document.activeElement?.closest?.("table.output") && root.contains(document.activeElement)) {
        button.focus();
      }
    }));
  }

  // Following the model ------------------------------------------------------------------------

  function changed() { // several traits often change one after the other: wait until they fit
    state = read();
    const { out, channels, filters: K } = shapeOf(state);
    const fits = Math.min(...out) >= 1 && state.kernel[0][0].length === channels &&
      state.bias.length === K && state.filter < K && state.position.every((p, a) => p < out[a]);
    if (fits && layout() === drawn) update();
    else if (fits) build();
  }
  root.id = `stepper-${Math.random().toString(36).slice(2)}`;
  NAMES.forEach((name) => model.on(`change:${name}`, changed));
  build();
  return () => {
    pause();
    NAMES.forEach((name) => model.off(`change:${name}`, changed));
  };
}

export default { render };
