"""Answering with the form of a job, and the words that ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.input.quoting import quote
from commands.request import Reply
from notifications.pages import answers
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Form
    from commands.services import Services


def form_reply(
    services: Services,
    form: Form,
    *,
    command: str,
    words: Sequence[str] = (),
    value: str = "",
    site: str | None = None,
    device: str | None = None,
) -> Reply:
    """Open ``form``; where Slack opens none, as after a mention, a button does that instead.

    ``words`` are those after the command's name, ``value`` the same for the button.
    """
    button = Button(
        text="Open the form",
        action=f"do:{command}",
        value=value or " ".join(map(quote, words)),
        label="Open the form of the job",
        style="primary",
    )
    devices = services.access.restricted_among([device] if device else [])
    context = answers.notice("This needs a form.", command=services.typed(command, *words), buttons=(button,))
    return Reply(template="notice", context=context, sites=(site,) if site else (), devices=devices, form=form)


def split_name(words: Sequence[str]) -> tuple[Sequence[str], str]:
    """``words`` and the name after their last ``as``: empty if there is none."""
    places = [place for place, word in enumerate(words) if word.casefold() == "as" and 0 < place < len(words) - 1]
    return (words[: places[-1]], " ".join(words[places[-1] + 1 :])) if places else (words, "")
