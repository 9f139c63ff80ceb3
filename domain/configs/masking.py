"""Taking secrets out of texts that are shown: by the platform's rules and by the user's own.

A secret becomes a short tag. The same secret has the same tag on every device of one installation, for as long as its
salt is kept, so that a reader sees that it changed and never what it is.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.configs.leaks import parts, pieces, stands_out
from domain.configs.own_words import standing
from domain.configs.secret_places import HIDDEN, places, united, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from domain.configs.patterns import Expression
    from domain.configs.platforms import Platform
    from domain.configs.secret_places import Place

_TAG_DIGITS: Final = 4
_NUMBERED = re.compile(r"<secret ([0-9a-f]{4,8})>")
_FILLED = re.compile(r"[^\s\\][^\r\n]*?(?=\\?\r?(?:\n|\Z))")  # a line without what joins it to its neighbours
_CUT_OFF: Final = 3  # characters of a secret at the very end of a text: fewer are there by chance
_AGAIN: Final = 500  # secrets of one text that are looked for elsewhere in it: each costs a walk through the text
_FEW: Final = 30  # that many are looked for sooner than all words of the text are listed
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


def mask(text: str, platform: Platform, salt: bytes, *, also: Iterable[str] = (), own: Iterable[str] = ()) -> Masked:
    """Replace each secret by its tag, also where it stands once more in a description or a banner.

    Args:
        text: any text of this platform, such as a configuration or the lines of a diff without their signs.
        platform: its ``secrets`` tell what is one, and behind them the general net.
        salt: of this installation and kept private: without it a tag tells nothing about its secret.
        also: secrets known from elsewhere, such as the version before: masked where they stand out from ordinary words.
        own: what the agent logged in with: masked wherever it stands.
    """
    found = united([*places(text, platform.secrets), *standing(without_tags(text), own)])
    secrets = dict.fromkeys(text[start:end] for start, end in found)
    again = united([*found, *_again(text, found, [*secrets, *also])])
    return Masked(_replaced(text, again, lambda secret: _tag(secret, salt)), tuple(secrets))


def without_secrets(text: str, rules: Sequence[Expression], label: Callable[[str], str]) -> str:
    """``text`` with each secret replaced by what ``label`` calls it."""
    return _replaced(text, places(text, rules), label)


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

        marked = without_secrets(without_tags(text), platform.secrets, label)
        lines: dict[str, Counter[str]] = {}
        for line in marked.split("\n"):
            if held := [values[int(number, 16)] for number in _NUMBERED.findall(line)]:
                lines.setdefault(_NUMBERED.sub("<secret>", line), Counter()).update(held)
        return cls(_NUMBERED.sub("<secret>", marked), lines)


def _replaced(text: str, found: Iterable[Place], label: Callable[[str], str]) -> str:
    """``text`` with these places replaced; a secret of several lines leaves as many behind."""
    parts: list[str] = []
    done = 0
    for start, end in found:
        tag = f"<secret {label(text[start:end])}>"
        parts += [text[done:start], tag if "\n" not in text[start:end] else _FILLED.sub(tag, text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def _blotted(text: str, found: Iterable[Place]) -> str:
    """``text`` as long as it was, with nothing to be found in these places."""
    parts: list[str] = []
    done = 0
    for start, end in found:
        parts += [text[done:start], HIDDEN * (end - start)]
        done = end
    return "".join([*parts, text[done:]])


def _again(text: str, found: Sequence[Place], secrets: Iterable[str]) -> Iterator[Place]:
    """Where those secrets stand once more that stand out from any ordinary word."""
    if not (telling := _telling(secrets)):
        return
    rest = without_tags(_blotted(text, found))
    for secret in _likely(telling, rest)[:_AGAIN]:
        if 0 < rest.count(secret) <= _VOCABULARY:
            whole = rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])"
            yield from (match.span() for match in re.finditer(whole, rest))


def _likely(secrets: Sequence[str], text: str) -> Sequence[str]:
    """Those of ``secrets`` whose words are in ``text``: worth its while only for many of them."""
    if len(secrets) <= _FEW:
        return secrets
    words = set(pieces("\n".join(set(text.split()))))  # most words of a configuration come again and again
    return [secret for secret in secrets if words.issuperset(pieces(secret))]


def _telling(secrets: Iterable[str]) -> list[str]:
    """What stands out of ``secrets``, without the quotes round it; the longest first."""
    found = {part.strip("\"'; \t") for secret in secrets for part in parts(secret) if stands_out(part)}
    return sorted(found, key=len, reverse=True)


def _tag(secret: str, salt: bytes) -> str:
    return hmac.digest(salt, secret.encode("utf-8", "surrogateescape"), "sha256").hex()[:_TAG_DIGITS]
