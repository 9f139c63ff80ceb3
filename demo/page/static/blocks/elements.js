// The interactive elements of blocks. What a person does with them goes to `context.act`.

import { el, freshId } from "./dom.js";
import { epochOf, localOf } from "./dates.js";
import { withEmoji } from "./emoji.js";
import { picture } from "./files.js";
import { menuControl } from "./menu.js";
import { link, mrkdwn } from "./mrkdwn.js";
import { plainRuns } from "./richtext.js";

/** A text object as nodes. */
export function words(text, context) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text, context) : [withEmoji(String(text.text ?? ""))];
}

function plainWords(text) {
  return withEmoji(String(text?.text ?? ""));
}

/** What an element holds: what was entered in its view, or what it began with. */
function held(element, block, context) {
  const entry = context.state?.[block.block_id]?.[element.action_id];
  if (entry) return Object.entries(entry).find(([key]) => !["type", "timezone"].includes(key))?.[1] ?? null;
  return Object.entries(element).find(([key]) => key.startsWith("initial_"))?.[1] ?? null;
}

async function agreed(element, context) {
  return !element.confirm || context.confirm(element.confirm);
}

async function choose(element, block, choice, context, control) {
  if (!(await agreed(element, context))) return;
  await busy(control, () => context.act.select({ action_id: element.action_id, block_id: block.block_id, choice }));
}

async function busy(control, work) {
  control?.classList.add("busy");
  control?.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    control?.classList.remove("busy");
    control?.removeAttribute("aria-busy");
  }
}

function button(element, block, context) {
  const only = element.visible_to_user_ids;
  if (only && !only.includes(context.me)) return null;
  const label = element.accessibility_label ?? null;
  const text = plainWords(element.text);
  const press = async () => {
    if (control.classList.contains("busy") || !(await agreed(element, context))) return;
    const action = { action_id: element.action_id, block_id: block.block_id, value: element.value ?? null };
    await busy(control, () => context.act.press(action));
  };
  const control = el("button", { type: "button", class: `button ${style(element)}`, "aria-label": label, onclick: press }, text);
  if (!element.url) return control;
  const address = link(element.url, text);
  if (address.nodeType !== Node.ELEMENT_NODE) return control;
  address.className = `button ${style(element)}`;
  address.addEventListener("click", press);
  return address;
}

function style(element) {
  return ["primary", "danger"].includes(element.style) ? element.style : "";
}

function option(one) {
  return { text: plainWords(one.text), value: one.value, description: plainWords(one.description), url: one.url };
}

function matching(options, typed) {
  const wanted = typed.toLowerCase();
  return options.filter((one) => one.text.toLowerCase().includes(wanted));
}

function people(context) {
  return Object.values(context.people).filter((one) => !one.deleted).map((one) => ({ text: one.real_name || one.name, value: one.id, description: `@${one.name}` }));
}

function channels(context) {
  return Object.entries(context.channelNames).map(([id, name]) => ({ text: `#${name}`, value: id }));
}

function source(element, block, context) {
  const kind = element.type.replace(/^multi_/, "").replace(/_select$/, "");
  if (kind === "external") {
    return async (typed) => {
      const { options, error } = await context.act.options({ action_id: element.action_id, block_id: block.block_id, typed });
      return { groups: [{ options: (options ?? []).map(option) }], error };
    };
  }
  const lists = { users: people, channels, conversations: (all) => [...channels(all), ...people(all)] };
  if (kind in lists) return async (typed) => ({ groups: [{ options: matching(lists[kind](context), typed) }] });
  const groups = (element.option_groups ?? [{ options: element.options ?? [] }]).map((group) => ({
    label: plainWords(group.label), options: group.options.map(option) }));
  return async (typed) => ({ groups: groups.map((group) => ({ ...group, options: matching(group.options, typed) })) });
}

function chosenOptions(value, context) {
  const many = Array.isArray(value) ? value : value ? [value] : [];
  const known = [...people(context), ...channels(context)];
  return many.map((one) => (typeof one === "object" ? option(one) : known.find((other) => other.value === one) ?? { text: String(one), value: one }));
}

function select(element, block, context, how) {
  const many = element.type.startsWith("multi_");
  const external = element.type.endsWith("external_select");
  const control = menuControl({
    label: how.label ?? (plainWords(element.placeholder) || "Choose"),
    placeholder: plainWords(element.placeholder) || "Choose an option",
    chosen: chosenOptions(held(element, block, context), context),
    many, most: element.max_selected_items, id: how.id, describedBy: how.describedBy,
    minQuery: external ? element.min_query_length ?? 3 : 0,
    load: source(element, block, context),
    onpick: (options) => choose(element, block, many ? options.map((one) => one.value) : options[0].value, context, control),
  });
  return control;
}

