// Who predicts in JupyterLab: the kernel, with its own network. Messages and buffers go through anywidget.

import { Cancelled } from "./predictor.js";
import { complete } from "./describe.js";

export function kernelHost(model) { // the same names as pageHost (page.js)
  const waiting = new Map();
  let number = 0;
  const received = (message, buffers) => {
    const { resolve, reject } = waiting.get(message?.id) ?? {};
    waiting.delete(message?.id);
    const floats = (buffers ?? []).map(({ buffer, byteOffset, byteLength }) => buffer.slice(byteOffset, byteOffset + byteLength));
    if (message?.error) reject?.(new Error(message.error)); else resolve?.({ ...message, buffers: floats });
  };
  const ask = (message, buffers = []) => new Promise((resolve, reject) => {
    const id = `${Math.random()} ${++number}`; // each view of a widget gets the answers of all
    waiting.set(id, { resolve, reject });
    model.send({ id, ...message }, undefined, buffers);
  });
  model.on("msg:custom", received);
  const facts = { backend: "Keras in the kernel", threads: 0, loading: 0, proof: null, bytes: null, failed: [] };
  return {
    about: model.get("about"),
    async patient(n) {
      const { maps, lesion, ...rest } = model.get("about").patients[n], { buffers } = await ask({ what: "patient", number: n });
      return complete({ ...rest, maps: buffers.slice(0, rest.channels.length).map((one) => new Float32Array(one)),
        lesion: buffers.length > rest.channels.length ? new Uint8Array(buffers.at(-1)) : null });
    },
    predictor: (n) => ({ facts,
      async predict(image, dims, clinical = null) {
        const { buffers, seconds } = await ask({ what: "predict", number: n, dims, clinical: clinical && [...clinical].map((v) => (Number.isNaN(v) ? null : v)) }, [image.buffer]);
        return { values: new Float32Array(buffers[0]), seconds };
      },
      cancel() { waiting.forEach(({ reject }) => reject(new Cancelled("cancelled"))); waiting.clear(); },
      stop() {} }),
    tried: (log) => { model.set("log", log); model.save_changes(); },
    kernel: true,
    close: () => model.off("msg:custom", received),
  };
}
