"""Configuration text in an answer: short in the message, long as a file."""

from __future__ import annotations

import re

from commands.request import ReplyFile

INLINE = 2_500  # characters that a message shows well
INLINE_LINES = 60


def is_short(text: str) -> bool:
    """Whether ``text`` fits into a message."""
    return len(text) <= INLINE and text.count("\n") <= INLINE_LINES


def as_file(text: str, *, device: str, what: str, kind: str) -> ReplyFile:
    """``text`` as a file named after the device; ``what`` tells which text it is: ``v3..v4``.

    ``kind`` is "diff" or "text", as Slack calls them.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{device}-{what}").strip("._-")[:80] or "config"
    return ReplyFile(
        filename=f"{stem}.{'diff' if kind == 'diff' else 'txt'}",
        title=f"{device} {what}"[:200],
        text=text,
        snippet_type=kind,
        alt=f"{'Changes' if kind == 'diff' else 'Configuration'} of {device}, {what}"[:1_000],
    )
