// The stepper's buttons, its clock, and the fields of stride, padding and dilation.

import { create } from "./dom.js";
import { complaint, pairOf, shapeOf } from "./stepper_arithmetic.js";

const SPEEDS = [["slow", 1500], ["medium", 600], ["fast", 150]];

export function makeMoves(s) { // every move by its name
  const columns = () => shapeOf(s.state).out[1];
  const [row, rows] = [() => s.state.position[0], () => shapeOf(s.state).out[0]];
  return {
    First: () => s.go(0),
    Previous: () => s.go(s.here() - 1),
    Next: () => s.go(s.here() + 1),
    "Previous row": () => s.go(s.here() - (row() > 0 ? columns() : 0)),
    "Next row": () => s.go(s.here() + (row() < rows() - 1 ? columns() : 0)),
    Last: () => s.go(s.count() - 1),
  };
}

export function makeControls(s, moves, say, reset) { // the row of buttons, and what plays and pauses
  let timer = null;
  const play = create("button", { type: "button", "aria-pressed": "false" }, "Play");
  const speed = create("select", {}, ...SPEEDS.map(([name, ms]) => create("option", { value: ms }, name)));
  speed.value = "600";
  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
    say.setAttribute("aria-live", "polite");
  }
  function start() {
    if (s.here() === s.count() - 1) s.startAgain();
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    say.setAttribute("aria-live", "off"); // nobody can listen that fast
    timer = setInterval(() => {
      s.go(s.here() + 1);
      if (s.here() === s.count() - 1) pause();
    }, Number(speed.value));
  }
  const toggle = () => (timer ? pause() : start());
  play.addEventListener("click", toggle);
  speed.addEventListener("change", () => { if (timer) { pause(); start(); } });
  const button = (name, act) => {
    const node = create("button", { type: "button" }, name);
    node.addEventListener("click", act);
    return node;
  };
  const row = create("div", { class: "isl-row isl-buttons" },
    ...Object.entries(moves).map(([name, move]) => button(name, move)),
    play, create("label", {}, "Speed ", speed), button("Reset", reset));
  return { row, pause, toggle };
}

export function makeSettings(s, complain) { // the fields, and what writes the state into them
  const inputs = {};
  const nodes = ["stride", "padding", "dilation"].map((name) => {
    const input = inputs[name] = create("input", { type: "text", inputmode: "numeric", autocomplete: "off" });
    input.addEventListener("change", () => {
      const pair = pairOf(input.value);
      const wrong = complaint(s.state, { [name]: pair });
      complain(wrong);
      input.setAttribute("aria-invalid", String(wrong !== ""));
      if (wrong) return;
      const { out } = shapeOf({ ...s.state, [name]: pair });
      s.put({ [name]: pair, position: s.state.position.map((p, a) => Math.min(p, out[a] - 1)) });
    });
    return create("label", {}, `${name[0].toUpperCase()}${name.slice(1)} `, input);
  });
  function refresh() {
    for (const [name, input] of Object.entries(inputs)) {
      const [a, b] = s.state[name];
      input.value = a === b ? `${a}` : `${a}, ${b}`;
      input.setAttribute("aria-invalid", "false");
    }
  }
  return { row: create("div", { class: "isl-row" }, ...nodes), refresh };
}
