// The page: who sits at it, which conversation is open, and where news goes.

import { Composer } from "./composer.js";
import { confirmed, Modals } from "./dialogs.js";
import { el, icon, iconButton } from "./dom.js";
import { Follower } from "./follow.js";
import { MessageList } from "./messages.js";
import { renderView } from "./render.js";
import { Sidebar } from "./sidebar.js";
import { SidePane } from "./side.js";
import { Link } from "./socket.js";
import { ThreadPane } from "./thread.js";
import { topbar } from "./topbar.js";

const place = (id) => document.getElementById(id);

const PROBLEMS = {
  operation_timeout: "Lastgood did not answer within three seconds.",
  dispatch_failed: "Lastgood could not be reached.",
  unknown_command: "This is not a command of this workspace.",
};

class App {
  constructor() {
    this.me = "";
    this.since = "";
    this.here = "";
    this.tab = "messages";
    this.commands = [];
    Object.assign(this, { people: {}, groups: {}, channelNames: {}, channels: [] });
    this.sidebar = new Sidebar(place("sidebar"), this);
    this.list = new MessageList(place("messages"), this);
    this.modals = new Modals(this);
    this.thread = new ThreadPane(place("thread"), this);
    this.side = new SidePane(place("side"), this);
    this.composer = new Composer(place("composer"), { id: "composer-field", label: "Message", sources: this.sources(), onsend: (text) => this.send(text) });
    place("earlier").addEventListener("click", () => this.loadEarlier());
    place("jump").addEventListener("click", () => this.toEnd());
    this.end = new Follower(place("scroller"), place("messages"), () => { place("jump").hidden = true; });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.closeOnePane(); });
    this.link = new Link({ onpush: (push) => this.told(push), onopen: () => this.enter(this.wanted()), onlost: () => this.lost() });
  }

  // Who, where

  wanted() {
    return this.me || new URLSearchParams(location.hash.slice(1)).get("as") || "";
  }

  get zone() {
    return this.people[this.me]?.tz ?? "UTC";
  }

  get context() {
    const { me, zone, people, groups, channelNames } = this;
    return { me, zone, people, groups, channelNames, confirm: (spec) => confirmed(spec, this.context), lines: (file, start) => this.ask("file", { file, start }) };
  }

  contextOf(message) {
    const about = { channel: message.channel, ts: message.ts };
    const act = {
      press: (action) => this.act("press", { ...about, ...action }),
      select: (action) => this.act("select", { ...about, ...action }),
      options: (action) => this.options({ ...about, ...action }),
    };
    return { ...this.context, act, types: (text) => this.types(message, text) };
  }

  /** What puts `text` into the message box, if it is one of our commands and a person wrote it. */
  types(message, text) {
    const isCommand = this.commands.some((one) => text.startsWith(`${one.command} `));
    if (this.people[message.user]?.is_bot || !message.user || !isCommand) return null;
    return () => { this.composer.fill(text); this.composer.field.focus(); };
  }

  sources() {
    return {
      commands: () => this.commands,
      people: () => Object.values(this.people).filter((one) => !one.deleted).map((one) => ({ name: one.name, description: one.real_name })),
      channels: () => Object.values(this.channelNames).map((name) => ({ name, description: "" })),
    };
  }

  async enter(person) {
    const from = new URLSearchParams(location.hash.slice(1)).get("in");
    const known = await this.ask("enter", { person, since: this.since });
    const changed = known.me !== this.me;
    this.since = known.since;
    this.commands = known.commands;
    this.side.faults.begin(known.mishaps, known.status);
    this.adopt(known);
    this.drawTopbar(known.actors);
    place("banner").hidden = true;
    if (this.side.isOpen) await this.side.startJournal();
    if (changed) this.thread.close();
    const there = this.channels.find((one) => one.id === (this.here || from)) ?? this.channels[0];
    await this.open(there.id, changed ? null : this.tab);
  }

  adopt({ me, people, groups, channel_names: channelNames, channels, home, stack }) {
    Object.assign(this, { me, people, groups, channelNames, channels, home });
    this.sidebar.draw();
    this.modals.show(stack);
  }

  drawTopbar(actors) {
    place("topbar").replaceChildren(...topbar(this, actors.map((id) => this.people[id])));
  }

  async open(id, tab = null) {
    const channel = this.channels.find((one) => one.id === id);
    if (!channel) return;
    if (this.here !== id) this.thread.close();
    this.here = id;
    this.tab = channel.kind === "im" ? tab ?? "home" : "messages";
    history.replaceState(null, "", `#${new URLSearchParams({ as: this.me, in: id })}`);
    document.body.classList.remove("sidebar-open");
    this.drawHead(channel);
    const { messages, more } = await this.ask("history", { channel: id });
    if (this.here !== id) return;
    this.list.show(messages);
    place("empty").hidden = messages.length > 0;
    place("earlier").hidden = !more;
    this.sidebar.markRead(id, messages.at(-1)?.ts ?? "");
    this.sidebar.draw();
    this.toEnd();
    if (this.tab === "home") this.openHome();
  }

  drawHead(channel) {
    const im = channel.kind === "im";
    const home = im && this.tab === "home";
    const name = im ? "Lastgood" : channel.name;
    const facts = [channel.archived ? "archived" : null, channel.shared ? "shared with another organisation" : null, channel.bot_is_in ? null : "Lastgood is not in this channel", im ? null : `${channel.members} members`];
    const tab = (key, label) => el("button", { type: "button", class: "tab", "aria-pressed": String(this.tab === key), onclick: () => this.open(channel.id, key) }, icon(key === "home" ? "home" : "chat"), label);
    place("head").replaceChildren(el("h1", {}, im ? null : icon(channel.private ? "lock" : "hash"), name), el("span", { class: "facts" }, facts.filter(Boolean).join(" · ")),
      ...(im ? [el("div", { class: "tabs", role: "group", "aria-label": "Views of Lastgood" }, tab("home", "Home"), tab("messages", "Messages"))] : []));
    place("conversation").setAttribute("aria-label", im ? "Lastgood" : `Channel ${name}`);
    document.title = `${im ? "" : "#"}${name} · Lastgood, a local Slack`;
    this.composer.relabel(im ? "Message Lastgood, or type /" : `Message #${name}, or type /`);
    for (const id of ["scroller", "composer"]) place(id).hidden = home;
    place("home").hidden = !home;
  }

  // Home

  openHome() {
    this.drawHome();
    this.ask("open_home").catch((error) => this.trouble(error.message));
  }

  drawHome() {
    const node = place("home");
    if (!this.home) {
      node.replaceChildren(el("p", { class: "nothing" }, "Lastgood has not shown anything here yet."));
      return;
    }
    const about = { view: this.home.id };
    const act = {
      press: (action) => this.act("press", { ...about, ...action }),
      select: (action) => this.act("select", { ...about, ...action }),
      options: (action) => this.options({ ...about, ...action }),
    };
    node.replaceChildren(renderView(this.home, { ...this.context, act }));
  }

  // Panes

  openThread(message) {
    return this.thread.open(message);
  }

  showSide(key) {
    return this.side.show(key);
  }

  inspect(message) {
    return this.side.inspect(message);
  }

  closeOnePane() {
    if (document.querySelector("dialog[open]")) return;
    if (this.thread.isOpen) this.thread.close();
    else if (this.side.isOpen) this.side.hide();
    else document.body.classList.remove("sidebar-open");
  }

  // Doing

  ask(what, more) {
    return this.link.ask(what, more);
  }

  async act(what, more) {
    this.side.inspector.deed();
    try {
      const done = await this.ask(what, more);
      if (done.error) this.trouble(this.inWords(done));
      return done;
    } catch (error) {
      this.trouble(error.message);
      return {};
    }
  }

  async options(about) {
    try {
      return await this.ask("options", about);
    } catch (error) {
      return { options: [], error: error.message };
    }
  }

  inWords({ error, rules = [] }) {
    return `${PROBLEMS[error] ?? "Slack could not use the answer."} (${[error, ...rules].join("; ")})`;
  }

  async send(text) {
    const channel = this.here;
    this.side.inspector.deed();
    try {
      if (!text.startsWith("/")) {
        await this.ask("say", { channel, text });
        this.toEnd();
        return;
      }
      const done = await this.ask("command", { channel, text });
      if (done.error) this.notice(channel, `\`${text.split(" ")[0].replaceAll("`", "")}\` failed. ${this.inWords(done)}`);
    } catch (error) {
      this.trouble(error.message);
    }
  }

  notice(channel, text) {
    if (channel !== this.here) return;
    const ts = (Date.now() / 1000).toFixed(6);
    place("empty").hidden = true;
    this.list.put({ channel, ts, user: "", text, ephemeral: true, local: true, reply_count: 0 });
    this.toEnd();
    this.announce(text);
  }

  trouble(text) {
    const toast = el("div", { class: "toast" }, text, iconButton("close", "Dismiss", () => toast.remove()));
    place("toasts").append(toast);
    setTimeout(() => toast.remove(), 8000);
  }

  // News

  told(push) {
    if (push.push === "message") this.cameMessage(push.message, push.parent);
    else if (push.push === "gone") this.gone(push);
    else if (push.push === "crowd") { if (push.channel === this.here) this.open(this.here, this.tab); }
    else if (push.push === "stack") this.modals.show(push.stack);
    else if (push.push === "home") { this.home = push.home; if (this.tab === "home") this.drawHome(); }
    else if (push.push === "workspace") this.adopt(push);
    else if (push.push === "journal") this.side.inspector.add(push.entries);
    else if (push.push === "status") this.side.faults.update(push.status);
  }

  cameMessage(message, parent) {
    const isReply = message.thread_ts && !message.broadcast;
    this.thread.came(message);
    if (message.channel !== this.here) {
      if (!isReply) this.sidebar.came(message);
      return;
    }
    const shown = isReply ? parent : message;
    if (!shown || (isReply && !this.list.rows.has(shown.ts))) return;
    const fresh = !this.list.rows.has(shown.ts);
    if (fresh && shown.ts < this.list.oldest && !place("earlier").hidden) return; // among those not loaded
    place("empty").hidden = true;
    this.list.put(shown);
    if (!this.end.pinned) place("jump").hidden &&= !fresh;
    else if (this.list.trim()) place("earlier").hidden = false;
    this.sidebar.markRead(message.channel, message.ts);
    if (fresh || message.edits) this.announce(`${this.people[message.user]?.real_name ?? ""}: ${message.text.slice(0, 300)}`);
  }

  gone({ channel, ts }) {
    if (channel === this.here) this.list.drop(ts);
    this.thread.gone(channel, ts);
  }

  async loadEarlier() {
    const scroller = place("scroller");
    const below = scroller.scrollHeight - scroller.scrollTop;
    const { messages, more } = await this.ask("history", { channel: this.here, before: this.list.oldest });
    for (const message of messages) this.list.put(message);
    place("earlier").hidden = !more;
    scroller.scrollTop = scroller.scrollHeight - below;
  }

  toEnd() {
    this.end.toEnd();
    place("jump").hidden = true;
  }

  announce(text) {
    place("live").textContent = text;
  }

  lost() {
    const banner = place("banner");
    banner.textContent = "The local Slack has stopped. This page comes back when it runs again.";
    banner.hidden = false;
  }
}

new App();
