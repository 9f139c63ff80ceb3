// Every block as a node. One that is not known here is shown as its JSON, with a warning, and never dropped.

import { chart } from "./chart.js";
import { el, freshId } from "./dom.js";
import { element, words } from "./elements.js";
import { picture } from "./files.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";

const LONG = 700; // characters of a section after which it is folded, as Slack does

function section(block, context) {
  const text = block.text ? el("div", { class: "text" }, words(block.text, context)) : null;
  const fields = block.fields ? el("div", { class: "fields" }, block.fields.map((one) => el("div", { class: "text" }, words(one, context)))) : null;
  const accessory = block.accessory ? el("div", { class: "accessory" }, element(block.accessory, block, context)) : null;
  const long = !block.expand && (block.text?.text.length ?? 0) > LONG && text;
  return el("div", { class: "section" }, el("div", { class: "section-body" }, long ? foldable(text) : text, fields), accessory);
}

function foldable(text) {
  text.classList.add("clipped");
  const more = el("button", { type: "button", class: "more", "aria-expanded": "false", onclick: () => {
    const open = !text.classList.toggle("clipped");
    more.setAttribute("aria-expanded", String(open));
    more.textContent = open ? "See less" : "See more";
  } }, "See more");
  return el("div", {}, text, more);
}

function contextBlock(block, context) {
  return el("div", { class: "context" }, (block.elements ?? []).map((one) =>
    one.type === "image" ? picture(one, "context-image") : el("span", { class: "text" }, words(one, context))));
}

function actions(block, context) {
  return el("div", { class: "actions" }, (block.elements ?? []).map((one) => element(one, block, context)));
}

function input(block, context) {
  const id = freshId("field");
  const hint = block.hint ? el("p", { class: "hint", id: `${id}-hint` }, words(block.hint, context)) : null;
  const error = el("p", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
  const label = words(block.label, context);
  const describedBy = `${id}-error${hint ? ` ${id}-hint` : ""}`;
  const control = element(block.element, block, context, { id, label: block.label?.text, describedBy });
  const send = block.dispatch_action && control.readEntry
    ? el("button", { type: "button", class: "button small", onclick: () => context.act.select({ action_id: block.element.action_id, block_id: block.block_id, choice: control.readEntry() }) }, "Send") : null;
  return el("div", { class: "input", "data-input": block.block_id },
    el("label", { for: id }, label, block.optional ? el("span", { class: "optional" }, " (optional)") : null), control, send, error, hint);
}

function image(block, context) {
  return el("figure", { class: "image" }, block.title ? el("figcaption", {}, words(block.title, context)) : null, picture(block, "block-image"));
}

function cell(spec, context) {
  return spec?.type === "rich_text" ? richText(spec, context) : String(spec?.text ?? spec?.value ?? "");
}

function table(block, context) {
  const settings = block.column_settings ?? [];
  const drawn = (row, tag) => el("tr", {}, row.map((one, place) => el(tag, {
    scope: tag === "th" ? "col" : null,
    class: `align-${["left", "center", "right"].includes(settings[place]?.align) ? settings[place].align : one?.type === "raw_number" ? "right" : "left"}${settings[place]?.is_wrapped ? " wraps" : ""}`,
  }, cell(one, context))));
  const [head, ...rows] = block.rows ?? [];
  return el("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": block.caption ?? "Table" }, el("table", {},
    block.caption ? el("caption", {}, block.caption) : null,
    head ? el("thead", {}, drawn(head, "th")) : null, el("tbody", {}, rows.map((row) => drawn(row, "td")))));
}

const STATES = { pending: "○", in_progress: "◐", complete: "●", error: "✗" };

function task(block, context) {
  return el("div", { class: "task" }, el("strong", {}, el("span", { "aria-label": block.status, role: "img" }, STATES[block.status] ?? "○"), ` ${block.title}`),
    block.details ? richText(block.details, context) : null, block.output ? richText(block.output, context) : null);
}

function plan(block, context) {
  return el("div", { class: "plan" }, el("strong", {}, block.title), (block.tasks ?? []).map((one) => task(one, context)));
}

function card(block, context) {
  return el("div", { class: "card" }, block.hero_image ? picture(block.hero_image, "block-image") : null,
    block.title ? el("strong", {}, words(block.title, context)) : null, block.subtitle ? el("small", {}, words(block.subtitle, context)) : null,
    block.body ? el("div", { class: "text" }, words(block.body, context)) : null,
    block.actions ? el("div", { class: "actions" }, block.actions.map((one) => element(one, block, context))) : null);
}

function container(block, context) {
  const title = block.title ? words(block.title, context) : block.rich_text_title ? richText(block.rich_text_title, context) : "Details";
  const inner = (block.child_blocks ?? []).map((one) => renderBlock(one, context));
  if (!block.is_collapsible) return el("div", { class: "container" }, el("strong", {}, title), inner);
  return el("details", { class: "container", open: !block.default_collapsed }, el("summary", {}, title), inner);
}

const DRAW = {
  section, actions, input, image, table, plan, card, container,
  context: contextBlock,
  context_actions: actions,
  data_table: table,
  data_visualization: chart,
  task_card: task,
  divider: () => el("hr"),
  header: (block, context) => el("div", { class: "heading", role: "heading", "aria-level": (block.level ?? 1) + 2 }, words(block.text, context)),
  rich_text: richText,
  markdown: (block) => el("div", { class: "text markdown" }, markdown(block.text ?? "")),
  alert: (block, context) => el("div", { class: `alert ${["info", "warning", "error", "success"].includes(block.level) ? block.level : ""}`, role: "note" }, words(block.text, context)),
  carousel: (block, context) => el("div", { class: "carousel", tabindex: "0" }, (block.elements ?? []).map((one) => card(one, context))),
};

/** One block. */
export function renderBlock(block, context) {
  if (!Object.hasOwn(DRAW, block?.type)) return unknown(block, "This page cannot show this kind of block yet; Slack may.");
  try {
    return el("div", { class: `block block-${block.type}` }, DRAW[block.type](block, context));
  } catch (error) {
    return unknown(block, `This block could not be drawn (${error.message}).`);
  }
}

function unknown(block, why) {
  return el("div", { class: "block unknown", role: "note" }, el("strong", {}, `⚠ ${block?.type ?? "No type"}: ${why}`), el("pre", {}, JSON.stringify(block, null, 2)));
}
