// Who predicts in a page: a worker with ONNX Runtime Web. It begins with the quickest backend that is
// wanted, proves it on a small volume whose prediction by Keras is known, and falls back when that fails.
// WebGPU only where the address asks for it: in ONNX Runtime Web 1.30 it has no 3-D transposed convolution.

const PROOF = 1e-3; // largest difference from Keras with which a backend is trusted

export class Cancelled extends Error {}

export async function backendsHere(wanted, facts) { // [backend, threads], from the quickest to the surest; facts.webgpu: what was found
  const cores = Math.min(4, navigator.hardwareConcurrency || 1), list = [];
  facts.webgpu = wanted !== "webgpu" ? "not asked for" : "gpu" in navigator ? "no adapter" : "not in this browser";
  if (facts.webgpu === "no adapter") {
    const adapter = await navigator.gpu.requestAdapter().catch(() => null);
    if (adapter) {
      const { vendor, architecture } = adapter.info ?? {};
      facts.webgpu = `adapter ${[vendor, architecture].filter(Boolean).join(" ") || "without a name"}`;
      list.push(["webgpu", 1]);
    }
  }
  if (globalThis.crossOriginIsolated && cores > 1) list.push(["wasm", cores]);
  return [...list, ["wasm", 1]];
}

export function probeOf([nx, ny, nz, channels]) { // numbers between -1 and 1 that Python makes, too
  return Float32Array.from({ length: nx * ny * nz * channels }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) / 2147483648 - 1);
}

export function makePredictor(source, wanted = "wasm") { // source: runtime(backend) and network(), promises
  let worker = null, waiting = new Map(), number = 0, stops = 0, left = null, ready = null;
  const facts = { backend: "", threads: 0, webgpu: "not asked for", loading: 0, proof: null, bytes: null, failed: [] };

  const ask = (message, transfer = []) => new Promise((resolve, reject) => {
    const id = ++number;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, ...message }, transfer);
  });
  function stop(error) {
    stops++;
    worker?.terminate();
    worker = ready = null;
    waiting.forEach(({ reject }) => reject(error));
    waiting = new Map();
  }
  function begin(script) {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    worker = new Worker(address);
    URL.revokeObjectURL(address);
    const fail = (event) => stop(new Error(event.message || "the worker has stopped"));
    worker.onerror = fail;
    worker.onmessage = ({ data }) => {
      const { resolve, reject } = waiting.get(data.id) ?? {};
      waiting.delete(data.id);
      if (data.bytes) facts.bytes = data.bytes;
      if (data.error) reject?.(new Error(data.error)); else resolve?.(data);
    };
  }
  async function start() {
    left ??= await backendsHere(wanted, facts);
    for (;;) {
      const [backend, threads] = left[0], before = stops;
      try {
        const [{ script, mjs, wasm }, { network, probe }] = await Promise.all([source.runtime(backend), source.network()]);
        if (before !== stops) throw new Cancelled("cancelled");
        begin(script);
        const { seconds } = await ask({ what: "load", backend, threads, mjs, wasm: wasm.slice(), network });
        const { values } = await ask({ what: "predict", image: probeOf(probe.dims.slice(1)), dims: probe.dims, clinical: probe.clinical });
        const proof = values.reduce((most, p, i) => Math.max(most, Math.abs(p - probe.expected[i])), 0);
        if (!(proof <= PROOF)) throw new Error(`it differs from Keras by ${proof}`);
        Object.assign(facts, { backend, threads, loading: seconds, proof });
        return;
      } catch (error) {
        if (error instanceof Cancelled) throw error;
        fallBack(error);
      }
    }
  }
  function fallBack(error) {
    const [backend, threads] = left[0];
    facts.failed.push(`${backend} ${threads}: ${error.message}`);
    stop(error);
    if (left.length === 1) throw new Error(`the network cannot be computed in this browser (${error.message})`);
    left.shift();
  }
  async function predict(image, dims, clinical = null) {
    for (;;) {
      const before = stops;
      await (ready ??= start());
      if (before !== stops && !worker) throw new Cancelled("cancelled");
      try {
        return await ask({ what: "predict", image, dims, clinical });
      } catch (error) {
        if (error instanceof Cancelled || left.length === 1) throw error;
        fallBack(error); // a shader that failed, memory that was refused
      }
    }
  }
  return { predict, facts, cancel: () => stop(new Cancelled("cancelled")), stop: () => stop(new Cancelled("stopped")) };
}
