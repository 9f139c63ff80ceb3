"""Making text of people and devices safe for Slack, and cutting it where that does no harm."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"

# What is never seen, moves what is seen, or carries unseen text. Not the joiners: writing and emoji need them.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_EMOJI_NAME = re.compile(r":(?=[a-z0-9_+'-]*[g-z_])([a-z0-9_+'-]+):", re.IGNORECASE)
_LOOKALIKES = str.maketrans({"`": "\u02cb", "*": "\u2217", "~": "\u223c"})  # look the same, do nothing
_TOKEN = re.compile(r"&(?:amp|lt|gt);|<[^<>]*>|.", re.DOTALL)
_DENIAL = re.compile(r"(You may not [^<>`\n]*\. )((?:<(?:@[UW]|!subteam\^S)[A-Z0-9]+>(?:, )?)+)( can grant it\.)")
_MENTION = re.compile(r"<(@[UW]|#[CG]|!subteam\^S)([A-Z0-9]+)(?:\|[^<>|]*)?>")
_JOINER = "\u200d"  # makes one picture of those on both its sides
_JOINING = frozenset({_JOINER, "\ufe0e", "\ufe0f"})


def length(text: str) -> int:
    """Characters as Slack may count them: one outside the basic plane counts twice."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)  # noqa: PLR2004 - the plane's end


def printable(text: str) -> str:
    """``text`` without what cannot be shown: control characters, marks of direction, halves of characters."""
    return _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str) -> str:
    """``text`` on one line, blanks and line ends run together."""
    return " ".join(printable(text).split())


def escape(text: str) -> str:
    """The three escapes of mrkdwn: after them nothing in ``text`` can mention or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: object) -> str:
    """Text that people or devices wrote, as one line of mrkdwn that shows it and does nothing else.

    Marks that would format are replaced by characters that look like them. An underscore inside a word does
    nothing in Slack and stays, so that device names can be copied.
    """
    line = _EMOJI_NAME.sub("\u2236\\1\u2236", one_line(str(text)))
    return escape(_EDGE_UNDERSCORE.sub(lambda match: "\u02cd" * len(match[0]), line.translate(_LOOKALIKES)))


def code(text: object) -> str:
    """Text that people or devices wrote, as inline code."""
    line = one_line(str(text)).replace("`", "\u02cb")
    return f"`{escape(line)}`" if line else "` `"


def plain(text: object) -> str:
    """Text for plain_text objects: one line, shown as it is."""
    return one_line(str(text))


def advice(text: object) -> str:
    """The advice of an error: our own sentences, whose `code` may hold what somebody typed.

    Code stays code, and a denial mentions those who can grant what is missing; everything else is escaped.
    """
    sentence = str(text)
    denial = _DENIAL.fullmatch(sentence)
    return _unformatted(denial[1]) + denial[2] + denial[3] if denial else _with_code(sentence)


def with_mentions(text: object) -> str:
    """``mrkdwn`` in which people, user groups and channels stay mentions: for messages that one person reads alone."""
    line, shown, place = one_line(str(text)), "", 0
    for found in _MENTION.finditer(line):
        shown += f"{_unformatted(line[place : found.start()])}<{found[1]}{found[2]}>"
        place = found.end()
    return shown + _unformatted(line[place:])


def _with_code(text: str) -> str:
    return "\n".join(_line_with_code(line) for line in text.splitlines())


def _line_with_code(line: str) -> str:
    pieces = printable(line).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its partner
        return _unformatted(line)
    return "".join(
        (code(piece) if piece.strip() else "") if place % 2 else _unformatted(piece)
        for place, piece in enumerate(pieces)
    )


def _unformatted(piece: str) -> str:
    """``mrkdwn`` that keeps the blanks at both ends, which part a sentence from its code."""
    lead = " " if piece[:1].isspace() else ""
    tail = " " if len(piece) > 1 and piece[-1:].isspace() else ""
    return f"{lead}{mrkdwn(piece)}{tail}" if piece.strip() else lead


def cut(text: str, most: int) -> str:
    """``text`` within ``most`` characters, ended by "…" if it had to be cut.

    Never cuts within an entity, a ``<...>`` sequence or a composed character, and leaves no code span open.
    """
    if len(text) <= most and length(text) <= most:
        return text
    kept: list[str] = []
    room = most - 2  # for the "…" and a closing backtick
    for found in _TOKEN.finditer(text):
        token = found[0]
        room -= length(token)
        if room < 0:
            break
        kept.append(token)
    return _closed(_whole(kept, text)) + ELLIPSIS


def _whole(kept: list[str], text: str) -> str:
    """``kept`` joined, without a last character whose combining marks, or whose other half, did not fit."""
    done = "".join(kept)
    follower = text[len(done) : len(done) + 1]
    while kept and follower and (_joins(follower[0]) or kept[-1] == _JOINER):
        follower = kept.pop()
    return "".join(kept).rstrip()


def _joins(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in _JOINING


def _closed(text: str) -> str:
    return text + "`" if text.count("`") % 2 else text
