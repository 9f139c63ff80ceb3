// What opens in front of everything: questions before a dangerous press, and the bot's modals.

import { el, freshId, iconButton } from "./dom.js";
import { words } from "./elements.js";
import { closeMenu } from "./menu.js";
import { renderView } from "./render.js";

/** Ask as a `confirm` object says; true if the person agrees. */
export function confirmed(spec, context) {
  return new Promise((resolve) => {
    const id = freshId("question");
    const done = (answer) => () => { dialog.close(); dialog.remove(); resolve(answer); };
    const dialog = el("dialog", { class: "question", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); done(false)(); } },
      el("h2", { id }, words(spec.title, context)), el("div", { class: "text" }, words(spec.text, context)),
      el("div", { class: "dialog-foot" },
        el("button", { type: "button", class: "button", onclick: done(false) }, words(spec.deny, context)),
        el("button", { type: "button", class: `button ${spec.style === "danger" ? "danger solid" : "primary solid"}`, onclick: done(true) }, words(spec.confirm, context))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows the modal on top of a person's stack. `app.ask` carries out what is done in it. */
export class Modals {
  constructor(app) {
    this.app = app;
    this.typed = new Map(); // view id: what was typed, by block and action
    this.shown = "";
    this.dialog = null;
  }

  /** The stack as it is now. The same view with the same hash is left alone: somebody may be typing in it. */
  show(stack) {
    const top = stack.at(-1);
    const name = top ? `${top.id} ${top.hash} ${stack.length}` : "";
    if (name === this.shown) return;
    this.shown = name;
    closeMenu();
    for (const id of this.typed.keys()) if (!stack.some((one) => one.id === id)) this.typed.delete(id);
    const before = this.dialog;
    const opener = before ? null : document.activeElement;
    this.opener = opener ?? this.opener;
    this.dialog = top ? this.draw(top, stack.length) : null;
    if (this.dialog) {
      document.body.append(this.dialog);
      this.dialog.showModal();
    }
    before?.close();
    before?.remove();
    if (!top && this.opener?.isConnected) this.opener.focus();
  }

  draw(view, depth) {
    const id = freshId("modal");
    const typed = this.typed.get(view.id) ?? new Map();
    this.typed.set(view.id, typed);
    const about = { view: view.id };
    const act = {
      press: (action) => this.app.act("press", { ...about, ...action }),
      select: (action) => this.app.act("select", { ...about, ...action }),
      enter: (action) => this.app.ask("select", { ...about, ...action }).catch(() => null),
      options: (action) => this.app.options({ ...about, ...action }),
    };
    const close = (everything) => () => this.app.act("close", { ...about, everything });
    const body = renderView(view, { ...this.app.context, act, typed });
    const trouble = el("p", { class: "form-trouble", role: "alert", hidden: true });
    const submit = view.submit ? el("button", { type: "submit", class: "button primary solid" }, view.submit) : null;
    const form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(view, form, submit, trouble); } },
      el("header", { class: "dialog-head" }, depth > 1 ? iconButton("back", "Back", close(false)) : null, el("h2", { id }, view.title), iconButton("close", "Close", close(true))),
      el("div", { class: "dialog-body", tabindex: "-1" }, trouble, body),
      el("footer", { class: "dialog-foot" }, el("button", { type: "button", class: "button", onclick: close(false) }, view.close || "Cancel"), submit));
    return el("dialog", { class: "modal", "aria-labelledby": id, "data-view": view.id, oncancel: (event) => { event.preventDefault(); close(false)(); } }, form);
  }

  async submit(view, form, button, trouble) {
    const values = {};
    for (const field of form.querySelectorAll("[data-block]")) values[field.dataset.block] = field.readEntry();
    button?.setAttribute("aria-busy", "true");
    button?.classList.add("busy");
    const done = await this.app.ask("submit", { view: view.id, values }).catch((error) => ({ error: error.message, field_errors: {} }));
    button?.removeAttribute("aria-busy");
    button?.classList.remove("busy");
    this.mark(form, done.field_errors ?? {});
    const general = done.error && !["field_errors", "incomplete"].includes(done.error);
    trouble.hidden = !general;
    trouble.textContent = general ? `We had some trouble connecting. Try again? (${[done.error, ...(done.rules ?? [])].join("; ")})` : "";
  }

  mark(form, errors) {
    let first = null;
    for (const block of form.querySelectorAll("[data-input]")) {
      const sentence = errors[block.dataset.input] ?? "";
      const line = block.querySelector(".field-error");
      line.textContent = sentence;
      line.hidden = !sentence;
      block.classList.toggle("wrong", Boolean(sentence));
      const control = block.querySelector("input, textarea, button.select, .ticks");
      if (sentence) control?.setAttribute("aria-invalid", "true");
      else control?.removeAttribute("aria-invalid");
      if (sentence && !first) first = control;
    }
    first?.focus();
  }
}