function overflow(element, block, context) {
  const list = el("div", { class: "overflow-list", role: "menu", hidden: true });
  const toggle = el("button", { type: "button", class: "button overflow-button", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": "More actions", onclick: () => show(list.hidden) }, "⋮");
  const show = (shown) => {
    list.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    if (shown) list.firstElementChild?.focus();
  };
  for (const one of (element.options ?? []).map(option)) {
    list.append(el("button", { type: "button", role: "menuitem", onclick: () => { show(false); toggle.focus(); choose(element, block, one.value, context, toggle); } },
      one.text, one.description ? el("small", {}, one.description) : null));
  }
  const moves = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" };
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { show(false); toggle.focus(); } else if (event.key in moves) document.activeElement[moves[event.key]]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const frame = el("span", { class: "overflow" }, toggle, list);
  frame.addEventListener("focusout", (event) => { if (!frame.contains(event.relatedTarget)) show(false); });
  return frame;
}

function ticks(element, block, context, how) {
  const many = element.type === "checkboxes";
  const now = [held(element, block, context)].flat().filter(Boolean).map((one) => one.value);
  const name = freshId("ticks");
  const picked = () => [...frame.querySelectorAll("input:checked")].map((one) => one.value);
  const changed = () => choose(element, block, many ? picked() : picked()[0], context, frame);
  const rows = (element.options ?? []).map((one) => el("label", { class: "tick" },
    el("input", { type: many ? "checkbox" : "radio", name, value: one.value, checked: now.includes(one.value), onchange: changed }),
    el("span", {}, words(one.text, context), one.description ? el("small", {}, words(one.description, context)) : null)));
  const frame = el("div", { class: "ticks", role: many ? "group" : "radiogroup", id: how.id, "aria-label": how.label ?? "Choices", "aria-describedby": how.describedBy, tabindex: "-1" }, rows);
  return frame;
}

const PICKERS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function picker(element, block, context, how) {
  const moment = element.type === "datetimepicker";
  const value = held(element, block, context);
  const field = el("input", {
    type: PICKERS[element.type], class: "field picker", id: how.id, "aria-describedby": how.describedBy,
    "aria-label": how.label ? null : plainWords(element.placeholder) || "Choose a date or time",
    value: moment && value ? localOf(value, context.zone) : value,
    onchange: () => choose(element, block, (moment ? epochOf(field.value, context.zone) : field.value) || null, context, field),
  });
  return field;
}

const FIELDS = { email_text_input: "email", url_text_input: "url", number_input: "text", plain_text_input: "text", rich_text_input: "text" };

function textField(element, block, context, how) {
  const tall = element.multiline || element.type === "rich_text_input";
  const value = held(element, block, context);
  const text = context.typed?.get(`${block.block_id}/${element.action_id}`) ?? (value?.elements ? plainRuns(value.elements, context) : value) ?? "";
  const dispatches = element.dispatch_action_config?.trigger_actions_on ?? (block.dispatch_action ? ["on_enter_pressed"] : []);
  const send = () => choose(element, block, entered(element, field.value), context, field);
  const field = el(tall ? "textarea" : "input", {
    type: tall ? null : FIELDS[element.type], class: "field", id: how.id, "aria-describedby": how.describedBy, "aria-label": how.label ? null : "Text",
    rows: tall ? "4" : null, placeholder: plainWords(element.placeholder), maxlength: element.max_length ?? 3000,
    inputmode: element.type === "number_input" ? "decimal" : null, autocomplete: "off", "data-block": block.block_id,
    oninput: () => {
      context.typed?.set(`${block.block_id}/${element.action_id}`, field.value);
      if (block.dispatch_action && dispatches.includes("on_character_entered")) send();
    },
    onchange: () => { if (!block.dispatch_action) context.act.enter?.({ action_id: element.action_id, block_id: block.block_id, choice: entered(element, field.value) }); },
    onkeydown: (event) => {
      if (event.key === "Enter" && !tall && block.dispatch_action && dispatches.includes("on_enter_pressed")) { event.preventDefault(); send(); }
    },
  });
  field.value = text;
  field.readEntry = () => entered(element, field.value);
  return field;
}

function entered(element, text) {
  if (text === "") return null;
  if (element.type !== "rich_text_input") return text;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function feedback(element, block, context) {
  const press = (one) => () => context.act.press({ action_id: element.action_id, block_id: block.block_id, value: one.value });
  return el("span", { class: "feedback" }, [element.positive_button, element.negative_button].map((one) =>
    el("button", { type: "button", class: "button", "aria-label": one.accessibility_label, onclick: press(one) }, plainWords(one.text))));
}

const DRAW = {
  button, workflow_button: button, icon_button: button, overflow, checkboxes: ticks, radio_buttons: ticks, feedback_buttons: feedback,
  datepicker: picker, timepicker: picker, datetimepicker: picker,
  image: (element) => picture(element, "accessory-image"),
  ...Object.fromEntries(Object.keys(FIELDS).map((type) => [type, textField])),
};

/** An element as a node; `how` may bring the `id`, `label` and `describedBy` of an input block. */
export function element(spec, block, context, how = {}) {
  if (/^(multi_)?(static|external|users|channels|conversations)_select$/.test(spec.type)) return select(spec, block, context, how);
  if (Object.hasOwn(DRAW, spec.type)) return DRAW[spec.type](spec, block, context, how);
  return el("div", { class: "unknown", role: "note" }, el("strong", {}, `This page cannot show a ${spec.type} yet.`), el("pre", {}, JSON.stringify(spec, null, 2)));
}
