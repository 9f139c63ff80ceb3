"""Fitting the things that can be pressed or chosen: buttons, menus and their dialogs."""

from __future__ import annotations

from typing import Any, Final

from notifications.rendering import limits
from notifications.rendering.escaping import cut, length, plain, printable

Element = dict[str, Any]

_MOST_OPTIONS: Final = {
    "overflow": limits.OVERFLOW,
    "checkboxes": limits.CHOICES,
    "radio_buttons": limits.CHOICES,
}


def fit_element(element: Element) -> Element | None:
    """``element`` within Slack's limits; None: it cannot be shown, such as a button whose value does not fit."""
    match element.get("type"):
        case "button":
            return _fit_button(element)
        case "external_select" | "static_select" | "multi_static_select" | "overflow" | "checkboxes" | "radio_buttons":
            return _fit_menu(element)
        case "plain_text_input" | "number_input" | "timepicker" | "users_select" | "conversations_select":
            return _fit_entry(element)
        case _:
            return None


def plain_object(text: object, most: int) -> Element:
    """A plain_text object of at most ``most`` characters, never empty."""
    return {"type": "plain_text", "text": cut(plain(text), most) or "-", "emoji": False}


def fit_option(option: Element) -> Element | None:
    """One entry of a menu. None: its value does not fit, and a cut value would name something else."""
    value = printable(option["value"])
    if not 0 < length(value) <= limits.OPTION_VALUE:
        return None
    fitted = {"text": plain_object(option["text"]["text"], limits.OPTION_TEXT), "value": value}
    described = plain(option["description"]["text"]) if option.get("description") else ""
    if described:
        fitted["description"] = plain_object(described, limits.OPTION_DESCRIPTION)
    return fitted


def _fit_button(button: Element) -> Element | None:
    value = printable(button.get("value", ""))
    if length(value) > limits.BUTTON_VALUE or length(button.get("url", "")) > limits.BUTTON_URL:
        return None  # a cut value would do something else
    fitted = {**button, "text": plain_object(button["text"]["text"], limits.BUTTON_TEXT), "value": value}
    if not value:
        fitted.pop("value")
    if "accessibility_label" in button:
        label = cut(plain(button["accessibility_label"]), limits.ACCESSIBILITY_LABEL)
        fitted["accessibility_label"] = label or fitted["text"]["text"]
    if "confirm" in button:
        fitted["confirm"] = _fit_confirm(button["confirm"])
    return fitted


def _fit_confirm(confirm: Element) -> Element:
    return {
        **confirm,
        "title": plain_object(confirm["title"]["text"], limits.CONFIRM_TITLE),
        "text": plain_object(confirm["text"]["text"], limits.CONFIRM_TEXT),
        "confirm": plain_object(confirm["confirm"]["text"], limits.CONFIRM_BUTTON),
        "deny": plain_object(confirm["deny"]["text"], limits.CONFIRM_BUTTON),
    }


def _fit_menu(menu: Element) -> Element | None:
    fitted = _fit_placeholder(menu)
    if "initial_option" in menu:
        fitted["initial_option"] = fit_option(menu["initial_option"])
    if "initial_options" in menu:
        fitted["initial_options"] = [one for option in menu["initial_options"] if (one := fit_option(option))]
    fitted = {key: value for key, value in fitted.items() if value or not key.startswith("initial_")}
    if "options" in menu:
        most = _MOST_OPTIONS.get(menu["type"], limits.OPTIONS)
        fitted["options"] = _unlike([one for option in menu["options"] if (one := fit_option(option))])[:most]
        return fitted if fitted["options"] else None
    return fitted


def _fit_entry(element: Element) -> Element:
    """Something to type into. A text that is too long for it is cut: the person sees it and can mend it."""
    fitted = _fit_placeholder(element)
    if "initial_value" in element:
        fitted["initial_value"] = cut(printable(element["initial_value"]), limits.INPUT_TEXT)
    return {key: value for key, value in fitted.items() if value != "" or not key.startswith("initial_")}


def _fit_placeholder(element: Element) -> Element:
    if not element.get("placeholder"):
        return {key: value for key, value in element.items() if key != "placeholder"}
    return {**element, "placeholder": plain_object(element["placeholder"]["text"], limits.PLACEHOLDER)}


def _unlike(options: list[Element]) -> list[Element]:
    return list({option["value"]: option for option in options}.values())
