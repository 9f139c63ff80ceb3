// The message box: slash commands with their usage from the manifest, mentions, channels.

import { el, freshId, iconButton } from "./dom.js";

/** Enter sends, Tab completes, Shift+Enter begins a new line. `onsend` is given the text. */
export class Composer {
  constructor(node, { id, label, onsend, sources }) {
    Object.assign(this, { onsend, sources });
    this.sent = [];
    this.rows = [];
    this.active = -1;
    this.list = el("ul", { class: "suggestions", role: "listbox", id: freshId("suggestions"), "aria-label": "Suggestions", hidden: true });
    this.hint = el("p", { class: "composer-hint", id: freshId("hint"), "aria-live": "polite" });
    this.field = el("textarea", {
      id, rows: "1", maxlength: "12000", "aria-label": label, placeholder: label, "aria-describedby": this.hint.id, role: "combobox",
      "aria-controls": this.list.id, "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onblur: () => setTimeout(() => this.hide(), 150),
    });
    node.replaceChildren(this.list, el("div", { class: "composer-box" }, this.field, iconButton("send", "Send", () => this.send(), { class: "icon-button send" })), this.hint);
  }

  relabel(label) {
    this.field.setAttribute("aria-label", label);
    this.field.placeholder = label;
  }

  changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 200)}px`;
    const { rows, hint } = this.suggestions();
    this.hint.textContent = hint;
    this.draw(rows);
  }

  suggestions() {
    const text = this.field.value;
    const command = /^(\/\S*)(\s?)(.*)$/.exec(text);
    if (command) return this.forCommand(command);
    const word = /(?:^|\s)([@#])([\w.-]*)$/.exec(text.slice(0, this.field.selectionStart));
    if (!word) return { rows: [], hint: "" };
    const names = word[1] === "@" ? this.sources.people() : this.sources.channels();
    const rows = names.filter((one) => one.name.startsWith(word[2].toLowerCase()))
      .map((one) => ({ label: `${word[1]}${one.name}`, description: one.description, insert: `${one.name} `, replaces: word[2].length }));
    return { rows: rows.slice(0, 8), hint: rows.length ? "Tab completes" : "" };
  }

  forCommand([, slash, space, rest]) {
    const commands = this.sources.commands();
    if (!space) {
      const rows = commands.filter((one) => one.command.startsWith(slash)).map((one) => ({ label: one.command, description: one.description || one.usage_hint, insert: `${one.command} `, replaces: slash.length }));
      return { rows, hint: rows.length ? "Tab completes" : `${slash} is not a command of this workspace` };
    }
    const command = commands.find((one) => one.command === slash);
    if (!command) return { rows: [], hint: `${slash} is not a command of this workspace` };
    const forms = command.usage_hint.split(" · ").filter(Boolean);
    const name = rest.split(" ")[0];
    if (rest.includes(" ")) {
      const form = forms.find((one) => one.split(" ")[0] === name);
      return { rows: [], hint: form ? `${slash} ${form}` : "" };
    }
    const rows = forms.filter((one) => one.startsWith(name)).map((one) => ({ label: `${slash} ${one}`, insert: `${one.split(" ")[0]} `, replaces: rest.length }));
    return { rows, hint: rows.length ? "Tab completes, Enter sends" : "" };
  }

  draw(rows) {
    this.rows = rows;
    this.active = -1;
    this.list.replaceChildren(...rows.map((row, place) => el("li", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false", onpointerdown: (event) => { event.preventDefault(); this.accept(place); } },
      el("strong", {}, row.label), row.description ? el("span", {}, row.description) : null)));
    this.list.hidden = rows.length === 0;
    this.field.setAttribute("aria-expanded", String(rows.length > 0));
    this.field.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.draw([]);
  }

  highlight(place) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = (place + this.rows.length) % this.rows.length;
    const node = this.list.children[this.active];
    node.setAttribute("aria-selected", "true");
    node.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", node.id);
  }

  accept(place) {
    const row = this.rows[place];
    const caret = this.field.selectionStart;
    this.field.setRangeText(row.insert, caret - row.replaces, caret, "end");
    this.field.focus();
    this.changed();
  }

  key(event) {
    const open = this.rows.length > 0;
    if (open && event.key === "ArrowDown") this.highlight(this.active + 1);
    else if (open && event.key === "ArrowUp") this.highlight(this.active < 0 ? -1 : this.active - 1);
    else if (open && event.key === "Tab" && !event.shiftKey) this.accept(Math.max(0, this.active));
    else if (open && event.key === "Escape") this.hide();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) open && this.active >= 0 ? this.accept(this.active) : this.send();
    else if (event.key === "ArrowUp" && this.field.value === "" && this.sent.length) this.fill(this.sent.at(-1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  fill(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.changed();
    this.hide();
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.sent.push(text);
    this.fill("");
    this.onsend(text);
  }
}
