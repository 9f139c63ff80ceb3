"""A message that Slack does not take as it is, in ever plainer forms, down to its text alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from notifications.delivery.targets import GONE
from notifications.rendering import limits
from notifications.rendering.block_limits import fit, fit_text, simpler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notifications.delivery.errors import SlackRefusal

MAX_TRIES_AS_IT_IS: Final = 3  # answers "internal error" to one form of a message; then it is sent plainer
_TEXT_TOO_LONG: Final = "msg_too_long"
_BLOCKS_TOO_LONG: Final = "msg_blocks_too_long"
_SMALLEST_SHARE: Final = 1 / 16  # of a message's characters; below it the text alone is sent
_FEWEST_BLOCKS: Final = 3  # one, the line that says what was left out, and the buttons


@dataclass(frozen=True, slots=True)
class MessageForm:
    """One way to show a message. ``share`` is the part of its blocks, and of their characters, that it shows."""

    text: str
    blocks: list[dict[str, Any]]
    share: float = 1.0
    whole: tuple[dict[str, Any], ...] = ()  # the blocks of which it shows a part


def form_of(content: Mapping[str, Any], faults: int) -> MessageForm | None:
    """How to show ``content`` after Slack has answered it ``faults`` times with a fault of its own."""
    form: MessageForm | None = MessageForm(fit_text(content["text"]), list(content["blocks"]))
    for _ in range(faults // MAX_TRIES_AS_IT_IS):
        form = _without_blocks(form) if form else None
    return form


def plainer(form: MessageForm, refusal: SlackRefusal) -> MessageForm | None:
    """A plainer form after ``refusal``; None: it is no use, or there is none."""
    if refusal.is_about_place or refusal.code in GONE:
        return None
    if refusal.code == _TEXT_TOO_LONG:
        return _shorter(form)
    return _fewer_blocks(form) if refusal.code == _BLOCKS_TOO_LONG else _without_blocks(form)


def _shorter(form: MessageForm) -> MessageForm | None:
    text = fit_text(form.text, limits.SHORT_TEXT)
    return replace(form, text=text) if text != form.text else _without_blocks(form)


def _fewer_blocks(form: MessageForm) -> MessageForm | None:
    """Half of the blocks, with half of the characters."""
    share, whole = form.share / 2, form.whole or tuple(simpler(form.blocks))
    if share < _SMALLEST_SHARE:
        return _bare(form)
    most = max(int(len(whole) * share), _FEWEST_BLOCKS)
    return MessageForm(form.text, fit(whole, most=most, share=share), share, whole)


def _without_blocks(form: MessageForm) -> MessageForm | None:
    """Without tables, or else without any block."""
    has_table = any(block.get("type") == "table" for block in form.blocks)
    return replace(form, blocks=simpler(form.blocks)) if has_table else _bare(form)


def _bare(form: MessageForm) -> MessageForm | None:
    return MessageForm(fit_text(form.text, limits.SHORT_TEXT), []) if form.blocks else None
