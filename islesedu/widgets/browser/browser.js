// SliceBrowser: slices of a patient's maps with truth and prediction, drawn on canvas.
//
// Plain JavaScript, no build step. `render` gets a model with get, set, save_changes, on and off
// (anywidget's, or that of standalone.py) and an empty element. `meta` says what there is; the
// voxels come as packed 8-bit buffers (packing.py), asked for when they are first looked at, or lie
// in the page (`embedded`). Voxel numbers are those of the whole grid, x running fastest.

const NAMES = ["plane", "slice", "position", "map", "time", "zoom", "threshold", "truth_style",
  "prediction_style", "source", "outcomes", "overlay", "opacity", "crosshair", "windows", "colors", "chosen"];
const STYLES = ["outline", "fill", "both", "none"];
const TRUTH = "#d55e00", PREDICTION = "#56b4e9"; // orange and sky blue of Okabe and Ito
const OUTCOMES = [ // name, colour, sign: the same in figures
  ["true positive", "#009e73", "+"], ["false negative", "#d55e00", "o"], ["false positive", "#0072b2", "x"]];
const COLOR_NAMES = { gray: "gray", gray_r: "gray, inverted", viridis: "viridis", magma: "magma",
  cividis: "cividis", coolwarm: "blue to red" };
const FIRST = 256, LAST = 65535; // codes of the lowest and the highest value, as in packing.py
const KEYS = [["↑ ↓ or wheel", "next and previous slice"], ["Page Up, Page Down", "five slices"],
  ["Home, End", "first and last slice"], ["← →", "time of the film, else slice"],
  ["Shift + arrows, or drag", "move the crosshair"], ["1 to 9", "one map large"], ["0", "all maps"],
  ["A, C, S", "axial, coronal, sagittal"], ["L", "largest lesion"], ["O", "overlay on and off"],
  ["X", "crosshair on and off"], ["+ and −, Ctrl + wheel, or two fingers", "zoom"],
  ["Shift + drag, or middle button", "pan"], ["Alt + drag, or right button", "window: across its width, up its level"],
  ["R", "reset the view"]];

const create = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const show = (x) => (x === null || !Number.isFinite(x) ? "no value"
  : String(Number(x.toPrecision(4))).replace("-", "−").replace(/e\+?/, " × 10^"));
function bytesOf(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// From codes to colours and values ---------------------------------------------------------------

const valueOf = (code, [low, high]) => (code < FIRST ? null : low + ((code - FIRST) / (LAST - FIRST)) * (high - low));
const codeOf = (data, index) => (data instanceof Uint16Array ? data[index]
  : data[index] && ((data[index] << 8) | 128)); // a high byte alone stands for the middle of its codes

function lookupTable(bits, range, [low, high], colors) { // code or high byte -> pixel
  const table = new Uint32Array(1 << bits);
  for (let code = 0; code < table.length; code++) {
    table[code] = pixelOf(valueOf(bits === 16 ? code : code && ((code << 8) | 128), range), low, high, colors);
  }
  return table;
}
function pixelOf(value, low, high, colors) {
  if (value === null) return 0xff000000; // black: no value
  const at = 3 * Math.round(clamp((value - low) / (high - low), 0, 1) * 255);
  return (0xff000000 | (colors[at + 2] << 16) | (colors[at + 1] << 8) | colors[at]) >>> 0;
}

// Masks: their outline as one path along the voxels' edges ----------------------------------------

function outlineOf(mask, width, height, left, top) { // mask (height x width) of 0 and 1 -> Path2D
  const path = new Path2D(), next = new Map(), W = width + 1;
  const inside = (c, r) => c >= 0 && r >= 0 && c < width && r < height && mask[r * width + c] === 1;
  const edge = (c, r, c2, r2) => {
    const from = r * W + c, to = r2 * W + c2;
    if (next.has(from)) next.get(from).push(to); else next.set(from, [to]);
  };
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      if (mask[r * width + c] !== 1) continue;
      if (!inside(c, r - 1)) edge(c, r, c + 1, r);
      if (!inside(c + 1, r)) edge(c + 1, r, c + 1, r + 1);
      if (!inside(c, r + 1)) edge(c + 1, r + 1, c, r + 1);
      if (!inside(c - 1, r)) edge(c, r + 1, c, r);
    }
  }
  for (const [start, ends] of next) {
    while (ends.length) {
      path.moveTo(left + (start % W), top + Math.floor(start / W));
      for (let at = ends.pop(); at !== start; at = next.get(at).pop()) {
        path.lineTo(left + (at % W), top + Math.floor(at / W));
      }
      path.closePath();
    }
  }
  return path;
}

function pattern(color, sign, alpha, scale) { // a fill that can be told by its sign, too
  const size = Math.round(10 * scale), tile = new OffscreenCanvas(size, size), c = tile.getContext("2d");
  c.globalAlpha = alpha;
  c.fillStyle = color;
  c.fillRect(0, 0, size, size);
  c.globalAlpha = Math.min(1, 1.6 * alpha);
  c.strokeStyle = sign === "/" ? "#003278" : "#fff";
  c.lineWidth = (sign === "/" ? 1.5 : 1.1) * scale;
  c.scale(size / 10, size / 10);
  c.lineWidth /= size / 10;
  c.beginPath();
  if (sign === "/") [-10, 0, 10].forEach((x) => { c.moveTo(x - 1, 11); c.lineTo(x + 11, -1); });
  if (sign === "+") { c.moveTo(5, 2); c.lineTo(5, 8); c.moveTo(2, 5); c.lineTo(8, 5); }
  if (sign === "x") { c.moveTo(2.5, 2.5); c.lineTo(7.5, 7.5); c.moveTo(7.5, 2.5); c.lineTo(2.5, 7.5); }
  if (sign === "o") c.arc(5, 5, 2.6, 0, 7);
  if (sign) c.stroke();
  return tile;
}

