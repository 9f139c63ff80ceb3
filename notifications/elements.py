"""Fitting the things that can be pressed or chosen: buttons, menus and their dialogs."""

from __future__ import annotations

from typing import Any

from notifications import limits
from notifications.texts import cut, length, plain

Element = dict[str, Any]


def fit_element(element: Element) -> Element | None:
    """``element`` within Slack's limits; None: it cannot be shown, such as a button whose value does not fit."""
    match element.get("type"):
        case "button":
            return _fit_button(element)
        case "external_select" | "static_select" | "overflow":
            return _fit_menu(element)
        case _:
            return None


def plain_object(text: object, most: int) -> Element:
    """A plain_text object of at most ``most`` characters, never empty."""
    return {"type": "plain_text", "text": cut(plain(text), most) or "-", "emoji": False}


def fit_option(option: Element) -> Element | None:
    """One entry of a menu. None: its value does not fit, and a cut value would name something else."""
    if not 0 < length(option["value"]) <= limits.OPTION_VALUE:
        return None
    fitted = {"text": plain_object(option["text"]["text"], limits.OPTION_TEXT), "value": option["value"]}
    described = plain(option["description"]["text"]) if option.get("description") else ""
    if described:
        fitted["description"] = plain_object(described, limits.OPTION_DESCRIPTION)
    return fitted


def _fit_button(button: Element) -> Element | None:
    if length(button.get("value", "")) > limits.BUTTON_VALUE or length(button.get("url", "")) > limits.BUTTON_URL:
        return None  # a cut value would do something else
    fitted = {**button, "text": plain_object(button["text"]["text"], limits.BUTTON_TEXT)}
    if button.get("value") == "":
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
    fitted = {**menu}
    if "placeholder" in menu:
        fitted["placeholder"] = plain_object(menu["placeholder"]["text"], limits.PLACEHOLDER)
    if "options" in menu:
        most = limits.OVERFLOW if menu["type"] == "overflow" else limits.OPTIONS
        fitted["options"] = _unlike([one for option in menu["options"] if (one := fit_option(option))])[:most]
        return fitted if fitted["options"] else None
    return fitted


def _unlike(options: list[Element]) -> list[Element]:
    return list({option["value"]: option for option in options}.values())
