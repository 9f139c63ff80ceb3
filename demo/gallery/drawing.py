"""An entry as Slack would be given it, and as the gallery's page is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.slack.blocks.contents import check_message_blocks, check_view
from demo.slack.client import mrkdwn

if TYPE_CHECKING:
    from demo.gallery.entries import Entry
    from notifications.rendering.renderer import Renderer

_PREVIEW = 12  # lines of a file
_MOST_OF_FILE = 3_000  # lines of a file that the page is given


@dataclass(frozen=True, slots=True)
class Drawing:
    """An entry and what the product's renderer made of it. ``text`` is empty for a modal: it has no notification."""

    entry: Entry
    text: str
    blocks: list[dict[str, Any]]
    view: dict[str, Any]  # of a modal or Home tab, as views.open is given it

    def check(self) -> None:
        """Hold it to Slack's rules.

        Raises:
            Refused: a rule is broken.
        """
        if self.view:
            check_view(self.view, self.entry.surface)
        else:
            check_message_blocks(self.blocks)

    @property
    def mentions(self) -> tuple[mrkdwn.Mention, ...]:
        """Everybody and everything that its texts would ping."""
        marked = [self.text, *_marked_up(self.blocks)]
        return tuple(one for text in marked for one in mrkdwn.mentions(text))

    def as_json(self) -> dict[str, Any]:
        """What the page draws."""
        entry = self.entry
        return {
            "name": entry.name,
            "group": entry.group,
            "state": entry.state,
            "template": entry.template,
            "surface": entry.surface,
            "asked": entry.asked,
            "private": entry.private,
            "text": self.text,
            "blocks": check_message_blocks(self.blocks)
            if not self.view
            else check_view(self.view, self.entry.surface)["blocks"],
            "view": {key: self.view[key]["text"] for key in ("title", "submit", "close") if key in self.view},
            "file": _file_form(entry),
            "choices": [_option(text, description) for text, description in entry.choices],
            "errors": dict(entry.errors),
        }


def drawn(entry: Entry, renderer: Renderer) -> Drawing:
    """``entry``, rendered as the product renders it."""
    if entry.surface == "modal":
        view = renderer.view(entry.template, entry.context, callback="gallery", metadata="")
        return Drawing(entry, "", view["blocks"], view)
    content = renderer.render(entry.template, entry.context)
    if entry.surface == "home":
        view = renderer.home(entry.template, entry.context)
        return Drawing(entry, content.text, view["blocks"], view)
    return Drawing(entry, content.text, content.blocks, {})


def _marked_up(part: object) -> list[str]:
    if isinstance(part, list):
        return [text for one in part for text in _marked_up(one)]
    if not isinstance(part, dict):
        return []
    own = [str(part["text"])] if part.get("type") == "mrkdwn" else []
    return own + [text for one in part.values() for text in _marked_up(one)]


def _file_form(entry: Entry) -> dict[str, Any] | None:
    if not entry.file:
        return None
    text = str(entry.file["text"])
    lines = text.splitlines()
    return {
        "id": "gallery",
        "name": entry.file["filename"],
        "title": entry.file["title"],
        "size": len(text.encode()),
        "snippet": entry.file.get("snippet_type") or "text",  # of a picture its words
        "alt": entry.file["alt"],
        "deleted": False,
        "picture": False,
        "lines": len(lines),
        "preview": lines[:_PREVIEW],
        "all_lines": lines[:_MOST_OF_FILE],
    }


def _option(text: str, description: str) -> dict[str, Any]:
    described = {"description": {"type": "plain_text", "text": description}} if description else {}
    return {"text": {"type": "plain_text", "text": text}, "value": text, **described}
