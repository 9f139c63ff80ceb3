"""The texts of a configuration: whether one is whole or a suspect capture, and what of it is compared.

What the device sent is stored byte for byte. Comparing leaves out what moves by itself.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from domain.configs.masking import without_secrets
from domain.configs.secret_places import kept

if TYPE_CHECKING:
    from domain.configs.platforms import Platform

_END_SEARCHED = 400  # characters from the end in which the last line is looked for
_AUTHOR_SEARCHED = 4000  # characters from the start: headers stand there
_SUSPECT_SHARE = 0.5

_CR_LF = re.compile(r"(?<!\r)\r+\n")  # begins at the first CR of a run, so that a run is walked through once


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
    text = with_lf(decode(raw))
    if platform.volatile:
        text = _without_lines(text, platform.volatile)
    if platform.salted:
        text = platform.salted.sub(_kept, text)
    if platform.joins:
        text = platform.joins.sub("", text)
    if platform.ignore_secret_changes:
        text = without_secrets(text, platform.secrets, _nothing)
    return text.strip("\n") + "\n"


def with_lf(text: str) -> str:
    """``text`` with its lines ended by LF alone."""
    text = text.replace("\r\n", "\n")
    return _CR_LF.sub("\n", text) if "\r\n" in text else text  # a line may end with several CR


def digest(text: str) -> str:
    """The fingerprint of a comparable text: SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def is_suspect(size: int, previous_size: int | None) -> bool:
    """Whether a capture of ``size`` bytes is too small to believe: half the last version or less.

    A user below the needed privilege gets a short configuration without any error.
    """
    return previous_size is not None and size <= previous_size * _SUSPECT_SHARE


def author(raw: bytes, platform: Platform) -> str | None:
    """The person whom the device itself names for its last change; None: it names nobody."""
    if platform.author is None:
        return None
    match = platform.author.search(with_lf(decode(raw[:_AUTHOR_SEARCHED])))
    return match["who"] if match else None


def last_line(raw: bytes) -> str:
    """The last line with anything on it, without the blanks around it."""
    return decode(raw[-_END_SEARCHED:]).rstrip().rpartition("\n")[2].strip("\r")


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


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


def _kept(match: re.Match[str]) -> str:
    return match.string[match.start() : kept(match)]


def _nothing(secret: str) -> str:  # noqa: ARG001 - every value is the same to whoever ignores that one changed
    return "0000"
