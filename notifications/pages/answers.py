"""What the templates show of answers, made ready so that the templates decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifications.rendering.buttons import Button, Confirm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.runs.run import Run
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context


def refusal(advice: str, *, command: str = "", buttons: Sequence[Control] = ()) -> Context:
    """The context of ``refusal``: ``advice`` of an error, and what can be done instead."""
    return {"advice": advice, "command": command, "buttons": tuple(buttons)}


def help_page(topics: Mapping[str, Sequence[tuple[str, str]]], *, remark: str = "") -> Context:
    """The context of ``help``: by topic the usage and summary of each command; ``remark`` stands before them."""
    return {"topics": dict(topics), "remark": remark}


def picker(command: str, *, question: str, placeholder: str, full: str) -> Context:
    """The context of ``picker``.

    Args:
        command: what the choice is for: ``now``.
        question: the sentence above the menu.
        placeholder: the words inside the empty menu.
        full: the command that would have needed no menu: ``/backup now DEVICE``.
    """
    return {"action": f"pick:{command}", "question": question, "placeholder": placeholder, "command": full}


def trust(device: str, *, old: str | None, new: str, is_jump: bool = False, command: str = "") -> Context:
    """The context of ``trust``: fingerprints of the pinned and the offered key, and the button that accepts.

    ``is_jump``: they are those of the jump host through which ``device`` is reached.
    """
    whose = f"the jump host of {device}" if is_jump else device
    sure = Confirm(
        title="Accept the new host key?",
        text=f"Accept it only if {whose} was replaced or reinstalled. Lastgood then sends the password to that key.",
        yes="Accept new key",
    )
    accept = Button(
        text="Accept new key",
        action="do:trust",
        value=f"{device} {new}",
        label=f"Accept the new host key of {whose}",
        style="danger",
        confirm=sure,
    )
    facts = {"device": device, "is_jump": is_jump, "old": old or "none", "new": new}
    return {**facts, "buttons": (accept,), "command": command}


def started(command: str, *, sentence: str, place: str = "") -> Context:
    """The context of ``started``: what was begun, where its message stands, and the full command."""
    return {"sentence": sentence, "place": place, "command": command}


def cancelled(run: Run, *, command: str = "") -> Context:
    """The context of ``cancelled``."""
    return {"run": run.id, "device": run.device, "command": command}


def notice(sentence: str, *, command: str = "", buttons: Sequence[Control] = ()) -> Context:
    """The context of ``notice``: any short answer in plain words, and what can be done next."""
    return {"sentence": sentence, "command": command, "buttons": tuple(buttons)}


def not_invited(channel: str) -> Context:
    """The context of ``not_invited``: the channel in which the bot is no member."""
    return {"channel": channel}
