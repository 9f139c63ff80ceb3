// The thread in the side pane: a message, what hangs below it, and a box to reply in.

import { Composer } from "./composer.js";
import { el, iconButton } from "./dom.js";
import { Follower } from "./follow.js";
import { MessageList } from "./messages.js";

/** Shows one thread at a time in `node`; `about` names it while it is open. */
export class ThreadPane {
  constructor(node, app) {
    Object.assign(this, { node, app, about: null });
    const log = el("div", { role: "log", "aria-live": "off", "aria-label": "Thread" });
    const body = el("div", { class: "pane-body" }, log);
    const box = el("div", { class: "composer" });
    this.list = new MessageList(log, app, { inThread: true });
    this.end = new Follower(body, log);
    node.append(el("header", { class: "pane-head" }, el("h2", {}, "Thread"), iconButton("close", "Close the thread", () => this.close())), body, box);
    this.composer = new Composer(box, { id: "thread-field", label: "Reply", sources: { ...app.sources(), commands: () => [] }, onsend: (text) => this.send(text) });
  }

  get isOpen() {
    return this.about !== null;
  }

  async open(message) {
    const about = { channel: message.channel, ts: message.ts };
    this.about = about;
    const { messages } = await this.app.ask("thread", about);
    if (this.about !== about) return;
    this.list.show(messages);
    this.node.hidden = false;
    this.end.toEnd();
    this.composer.field.focus({ preventScroll: true });
  }

  close() {
    const ts = this.about?.ts;
    this.about = null;
    this.node.hidden = true;
    if (ts) this.app.list.rows.get(ts)?.article.focus({ preventScroll: true });
  }

  /** A message came or changed. */
  came(message) {
    const belongs = this.about?.channel === message.channel && [message.ts, message.thread_ts].includes(this.about.ts);
    if (belongs) this.list.put(message);
  }

  gone(channel, ts) {
    if (this.about?.channel === channel) this.list.drop(ts);
  }

  async send(text) {
    if (text.startsWith("/")) {
      this.app.trouble("Slack does not take slash commands in threads. Type it in the channel, or mention @lastgood here.");
      return;
    }
    this.app.side.inspector.deed();
    const { channel, ts } = this.about;
    await this.app.ask("say", { channel, text, thread_ts: ts }).catch((error) => this.app.trouble(error.message));
  }
}
