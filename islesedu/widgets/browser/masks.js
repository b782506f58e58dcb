// Masks on a canvas: their outline as one path along the voxels' edges, and how they are drawn.

export const REFERENCE = "#d55e00", PREDICTION = "#56b4e9", REGION = "#f0e442"; // orange, sky blue and yellow of Okabe and Ito
export const OUTCOMES = [ // name, colour, sign: the same in figures
  ["true positive", "#009e73", "+"], ["false negative", "#d55e00", "o"], ["false positive", "#0072b2", "x"]];

export function outlineOf(mask, width, height, left, top) { // mask (height x width) of 0 and 1 -> Path2D
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

export function pattern(color, sign, alpha, scale) { // a fill that can be told by its sign, too
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

export function strokeOn(c, path, color, dashed, scale) {
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
