// The pane on the right: the inspector and the faults, one at a time.

import { el, iconButton } from "./dom.js";
import { FaultsPane } from "./faults.js";
import { Inspector } from "./inspector.js";

/** Holds both in `node`. The bot's traffic is asked for only once the pane has been opened. */
export class SidePane {
  constructor(node, app) {
    Object.assign(this, { node, app });
    this.panes = { inspector: el("div", { class: "pane-body" }), faults: el("div", { class: "pane-body faults" }) };
    const tab = (key, label) => el("button", { type: "button", class: "tab", "data-pane": key, "aria-pressed": "false", onclick: () => this.show(key) }, label);
    this.tabs = [tab("inspector", "Inspector"), tab("faults", "Faults")];
    node.append(el("header", { class: "pane-head" }, el("div", { class: "tabs", role: "group", "aria-label": "What to show" }, this.tabs), iconButton("close", "Close this pane", () => this.hide())), ...Object.values(this.panes));
    this.inspector = new Inspector(this.panes.inspector, app);
    this.faults = new FaultsPane(this.panes.faults, app);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  async show(key) {
    const opens = !this.isOpen;
    this.node.hidden = false;
    for (const [name, pane] of Object.entries(this.panes)) pane.hidden = name !== key;
    for (const one of this.tabs) one.setAttribute("aria-pressed", String(one.dataset.pane === key));
    if (!opens) return;
    this.tabs.find((one) => one.dataset.pane === key).focus();
    await this.startJournal();
  }

  hide() {
    this.node.hidden = true;
    document.querySelector("#topbar [data-opens]")?.focus();
  }

  async startJournal() {
    const { entries } = await this.app.ask("inspect");
    this.inspector.begin(entries);
  }

  async inspect(message) {
    await this.show("inspector");
    this.inspector.message(message);
  }
}
