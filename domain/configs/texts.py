"""The texts of a configuration: whether one is whole or a suspect capture, and what of it is compared.

What the device sent is stored byte for byte. Comparing leaves out what moves by itself.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from domain.configs.masking import without_secrets
from domain.configs.secret_places import kept
from domain.failures import FailureKind

if TYPE_CHECKING:
    from domain.configs.platforms import Platform

_SHORT_OUTPUT = 600  # characters: an answer this short may be an error text through and through
_FIRST_LINES = 3  # an error text stands at the top of the output
_END_SEARCHED = 400  # characters from the end in which the last line is looked for
_AUTHOR_SEARCHED = 4000  # characters from the start: headers stand there
_SUSPECT_SHARE = 0.5


def decode(raw: bytes) -> str:
    """The text in ``raw``: UTF-8, or Latin-1 in lines that are not that: old devices write it.

    Line by line, so that one odd byte does not make every other line look changed.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "".join(_decoded_line(line) for line in raw.splitlines(keepends=True))


def comparable(raw: bytes, platform: Platform) -> str:
    """What the compare rules compare: lines ended by LF; moving lines and values that are salted anew left out."""
    text = _with_lf(decode(raw))
    if platform.volatile:
        text = _without_lines(text, platform.volatile)
    if platform.salted:
        text = platform.salted.sub(_kept, text)
    if platform.joins:
        text = platform.joins.sub("", text)
    if platform.ignore_secret_changes:
        text = without_secrets(text, platform.secrets, _nothing)
    return text.strip("\n") + "\n"


def digest(text: str) -> str:
    """The fingerprint of a comparable text: SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


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


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


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
    return match.string[match.start() : kept(match)]


def _nothing(secret: str) -> str:  # noqa: ARG001 - every value is the same to whoever ignores that one changed
    return "0000"
