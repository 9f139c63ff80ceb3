// A list of messages in order, each drawn again when it changes. Used for a conversation and for a thread.

import { dayOf, fullDate, slackDate } from "./dates.js";
import { el, icon, iconButton } from "./dom.js";
import { renderMessage } from "./render.js";

const TOGETHER = 300; // seconds within which messages of one person need no second head
const MOST = 400; // messages kept while nobody looks back; earlier ones are loaded again on demand

const COLOURS = 6;

function avatar(person, isBot) {
  if (isBot) return el("span", { class: "avatar bot", "aria-hidden": "true" }, el("img", { src: "/page/mark.svg", alt: "" }));
  const name = person?.name ?? "?";
  const colour = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS;
  return el("span", { class: `avatar colour-${colour}`, "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "?");
}

/** Shows messages in `node`. `app` gives contexts and opens threads; `inThread` leaves out what leads there. */
export class MessageList {
  constructor(node, app, { inThread = false } = {}) {
    Object.assign(this, { node, app, inThread });
    this.order = []; // ts of the messages shown, the oldest first
    this.rows = new Map();
    node.addEventListener("keydown", (event) => this.step(event));
  }

  /** Show exactly these. */
  show(messages) {
    this.order = [];
    this.rows.clear();
    this.node.replaceChildren();
    for (const message of messages) this.put(message);
  }

  get oldest() {
    return this.order[0] ?? "";
  }

  /** Add a message, or draw it again. */
  put(message) {
    const known = this.rows.get(message.ts);
    if (known) {
      this.redraw(known, message);
      return;
    }
    let place = this.order.length;
    while (place > 0 && this.order[place - 1] > message.ts) place -= 1;
    const row = { message, node: el("div", { class: "row" }), article: null };
    row.article = this.article(message);
    row.node.append(row.article);
    this.node.insertBefore(row.node, this.rows.get(this.order[place])?.node ?? null);
    this.order.splice(place, 0, message.ts);
    this.rows.set(message.ts, row);
    this.arrange(place);
    this.arrange(place + 1);
  }

  redraw(row, message) {
    const focused = row.node.contains(document.activeElement);
    const label = document.activeElement?.textContent;
    row.message = message;
    const article = this.article(message);
    row.article.replaceWith(article);
    row.article = article;
    this.arrange(this.order.indexOf(message.ts));
    if (!focused) return;
    const same = [...article.querySelectorAll("button")].find((one) => one.textContent === label);
    (same ?? article).focus();
  }

  /** Take a message away. */
  drop(ts) {
    this.rows.get(ts)?.node.remove();
    this.rows.delete(ts);
    const place = this.order.indexOf(ts);
    if (place < 0) return;
    this.order.splice(place, 1);
    this.arrange(place);
  }

  /** Forget the oldest ones beyond what a browser draws with ease; says whether there were any. */
  trim() {
    const extra = this.order.length - MOST;
    for (let times = 0; times < extra; times += 1) this.drop(this.order[0]);
    return extra > 0;
  }

  arrange(place) {
    const row = this.rows.get(this.order[place]);
    if (!row) return;
    const before = this.rows.get(this.order[place - 1])?.message;
    const { message } = row;
    const sameDay = before && dayOf(before.ts, this.app.zone) === dayOf(message.ts, this.app.zone);
    row.day?.remove();
    row.day = sameDay || this.inThread ? null : el("div", { class: "day" }, el("span", {}, dayOf(message.ts, this.app.zone)));
    if (row.day) row.node.prepend(row.day);
    const continued = sameDay && before.user === message.user && !message.local && !before.local && before.ephemeral === message.ephemeral && Number(message.ts) - Number(before.ts) < TOGETHER;
    row.article.classList.toggle("continued", Boolean(continued));
  }

  article(message) {
    const person = this.app.people[message.user];
    const name = message.local ? "Slack" : person?.real_name || person?.name || message.user;
    const time = slackDate(Number(message.ts), "{time}", this.app.zone);
    const classes = ["message", message.ephemeral ? "ephemeral" : "", message.tombstone ? "tombstone" : ""].join(" ").trim();
    return el("article", { class: classes, tabindex: "-1", "data-ts": message.ts, "aria-label": `${name}, ${time}` },
      avatar(person, message.is_bot),
      el("div", { class: "message-main" },
        message.ephemeral ? el("p", { class: "only-you" }, icon("eye"), " Only visible to you") : null,
        el("p", { class: "message-head" }, el("strong", {}, name), message.is_bot ? el("span", { class: "app-tag" }, "APP") : null,
          el("time", { title: fullDate(Number(message.ts), this.app.zone) }, time), message.edits ? el("span", { class: "edited" }, "(edited)") : null),
        renderMessage(message, this.app.contextOf(message)), this.foot(message)),
      this.tools(message));
  }

  foot(message) {
    if (this.inThread || !message.reply_count || message.thread_ts) return null;
    const replies = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
    return el("button", { type: "button", class: "replies", onclick: () => this.app.openThread(message) }, icon("thread"), el("strong", {}, replies), el("span", {}, "View thread"));
  }

  tools(message) {
    if (message.local) return null;
    const reply = this.inThread || message.ephemeral ? null : iconButton("thread", "Reply in thread", () => this.app.openThread(message));
    return el("div", { class: "tools" }, reply, iconButton("inspect", "Inspect what went by for this message", () => this.app.inspect(message)));
  }

  step(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const article = event.target.closest?.("article");
    if (!(event.key in moves) || event.target !== article) return;
    const place = this.order.indexOf(article.dataset.ts) + moves[event.key];
    const next = this.order[Math.max(0, Math.min(this.order.length - 1, place))];
    this.rows.get(next)?.article.focus();
    event.preventDefault();
  }
}
