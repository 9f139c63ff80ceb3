// The inspector: envelopes, acks with their times and Web API calls, of everything, one message, or the last deed.

import { slackDate } from "./dates.js";
import { el } from "./dom.js";

const MOST = 600; // entries kept
const LONG = 20_000; // characters of a body that are shown at once

function json(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  return text.length > LONG ? `${text.slice(0, LONG)}\n… ${(text.length - LONG).toLocaleString("en")} more characters` : text;
}

/** Draws the entries of one person's page into `node`. */
export class Inspector {
  constructor(node, app) {
    this.app = app;
    this.entries = [];
    this.filter = { kind: "all" };
    this.since = 0;
    this.acks = new Map(); // envelope: milliseconds
    this.list = el("ol", { class: "entries", "aria-label": "What went by, the newest first" });
    this.about = el("p", { class: "facts", role: "status" });
    this.buttons = [["all", "Everything"], ["deed", "Since my last action"], ["refused", "Refused"]].map(([kind, label]) =>
      el("button", { type: "button", class: "chip", "aria-pressed": "false", "data-kind": kind, onclick: () => this.choose({ kind }) }, label));
    node.append(el("div", { class: "chips", role: "group", "aria-label": "What to show" }, this.buttons), this.about, this.list);
    this.choose(this.filter);
  }

  /** Remember that a person does something now. */
  deed() {
    this.since = this.entries.at(-1)?.number ?? 0;
    if (this.filter.kind === "deed") this.draw();
  }

  choose(filter) {
    this.filter = filter;
    for (const one of this.buttons) one.setAttribute("aria-pressed", String(one.dataset.kind === filter.kind));
    this.draw();
  }

  /** Show what belongs to one message. */
  message(message) {
    this.choose({ kind: "message", ts: message.ts, text: slackDate(Number(message.ts), "{time_secs}", this.app.zone) });
  }

  begin(entries) {
    this.entries = [];
    this.acks.clear();
    this.add(entries);
    this.draw();
  }

  add(entries) {
    for (const entry of entries) if (entry.ack_ms !== null && entry.ack_ms !== undefined && entry.envelope) this.acks.set(entry.envelope, entry.ack_ms);
    this.entries.push(...entries);
    this.entries.splice(0, Math.max(0, this.entries.length - MOST));
    const acked = entries.some((entry) => entry.name?.startsWith("ack"));
    if (acked || this.filter.kind === "message") this.draw();
    else {
      this.list.prepend(...entries.filter((entry) => this.fits(entry)).reverse().map((entry) => this.entry(entry)));
      while (this.list.children.length > MOST) this.list.lastElementChild.remove();
      this.tell();
    }
  }

  fits(entry) {
    if (this.filter.kind === "deed") return entry.number > this.since;
    if (this.filter.kind === "refused") return Boolean(entry.error);
    if (this.filter.kind === "message") return this.related.has(entry.number);
    return true;
  }

  relate() {
    const direct = this.entries.filter((entry) => entry.about.includes(this.filter.ts));
    const envelopes = new Set(direct.map((entry) => entry.envelope).filter(Boolean));
    const triggers = new Set(direct.flatMap((entry) => [entry.body?.payload?.trigger_id, entry.body?.payload?.response_url]).filter(Boolean));
    const indirect = this.entries.filter((entry) => envelopes.has(entry.envelope) || entry.about.some((one) => triggers.has(one)));
    this.related = new Set([...direct, ...indirect].map((entry) => entry.number));
  }

  draw() {
    if (this.filter.kind === "message") this.relate();
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((one) => one.dataset.number));
    this.list.replaceChildren(...this.entries.filter((entry) => this.fits(entry)).reverse().map((entry) => this.entry(entry, open)));
    this.tell();
  }

  tell() {
    const shown = this.list.children.length;
    const what = this.filter.kind === "message" ? `About the message of ${this.filter.text}: ` : "";
    this.about.textContent = `${what}${shown === 0 ? "nothing yet" : `${shown} ${shown === 1 ? "entry" : "entries"}, the newest first`}`;
  }

  entry(entry, open = new Set()) {
    const from = entry.type === "call" ? "Bot calls Slack" : entry.direction === "to_bot" ? "Slack to bot" : "Bot to Slack";
    const arrow = entry.direction === "to_bot" ? "→" : "←";
    const summary = el("summary", {},
      el("span", { class: `arrow ${entry.direction}`, title: from, "aria-label": from, role: "img" }, entry.type === "call" ? "⇠" : arrow),
      el("code", { class: "entry-name" }, entry.name), this.badge(entry),
      el("time", {}, slackDate(entry.at, "{time_secs}", this.app.zone)));
    const broken = entry.error ? el("div", { class: "broken" }, el("strong", {}, entry.error), el("ul", {}, entry.rules.map((rule) => el("li", {}, rule)))) : null;
    const bodies = () => [el("h4", {}, entry.type === "call" ? "Arguments" : "Body"), el("pre", { tabindex: "0" }, json(entry.body)),
      ...(entry.answer ? [el("h4", {}, "Answer"), el("pre", { tabindex: "0" }, json(entry.answer))] : [])];
    const details = el("details", { "data-number": entry.number, ontoggle: () => { if (details.open && details.children.length === 1) details.append(...bodies()); } }, summary);
    if (open.has(String(entry.number))) details.open = true;
    return el("li", { class: entry.error ? "entry refused" : "entry" }, details, broken);
  }

  badge(entry) {
    if (entry.error) return el("span", { class: "badge bad" }, entry.status === 0 ? "cut" : entry.status === 200 ? "refused" : String(entry.status));
    if (entry.type === "call") return el("span", { class: "badge good" }, "ok");
    const ms = entry.ack_ms ?? (entry.direction === "to_bot" ? this.acks.get(entry.envelope) : null);
    if (ms !== null && ms !== undefined) return el("span", { class: ms > 1000 ? "badge slow" : "badge good" }, `ack ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`);
    return entry.envelope && entry.direction === "to_bot" ? el("span", { class: "badge" }, "no ack yet") : null;
  }
}
