// What Slack would show, from its JSON: a message, a modal, a Home tab. Knows nothing of the page around it.
//
// The context: me, zone, people, groups, channelNames; act.press, act.select, act.options (and act.enter in a modal);
// confirm(dialog), lines(file, start); in a view also state and typed (a Map of what was typed and not yet sent).

import { renderBlock } from "./blocks.js";
import { el } from "./dom.js";
import { sharedFile } from "./files.js";
import { mrkdwn } from "./mrkdwn.js";

/** A context in which nothing can be pressed: for looking only. */
export function stillContext(more = {}) {
  const nothing = async () => ({});
  return {
    me: "", zone: "UTC", people: {}, groups: {}, channelNames: {}, confirm: async () => false, lines: async () => ({ lines: [], total: 0 }),
    act: { press: nothing, select: nothing, options: async () => ({ options: [] }), enter: nothing }, ...more,
  };
}

function attachment(one, context) {
  const shown = el("div", { class: "attachment" }, one.pretext ? el("div", { class: "text" }, mrkdwn(one.pretext, context)) : null,
    one.title ? el("strong", {}, one.title) : null, one.text ? el("div", { class: "text" }, mrkdwn(one.text, context)) : null,
    (one.blocks ?? []).map((block) => renderBlock(block, context)));
  if (/^#?[0-9a-f]{6}$/i.test(one.color ?? "")) shown.style.borderInlineStartColor = `#${one.color.replace("#", "")}`;
  return shown;
}

/** The body of a message: its blocks, or its text where it has none, its attachments and files. */
export function renderMessage(message, context) {
  const blocks = message.blocks ?? [];
  const text = blocks.length === 0 && message.text ? el("div", { class: "text" }, mrkdwn(message.text, context)) : null;
  return el("div", { class: "blocks" }, text, blocks.map((block) => renderBlock(block, context)),
    (message.attachments ?? []).map((one) => attachment(one, context)), (message.files ?? []).map((file) => sharedFile(file, context)));
}

/** The body of a modal or Home tab. */
export function renderView(view, context) {
  const inside = { ...context, state: view.state ?? {} };
  return el("div", { class: `blocks view-${view.type}` }, (view.blocks ?? []).map((block) => renderBlock(block, inside)));
}
