"""What may be shown of a device's screen: more is taken out of it than of a configuration.

What was sent to log in is taken out in whatever way the device gives it back, and where that cannot be told for sure,
nothing of the screen is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from domain.configs.leaks import pieces
from domain.configs.masking import mask, scrubbed
from domain.runs.evidence import MAX_SCREEN_LINE, MAX_SCREEN_LINES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from domain.configs.platforms import Platform

WITHHELD: Final = "(not shown: what was sent to log in stood there)"

_HIDDEN: Final = "<secret>"
MIN_TORN_SECRET: Final = 6  # letters and digits of a password that is looked for across blanks: fewer come by chance
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{24,}")  # a line of nothing else: part of a key whose beginning is out of sight
_RULER = re.compile(r"(.)\1*")
_BEGIN, _END = "-----BEGIN ", "-----END "


def last_lines(
    lines: Sequence[str], platform: Platform, salt: bytes, *, secrets: Collection[str], most: int = MAX_SCREEN_LINES
) -> tuple[str, ...]:
    """The last ones of ``lines`` as they may be shown.

    Args:
        lines: of a screen, from wherever it was cut off; more of them than are wanted, so that rules see the beginning
            of what reaches over lines.
        platform: its ``secrets`` tell what is masked.
        salt: for the tags.
        secrets: what was sent to log in.
        most: lines.
    """
    clean = shown_lines(lines, platform, salt, secrets=secrets)
    kept = [line[:MAX_SCREEN_LINE] for line in clean if line.strip()]
    return tuple(kept[-most:])


def shown_lines(lines: Sequence[str], platform: Platform, salt: bytes, *, secrets: Collection[str]) -> list[str]:
    """``lines`` of a screen without secrets; one line that says so where that cannot be had."""
    if _is_torn(lines, secrets):
        return [WITHHELD]
    clean = [scrubbed(line, secrets) for line in lines]
    text = mask(_without_torn_keys("\n".join(clean)), platform, salt).text
    return [_HIDDEN if _is_opaque(line) else line for line in text.split("\n")]


def _is_torn(lines: Sequence[str], secrets: Collection[str]) -> bool:
    """Whether a secret stands there in another form: with blanks, dots or line ends in it, or in other capitals."""
    text = "\n".join(lines)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "\n")  # as it is it can be taken out
    bare = _bare(text)
    return any(len(form := _bare(secret)) >= MIN_TORN_SECRET and form in bare for secret in secrets)


def _bare(text: str) -> str:
    return "".join(pieces(text)).casefold()


def _without_torn_keys(text: str) -> str:
    """``text`` without the part of a private key whose other part is out of sight: no rule would know it."""
    first_end = text.find(_END)
    if first_end >= 0 and _BEGIN not in text[:first_end]:
        text = f"{_HIDDEN}\n{text[first_end:]}"
    last_begin = text.rfind(_BEGIN)
    if last_begin >= 0 and _END not in text[last_begin:]:
        text = text[:last_begin] + _HIDDEN
    return text


def _is_opaque(line: str) -> bool:
    bare = line.strip().strip("\"'\\;")
    return _OPAQUE.fullmatch(bare) is not None and _RULER.fullmatch(bare) is None
