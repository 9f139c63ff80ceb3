// Long texts line by line: diffs in colour, and no more lines at a time than a browser draws with ease.

import { el } from "./dom.js";

export const FIRST = 150; // lines that are shown before somebody asks for more
const LINE = 1.5; // em, as in blocks.css
const CHUNK = 250; // lines that the browser lays out, or leaves alone, together

/** Whether these lines are a unified diff. */
export function isDiff(lines) {
  return lines.slice(0, 50).some((line) => /^@@ .*@@/.test(line));
}

function kind(line) {
  if (line.startsWith("@@")) return "line hunk";
  if (line.startsWith("+++") || line.startsWith("---")) return "line names";
  if (line.startsWith("+")) return "line added";
  if (line.startsWith("-")) return "line removed";
  return "line";
}

function chunk(lines, diff) {
  const rows = lines.map((line) => el("span", { class: diff ? kind(line) : "line" }, line === "" ? "\u200b" : line));
  const node = el("span", { class: "chunk" }, rows);
  node.style.containIntrinsicHeight = `auto ${rows.length * LINE}em`; // its room while the browser leaves it alone
  return node;
}

/** Put more lines at the end of a code element. */
export function addLines(code, lines, diff) {
  for (let place = 0; place < lines.length; place += CHUNK) code.append(chunk(lines.slice(place, place + CHUNK), diff));
}

/** A text in a fixed-width font; a long one ends with a button that shows the rest. */
export function codeBlock(text, { diff = null, label = "Text" } = {}) {
  const lines = text.replace(/\n$/, "").split("\n");
  const coloured = diff ?? isDiff(lines);
  const code = el("pre", { class: coloured ? "code diff" : "code", tabindex: "0", "aria-label": label });
  addLines(code, lines.slice(0, FIRST), coloured);
  if (lines.length <= FIRST) return code;
  const more = el("button", { type: "button", class: "more", onclick: () => {
    addLines(code, lines.slice(FIRST), coloured);
    more.remove();
    code.focus();
  } }, `Show all ${lines.length.toLocaleString("en")} lines`);
  return el("div", { class: "folded" }, code, more);
}
