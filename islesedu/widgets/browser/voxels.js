// Voxels: asked for once, when they are first looked at, or found in the page itself.

import { bytesOf, codeOf, inflate, valueOf } from "./codes.js";
import { indexOf, positionOn } from "./view.js";
import { outcomeOf } from "./what_if.js";

export function makeStore(b) {
  const store = new Map(), absent = new Set(), owed = []; // low bytes to ask for when all pictures are there
  const waiting = new Map(); // part -> whether its bytes are here and being unpacked
  let soon = 0;
  const count = () => { b.root.dataset.loading = waiting.size + owed.length; };

  function ask(part) {
    if (waiting.has(part) || absent.has(part)) return;
    waiting.set(part, false);
    count();
    if (!b.embedded) b.model.send({ ask: part });
    else if (b.embedded[part]) arrived(part, bytesOf(b.embedded[part]));
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
      const about = b.sides[number].maps.find((m) => m.name === name);
      if (about?.bytes === 2) owed.push(part.replace(/high$/, "low"));
    } else {
      const high = store.get(whole), codes = new Uint16Array(bytes.length);
      for (let i = 0; i < codes.length; i++) codes[i] = (high[i] << 8) | bytes[i];
      store.set(whole, codes);
    }
    count();
    b.paths.clear();
    // All pictures are painted anew for each that comes, which takes longer than its unpacking.
    if (b.tiles.every((tile) => store.has(partOf(b, tile.side, tile.name)))) b.draw();
    else soon ||= setTimeout(() => { soon = 0; b.draw(); }, 150);
  }
  return {
    get(part) { // null until it has come
      if (!store.has(part)) ask(part);
      return store.get(part) ?? null;
    },
    has: (part) => store.has(part),
    isAbsent: (part) => absent.has(part),
    ask,
    askForRest() { // a kernel may answer several at a time, so what can wait is not asked for before
      if (![...waiting.keys()].some((part) => part.endsWith("high"))) owed.splice(0).forEach(ask);
      count();
    },
    received(message, buffers) {
      if (!message?.part) return;
      const { buffer, byteOffset, byteLength } = buffers[0];
      arrived(message.part, new Uint8Array(buffer, byteOffset, byteLength));
    },
    held: () => [...store.values()].reduce((sum, data) => sum + data.byteLength, 0),
    stop: () => clearTimeout(soon),
  };
}

export function partOf(b, side, name, byte = "high") { // the buffer's name, as in page.py
  const about = side.maps.find((m) => m.name === name);
  const own = ["truth", "prediction", "probability", "region"].includes(name);
  const number = own ? b.sides.indexOf(side) : side.maps_of;
  const which = about?.times ? Math.min(b.state.time, about.times - 1)
    : name === "probability" && side.what_if.length ? b.onScreen : 0;
  return `${number}/${name}/${which}/${byte}`;
}

export const dataOf = (b, side, name) => b.store.get(partOf(b, side, name)); // codes of a map, or a mask

export const outsideOf = (b, side, about) =>
  (about.name === "probability" ? outcomeOf(b, side).outside ?? about.outside : about.outside);

export function valueAt(b, side, name, voxel = positionOn(b, side)) { // undefined until it has come
  const about = side.maps.find((m) => m.name === name), data = dataOf(b, side, name);
  const index = indexOf(side, voxel);
  if (!data) return undefined;
  if (index < 0) return outsideOf(b, side, about);
  if (name === "probability") return data[index] / b.meta.steps;
  return valueOf(codeOf(data, index), about.range);
}
