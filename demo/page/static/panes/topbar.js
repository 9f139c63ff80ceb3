// The bar at the top: who one is, light or dark, the inspector and the faults.

import { el, icon, iconButton } from "./dom.js";

const THEMES = ["auto", "light", "dark"];

function stored() {
  const theme = localStorage.getItem("theme");
  return THEMES.includes(theme) ? theme : "auto";
}

function wear(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

wear(stored());

function themeButton() {
  const label = () => `Colours: ${stored()}. Press for the next.`;
  const button = iconButton("moon", label(), () => {
    wear(THEMES[(THEMES.indexOf(stored()) + 1) % THEMES.length]);
    button.setAttribute("aria-label", label());
    button.title = label();
  });
  return button;
}

/** The bar's nodes. `actors` are the people one can be. */
export function topbar(app, actors) {
  const who = el("select", { id: "act-as", class: "field", onchange: () => app.enter(who.value).catch((error) => app.trouble(error.message)) },
    actors.map((one) => el("option", { value: one.id, selected: one.id === app.me }, one.real_name || one.name)));
  const opens = (key, label, mark) => el("button", { type: "button", class: "button bar", "data-opens": key, onclick: () => app.showSide(key) }, icon(mark), el("span", { class: "wide-only" }, label));
  const inspector = opens("inspector", "Inspector", "inspect");
  const faults = opens("faults", "Faults", "bolt");
  inspector.setAttribute("aria-label", "Inspector");
  faults.setAttribute("aria-label", "Faults");
  return [
    iconButton("menu", "Conversations", () => document.body.classList.toggle("sidebar-open"), { class: "icon-button narrow-only" }),
    el("img", { src: "/page/mark.svg", alt: "", class: "brand" }), el("strong", { class: "wide-only" }, "Lastgood"), el("span", { class: "facts wide-only" }, "local Slack"),
    el("span", { class: "spacer" }), el("label", { for: "act-as", class: "act-as-label" }, "Act as"), who, faults, inspector, themeButton(),
  ];
}