function strokeOn(c, path, color, dashed, scale) {
  c.setLineDash([]);
  c.lineWidth = 3.2 * scale;
  c.strokeStyle = "rgb(0 0 0 / 60%)"; // the line can be seen on white, too
  c.stroke(path);
  c.setLineDash(dashed ? [6 * scale, 4 * scale] : []);
  c.lineWidth = 1.8 * scale;
  c.strokeStyle = color;
  c.stroke(path);
  c.setLineDash([]);
}

// The page ----------------------------------------------------------------------------------------

function render({ model, el }) {
  const meta = model.get("meta"), sides = meta.sides, embedded = model.get("embedded");
  const read = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  let state = read();
  const names = [...new Set(sides.flatMap((side) => side.maps.map((m) => m.name)))];
  const aboutMap = (name) => sides.flatMap((side) => side.maps).find((m) => m.name === name);
  const film = sides.flatMap((side) => side.maps).find((m) => m.times);
  const has = (what) => sides.some((side) => side.has.includes(what));
  const palette = Object.fromEntries(Object.entries(meta.colors).map(([name, text]) => [name, bytesOf(text)]));
  const initial = structuredClone(state);
  const pan = { axial: [0, 0], coronal: [0, 0], sagittal: [0, 0] }; // mm
  let windowed = state.map === "all" ? names[0] : state.map; // whose window the fields show

  // Geometry -------------------------------------------------------------------------------------

  const viewOf = (side) => side.planes[state.plane];
  const count = () => sides[0].shape[viewOf(sides[0]).axes[2]];
  function carry(position, from, to) { // the same part of the way through another head
    if (from === to) return position;
    const there = [0, 0, 0];
    from.directions.forEach(([axis, way], world) => {
      const [own, ownWay] = to.directions[world], part = (position[axis] + 0.5) / from.shape[axis];
      there[own] = Math.floor((way === ownWay ? part : 1 - part) * to.shape[own]);
    });
    return there;
  }
  const positionOn = (side) => carry(state.position, sides[0], side);
  function frameOf(side) { // of the slice in mm, from its left and top; focus: where the brain is
    const { axes: [ca, ra], flips } = viewOf(side);
    const [n, size] = [[side.shape[ca], side.shape[ra]], [side.spacing[ca], side.spacing[ra]]];
    const focus = [ca, ra].map((a, i) => {
      const [low, high] = side.focus[a];
      return (flips[i] ? [n[i] - high, n[i] - low] : [low, high]).map((v) => v * size[i]);
    });
    return { n, size, focus };
  }
  function place(side, canvas) { // canvas pixels: x = left + scale * mm
    const { focus } = frameOf(side);
    const wide = focus.map(([low, high]) => 1.06 * (high - low));
    const scale = Math.min(canvas.width / wide[0], canvas.height / wide[1]) * state.zoom;
    const middle = focus.map(([low, high], i) => (low + high) / 2 + pan[state.plane][i]);
    return { scale, left: canvas.width / 2 - scale * middle[0], top: canvas.height / 2 - scale * middle[1] };
  }
  function toCanvas(side, canvas, voxel) { // centre of a voxel
    const { axes, flips } = viewOf(side), { n, size } = frameOf(side), { scale, left, top } = place(side, canvas);
    const at = [0, 1].map((i) => ((flips[i] ? n[i] - 1 - voxel[axes[i]] : voxel[axes[i]]) + 0.5) * size[i]);
    return [left + scale * at[0], top + scale * at[1]];
  }
  function toVoxel(side, canvas, x, y) { // on the first side's grid
    const { axes, flips } = viewOf(side), { n, size } = frameOf(side), { scale, left, top } = place(side, canvas);
    const voxel = positionOn(side).slice();
    [(x - left) / scale, (y - top) / scale].forEach((mm, i) => {
      const index = clamp(Math.floor(mm / size[i]), 0, n[i] - 1);
      voxel[axes[i]] = flips[i] ? n[i] - 1 - index : index;
    });
    if (side === sides[0]) return voxel;
    const own = carry(voxel, side, sides[0]);
    const across = viewOf(sides[0]).axes[2];
    own[across] = state.position[across];
    return own;
  }
  const indexOf = (side, voxel) => { // within the box that has come, or -1
    const [x, y, z] = voxel.map((v, a) => (v < side.box[a][0] || v >= side.box[a][1] ? NaN : v - side.box[a][0]));
    const [nx, ny] = side.box.map(([low, high]) => high - low);
    return Number.isNaN(x + y + z) ? -1 : x + nx * (y + ny * z);
  };

  // Voxels: asked for once, when they are first looked at ------------------------------------------

  const store = new Map(), absent = new Set(), owed = []; // low bytes to ask for when all pictures are there
  const waiting = new Map(); // part -> whether its bytes are here and being unpacked
  let soon = 0;
  const partOf = (side, name, byte = "high") => {
    const about = side.maps.find((m) => m.name === name);
    const own = ["truth", "prediction", "probability"].includes(name);
    const number = own ? sides.indexOf(side) : side.maps_of;
    const which = about?.times ? Math.min(state.time, about.times - 1)
      : name === "probability" && asks(side) ? onScreen : 0;
    return `${number}/${name}/${which}/${byte}`;
  };

  // What if: one alternative at a time is on the screen, with all that is said of it. It is the one
  // chosen, or the last one until the voxels of that have come, so that neither is taken for the other.

  const asks = (side) => side.what_if.length > 0;
  const flat = () => sides[0].what_if.reduce((n, [, labels], i) => n * labels.length + state.chosen[i], 0);
  const partOfAlternative = (n) => `0/probability/${n}/high`;
  let onScreen = flat();
  function follow() {
    if (!asks(sides[0])) return;
    const wanted = flat();
    if (!store.has(partOfAlternative(wanted))) ask(partOfAlternative(wanted));
    if (store.has(partOfAlternative(wanted)) || !store.has(partOfAlternative(onScreen))) onScreen = wanted;
  }
  const outcomeOf = (side) => (asks(side) ? side.alternatives[onScreen] : side); // counts, largest
  const outsideOf = (side, about) => (about.name === "probability" ? outcomeOf(side).outside ?? about.outside : about.outside);
  function answer() { // the labels on the screen, and how much is predicted then
    const questions = sides[0].what_if, words = [];
    for (let i = questions.length - 1, n = onScreen; i >= 0; i--) {
      const [name, labels] = questions[i];
      words.unshift(`${name} ${labels[n % labels.length]}`);
      n = Math.floor(n / labels.length);
    }
    const voxels = outcomeOf(sides[0]).counts.probability[0][level()];
    return [words.join(", "), `${ml(sides[0], voxels)} ml predicted`];
  }
  function dataOf(side, name) { // codes of a map, or a mask; null until they have come
    const part = partOf(side, name);
    if (!store.has(part)) ask(part);
    return store.get(part) ?? null;
  }
  function ask(part) {
    if (waiting.has(part) || absent.has(part)) return;
    waiting.set(part, false);
    root.dataset.loading = waiting.size + owed.length;
    if (!embedded) model.send({ ask: part });
    else if (embedded[part]) arrived(part, bytesOf(embedded[part]));
    else absent.add(part);
  }
  async function arrived(part, packed) {
    // Every view of a widget gets the answers of all: those it does not wait for, or some of them twice.
    if (waiting.get(part) !== false) return;
    waiting.set(part, true);
    const bytes = await inflate(packed);
    waiting.delete(part);
    const whole = part.replace(/low$/, "high");
    if (part === whole) {
      store.set(part, bytes);
      const [, number, name] = part.match(/^(\d+)\/(.*)\/\d+\/high$/s); // a name may hold slashes
      const about = sides[number].maps.find((m) => m.name === name);
      if (about?.bytes === 2) owed.push(part.replace(/high$/, "low"));
    } else {
      const high = store.get(whole), codes = new Uint16Array(bytes.length);
      for (let i = 0; i < codes.length; i++) codes[i] = (high[i] << 8) | bytes[i];
      store.set(whole, codes);
    }
    root.dataset.loading = waiting.size + owed.length;
    paths.clear();
    // All pictures are painted anew for each that comes, which takes longer than its unpacking.
    if (tiles.every((tile) => store.has(partOf(tile.side, tile.name)))) draw();
    else soon ||= setTimeout(() => { soon = 0; draw(); }, 150);
  }
  function askForRest() { // a kernel may answer several at a time, so what can wait is not asked for before
    if (![...waiting.keys()].some((part) => part.endsWith("high"))) owed.splice(0).forEach(ask);
    root.dataset.loading = waiting.size + owed.length;
  }
  const received = (message, buffers) => {
    if (!message?.part) return;
    const { buffer, byteOffset, byteLength } = buffers[0];
    arrived(message.part, new Uint8Array(buffer, byteOffset, byteLength));
  };
  function valueAt(side, name) {
    const about = side.maps.find((m) => m.name === name), data = dataOf(side, name);
    const index = indexOf(side, positionOn(side));
    if (!data) return undefined;
    if (index < 0) return outsideOf(side, about);
    if (name === "probability") return data[index] / meta.steps;
    return valueOf(codeOf(data, index), about.range);
  }

  // Masks of the slice -----------------------------------------------------------------------------

  const paths = new Map();
  function slicePart(side) { // how the box lies in the slice
    const { axes: [ca, ra, sa], flips } = viewOf(side), sizes = side.box.map(([low, high]) => high - low);
    const strides = [1, sizes[0], sizes[0] * sizes[1]];
    const index = positionOn(side)[sa] - side.box[sa][0];
    const [w, h] = [sizes[ca], sizes[ra]];
    const first = (flips[0] ? (w - 1) * strides[ca] : 0) + (flips[1] ? (h - 1) * strides[ra] : 0);
    return { w, h, base: first + index * strides[sa], inside: index >= 0 && index < sizes[sa],
      dc: flips[0] ? -strides[ca] : strides[ca], dr: flips[1] ? -strides[ra] : strides[ra],
      left: flips[0] ? side.shape[ca] - side.box[ca][1] : side.box[ca][0],
      top: flips[1] ? side.shape[ra] - side.box[ra][1] : side.box[ra][0] };
  }
  const ml = (side, voxels) => ((voxels * side.spacing.reduce((a, b) => a * b)) / 1000).toFixed(1); // as metrics.volume_ml
  const level = () => Math.round(state.threshold * meta.steps);
  const sourceOf = (side) => [state.source, "prediction", "probability"].find((s) => side.has.includes(s));
  function masksOf(side) { // paths of truth and prediction, and of the outcomes, in columns and rows
    const part = slicePart(side), data = {}, source = sourceOf(side);
    if (side.has.includes("truth")) data.truth = dataOf(side, "truth");
    if (source) data.prediction = dataOf(side, source);
    const key = `${sides.indexOf(side)} ${state.plane} ${part.base} ${source && partOf(side, source)} ${level()} ${state.outcomes}`;
    if (paths.has(key)) return paths.get(key);
    const cut = (codes, above) => {
      const mask = new Uint8Array(part.w * part.h);
      for (let r = 0, i = 0; r < part.h; r++) {
        for (let c = 0, at = part.base + r * part.dr; c < part.w; c++, i++, at += part.dc) mask[i] = codes[at] > above ? 1 : 0;
      }
      return mask;
    };
    const outline = (mask) => (mask?.includes(1) ? outlineOf(mask, part.w, part.h, part.left, part.top) : null);
    const truth = part.inside && data.truth ? cut(data.truth, 0) : null;
    const found = part.inside && data.prediction ? cut(data.prediction, source === "probability" ? level() : 0) : null;
    const result = state.outcomes && side.has.includes("truth") && source
      ? { outcomes: truth && found ? [[1, 1], [1, 0], [0, 1]].map(([t, p]) =>
        outline(truth.map((v, i) => (v === t && found[i] === p ? 1 : 0)))) : [] }
      : { truth: outline(truth), prediction: outline(found) };
    if (paths.size > 60) paths.clear();
    paths.set(key, result);
    return result;
  }
  function scoreOf(side) { // voxels TP, FP, FN and Dice of the whole volume
    const source = sourceOf(side);
    const { truth, [source]: table } = outcomeOf(side).counts;
    if (truth === null || !table) return null;
    const [found, both] = table.map((n) => (Array.isArray(n) ? n[level()] : n));
    return { dice: found + truth ? (2 * both) / (found + truth) : 1, tp: both, fp: found - both, fn: truth - both };
  }

  // Tiles ------------------------------------------------------------------------------------------

  const root = create("div", { class: "islesedu-browser", "data-lm-suppress-shortcuts": "true" });
  const id = `browser-${Math.random().toString(36).slice(2)}`;
  const stage = create("div", { class: "stage", tabindex: "0", role: "application", id,
    "aria-label": "Slices", "aria-describedby": `${id}-keys`, "data-lm-suppress-shortcuts": "true" });
  const say = create("p", { class: "say" });
  const live = create("p", { class: "hidden", role: "status", "aria-live": "polite" });
  const legend = create("div", { class: "legend" });
  const error = create("p", { class: "error", role: "alert" });
  let tiles = [], built = "";

  function build() { // one figure for each map shown, as large as fits
    const width = stage.clientWidth - 4;
    if (width <= 0) return;
    const key = `${state.map} ${state.plane} ${width} ${devicePixelRatio}`;
    if (key === built) return;
    built = key;
    const apart = sides.length === 2 && width < 700; // one below the other on small screens
    stage.style.flexDirection = apart ? "column" : "row";
    const room = sides.length === 2 && !apart ? (width - 12) / 2 : width;
    tiles = [];
    stage.replaceChildren(...sides.map((side, s) => {
      const shown = state.map === "all" ? side.maps.map((m) => m.name) : [state.map];
      const { focus } = frameOf(side);
      const shape = (focus[1][1] - focus[1][0]) / (focus[0][1] - focus[0][0]);
      const tallest = clamp((state.map === "all" ? 0.8 : 0.65) * innerHeight, 420, 900);
      let best = [0, 1];
      for (let columns = 1; columns <= shown.length; columns++) {
        const rows = Math.ceil(shown.length / columns);
        const w = Math.min((room - 6 * (columns - 1)) / columns, (tallest / rows - 40) / shape);
        if (w > best[0]) best = [w, columns];
      }
      const w = Math.max(90, Math.floor(best[0])), h = Math.round(Math.max(60, w * shape));
      const grid = create("div", { class: "tiles" });
      grid.style.gridTemplateColumns = `repeat(${best[1]}, ${w}px)`;
      for (const name of shown) grid.append(tileOf(side, name, w, h));
      const score = create("span", { class: "score" });
      const title = create("h3", {}, create("span", {}, side.name || (sides.length > 1 ? `side ${s + 1}` : "")), score);
      tiles.filter((t) => t.side === side).forEach((t) => { t.score = score; });
      return create("div", { class: "side" }, ...(side.name || sides.length > 1 || has("truth") ? [title] : []), grid);
    }));
  }
  function tileOf(side, name, w, h) {
    const about = side.maps.find((m) => m.name === name);
    const canvas = create("canvas", { role: "img", "aria-label": `${name}, ${state.plane} slice` });
    [canvas.width, canvas.height] = [w, h].map((n) => Math.round(n * devicePixelRatio));
    Object.assign(canvas.style, { width: `${w}px`, height: `${h}px` });
    const value = create("span"), low = create("span"), high = create("span"), bar = create("span", { class: "bar" });
    const unit = about?.unit ? ` ${about.unit.replace(/^1e-(\d)/, (_, n) => `× 10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[n]}`)}` : ""; // 535 × 10⁻⁶ mm²/s
    const caption = create("figcaption", {}, create("div", {}, create("b", {}, name), value),
      create("div", {}, low, bar, high));
    const tile = { side, name, about, canvas, value, low, high, bar, unit, off: new OffscreenCanvas(1, 1) };
    if (about) tiles.push(tile);
    else caption.replaceChildren(`${side.name || "This side"} has no ${name}.`);
    canvas.voxelToPixel = (voxel) => toCanvas(side, canvas, voxel); // for tests
    listen(tile);
    return create("figure", {}, canvas, caption);
  }
  const windowOf = (tile) => state.windows[tile.name].map((end) => end * (tile.about?.scale ?? 1));
  const tables = new Map();
  function tableOf(tile, data) {
    const [window, colors] = [windowOf(tile), state.colors[tile.name]];
    const eight = !(data instanceof Uint16Array);
    const key = `${tile.side.maps_of} ${tile.name} ${eight}`, now = `${window} ${colors}`;
    if (tables.get(key)?.now === now) return tables.get(key).table;
    const table = tile.name === "probability"
      ? Uint32Array.from({ length: 256 }, (_, n) => pixelOf(n / meta.steps, ...window, palette[colors]))
      : lookupTable(eight ? 8 : 16, tile.about.range, window, palette[colors]);
    tables.set(key, { now, table });
    return table;
  }
  function paint(tile) {
    const { side, canvas, off, about } = tile, c = canvas.getContext("2d", { alpha: false });
    const data = dataOf(side, tile.name), part = slicePart(side);
    const { n, size } = frameOf(side), { scale, left, top } = place(side, canvas), dpr = devicePixelRatio;
    const [window, colors] = [windowOf(tile), palette[state.colors[tile.name]]];
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = "#000";
    c.fillRect(0, 0, canvas.width, canvas.height);
    if (data) { // outside the box the map is the same everywhere
      const pixel = pixelOf(outsideOf(side, about), ...window, colors);
      c.fillStyle = `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
      c.fillRect(left, top, n[0] * size[0] * scale, n[1] * size[1] * scale);
    }
    if (data && part.inside) {
      const { w, h } = part, table = tableOf(tile, data);
      if (off.width !== w || off.height !== h || !tile.pixels) {
        [off.width, off.height] = [w, h];
        tile.pixels = new ImageData(w, h);
      }
      const out = new Uint32Array(tile.pixels.data.buffer);
      for (let r = 0, i = 0; r < h; r++) {
        for (let k = 0, at = part.base + r * part.dr; k < w; k++, i++, at += part.dc) out[i] = table[data[at]];
      }
      off.getContext("2d").putImageData(tile.pixels, 0, 0);
      c.imageSmoothingEnabled = false;
      c.drawImage(off, left + part.left * size[0] * scale, top + part.top * size[1] * scale,
        w * size[0] * scale, h * size[1] * scale);
    }
    if (!data) words(c, absent.has(partOf(side, tile.name)) ? "not in this page" : "loading ...", canvas.width / 2, canvas.height / 2);
    const fit = new DOMMatrix([scale * size[0], 0, 0, scale * size[1], left, top]);
    if (state.overlay) paintMasks(c, masksOf(side), fit);
    if (state.crosshair) paintCrosshair(c, toCanvas(side, canvas, positionOn(side)), canvas);
    const edge = 9 * dpr, { labels } = viewOf(side);
    words(c, labels[0], edge, canvas.height / 2);
    words(c, labels[1], canvas.width - edge, canvas.height / 2);
    words(c, labels[2], canvas.width / 2, edge);
    words(c, labels[3], canvas.width / 2, canvas.height - edge);
  }
  function words(c, text, x, y) {
    c.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
    [c.textAlign, c.textBaseline, c.lineJoin] = ["center", "middle", "round"];
    [c.lineWidth, c.strokeStyle, c.fillStyle] = [3 * devicePixelRatio, "#000", "#fff"];
    c.strokeText(text, x, y);
    c.fillText(text, x, y);
  }
  function paintMasks(c, masks, fit) {
    const dpr = devicePixelRatio;
    const draw = (path, color, sign, style, dashed) => {
      if (!path || style === "none") return;
      const there = new Path2D();
      there.addPath(path, fit);
      if (style !== "outline") {
        c.fillStyle = c.createPattern(pattern(color, sign, state.opacity, dpr), "repeat");
        c.fill(there, "evenodd");
      }
      if (style !== "fill") strokeOn(c, there, color, dashed, dpr);
    };
    if (masks.outcomes) masks.outcomes.forEach((path, n) => draw(path, OUTCOMES[n][1], OUTCOMES[n][2], "fill"));
    draw(masks.truth, TRUTH, "", state.truth_style, false);
    draw(masks.prediction, PREDICTION, "/", state.prediction_style, true);
  }
  function paintCrosshair(c, [x, y], canvas) {
    const gap = 7 * devicePixelRatio;
    [[0, y, x - gap, y], [x + gap, y, canvas.width, y], [x, 0, x, y - gap], [x, y + gap, x, canvas.height]]
      .forEach(([x1, y1, x2, y2]) => {
        for (const [color, width] of [["rgb(0 0 0 / 50%)", 3], ["#f0e442", 1]]) {
          [c.strokeStyle, c.lineWidth] = [color, width * devicePixelRatio];
          c.beginPath();
          c.moveTo(x1, y1);
          c.lineTo(x2, y2);
          c.stroke();
        }
      });
  }

  // What is said -----------------------------------------------------------------------------------

  const millimetres = () => sides[0].affine.slice(0, 3).map((row) =>
    row[3] + row[0] * state.position[0] + row[1] * state.position[1] + row[2] * state.position[2]);
  let later = null, said = "";
  function tell() {
    const ends = [["R", "L"], ["A", "P"], ["S", "I"]];
    const mm = sides[0].placed ? `${millimetres().map((v, a) => `${ends[a][v < 0 ? 1 : 0]} ${Math.abs(v).toFixed(1)}`).join(", ")} mm` : "left and right unknown";
    const plane = state.plane[0].toUpperCase() + state.plane.slice(1);
    const at = film ? `, time ${state.time}` : "";
    const parts = tiles.map((tile) => {
      const value = valueAt(tile.side, tile.name);
      const text = value === undefined ? "…" : value === null ? "no value" : show(value) + tile.unit;
      tile.value.textContent = text;
      const [low, high] = windowOf(tile);
      const colors = palette[state.colors[tile.name]];
      [tile.low.textContent, tile.high.textContent] = [show(low), show(high)];
      const stops = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `rgb(${colors.slice(3 * Math.round(n * 31.875)).slice(0, 3).join(" ")})`);
      const gradient = `linear-gradient(to right, ${stops})`;
      if (tile.gradient !== gradient) tile.bar.style.background = tile.gradient = gradient;
      return `${sides.length > 1 ? `${tile.side.name || `side ${sides.indexOf(tile.side) + 1}`} ` : ""}${tile.name} ${text}`;
    });
    const scores = sides.map(scoreOf).map((score, s) => {
      const box = tiles.find((t) => t.side === sides[s])?.score;
      if (!score) {
        const truth = state.overlay ? outcomeOf(sides[s]).counts.truth : null; // do not tell what is hidden
        if (box) box.textContent = truth === null ? "" : truth ? `lesion ${ml(sides[s], truth)} ml` : "the lesion is empty";
        return "";
      }
      if (box) box.textContent = `Dice ${score.dice.toFixed(3)} · ${["tp", "fp", "fn"].map((k) => `${k.toUpperCase()} ${ml(sides[s], score[k])}`).join(" · ")} ml`;
      return ` Dice ${score.dice.toFixed(3)}.`;
    }).join("");
    say.textContent = `${plane} slice ${state.slice} of 0 to ${count() - 1}${at} · voxel ${state.position.join(", ")} · ${mm}`;
    clearTimeout(later); // nobody can listen to every slice that passes
    const answered = asks(sides[0]) ? `${answer().join(": ")}.` : "";
    later = setTimeout(() => { // what was asked last is said first
      const where = `${say.textContent}: ${parts.join("; ")}.${scores}`;
      live.textContent = (answered === said ? [where, answered] : [answered, where]).join(" ").trim();
      said = answered;
    }, 400);
  }
  function tellLegend() {
    const key = JSON.stringify([state.outcomes, state.overlay, state.truth_style, state.prediction_style, state.opacity]);
    if (legend.dataset.key === key) return;
    legend.dataset.key = key;
    const outcomes = state.outcomes && has("truth") && (has("prediction") || has("probability"));
    const entries = !state.overlay ? [] : outcomes ? OUTCOMES.map(([name, color, sign]) => [name, color, sign, "fill"])
      : [...(has("truth") ? [["truth", TRUTH, "", state.truth_style]] : []),
        ...(has("prediction") || has("probability") ? [["prediction", PREDICTION, "/", state.prediction_style, true]] : [])];
    legend.replaceChildren(...entries.filter((e) => e[3] !== "none").map(([name, color, sign, style, dashed]) => {
      const dpr = devicePixelRatio, canvas = create("canvas", { width: 34 * dpr, height: 18 * dpr, "aria-hidden": "true" });
      Object.assign(canvas.style, { width: "34px", height: "18px" });
      const c = canvas.getContext("2d"), box = new Path2D();
      c.fillStyle = "#555";
      c.fillRect(0, 0, canvas.width, canvas.height);
      box.rect(3 * dpr, 3 * dpr, 28 * dpr, 12 * dpr);
      if (style !== "outline") {
        c.fillStyle = c.createPattern(pattern(color, sign, state.opacity, dpr), "repeat");
        c.fill(box);
      }
      if (style !== "fill") strokeOn(c, box, color, dashed, dpr);
      const how = outcomes ? `, sign ${sign}` : { outline: dashed ? ", dashed" : ", solid",
        fill: dashed ? ", hatched" : ", plain", both: dashed ? ", dashed and hatched" : ", solid and plain" }[style];
      return create("span", {}, canvas, name + how);
    }));
  }

  // Moving -----------------------------------------------------------------------------------------

  let frame = 0;
  function draw() { if (!frame) frame = requestAnimationFrame(paintAll); }
  function paintAll() {
    frame = 0;
    build();
    follow();
    tiles.forEach(paint);
    tell();
    tellLegend();
    fields.forEach((field) => field());
    root.dataset.ready = tiles.length > 0 && tiles.every((tile) => dataOf(tile.side, tile.name));
    askForRest();
  }
  function put(changes) {
    error.textContent = "";
    if (changes.map && changes.map !== "all") windowed = changes.map;
    Object.assign(state, changes); // before the model says that something has changed
    Object.entries(changes).forEach(([name, value]) => model.set(name, value));
    model.save_changes();
    draw();
  }
  const across = (plane = state.plane) => sides[0].planes[plane].axes[2];
  function goTo(position, follow = true) {
    const place = position.map((v, a) => clamp(v, 0, sides[0].shape[a] - 1));
    put({ position: place, slice: place[across()] });
    if (follow) keepInView();
  }
  function goToSlice(index) {
    const position = [...state.position];
    position[across()] = clamp(Math.round(index), 0, count() - 1);
    goTo(position, false);
  }
  function look(plane) { put({ plane, slice: state.position[across(plane)] }); }
  function keepInView() { // the part that is shown follows the crosshair
    const tile = tiles.find((t) => t.side === sides[0]);
    if (!tile || state.zoom <= 1) return;
    const [x, y] = toCanvas(sides[0], tile.canvas, state.position), { width, height } = tile.canvas;
    if (x > 0.04 * width && x < 0.96 * width && y > 0.04 * height && y < 0.96 * height) return;
    const { scale } = place(sides[0], tile.canvas);
    pan[state.plane] = [pan[state.plane][0] + (x - width / 2) / scale, pan[state.plane][1] + (y - height / 2) / scale];
  }
  function panBy(dx, dy) {
    const { focus } = frameOf(sides[0]);
    pan[state.plane] = [dx, dy].map((d, i) => {
      const half = (focus[i][1] - focus[i][0]) / 2;
      return clamp(pan[state.plane][i] - d, -half, half);
    });
    draw();
  }
  function zoomAt(factor, tile, x, y) { // what is under x, y stays there
    const before = place(tile.side, tile.canvas);
    const mm = [(x - before.left) / before.scale, (y - before.top) / before.scale];
    put({ zoom: clamp(state.zoom * factor, 1, 16) });
    const after = place(tile.side, tile.canvas);
    if (state.zoom === 1) { pan[state.plane] = [0, 0]; return; }
    panBy((x - after.left) / after.scale - mm[0], (y - after.top) / after.scale - mm[1]);
  }
  function moveOnScreen(columns, rows) { // by voxels, as they lie on the screen
    const { axes, flips } = viewOf(sides[0]), position = [...state.position];
    position[axes[0]] += flips[0] ? -columns : columns;
    position[axes[1]] += flips[1] ? -rows : rows;
    goTo(position);
  }
  function goToLesion() {
    const to = outcomeOf(sides[0]).largest[state.plane];
    if (to) goTo(to);
  }
  function reset() {
    Object.keys(pan).forEach((plane) => { pan[plane] = [0, 0]; });
    put(structuredClone(initial));
  }
  const setWindow = (name, ends) => put({ windows: { ...state.windows, [name]: ends } });

  function listen(tile) {
    const { canvas } = tile, fingers = new Map();
    let doing = "", start = null;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
    };
    const pinch = () => {
      const [[x1, y1], [x2, y2]] = [...fingers.values()];
      return { apart: Math.hypot(x1 - x2, y1 - y2), x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
    };
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      stage.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      const [x, y] = at(event);
      fingers.set(event.pointerId, [x, y]);
      doing = fingers.size === 2 ? "pinch" : event.button === 1 || event.shiftKey ? "pan"
        : event.button === 2 || event.altKey ? "window" : "cross";
      start = { x, y, ends: state.windows[tile.name], pinch: fingers.size === 2 ? pinch() : null };
      if (tile.about) windowed = tile.name;
      if (doing === "cross" && tile.about) goTo(toVoxel(tile.side, canvas, x, y), false);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId) || !tile.about) return;
      const [x, y] = at(event), { scale } = place(tile.side, canvas);
      const [px, py] = fingers.get(event.pointerId);
      fingers.set(event.pointerId, [x, y]);
      if (doing === "cross") goTo(toVoxel(tile.side, canvas, x, y), false);
      if (doing === "pan") panBy((x - px) / scale, (y - py) / scale);
      if (doing === "window") {
        const wide = start.ends[1] - start.ends[0], middle = (start.ends[0] + start.ends[1]) / 2;
        const half = (wide / 2) * Math.exp((2 * (x - start.x)) / canvas.width);
        const level = middle + (wide * (start.y - y)) / canvas.height;
        setWindow(tile.name, [level - half, level + half]);
      }
      if (doing === "pinch" && fingers.size === 2) {
        const now = pinch();
        panBy((now.x - start.pinch.x) / scale, (now.y - start.pinch.y) / scale);
        zoomAt(now.apart / start.pinch.apart, tile, now.x, now.y);
        start.pinch = now;
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => { fingers.delete(event.pointerId); doing = ""; });
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", () => put({ map: state.map === "all" ? tile.name : "all" }));
    canvas.addEventListener("wheel", (event) => {
      const by = event.deltaY < 0 ? 1 : -1;
      if (event.ctrlKey || event.metaKey) zoomAt(1.2 ** by, tile, ...at(event));
      else if (!event.deltaY || (by > 0 ? state.slice === count() - 1 : state.slice === 0)) return; // the page scrolls on
      else goToSlice(state.slice + by);
      event.preventDefault();
    }, { passive: false });
  }

  const onTime = (by) => (film ? put({ time: clamp(state.time + by, 0, film.times - 1) }) : goToSlice(state.slice + by));
  const keys = { ArrowUp: () => goToSlice(state.slice + 1), ArrowDown: () => goToSlice(state.slice - 1),
    ArrowRight: () => onTime(1), ArrowLeft: () => onTime(-1),
    PageUp: () => goToSlice(state.slice + 5), PageDown: () => goToSlice(state.slice - 5),
    Home: () => goToSlice(0), End: () => goToSlice(count() - 1), 0: () => put({ map: "all" }),
    a: () => look("axial"), c: () => look("coronal"), s: () => look("sagittal"), l: goToLesion,
    o: () => put({ overlay: !state.overlay }), x: () => put({ crosshair: !state.crosshair }), r: reset,
    "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8) };
  const zoomBy = (factor) => {
    put({ zoom: clamp(state.zoom * factor, 1, 16) });
    if (state.zoom === 1) pan[state.plane] = [0, 0]; else keepInView();
  };
  names.slice(0, 9).forEach((name, n) => { keys[n + 1] = () => put({ map: name }); });
  const shifted = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const native = event.target.matches("input, select, summary");
    if (native || event.key === " ") { // what the page does with keys JupyterLab would take for itself
      if (/^(.|Arrow.*|Page.*|Home|End)$/.test(event.key) && event.target !== stage) event.stopPropagation();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.shiftKey && key in shifted) moveOnScreen(...shifted[key]);
    else if (key in keys) keys[key]();
    else return;
    if (frame) { // at once, so that the next frame need not wait for the picture
      cancelAnimationFrame(frame);
      paintAll();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  // Controls ---------------------------------------------------------------------------------------

  const fields = []; // each brings one control up to date
  function control(label, input, get, set, event = "change") {
    input.addEventListener(event, () => set(input));
    fields.push(() => { if (get) get(input); });
    input.id = `${id}-${fields.length}`;
    return create("span", { class: "field" }, create("label", { for: input.id }, label), input);
  }
  function range(label, name, { min, max, step, text }, set, get = () => state[name]) {
    const input = create("input", { type: "range", min, step }), output = create("output", { "aria-hidden": "true" });
    const node = control(label, input, () => {
      input.max = typeof max === "function" ? max() : max;
      input.value = get();
      output.textContent = text(get());
      input.setAttribute("aria-valuetext", text(get()));
    }, () => set(Number(input.value)), "input");
    node.append(output);
    return node;
  }
  function select(label, options, get, set) {
    const input = create("select");
    let now = "";
    return control(label, input, () => {
      const list = options();
      if (now !== JSON.stringify(list)) {
        now = JSON.stringify(list);
        input.replaceChildren(...list.map(([value, text]) => create("option", { value }, text)));
      }
      input.value = get();
    }, () => set(input.value));
  }
  function box(label, name) {
    const input = create("input", { type: "checkbox" });
    return control(label, input, () => { input.checked = state[name]; }, () => put({ [name]: input.checked }));
  }
  function button(text, act) {
    const node = create("button", { type: "button" }, text);
    node.addEventListener("click", act);
    return node;
  }
  const group = (name, ...children) => create("fieldset", {}, create("legend", {}, name), ...children);
  const planes = ["axial", "coronal", "sagittal"].map((plane) => {
    const input = create("input", { type: "radio", name: `${id}-plane`, value: plane });
    fields.push(() => { input.checked = state.plane === plane; });
    input.addEventListener("change", () => look(plane));
    return create("label", { class: "field" }, input, ` ${plane[0].toUpperCase()}${plane.slice(1)}`);
  });
  const lesion = button("Largest lesion", goToLesion);
  fields.push(() => { lesion.disabled = !outcomeOf(sides[0]).largest[state.plane]; });
  const slider = range("Slice", "slice", { min: 0, max: () => count() - 1, step: 1,
    text: (v) => `${v} of 0 to ${count() - 1}` }, goToSlice);
  const top = create("div", { class: "row" }, group("Plane", ...planes),
    group("Slices", slider, ...(film ? [range("Time", "time", { min: 0, max: film.times - 1, step: 1, text: String },
      (time) => put({ time }))] : []), lesion),
    group("Maps", select("Show", () => [["all", "all maps"], ...names.map((n) => [n, n])], () => state.map, (map) => put({ map })),
      range("Zoom", "zoom", { min: 1, max: 16, step: 0.1, text: (v) => `${v.toFixed(1)} ×` }, (zoom) => zoomBy(zoom / state.zoom)),
      box("Crosshair", "crosshair"), button("Reset", reset)));
  const style = (label, name) => select(label, () => STYLES.map((s) => [s, s]), () => state[name], (v) => put({ [name]: v }));
  const predicted = has("prediction") || has("probability");
  const outcomes = [
    ...(has("truth") ? [style("Truth", "truth_style")] : []),
    ...(predicted ? [style("Prediction", "prediction_style")] : []),
    ...(has("prediction") && has("probability") ? [select("Predicted by", () => [["prediction", "mask"], ["probability", "probability"]],
      () => state.source, (source) => put({ source }))] : []),
    ...(has("probability") ? [range("Threshold", "threshold", { min: 0, max: 1, step: 1 / meta.steps, text: (v) => v.toFixed(3) },
      (v) => put({ threshold: Math.round(v * meta.steps) / meta.steps, ...(has("probability") ? { source: "probability" } : {}) }))] : []),
    range("Opacity", "opacity", { min: 0, max: 1, step: 0.05, text: (v) => v.toFixed(2) }, (opacity) => put({ opacity })),
    ...(has("truth") && predicted ? [box("TP, FP, FN", "outcomes")] : []), box("Overlay", "overlay")];
  const preset = () => aboutMap(windowed).windows.find(([, ...ends]) =>
    ends.every((end, i) => end === state.windows[windowed][i]))?.[0] ?? "own";
  function end(label, i) {
    const input = create("input", { type: "number", step: "any" });
    input.addEventListener("keydown", (event) => { // JupyterLab keeps Enter from changing the field
      event.stopPropagation();
      if (event.key !== "Enter") return;
      event.preventDefault();
      input.dispatchEvent(new Event("change"));
    });
    return control(label, input, () => {
      if (document.activeElement !== input) input.value = Number(state.windows[windowed][i].toPrecision(6));
    }, () => {
      const ends = [...state.windows[windowed]];
      ends[i] = input.value === "" ? NaN : Number(input.value);
      const fits = Number.isFinite(ends[i]) && ends[0] < ends[1];
      if (fits) setWindow(windowed, ends);
      else error.textContent = `Window of ${windowed}: give two numbers, the lower one first; ${state.windows[windowed].map(show).join(" to ")} stays.`;
      input.setAttribute("aria-invalid", String(!fits));
    });
  }
  const windows = group("Window and colours",
    select("Map", () => names.map((n) => [n, n]), () => windowed, (name) => { windowed = name; draw(); }),
    select("Window", () => [...aboutMap(windowed).windows.map(([name]) => [name, name]), ["own", "own"]], preset, (name) => {
      const entry = aboutMap(windowed).windows.find(([n]) => n === name);
      if (entry) setWindow(windowed, entry.slice(1)); else draw();
    }),
    end("from", 0), end("to", 1),
    select("Colours", () => Object.entries(COLOR_NAMES), () => state.colors[windowed],
      (name) => put({ colors: { ...state.colors, [windowed]: name } })));
  const volume = create("span", { class: "volume" });
  fields.push(() => {
    if (!asks(sides[0])) return;
    volume.textContent = onScreen === flat() ? answer()[1] : "loading ...";
  });
  const questions = sides[0].what_if.map(([name, labels], i) => {
    const get = () => state.chosen[i];
    const set = (value) => put({ chosen: state.chosen.map((v, n) => (n === i ? value : v)), source: "probability" });
    if (labels.length <= 6) {
      return select(name, () => labels.map((label) => [label, label]), () => labels[get()], (label) => set(labels.indexOf(label)));
    }
    return range(name, "chosen", { min: 0, max: labels.length - 1, step: 1, text: (v) => labels[v] }, set, get);
  });
  const whose = sides.length > 1 ? `, ${sides[0].name || "side 1"}` : ""; // the second side stays what it is
  const whatIf = questions.length ? [create("div", { class: "row" }, group(`What if${whose}`, ...questions, volume))] : [];
  const help = create("details", {}, create("summary", {}, "Keys, mouse and touch"),
    create("p", { id: `${id}-keys` }, ...KEYS.flatMap(([key, what], n) =>
      [...(n ? [" · "] : []), create("kbd", {}, key), ` ${what}`])));
  root.append(top, ...whatIf, stage, say, live, legend, error, create("div", { class: "row" },
    ...(has("truth") || predicted ? [group("Lesion", ...outcomes)] : []), windows), help);
  root.state = () => structuredClone(state); // for tests
  root.held = () => [...store.values()].reduce((sum, data) => sum + data.byteLength, 0); // and benchmarks
  el.replaceChildren(root);

  // Following the model ----------------------------------------------------------------------------

  function changed() {
    const before = state;
    state = read();
    const map = state.map !== "all" && state.map !== before.map;
    if (map) windowed = state.map;
    if (state.position.some((v, a) => v !== before.position[a])) keepInView();
    draw();
  }
  NAMES.forEach((name) => model.on(`change:${name}`, changed));
  if (!embedded) model.on("msg:custom", received);
  const sized = new ResizeObserver(draw);
  sized.observe(stage);
  draw();
  return () => {
    sized.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(later);
    clearTimeout(soon);
    NAMES.forEach((name) => model.off(`change:${name}`, changed));
    if (!embedded) model.off("msg:custom", received);
  };
}

export default { render };
