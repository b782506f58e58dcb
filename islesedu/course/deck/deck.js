// Turn the cells of a page into slides: a cell marked as start begins one; what is too long for a slide
// goes on below it, and one block that is longer than a slide becomes smaller, or scrolls.
window.addEventListener("load", () => {  // when pictures have their size, and widgets are drawn
  const HEIGHT = 720 - 24 - 44, SMALLEST = 0.6;
  const is = (cell, kind) => cell.id.startsWith(`cell-id=isl-${kind}-`);
  const main = document.querySelector("main");
  const cells = [...main.querySelectorAll(":scope .jp-Cell")].filter((one) => !one.parentElement.closest(".jp-Cell"));
  const skipped = cells.filter((one) => is(one, "skip"));
  skipped.forEach((one) => one.remove());
  const deck = document.createElement("div"), slides = document.createElement("div");
  deck.className = "reveal"; slides.className = "slides";
  deck.append(slides);

  const section = (parent) => {
    const made = document.createElement("section"), fit = document.createElement("div");
    fit.className = "isl-fit";
    made.append(fit); parent.append(made);
    return made;
  };
  const fit = (one) => one.querySelector(":scope > .isl-fit");

  // While it is measured, nothing is hidden and nothing is scaled.
  main.replaceChildren(deck);
  document.documentElement.classList.add("isl-measuring");
  let column = null, slide = null;
  const begin = (heading) => {
    column = document.createElement("section");
    slides.append(column);
    slide = section(column);
    column.dataset.title = heading;
  };
  const goOn = () => {
    slide = section(column);
    const more = document.createElement("div");
    more.className = "isl-more";
    more.textContent = column.dataset.title;
    slide.prepend(more);
  };
  const high = () => fit(slide).scrollHeight > HEIGHT + 1;
  const heading = (cell) => (cell.querySelector("h1, h2, h3")?.textContent || "").replace("¶", "").trim();

  const pieces = (cell) => {  // a text by its blocks, code by input and outputs
    const text = cell.querySelector(":scope .jp-MarkdownOutput");
    if (text) {
      return [...text.children].map((block) => {
        const shell = cell.cloneNode(false), body = text.cloneNode(false);
        shell.removeAttribute("id");
        body.append(block); shell.append(body);
        return shell;
      });
    }
    const parts = [cell.querySelector(":scope > .jp-Cell-inputWrapper"),
      ...cell.querySelectorAll(":scope .jp-OutputArea-child")].filter((one) => one);
    return parts.map((part) => {
      const shell = cell.cloneNode(false);
      shell.removeAttribute("id");
      shell.append(part);
      return shell;
    });
  };
  const shrink = () => {  // one piece that is longer than a slide
    const only = fit(slide).lastElementChild;
    let zoom = Math.max(SMALLEST, HEIGHT / fit(slide).scrollHeight);
    for (; zoom > SMALLEST; zoom -= 0.04) {
      only.style.zoom = zoom;
      if (!high()) return;
    }
    only.style.zoom = SMALLEST;
    if (high()) {
      fit(slide).classList.add("isl-scroll");
      fit(slide).tabIndex = 0;
      fit(slide).setAttribute("role", "region");
      fit(slide).setAttribute("aria-label", "A long part, which scrolls");
    }
  };
  const alone = () => fit(slide).childElementCount === 1;
  const onlyHeading = () => [...fit(slide).children].slice(0, -1).every((one) =>
    one.textContent.trim().length < 120 && one.querySelector("h1, h2, h3"));
  const put = (piece) => {
    fit(slide).append(piece);
    if (!high()) return;
    if (alone() || onlyHeading()) return shrink();
    piece.remove();
    goOn();
    fit(slide).append(piece);
    if (high()) shrink();
  };
  const caption = (cell) => cell.querySelector(":scope .jp-MarkdownOutput > p:first-child > em:first-child");
  const makeRoom = () => {  // for a caption, by a smaller picture
    const pictures = [...fit(slide).querySelectorAll("img")];
    if (!pictures.length) return false;
    const picture = pictures.at(-1), height = picture.offsetHeight - (fit(slide).scrollHeight - HEIGHT) - 4;
    if (height < 0.6 * picture.offsetHeight) return false;
    picture.style.maxHeight = `${height}px`;
    return !high();
  };
  for (const cell of cells) {
    if (skipped.includes(cell)) continue;
    const start = is(cell, "slide");
    if (!column || start) begin(heading(cell));
    else if (is(cell, "subslide")) goOn();
    fit(slide).append(cell);
    if (!high() || (caption(cell) && makeRoom())) continue;
    cell.remove();
    if (!alone() && fit(slide).childElementCount) {
      // A cell that fits on a slide of its own is not torn apart.
      const before = slide;
      goOn();
      fit(slide).append(cell);
      if (!high()) continue;
      cell.remove(); slide.remove(); slide = before;
    }
    pieces(cell).forEach(put);
  }
  document.documentElement.classList.remove("isl-measuring");
  for (const one of [...slides.querySelectorAll(".isl-fit")]) if (!one.childElementCount) one.parentElement.remove();

  window.Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true, transition: "none", slideNumber: "c/t",
    keyboardCondition: () => !document.activeElement.closest(".islesedu-stepper, .islesedu-browser, input, textarea, summary, .isl-scroll"),
  });
});
