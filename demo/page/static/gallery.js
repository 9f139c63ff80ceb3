// The gallery: what the product can show, drawn by the same code as a conversation, and pressed by nobody.

import { confirmed, Modals } from "./dialogs.js";
import { el } from "./dom.js";
import { words } from "./elements.js";
import { MessageList } from "./messages.js";
import { renderView, stillContext } from "./render.js";

const BOT = "U0LASTGOOD";
const NIGHT = 1777857120; // seconds: 4 May 2026, 03:12 in Berlin
const PEOPLE = Object.fromEntries([
  [BOT, "Lastgood"], ["U02ANNA", "Anna"], ["U03TOM", "Tom"], ["U01OWNER", "Olga"], ["U05NORA", "Nora"],
].map(([id, name]) => [id, { id, name: name.toLowerCase(), real_name: name, tz: "Europe/Berlin" }]));
const place = (id) => document.getElementById(id);

/** What a conversation would give the renderer, with nobody behind it. */
function world(entry) {
  const people = { people: PEOPLE, groups: { S03TEAM: "plant-a-team" }, channelNames: { C0PLANTA: "plant-a", C0GENERAL: "general" } };
  const lines = async (_file, start) => ({ lines: entry.file.all_lines.slice(start), total: entry.file.all_lines.length });
  const context = stillContext({ me: "U02ANNA", zone: "Europe/Berlin", ...people, lines });
  context.confirm = (spec) => confirmed(spec, context);
  context.act.options = async ({ typed }) => ({ options: entry.choices.filter((one) => one.text.text.toLowerCase().includes(typed.toLowerCase())) });
  return context;
}

function messageIn(frame, entry, context) {
  const nothing = () => {};
  const list = new MessageList(frame, { ...context, contextOf: () => context, openThread: nothing, inspect: nothing }, { inThread: true });
  const common = { user: BOT, is_bot: true, attachments: [], reply_count: 0, edits: 0 };
  const file = entry.file ? [{ ...common, ts: `${NIGHT + 1}.000000`, text: "", blocks: [], files: [entry.file] }] : [];
  list.show([{ ...common, ts: `${NIGHT}.000000`, text: entry.text, blocks: entry.blocks, files: [], ephemeral: entry.private }, ...file]);
}

function modalIn(frame, entry, context) {
  const app = { context, act: async () => ({}), ask: async () => ({}), options: context.act.options };
  const modals = new Modals(app);
  const dialog = modals.draw({ id: entry.name, blocks: entry.blocks, state: {}, ...entry.view }, 1);
  dialog.setAttribute("open", "");
  modals.mark(dialog, entry.errors);
  frame.append(dialog);
}

function confirms(part) {
  if (Array.isArray(part)) return part.flatMap(confirms);
  if (!part || typeof part !== "object") return [];
  const inner = Object.values(part).flatMap(confirms);
  return part.confirm?.title && part.confirm?.deny ? [part.confirm, ...inner] : inner;
}

function question(spec, context) {
  return el("section", { class: "asks", "aria-label": "What it asks before it is done" }, el("h3", {}, words(spec.title, context)), el("div", { class: "text" }, words(spec.text, context)),
    el("div", { class: "dialog-foot" }, el("span", { class: "button" }, words(spec.deny, context)), el("span", { class: "button primary solid" }, words(spec.confirm, context))));
}

function picture(entry) {
  const context = world(entry);
  const frame = el("div", { class: "frame" });
  if (entry.surface === "modal") modalIn(frame, entry, context);
  else if (entry.surface === "home") frame.append(renderView({ type: "home", blocks: entry.blocks }, context));
  else messageIn(frame, entry, context);
  const notification = entry.text ? el("p", { class: "spoken" }, `Notification: ${entry.text.slice(0, 300)}`) : null;
  return el("section", { class: "exhibit", id: entry.name, "aria-label": entry.name },
    el("h2", {}, entry.state, el("span", { class: "facts" }, `${entry.template}.json.j2`)),
    frame, confirms(entry.blocks).map((spec) => question(spec, context)), notification,
    el("details", {}, el("summary", {}, "JSON"), el("pre", { tabindex: "0" }, JSON.stringify(entry.blocks, null, 2))));
}

function head(count) {
  const theme = el("select", { class: "field", "aria-label": "Colours", onchange: (event) => { document.documentElement.dataset.theme = event.target.value; } },
    el("option", { value: "" }, "Colours of this machine"), el("option", { value: "light" }, "Light"), el("option", { value: "dark" }, "Dark"));
  const narrow = el("button", { type: "button", class: "button small", onclick: () => window.open(location.href, "", "popup,width=390,height=844") }, "As on a phone");
  place("gallery-head").replaceChildren(el("h1", {}, "Gallery"), el("span", { class: "facts" }, `${count} pictures of what Lastgood can say`), el("span", { class: "spacer" }), theme, narrow, el("a", { href: "/" }, "To the conversations"));
}

function show(groups) {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const now = groups.has(wanted) ? wanted : groups.keys().next().value;
  place("groups").replaceChildren(el("ul", {}, [...groups].map(([name, entries]) =>
    el("li", {}, el("a", { href: `#${encodeURIComponent(name)}`, "aria-current": name === now ? "true" : null }, name, el("span", { class: "facts" }, String(entries.length)))))));
  place("entries").replaceChildren(...groups.get(now).map(picture));
  place("entries").dataset.group = now;
  place("entries").setAttribute("aria-busy", "false");
}

async function begin() {
  const entries = await (await fetch("/gallery/entries")).json();
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  head(entries.length);
  show(groups);
  addEventListener("hashchange", () => show(groups));
}

begin().catch((error) => { place("entries").replaceChildren(el("p", { class: "nothing", role: "alert" }, `The gallery could not be loaded: ${error.message}`)); });
