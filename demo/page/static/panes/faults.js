// Faults by hand: a button for each thing that can go wrong, and what is wrong right now.

import { el, freshId } from "./dom.js";

function state(device) {
  return [device.on ? "on" : "off", device.slow ? "slow" : null, device.sessions ? `${device.sessions} session${device.sessions === 1 ? "" : "s"} open` : null].filter(Boolean).join(", ");
}

/** Draws the buttons into `node`; presses go to `app.ask`. */
export class FaultsPane {
  constructor(node, app) {
    this.app = app;
    this.now = el("p", { class: "facts", role: "status" });
    this.said = el("p", { class: "said", role: "status" });
    this.device = el("select", { class: "field", id: freshId("device"), onchange: () => this.tell() });
    this.deviceState = el("p", { class: "facts", role: "status" });
    this.slack = el("div", { class: "fault-list" });
    this.fleet = el("div", { class: "fault-list" });
    this.name = el("input", { class: "field", id: freshId("name"), placeholder: "core-sw2", maxlength: "41", autocomplete: "off", pattern: "[a-z0-9][a-z0-9\\-]{0,40}" });
    this.adding = el("form", { class: "adding", hidden: true, onsubmit: (event) => { event.preventDefault(); this.press("add", this.name.value); } },
      el("label", { for: this.name.id }, "Add a device (Cisco IOS) to Plant A"), el("div", { class: "in-line" }, this.name, el("button", { type: "submit", class: "button" }, "Add")));
    this.devices = el("section", { hidden: true }, el("h3", {}, "A device"), el("label", { for: this.device.id }, "Device"), this.device, this.deviceState, this.fleet, this.adding, this.said);
    node.append(el("section", {}, el("h3", {}, "Slack"), this.now, this.slack), this.devices);
  }

  begin(offered, status) {
    this.slack.replaceChildren(...offered.slack.map((one) => this.button(one)));
    this.fleet.replaceChildren(...offered.fleet.map((one) => this.button(one, true)));
    this.devices.hidden = offered.fleet.length === 0;
    this.adding.hidden = !offered.can_add;
    this.update(status);
  }

  button({ name, label, what }, ofDevice = false) {
    const id = freshId("what");
    const press = () => this.press(name, ofDevice ? this.device.value : undefined);
    return el("div", { class: "fault" }, el("button", { type: "button", class: "button", "data-fault": name, "aria-describedby": id, onclick: press }, label), el("p", { id }, what));
  }

  async press(button, device) {
    this.said.textContent = "";
    try {
      const { said } = await this.app.ask("mishap", device === undefined ? { button } : { button, device });
      this.said.textContent = said;
      if (button === "add") this.name.value = "";
    } catch (error) {
      this.app.trouble(error.message);
    }
  }

  update(status) {
    this.status = status;
    const connections = status.connections === 1 ? "1 connection" : `${status.connections} connections`;
    this.now.textContent = `The bot has ${connections}. ${status.slack.length ? `Waiting to strike: ${status.slack.join("; ")}.` : "No fault is waiting."}`;
    const chosen = this.device.value;
    this.device.replaceChildren(...status.devices.map((one) => el("option", { value: one.name }, `${one.name} (${one.platform})`)));
    if (status.devices.some((one) => one.name === chosen)) this.device.value = chosen;
    this.tell();
  }

  tell() {
    const device = this.status?.devices.find((one) => one.name === this.device.value);
    this.deviceState.textContent = device ? `Now: ${state(device)}.` : "";
  }
}
