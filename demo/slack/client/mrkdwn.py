"""What Slack reads into mrkdwn text: whom it would notify, and what a person sees instead of the marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.state.values import Message

_MARK = re.compile(r"<([^<>]+)>")
_BROADCASTS = frozenset({"channel", "here", "everyone", "group"})
_DATE_PARTS = 3
_MARKED = ("mrkdwn", "markdown")  # what Slack reads marks in; plain text shows them
_RUNS = {"user_id": "user", "usergroup_id": "usergroup", "range": "broadcast"}  # runs of rich text


@dataclass(frozen=True)
class Mention:
    """Somebody a text would notify: ``kind`` is ``user``, ``usergroup`` or ``broadcast``; ``target`` who."""

    kind: str
    target: str


def mentions(text: str) -> tuple[Mention, ...]:
    """Everybody whom ``text``, posted as mrkdwn, would notify, in the order written.

    Nothing inside code is spared: Slack resolves control sequences before it looks for backticks.
    """
    found = (_mention(match.group(1)) for match in _MARK.finditer(text))
    return tuple(one for one in found if one is not None)


def pings(message: Message) -> tuple[Mention, ...]:
    """Everybody whom a message would notify, by its text or by any of its blocks."""
    return (*mentions(message.text), *_within(list(message.blocks)), *_within(list(message.attachments)))


def _within(part: object) -> tuple[Mention, ...]:
    if isinstance(part, list):
        return tuple(found for one in part for found in _within(one))
    if not isinstance(part, dict):
        return ()
    if part.get("type") in _MARKED and isinstance(part.get("text"), str):
        return mentions(part["text"])
    for key, kind in _RUNS.items():
        if part.get("type") == kind:
            return (Mention(kind, str(part.get(key))),)
    return tuple(found for one in part.values() for found in _within(one))


def _mention(inner: str) -> Mention | None:
    word = inner.split("|", 1)[0]
    if word.startswith("@") and len(word) > 1:
        return Mention("user", word[1:])
    if word.startswith("!subteam^"):
        return Mention("usergroup", word.removeprefix("!subteam^"))
    if word.startswith("!") and word[1:] in _BROADCASTS:
        return Mention("broadcast", word[1:])
    return None


def readable(text: str, names: Mapping[str, str] | None = None) -> str:
    """``text`` as a person reads it: marks resolved with ``names`` (id to name), the three escapes undone."""
    known = names or {}
    shown = _MARK.sub(lambda match: _shown(match.group(1), known), text)
    return unescape(shown)


def unescape(text: str) -> str:
    """Undo the three escapes of mrkdwn."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(inner: str, names: Mapping[str, str]) -> str:
    word, _, label = inner.partition("|")
    if word.startswith("!date^"):
        parts = word.split("^")
        return label or (parts[1] if len(parts) >= _DATE_PARTS else word)
    if word.startswith("!subteam^"):
        return label or f"@{names.get(word.removeprefix('!subteam^'), word.removeprefix('!subteam^'))}"
    if word.startswith("!"):
        return f"@{word[1:]}"
    if word[:1] in ("@", "#"):
        return word[0] + (names.get(word[1:]) or label or word[1:])
    return f"{label} ({word})" if label else word
