// The worker of NetworkLab: holds the network in ONNX Runtime Web, away from the page's own thread.
// The page puts the runtime's script before it, and sends everything else: nothing is fetched.

let session = null, memory = null;

const OwnMemory = WebAssembly.Memory; // seen when the runtime makes it, so that its size can be told
WebAssembly.Memory = function Memory(about) {
  memory = new OwnMemory(about);
  return memory;
};
WebAssembly.Memory.prototype = OwnMemory.prototype;

async function load({ backend, threads, mjs, wasm, network }) {
  const { wasm: settings } = ort.env;
  Object.assign(settings, { numThreads: threads, wasmBinary: wasm, proxy: false });
  settings.wasmPaths = { mjs: URL.createObjectURL(new Blob([mjs], { type: "text/javascript" })) };
  ort.env.logLevel = "error";
  session = await ort.InferenceSession.create(network, { executionProviders: [backend], graphOptimizationLevel: "all" });
}

async function predict({ image, dims, clinical }) {
  const feeds = { image: new ort.Tensor("float32", image, dims) };
  if (clinical) feeds.clinical = new ort.Tensor("float32", clinical, [1, clinical.length]);
  const { probability } = await session.run(feeds), values = Float32Array.from(await probability.getData());
  probability.dispose?.();
  return values;
}

onmessage = async ({ data }) => {
  const start = performance.now();
  try {
    const values = data.what === "load" ? await load(data) : await predict(data);
    const seconds = (performance.now() - start) / 1000, bytes = memory?.buffer.byteLength ?? null;
    postMessage({ id: data.id, values, seconds, bytes }, values ? [values.buffer] : []);
  } catch (error) {
    postMessage({ id: data.id, error: String(error?.message ?? error) });
  }
};
