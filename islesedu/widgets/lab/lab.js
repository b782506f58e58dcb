// NetworkLab as anywidget takes it: the kernel has the patients and the network.

import { kernelHost } from "./kernel.js";
import { showLab } from "./lab_view.js";

function render({ model, el }) {
  return showLab(el, kernelHost(model, el));
}

export default { render };
