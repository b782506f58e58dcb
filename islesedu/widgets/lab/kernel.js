// Who predicts in JupyterLab: the kernel, with its own network. Messages and buffers go through anywidget.

import { Cancelled } from "./predictor.js";
import { complete } from "./describe.js";

const GONE = "the kernel was restarted or has stopped, and the network went with it: run the cells of the notebook again, up to this one";

export function kernelHost(model) { // the same names as pageHost (page.js)
  const waiting = new Map();
  let number = 0, lost = false, shown = null;
  const received = (message, buffers) => {
    const { resolve, reject } = waiting.get(message?.id) ?? {}; // each view of a widget gets the answers of all
    waiting.delete(message?.id);
    const floats = (buffers ?? []).map(({ buffer, byteOffset, byteLength }) => buffer.slice(byteOffset, byteOffset + byteLength));
    if (message?.error) reject?.(new Error(message.error)); else resolve?.({ ...message, buffers: floats });
  };
  const ask = (message, buffers = []) => new Promise((resolve, reject) => {
    if (lost) { reject(new Error(GONE)); return; }
    const id = `${Math.random()} ${++number}`;
    waiting.set(id, { resolve, reject, what: message.what });
    try { model.send({ id, ...message }, undefined, buffers); } catch { end(new Error(GONE)); } // it has no way to the kernel
  });
  const end = (error, chosen = () => true) => waiting.forEach((one, id) => {
    if (chosen(one)) { waiting.delete(id); one.reject(error); }
  });
  const session = model.widget_manager?.context?.sessionContext; // JupyterLab's; elsewhere a message that cannot be sent tells
  const changed = (_sender, status) => {
    if (!["restarting", "autorestarting", "terminating", "dead"].includes(status)) return;
    lost = true;
    end(new Error(GONE));
  };
  model.on("msg:custom", received);
  session?.statusChanged.connect(changed);
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
      cancel() { end(new Cancelled("cancelled"), ({ what }) => what === "predict"); }, // the kernel ends what it has begun
      stop() {} }),
    tried: () => model.get("log"), // of all views of this lab
    keep(row) { model.set("log", [...model.get("log"), row]); model.save_changes(); },
    follow(draw) { model.on("change:log", shown = draw); }, // another view, or Python, has changed it
    kernel: true,
    close() {
      model.off("msg:custom", received);
      session?.statusChanged.disconnect(changed);
      model.off("change:log", shown);
    },
  };
}
