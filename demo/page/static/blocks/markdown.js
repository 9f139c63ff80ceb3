// The markdown block: the Markdown that language models write, as far as Slack shows it.

import { codeBlock } from "./code.js";
import { el } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./mrkdwn.js";

const INLINE = /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*([^\n*](?:[^\n]*?[^\n*])?)\*\*|~~([^\n~]+)~~|(?<!\w)[*_]([^\s*_][^*_\n]*)[*_](?!\w)/g;

function inline(text, depth = 0) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > place) parts.push(withEmoji(text.slice(place, found.index)));
    parts.push(piece(found, depth));
    place = found.index + found[0].length;
  }
  if (place < text.length) parts.push(withEmoji(text.slice(place)));
  return parts;
}

function piece([written, code, label, address, bold, strike, italic], depth) {
  if (code !== undefined) return el("code", {}, code);
  if (address !== undefined) return link(address, label);
  if (depth > 5) return written;
  if (bold !== undefined) return el("strong", {}, inline(bold, depth + 1));
  if (strike !== undefined) return el("s", {}, inline(strike, depth + 1));
  return el("em", {}, inline(italic, depth + 1));
}

const LINES = [
  [/^(#{1,6})\s+(.*)$/, ([, marks, words]) => el("div", { class: "heading", role: "heading", "aria-level": marks.length + 2 }, inline(words))],
  [/^\s*(?:-{3,}|\*{3,})\s*$/, () => el("hr")],
  [/^>\s?(.*)$/, ([, words]) => el("blockquote", {}, inline(words))],
  [/^\s*[-*+]\s+\[([ xX])\]\s+(.*)$/, ([, mark, words]) => el("ul", { class: "tasks" }, el("li", {}, mark === " " ? "☐ " : "☑ ", inline(words)))],
  [/^\s*[-*+]\s+(.*)$/, ([, words]) => el("ul", {}, el("li", {}, inline(words)))],
  [/^\s*(\d+)[.)]\s+(.*)$/, ([, number, words]) => el("ol", { start: number }, el("li", {}, inline(words)))],
];

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
}

function table(rows) {
  const [head, , ...body] = rows;
  return el("div", { class: "table-frame", tabindex: "0" }, el("table", {},
    el("thead", {}, el("tr", {}, cells(head).map((cell) => el("th", { scope: "col" }, inline(cell))))),
    el("tbody", {}, body.map((row) => el("tr", {}, cells(row).map((cell) => el("td", {}, inline(cell))))))));
}

function joined(parts, next) {
  const before = parts.at(-1);
  const joins = before && before.tagName === next.tagName && ["UL", "OL", "BLOCKQUOTE"].includes(next.tagName);
  if (!joins) return parts.push(next);
  if (next.tagName === "BLOCKQUOTE") before.append(el("br"));
  return before.append(...next.childNodes);
}

/** A Markdown text as nodes. */
export function markdown(text) {
  const parts = [];
  const lines = text.split("\n");
  for (let place = 0; place < lines.length; place += 1) {
    if (/^\s*```/.test(lines[place])) {
      let end = place + 1;
      while (end < lines.length && !/^\s*```\s*$/.test(lines[end])) end += 1;
      const language = lines[place].trim().slice(3);
      parts.push(codeBlock(lines.slice(place + 1, end).join("\n"), { diff: language === "diff" || null }));
      place = end;
    } else if (lines[place].includes("|") && /^[\s|:-]+$/.test(lines[place + 1] ?? "") && lines[place + 1].includes("-")) {
      let end = place;
      while (end < lines.length && lines[end].includes("|")) end += 1;
      parts.push(table(lines.slice(place, end)));
      place = end - 1;
    } else if (lines[place].trim()) {
      const rule = LINES.find(([pattern]) => pattern.test(lines[place]));
      joined(parts, rule ? rule[1](rule[0].exec(lines[place])) : el("p", {}, inline(lines[place])));
    }
  }
  return parts;
}
