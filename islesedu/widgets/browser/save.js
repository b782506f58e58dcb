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

const LINE = 18, EDGE = 12; // px

export function pictureOf(b) { // a canvas with all tiles as they lie on the screen, and their captions
  const dpr = devicePixelRatio, box = b.stage.getBoundingClientRect();
  const legend = [...b.legend.children].map((node) => [node.querySelector("canvas"), node.textContent]);
  const bottom = Math.max(...b.tiles.map((t) => t.figure.getBoundingClientRect().bottom)) - box.top;
  const right = Math.max(...b.tiles.map((t) => t.figure.getBoundingClientRect().right)) - box.left;
  const width = Math.max(right + EDGE, 420), lines = wrap(placeOf(b), width - 2 * EDGE);
  const canvas = create("canvas");
  canvas.width = Math.ceil(width * dpr);
  canvas.height = Math.ceil((bottom + (lines.length + legend.length) * LINE + 2 * EDGE) * dpr);
  const c = canvas.getContext("2d");
  c.scale(dpr, dpr);
  c.fillStyle = "#fff";
  c.fillRect(0, 0, canvas.width, canvas.height);
  c.fillStyle = "#000";
  c.textBaseline = "top";
  const write = (node, font, align = "left") => { // a text of the page, where it stands
    const at = node.getBoundingClientRect();
    if (!at.width || !node.textContent) return;
    c.font = `${font} system-ui, sans-serif`;
    c.textAlign = align;
    c.fillText(node.textContent, (align === "right" ? at.right : at.left) - box.left + EDGE / 2, at.top - box.top + EDGE / 2 + 2);
  };
  b.stage.querySelectorAll("h3 > span").forEach((node) => write(node, "600 14px"));
  for (const { canvas: tile, figure } of b.tiles) {
    const at = tile.getBoundingClientRect();
    c.drawImage(tile, at.left - box.left + EDGE / 2, at.top - box.top + EDGE / 2, at.width, at.height);
    figure.querySelectorAll("figcaption b").forEach((node) => write(node, "600 12.5px"));
    figure.querySelectorAll("figcaption span:not(.isl-bar)").forEach((node) => write(node, "12.5px"));
  }
  c.textAlign = "left";
  c.font = "13px system-ui, sans-serif";
  let y = bottom + EDGE;
  for (const line of lines) { c.fillText(line, EDGE / 2, y); y += LINE; }
  for (const [sample, words] of legend) {
    if (sample) c.drawImage(sample, EDGE / 2, y - 2, 34, LINE - 2);
    c.fillText(words, EDGE / 2 + 42, y);
    y += LINE;
  }
  return canvas;
}

function wrap(text, width) {
  const c = create("canvas").getContext("2d"), lines = [""];
  c.font = "13px system-ui, sans-serif";
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
