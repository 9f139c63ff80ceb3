// rich_text blocks: sections, lists, quotes, preformatted text, and the runs inside them.

import { codeBlock } from "./code.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { dateElement, link, mention, named } from "./mrkdwn.js";

const RUNS = {
  text: (run) => run.text ?? "",
  link: (run) => link(run.url, run.text),
  user: (run, context) => mention("user", run.user_id, context),
  channel: (run, context) => mention("channel", run.channel_id, context),
  usergroup: (run, context) => mention("group", run.usergroup_id, context),
  broadcast: (run) => el("span", { class: "mention mention-me" }, `@${run.range}`),
  team: (run) => run.team_id,
  emoji: (run) => glyph(run),
  date: (run, context) => dateElement(run.timestamp, run.format ?? "{date}", context, run.fallback ?? "", run.url),
  color: (run) => colour(run.value),
};
const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"], ["highlight", "mark"]];

function glyph(run) {
  const points = String(run.unicode ?? "").split("-").map((one) => Number.parseInt(one, 16));
  if (run.unicode && points.every((one) => one > 0 && one < 0x110000)) return String.fromCodePoint(...points);
  return emoji(run.name) ?? `:${run.name}:`;
}

function colour(value) {
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.backgroundColor = value;
  return el("code", {}, swatch, value);
}

function styled(run, node) {
  return STYLES.reduce((inner, [name, tag]) => (run.style?.[name] ? el(tag, {}, inner) : inner), node);
}

/** The runs of a section as nodes. */
export function runs(elements, context) {
  return (elements ?? []).map((run) => {
    const draw = Object.hasOwn(RUNS, run.type) ? RUNS[run.type] : null;
    return draw ? styled(run, draw(run, context)) : JSON.stringify(run);
  });
}

/** All words of runs, without their looks. */
export function plainRuns(elements, context) {
  return (elements ?? []).map((run) => {
    if (run.elements) return plainRuns(run.elements, context);
    if (run.user_id) return named("user", run.user_id, context).text;
    return run.text ?? run.url ?? run.fallback ?? (run.name ? `:${run.name}:` : "");
  }).join("");
}

function list(part, context) {
  const items = part.elements.map((item) => el("li", {}, runs(item.elements, context)));
  const shown = el(part.style === "ordered" ? "ol" : "ul", part.offset ? { start: part.offset + 1 } : {}, items);
  shown.style.marginInlineStart = `${(part.indent ?? 0) * 1.5}rem`;
  return shown;
}

const PARTS = {
  rich_text_section: (part, context) => el("div", { class: "text" }, runs(part.elements, context)),
  rich_text_quote: (part, context) => el("blockquote", {}, runs(part.elements, context)),
  rich_text_list: list,
  rich_text_preformatted: (part, context) =>
    codeBlock(plainRuns(part.elements, context), { diff: part.language === "diff" || null, label: "Preformatted text" }),
};

/** A rich_text block, or the value of a cell. */
export function richText(block, context) {
  const parts = (block.elements ?? []).map((part) => {
    const draw = Object.hasOwn(PARTS, part.type) ? PARTS[part.type] : null;
    return draw ? draw(part, context) : el("pre", {}, JSON.stringify(part, null, 2));
  });
  return el("div", { class: "rich-text" }, parts);
}
