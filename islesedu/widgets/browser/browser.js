// SliceBrowser as anywidget takes it.

import { showBrowser } from "./show.js";

const render = showBrowser;
export default { render };
