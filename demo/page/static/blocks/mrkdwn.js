// Slack's mrkdwn as elements. Marks in angle brackets are the only way to a link, a mention or a date.

import { el } from "./dom.js";
import { fullDate, slackDate } from "./dates.js";
import { emoji } from "./emoji.js";

const FENCE = /```([\s\S]+?)```/g;
const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    ":([a-z0-9_+-]+):",
    "(?<![\\w*])\\*([^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
    "(?<![\\w_])_([^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\w_])",
    "(?<![\\w~])~([^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
  ].join("|"),
  "g",
);
const SCHEMES = ["http:", "https:", "mailto:"];
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Undo the three escapes of mrkdwn. */
export function unescaped(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** A link, unless its address is of a kind that a page should not follow. */
export function link(address, label) {
  let scheme = "";
  try {
    scheme = new URL(address).protocol;
  } catch {
    return document.createTextNode(label || address);
  }
  if (!SCHEMES.includes(scheme)) return document.createTextNode(label ? `${label} (${address})` : address);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: address }, label || address);
}

/** Who or what an id stands for: `{text, me}`. */
export function named(kind, id, context, label = "") {
  if (kind === "user") return { text: `@${context.people[id]?.name ?? (label || id)}`, me: id === context.me };
  if (kind === "channel") return { text: `#${context.channelNames[id] ?? (label || id)}`, me: false };
  return { text: `@${context.groups[id] ?? (label.replace(/^@/, "") || id)}`, me: false };
}

/** A mention. */
export function mention(kind, id, context, label = "") {
  const { text, me } = named(kind, id, context, label);
  return el("span", { class: me ? "mention mention-me" : "mention" }, text);
}

/** A date, with the whole of it as a tooltip. */
export function dateElement(seconds, format, context, fallback, address = "") {
  const text = slackDate(seconds, format, context.zone, fallback);
  const shown = address ? link(address, text) : text;
  return el("time", { title: fullDate(seconds, context.zone) }, shown);
}

function mark(inner, context) {
  const bar = inner.indexOf("|");
  const word = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inner.slice(bar + 1));
  if (word.startsWith("@")) return mention("user", word.slice(1), context, label);
  if (word.startsWith("#")) return mention("channel", word.slice(1), context, label);
  if (word.startsWith("!subteam^")) return mention("group", word.slice(9), context, label);
  if (word.startsWith("!date^")) {
    const [, seconds, format = "{date}", address = ""] = word.split("^");
    return dateElement(seconds, unescaped(format), context, label, unescaped(address));
  }
  if (word.startsWith("!")) return el("span", { class: "mention mention-me" }, label || `@${word.slice(1)}`);
  const shown = link(unescaped(word), label);
  return shown.nodeType === Node.ELEMENT_NODE ? shown : document.createTextNode(unescaped(`<${inner}>`));
}

function codeText(text, context) {
  return unescaped(text.replace(/<([^<>\n]+)>/g, (_, inner) => mark(inner, context).textContent));
}

/** One stretch of mrkdwn without line structure. */
export function inline(text, context, depth = 0) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > place) parts.push(unescaped(text.slice(place, found.index)));
    parts.push(piece(found, context, depth));
    place = found.index + found[0].length;
  }
  if (place < text.length) parts.push(unescaped(text.slice(place)));
  return parts;
}

/** Code; a command in what people say goes into the message box with one click. */
function inlineCode(code, context) {
  const shown = el("code", {}, codeText(code, context));
  const press = context.types?.(unescaped(code));
  return press ? el("button", { type: "button", class: "types", title: "Put this into the message box", onclick: press }, shown) : shown;
}

function piece([written, code, marked, shortcode, bold, italic, strike], context, depth) {
  if (code !== undefined) return inlineCode(code, context);
  if (marked !== undefined) return mark(marked, context);
  if (shortcode !== undefined) return emoji(shortcode) ?? written;
  if (depth > 5) return unescaped(written);
  if (bold !== undefined) return el("strong", {}, inline(bold, context, depth + 1));
  if (italic !== undefined) return el("em", {}, inline(italic, context, depth + 1));
  return el("s", {}, inline(strike, context, depth + 1));
}

function lines(text, context) {
  const parts = [];
  let quote = null;
  text.split("\n").forEach((line, place) => {
    const quoted = /^(?:&gt;|>)+ ?(.*)$/.exec(line);
    if (quoted) {
      if (quote) quote.append(el("br"));
      else parts.push((quote = el("blockquote")));
      quote.append(...inline(quoted[1], context));
      return;
    }
    if (place > 0 && !quote) parts.push(el("br"));
    quote = null;
    parts.push(...inline(line, context));
  });
  return parts;
}

/** A whole mrkdwn text as nodes. */
export function mrkdwn(text, context) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(FENCE)) {
    if (found.index > place) parts.push(...lines(text.slice(place, found.index).replace(/\n$/, ""), context));
    parts.push(el("pre", {}, codeText(found[1].replace(/^\n/, ""), context)));
    place = found.index + found[0].length;
  }
  const rest = text.slice(place).replace(place ? /^\n/ : /(?!)/, "");
  if (rest) parts.push(...lines(rest, context));
  return parts;
}
