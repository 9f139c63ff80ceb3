// Elements without innerHTML: whatever a text holds, it stays text.

/** An element; `on...` properties are listeners, `true` is a bare attribute, null and false leave it out. */
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** The same for a drawing. */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let last = 0;

/** An id that no other element has. */
export function freshId(prefix = "x") {
  last += 1;
  return `${prefix}-${last}`;
}

const ICONS = {
  hash: "M6 2 4.5 14M11.5 2 10 14M2.5 5.5h12M1.5 10.5h12",
  lock: "M4 7V5a4 4 0 0 1 8 0v2M3 7h10v7H3z",
  thread: "M2 3h12v8H7l-3 3v-3H2z",
  inspect: "M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2zm3.6 8.6L14.5 14.5",
  bolt: "M9 1 3 9h4l-1 6 7-9H9z",
  close: "M3 3l10 10M13 3 3 13",
  menu: "M2 4h12M2 8h12M2 12h12",
  send: "M2 8 14 2l-3 12-3.5-4.5zM7.5 9.5 14 2",
  eye: "M1 8s2.5-5 7-5 7 5 7 5-2.5 5-7 5-7-5-7-5zm7-2a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  file: "M3 1h7l3 3v11H3zM10 1v3h3",
  home: "M2 8 8 2l6 6M4 7v7h8V7",
  chat: "M2 3h12v8H7l-3 3v-3H2z",
  moon: "M13 9.5A6 6 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  back: "M10 3 5 8l5 5",
  check: "M3 8.5 6.5 12 13 4",
};

/** A small line drawing that screen readers pass over. */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] }),
  );
}

/** A button with an icon and a name for whoever cannot see it. */
export function iconButton(name, label, onclick, more = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}
