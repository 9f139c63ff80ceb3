"""Taking secrets out of texts that are shown: by the platform's rules and by the user's own.

A secret becomes a short tag. The same secret has the same tag on every device of one installation, for as long as its
salt is kept, so that a reader sees that it changed and never what it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.configs.leaks import parts, pieces, stands_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from domain.configs.patterns import Expression, Found
    from domain.configs.platforms import Platform

_TAG_DIGITS: Final = 4
_MASKED = re.compile(r"<secret ([0-9a-f]{4,8})>")
_CUT_OFF: Final = 3  # characters of a secret at the very end of a text: fewer are there by chance
_AGAIN: Final = 500  # secrets of one text that are looked for elsewhere in it: each costs a walk through the text
_VOCABULARY: Final = 10  # times: what stands more often outside its secret line is a word of the configuration


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be shown. ``secrets`` are the values taken out, for searching other texts for them."""

    text: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretChange:
    """What changed among the secrets of two texts."""

    count: int  # values that were replaced by others; lines that came or went are not among them
    is_all: bool  # nothing else changed


def mask(text: str, platform: Platform, salt: bytes, *, also: Iterable[str] = ()) -> Masked:
    """Replace each secret by its tag, also where it stands once more in a description or a banner.

    Args:
        text: any text of this platform, such as a configuration or the lines of a diff without their signs.
        platform: its ``secrets`` tell what is one.
        salt: of this installation and kept private: without it a tag tells nothing about its secret.
        also: secrets known from elsewhere, such as the version before.
    """
    found: dict[str, str] = {}

    def label(secret: str) -> str:
        return found.setdefault(secret, _tag(secret, salt))

    text = without_secrets(text, platform.secrets, label)
    return Masked(_everywhere(text, [*found, *also], salt), tuple(found))


def without_secrets(text: str, rules: Sequence[Expression], label: Callable[[str], str]) -> str:
    """``text`` with each secret replaced by what ``label`` calls it."""

    def replaced(match: Found) -> str:
        shown, secret = split(match)
        if not secret or _is_masked(match, len(shown)):
            return match[0]
        return f"{shown}<secret {label(secret)}>"

    for rule in rules:
        text = rule.sub(replaced, text)
    return text


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """``text`` of a device without ``secrets`` that were sent to it, also where it was cut off within one.

    Args:
        text: one line, its blanks run together.
        secrets: any of them may be echoed.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        for form in (secret, " ".join(secret.split())):
            text = text.replace(form, "<secret>") if form else text
            shown = next((size for size in range(len(form) - 1, _CUT_OFF - 1, -1) if text.endswith(form[:size])), 0)
            text = text[: len(text) - shown] + "<secret>" if shown else text
    return text


def split(match: Found) -> tuple[str, str]:
    """What is kept of a match (up to the end of its group) and the secret after it."""
    group = match.lastindex or 0
    end = match.end(group) - match.start() if group else 0
    return match[0][:end], match[0][end:]


def secret_change(before: str, after: str, platform: Platform) -> SecretChange:
    """Compare the secrets of two comparable texts. A secret is told from another by its value, not by its tag."""
    old, new = _Shape.of(before, platform), _Shape.of(after, platform)
    is_all = old.text == new.text and before != after
    gone: set[str] = set()
    come: set[str] = set()
    for line, values in new.lines.items():
        earlier = old.lines.get(line, Counter())
        left, arrived = list((earlier - values).elements()), list((values - earlier).elements())
        pairs = min(len(left), len(arrived))
        gone.update(left[:pairs])
        come.update(arrived[:pairs])
    count = max(len(gone), len(come))
    return SecretChange(count=max(count, 1) if is_all else count, is_all=is_all)  # 1: two have changed places


@dataclass(frozen=True, slots=True)
class _Shape:
    """A text without the values of its secrets, and those values by the line in which they stand."""

    text: str
    lines: Mapping[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, platform: Platform) -> _Shape:
        values: list[str] = []

        def label(secret: str) -> str:
            values.append(secret)
            return f"{len(values) - 1:04x}"

        marked = without_secrets(text.replace("<secret ", "<Secret "), platform.secrets, label)
        lines: dict[str, Counter[str]] = {}
        for line in marked.split("\n"):
            if held := [values[int(number, 16)] for number in _MASKED.findall(line)]:
                lines.setdefault(_MASKED.sub("<secret>", line), Counter()).update(held)
        return cls(_MASKED.sub("<secret>", marked), lines)


def _is_masked(match: Found, shown: int) -> bool:
    """Whether what would be masked is a tag already."""
    tag = _MASKED.match(match.string, match.start() + shown)
    return tag is not None and tag.end() >= match.end()


def _everywhere(text: str, secrets: Iterable[str], salt: bytes) -> str:
    """``text`` with those secrets masked that stand out from any ordinary word, wherever they stand."""
    words = set(pieces(text))
    again = [secret for secret in _telling(secrets) if words.issuperset(pieces(secret))]
    for secret in again[:_AGAIN]:
        if 0 < text.count(secret) <= _VOCABULARY:
            whole = rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])"
            text = re.sub(whole, f"<secret {_tag(secret, salt)}>", text)
    return text


def _telling(secrets: Iterable[str]) -> list[str]:
    """What stands out of ``secrets``, without the quotes round it; the longest first."""
    found = {part.strip("\"'; \t") for secret in secrets for part in parts(secret) if stands_out(part)}
    return sorted(found, key=len, reverse=True)


def _tag(secret: str, salt: bytes) -> str:
    return hmac.new(salt, secret.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_TAG_DIGITS]
