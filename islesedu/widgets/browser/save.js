// What one takes along: the position as text, and the picture with its caption as a file.

import { create } from "../dom.js";
import { placeOf } from "./words.js";

export async function copyPosition(b, say) {
  const text = `(${b.state.position.join(", ")})`; // as Python writes it
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or a page that is not trusted: as it was done before
    const field = create("textarea", { class: "isl-hidden", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    const back = document.activeElement;
    b.root.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    back?.focus();
    if (!copied) { say(`The browser does not allow copying; the position is ${text}.`); return; }
  }
  say(`Copied ${text}.`);
}

const LINE = 18, EDGE = 10, FONT = "13px system-ui, sans-serif"; // px

function drawBar(c, b, tile, at) { // the colours of a map
  const colors = b.palette[b.state.colors[tile.name]], gradient = c.createLinearGradient(at.x, 0, at.x + at.width, 0);
  for (let n = 0; n <= 16; n++) {
    const from = 3 * Math.round((n / 16) * 255);
    gradient.addColorStop(n / 16, `rgb(${colors.slice(from, from + 3).join(" ")})`);
  }
  c.fillStyle = gradient;
  c.fillRect(at.x, at.y, at.width, at.height);
  c.strokeRect(at.x, at.y, at.width, at.height);
  c.fillStyle = "#000";
}

export function pictureOf(b) { // a canvas with all tiles as they lie on the screen, and their captions
  const dpr = devicePixelRatio, box = b.stage.getBoundingClientRect();
  const at = (node) => { // where something of the page lies in the picture
    const { left, top, width, height } = node.getBoundingClientRect();
    return { x: left - box.left + EDGE, y: top - box.top + EDGE, width, height };
  };
  const texts = [...b.stage.querySelectorAll("h3 > span, figcaption b, figcaption span:not(.isl-bar)")]
    .filter((node) => node.textContent && node.getClientRects().length);
  const ends = [...texts, ...b.tiles.map((tile) => tile.figure)].map(at);
  const [right, bottom] = [Math.max(...ends.map((e) => e.x + e.width)), Math.max(...ends.map((e) => e.y + e.height))];
  const width = Math.max(right + EDGE, 420), lines = wrap(placeOf(b), width - 2 * EDGE);
  const legend = [...b.legend.children].map((node) => [node.querySelector("canvas"), node.textContent]);
  const canvas = create("canvas");
  canvas.width = Math.ceil(width * dpr);
  canvas.height = Math.ceil((bottom + (lines.length + legend.length) * LINE + 2 * EDGE) * dpr);
  const c = canvas.getContext("2d");
  c.scale(dpr, dpr);
  c.fillStyle = "#fff";
  c.fillRect(0, 0, width, canvas.height);
  c.fillStyle = "#000";
  c.textBaseline = "top";
  for (const tile of b.tiles) {
    const { x, y, width: wide, height } = at(tile.canvas);
    c.drawImage(tile.canvas, x, y, wide, height);
    drawBar(c, b, tile, at(tile.bar));
  }
  for (const node of texts) {
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(node), { x, y, width: wide } = at(node);
    c.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    c.fillText(node.textContent, x, y + 2, wide + 1);
  }
  c.font = FONT;
  let y = bottom + EDGE;
  for (const line of lines) { c.fillText(line, EDGE, y); y += LINE; }
  for (const [sample, words] of legend) {
    if (sample) c.drawImage(sample, EDGE, y - 2, 34, LINE - 2);
    c.fillText(words, EDGE + 42, y);
    y += LINE;
  }
  return canvas;
}

function wrap(text, width) {
  const c = create("canvas").getContext("2d"), lines = [""];
  c.font = FONT;
  for (const part of text.split(" · ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} · ${part}` : part;
    if (lines.at(-1) && c.measureText(longer).width > width) lines.push(part); else lines[lines.length - 1] = longer;
  }
  return lines;
}

export function savePicture(b, say) {
  const { plane, slice, map, orthogonal } = b.state;
  const parts = [b.sides[0].name, map === "all" ? "" : map, orthogonal ? "planes" : `${plane}-${slice}`];
  const name = `${parts.filter(Boolean).join("-").replace(/[^\p{L}\p{N}.-]+/gu, "_")}.png`;
  pictureOf(b).toBlob((blob) => {
    const link = create("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`Saved ${name}.`);
  });
}
