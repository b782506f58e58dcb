// One line to copy when something does not work: browser, backend, sizes, times, memory.

import { create } from "../dom.js";
import { copyText } from "./lab_log.js";
import { press } from "./lab_parts.js";

const mb = (bytes) => (bytes ? `${(bytes / 1e6).toFixed(0)} MB` : "unknown");

export function diagnosticsLine(l) {
  const { facts } = l.predictor, times = l.runs.slice(-5).map(({ seconds }) => seconds.toFixed(2)).join(", ");
  const computing = l.host.kernel ? [] : [`isolated ${Boolean(globalThis.crossOriginIsolated)}`, `WebGPU: ${facts.webgpu}`,
    `cores ${navigator.hardwareConcurrency}`, `loading ${facts.loading.toFixed(2)} s`, `network's memory ${mb(facts.bytes)}`,
    `differs from Keras by ${facts.proof === null ? "not measured" : facts.proof.toExponential(1)}`];
  return [`islesedu ${l.about.version}`, navigator.userAgent, `backend ${facts.backend || "none yet"}${facts.threads ? `, ${facts.threads} thread${facts.threads > 1 ? "s" : ""}` : ""}`,
    `network ${l.about.networks[l.network].name}`, `grid ${l.patient?.shape.join(" x ")}`, `predictions ${times || "none"} s`,
    `page's memory ${mb(performance.memory?.usedJSHeapSize)}`, ...computing,
    ...(facts.failed.length ? [`failed: ${facts.failed.join("; ")}`] : [])].join(" | ");
}

export function diagnosticsOf(l) {
  const text = create("p", { class: "isl-diagnostics" }), done = create("span", { class: "isl-done" });
  l.fields.push(() => { text.textContent = diagnosticsLine(l); });
  return create("details", {}, create("summary", {}, "What runs here"), text,
    create("div", { class: "isl-row" }, press("Copy this line", () => copyText(diagnosticsLine(l), done)), done));
}
