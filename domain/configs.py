"""The three texts of a configuration: what is stored, what is compared, what is shown.

What the device sent is stored byte for byte. Comparing leaves out what moves by itself; showing masks secrets.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.failures import FailureKind

if TYPE_CHECKING:
    from domain.platforms import Platform

_SHORT_OUTPUT = 600  # characters: an answer this short may be an error text through and through
_FIRST_LINES = 3  # an error text stands at the top of the output
_END_SEARCHED = 400  # characters from the end in which the last line is looked for
_AUTHOR_SEARCHED = 4000  # characters from the start: headers stand there
_SUSPECT_SHARE = 0.5
_TAG_DIGITS = 4
_MASKED = re.compile("<secret [0-9a-f]{4}>")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be shown. ``secrets`` are the values taken out, for searching other texts for them."""

    text: str
    secrets: tuple[str, ...]


def decode(raw: bytes) -> str:
    """The text in ``raw`` without loss: UTF-8, or Latin-1 where it is not that (old devices write it)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def comparable(raw: bytes, platform: Platform) -> str:
    """What is compared: lines ended by LF, moving lines and values that are salted anew left out."""
    text = _with_lf(decode(raw))
    if platform.volatile:
        text = _without_lines(text, platform.volatile)
    if platform.salted:
        text = platform.salted.sub(_kept, text)
    if platform.joins:
        text = platform.joins.sub("", text)
    return text.strip("\n") + "\n"


def digest(text: str) -> str:
    """The fingerprint of a comparable text: SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def mask(text: str, platform: Platform, salt: bytes) -> Masked:
    """Replace each secret by a short tag; the same secret has the same tag, so that a change still shows.

    Args:
        text: any text of this platform, such as a configuration or the lines of a diff without their signs.
        platform: its ``secrets`` tell what is one.
        salt: of this installation and kept private: without it a tag tells nothing about its secret.
    """
    found: dict[str, str] = {}

    def tag(match: re.Match[str]) -> str:
        shown, secret = _split(match)
        if not secret or _MASKED.match(match.string, match.start() + len(shown)):
            return match[0]
        found.setdefault(secret, _tag(secret, salt))
        return f"{shown}<secret {found[secret]}>"

    for pattern in platform.secrets:
        text = pattern.sub(tag, text)
    return Masked(text, tuple(found))


def looks_complete(raw: bytes, platform: Platform) -> FailureKind | None:
    """What is wrong with a captured configuration by its own words; None: nothing is."""
    head = _with_lf(decode(raw[: 4 * _SHORT_OUTPUT]))
    if _is_error(head, platform, short=len(raw) <= _SHORT_OUTPUT):
        return FailureKind.COMMAND_REJECTED
    if not raw.strip():
        return FailureKind.INCOMPLETE
    if platform.end and not platform.end.search(last_line(raw)):
        return FailureKind.INCOMPLETE
    return None


def is_suspect(size: int, previous_size: int | None) -> bool:
    """Whether a capture of ``size`` bytes is too small to believe: half the last version or less.

    A user below the needed privilege gets a short configuration without any error.
    """
    return previous_size is not None and size <= previous_size * _SUSPECT_SHARE


def author(raw: bytes, platform: Platform) -> str | None:
    """The person whom the device itself names for its last change; None: it names nobody."""
    if platform.author is None:
        return None
    match = platform.author.search(_with_lf(decode(raw[:_AUTHOR_SEARCHED])))
    return match["who"] if match else None


def last_line(raw: bytes) -> str:
    """The last line with anything on it, without the blanks around it."""
    return decode(raw[-_END_SEARCHED:]).rstrip().rpartition("\n")[2].strip("\r")


def _with_lf(text: str) -> str:
    if "\r" not in text:
        return text
    return re.sub(r"\r+\n", "\n", text)


def _without_lines(text: str, moving: re.Pattern[str]) -> str:
    kept: list[str] = []
    done = 0
    while match := moving.search(text, done):
        kept.append(text[done : text.rfind("\n", done, match.start()) + 1 or done])
        end = text.find("\n", match.end())
        if end < 0:
            return "".join(kept)
        done = end + 1
    kept.append(text[done:])
    return "".join(kept)


def _is_error(head: str, platform: Platform, *, short: bool) -> bool:
    lines = [line for line in head.split("\n") if line.strip()]
    searched = "\n".join(lines if short else lines[:_FIRST_LINES])
    return any(pattern.search(searched) for pattern in platform.errors)


def _kept(match: re.Match[str]) -> str:
    return _split(match)[0]


def _split(match: re.Match[str]) -> tuple[str, str]:
    """What is kept of a match (up to the end of its group) and the secret after it."""
    group = match.lastindex or 0
    end = match.end(group) - match.start() if group else 0
    return match[0][:end], match[0][end:]


def _tag(secret: str, salt: bytes) -> str:
    return hmac.new(salt, secret.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_TAG_DIGITS]
