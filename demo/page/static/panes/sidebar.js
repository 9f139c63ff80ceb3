// Conversations on the left, with marks for what has not been read.

import { el, icon } from "./dom.js";

/** Draws the conversations of whoever sits at the page; `app.open` opens one. */
export class Sidebar {
  constructor(node, app) {
    Object.assign(this, { node, app });
    this.unread = new Map(); // channel: how many came while it was not open
  }

  get key() {
    return `read ${this.app.me}`;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }

  /** Somebody looks at this conversation: what is in it counts as read. */
  markRead(channel, ts) {
    this.unread.delete(channel);
    const known = this.read();
    if ((known[channel] ?? "") < ts) sessionStorage.setItem(this.key, JSON.stringify({ ...known, [channel]: ts }));
  }

  /** A message came while something else was open. */
  came(message) {
    const channel = this.app.channels.find((one) => one.id === message.channel);
    if (!channel || message.ts <= channel.latest) return;
    channel.latest = message.ts;
    this.unread.set(channel.id, (this.unread.get(channel.id) ?? 0) + 1);
    this.draw();
  }

  draw() {
    const rooms = this.app.channels.filter((one) => one.kind === "channel");
    const direct = this.app.channels.filter((one) => one.kind === "im");
    this.node.replaceChildren(
      el("h2", { id: "rooms" }, "Channels"), el("ul", { "aria-labelledby": "rooms" }, rooms.map((one) => this.entry(one, one.name, icon(one.private ? "lock" : "hash")))),
      el("h2", { id: "apps" }, "Apps"), el("ul", { "aria-labelledby": "apps" }, direct.map((one) => this.entry(one, "Lastgood", el("img", { src: "/page/mark.svg", alt: "" })))),
      el("p", { class: "sidebar-note" }, "This is a local Slack on your machine. The bot is real; the devices are simulated."));
  }

  entry(channel, name, mark) {
    const open = this.app.here === channel.id;
    const waiting = !open && channel.latest > (this.read()[channel.id] ?? "");
    const count = this.unread.get(channel.id);
    return el("li", {}, el("button", { type: "button", class: waiting ? "conversation unread" : "conversation", "data-channel": channel.id, "aria-current": open ? "page" : null, onclick: () => this.app.open(channel.id) },
      mark, el("span", { class: "conversation-name" }, name), waiting ? el("span", { class: count ? "unread-mark counted" : "unread-mark" }, count ? String(Math.min(count, 99)) : "", el("span", { class: "for-readers" }, " unread")) : null));
  }
}
