// What both widgets need of a page.

export const create = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
