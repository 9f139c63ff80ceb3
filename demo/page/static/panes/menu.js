// A menu with a search field: static choices, people, channels, and choices that the bot is asked for as one types.

import { el, freshId } from "./dom.js";

const MOST = 100; // options drawn at a time
const PAUSE = 150; // milliseconds without a key before the bot is asked

let openMenu = null;

/** Close whichever menu is open. */
export function closeMenu() {
  openMenu?.close();
}

class Menu {
  constructor(anchor, { load, minQuery, chosen, many, most, onpick, label }) {
    Object.assign(this, { anchor, load, minQuery, many, most, onpick });
    this.values = new Map(chosen.map((option) => [option.value, option]));
    this.before = [...this.values.keys()].join("\n");
    this.asked = 0;
    this.rows = [];
    this.active = -1;
    this.list = el("ul", { role: "listbox", id: freshId("list"), "aria-label": label, "aria-multiselectable": many ? "true" : null,
      onpointerdown: (event) => event.preventDefault() }); // the keys stay with the search field
    this.note = el("p", { class: "menu-note", role: "status" });
    this.field = el("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": this.list.id, "aria-label": `Search: ${label}`,
      autocomplete: "off", spellcheck: "false", placeholder: "Type to search", maxlength: "255",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event),
    });
    this.box = el("div", { class: "menu" }, this.field, this.list, this.note);
  }

  open() {
    closeMenu();
    openMenu = this;
    (this.anchor.closest("dialog") ?? document.body).append(this.box);
    this.anchor.setAttribute("aria-expanded", "true");
    this.place();
    this.outside = (event) => {
      if (!this.box.contains(event.target) && !this.anchor.contains(event.target)) this.close();
    };
    document.addEventListener("pointerdown", this.outside, true);
    addEventListener("resize", (this.moved = () => this.close()));
    this.field.focus();
    this.ask();
  }

  place() {
    const { left, bottom, top, width } = this.anchor.getBoundingClientRect();
    const wide = Math.min(Math.max(width, 280), innerWidth - 16);
    const room = innerHeight - bottom;
    Object.assign(this.box.style, { width: `${wide}px`, left: `${Math.max(8, Math.min(left, innerWidth - wide - 8))}px` });
    if (room < 260 && top > room) this.box.style.bottom = `${innerHeight - top + 4}px`;
    else this.box.style.top = `${bottom + 4}px`;
    this.list.style.maxHeight = `${Math.max(120, Math.min(300, (room < 260 && top > room ? top : room) - 100))}px`;
  }

  close(returnFocus = false) {
    if (openMenu !== this) return;
    openMenu = null;
    document.removeEventListener("pointerdown", this.outside, true);
    removeEventListener("resize", this.moved);
    this.box.remove();
    this.anchor.setAttribute("aria-expanded", "false");
    if (returnFocus) this.anchor.focus();
    if (this.many && [...this.values.keys()].join("\n") !== this.before) this.onpick([...this.values.values()]);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
    this.waits = true;
    this.wanted = false;
  }

  async ask() {
    const typed = this.field.value;
    this.asked += 1;
    const mine = this.asked;
    if (typed.length < this.minQuery) {
      this.waits = false;
      this.draw([], `Type at least ${this.minQuery} character${this.minQuery === 1 ? "" : "s"}.`);
      return;
    }
    this.note.textContent = "Searching …";
    const { groups, error } = await this.load(typed);
    if (mine !== this.asked || openMenu !== this) return; // a later question is under way
    this.waits = false;
    this.draw(groups ?? [], error ? `No choices came: ${error}` : "");
    if (this.wanted && this.rows.length) this.pick(this.rows[0].option);
  }

  draw(groups, note) {
    const all = groups.flatMap((group) => group.options);
    this.rows = [];
    this.active = -1;
    const nodes = [];
    for (const group of groups) {
      const shown = group.options.slice(0, MOST - this.rows.length);
      if (group.label && shown.length) nodes.push(el("li", { class: "menu-group", role: "presentation" }, group.label));
      nodes.push(...shown.map((option) => this.row(option)));
    }
    this.list.replaceChildren(...nodes);
    const hidden = all.length - this.rows.length;
    this.note.textContent = note || (all.length === 0 ? "Nothing matches." : hidden > 0 ? `${hidden} more: type to narrow it down.` : "");
    if (this.rows.length) this.highlight(0);
  }

  row(option) {
    const node = el("li", { role: "option", id: freshId("option"), "aria-selected": String(this.values.has(option.value)),
      onclick: () => this.pick(option) },
      el("span", { class: "menu-text" }, option.text), option.description ? el("span", { class: "menu-description" }, option.description) : null);
    this.rows.push({ option, node });
    return node;
  }

  highlight(place) {
    this.rows[this.active]?.node.classList.remove("active");
    this.active = (place + this.rows.length) % this.rows.length;
    const { node } = this.rows[this.active];
    node.classList.add("active");
    node.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", node.id);
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && this.rows.length) this.highlight(this.active + moves[event.key]);
    else if (event.key === "Enter" && this.waits) this.wanted = true; // what is shown is not yet for what was typed
    else if (event.key === "Enter" && this.rows[this.active]) this.pick(this.rows[this.active].option);
    else if (event.key === "Escape") this.close(true);
    else if (event.key === "Tab") return this.close();
    else return undefined;
    event.preventDefault();
    return event.stopPropagation();
  }

  pick(option) {
    if (!this.many) {
      this.close(true);
      this.onpick([option]);
      return;
    }
    if (this.values.has(option.value)) this.values.delete(option.value);
    else if (!this.most || this.values.size < this.most) this.values.set(option.value, option);
    else this.note.textContent = `No more than ${this.most} can be chosen.`;
    for (const { option: one, node } of this.rows) node.setAttribute("aria-selected", String(this.values.has(one.value)));
  }
}

/** A control that opens such a menu and shows what is chosen. `onpick` is given the chosen options. */
export function menuControl({ label, placeholder, chosen = [], many = false, onpick, id = null, describedBy = null, ...rest }) {
  let now = chosen;
  const shown = el("span", { class: "select-value" });
  const control = el("button", { type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false", id,
    "aria-describedby": describedBy, onclick: () => {
      if (control.getAttribute("aria-expanded") === "true") closeMenu();
      else new Menu(control, { label, many, chosen: now, ...rest, onpick: (options) => { now = options; draw(); onpick(options); } }).open();
    } }, shown);
  const draw = () => {
    shown.replaceChildren(...(many ? now.map((one) => el("span", { class: "chosen" }, one.text)) : now.map((one) => one.text)));
    if (!now.length) shown.textContent = placeholder;
    shown.classList.toggle("is-placeholder", !now.length);
    control.setAttribute("aria-label", `${label}: ${now.map((one) => one.text).join(", ") || "nothing chosen"}`);
  };
  draw();
  return control;
}
