// Mouse, pen and fingers on a tile.
//
// The page keeps its scrolling: the wheel turns slices only while the slices have the focus, and one
// finger up or down is left to the page (touch-action in browser.css). A finger to the left or right
// turns slices, a tap moves the crosshair, two fingers zoom and pan.

import { goTo, goToSlice, panBy, setWindow, showMap, showPlanes, zoomAt } from "./moves.js";
import { acrossOf, countOf, place, toVoxel } from "./view.js";

const SWIPE = 24; // px of a swipe for one slice

function pinchOf(fingers) {
  const [[x1, y1], [x2, y2]] = [...fingers.values()];
  return { apart: Math.hypot(x1 - x2, y1 - y2), x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
}

function kindOf(event, fingers) {
  if (fingers.size === 2) return "pinch";
  if (event.pointerType === "touch") return "tap";
  if (event.button === 1 || event.shiftKey) return "pan";
  return event.button === 2 || event.altKey ? "window" : "cross";
}

export function listen(b, tile) {
  const { canvas, plane } = tile, fingers = new Map();
  let doing = "", start = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
  };
  const slice = () => b.state.position[acrossOf(b, plane)];
  const cross = (x, y) => { if (tile.about) goTo(b, toVoxel(b, tile, x, y), false, plane); };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const touch = event.pointerType === "touch";
    if (!touch) b.stage.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    fingers.set(event.pointerId, [x, y]);
    doing = kindOf(event, fingers);
    start = { x, y, ends: b.state.windows[tile.name], slice: slice(), pinch: doing === "pinch" ? pinchOf(fingers) : null };
    if (tile.about) b.windowed = tile.name;
    if (doing === "cross") cross(x, y);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || !tile.about) return;
    const [x, y] = at(event), { scale } = place(b, tile);
    const [px, py] = fingers.get(event.pointerId);
    fingers.set(event.pointerId, [x, y]);
    if (doing === "tap" && Math.abs(x - start.x) > 0.5 * SWIPE * devicePixelRatio) doing = "swipe";
    if (doing === "swipe") { // to the left: the next slice, as one turns a page
      const to = start.slice + Math.round((start.x - x) / (SWIPE * devicePixelRatio));
      if (to !== slice()) goToSlice(b, to, plane);
    }
    if (doing === "cross") cross(x, y);
    if (doing === "pan") panBy(b, plane, (x - px) / scale, (y - py) / scale);
    if (doing === "window") {
      const wide = start.ends[1] - start.ends[0], middle = (start.ends[0] + start.ends[1]) / 2;
      const half = (wide / 2) * Math.exp((2 * (x - start.x)) / canvas.width);
      const level = middle + (wide * (start.y - y)) / canvas.height;
      setWindow(b, tile.name, [level - half, level + half]);
    }
    if (doing === "pinch" && fingers.size === 2) {
      const now = pinchOf(fingers);
      panBy(b, plane, (now.x - start.pinch.x) / scale, (now.y - start.pinch.y) / scale);
      zoomAt(b, now.apart / start.pinch.apart, tile, now.x, now.y);
      start.pinch = now;
    }
  });

  canvas.addEventListener("pointerup", (event) => {
    if (doing === "tap" && fingers.has(event.pointerId)) {
      b.stage.focus({ preventScroll: true });
      cross(...at(event));
    }
    fingers.delete(event.pointerId);
    doing = "";
  });
  canvas.addEventListener("pointercancel", (event) => { fingers.delete(event.pointerId); doing = ""; });
  canvas.addEventListener("touchmove", (event) => {
    if (event.cancelable && (event.touches.length > 1 || doing === "swipe")) event.preventDefault();
  }, { passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => {
    if (b.state.orthogonal) showPlanes(b, false);
    else showMap(b, b.state.map === "all" ? tile.name : "all");
  });

  canvas.addEventListener("wheel", (event) => {
    if (!b.stage.matches(":focus")) return; // the page scrolls
    const by = event.deltaY < 0 ? 1 : -1;
    if (event.ctrlKey || event.metaKey) zoomAt(b, 1.2 ** by, tile, ...at(event));
    else if (!event.deltaY || slice() + by < 0 || slice() + by >= countOf(b, plane)) return; // the page scrolls on
    else goToSlice(b, slice() + by, plane);
    event.preventDefault();
  }, { passive: false });
}
