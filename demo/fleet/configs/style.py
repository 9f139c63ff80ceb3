"""What a platform's configuration looks like, and the words that all of them are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    import re
    from collections.abc import Callable, Iterator
    from datetime import datetime

DESCRIPTIONS = (
    "Uplink Büro Köln, Gebäude 7",
    "Zürich → Genève 10G",
    "порт склада",
    "倉庫 2F",
    "<!channel> do not page us",
    "`rm -rf` ``` *bold* _it_",
    "{{ config.secret }} {% raw %}",
    "<@U0ADMIN|boss> & <https://example.com|click>",
    "printer",
    "access point 3rd floor",
    "server esx-12 vmnic3",
    "spare",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened then, done by this person."""

    at: datetime  # UTC
    by: str


@dataclass(frozen=True, slots=True)
class Style:
    """How one platform's configuration is made up, dressed and changed."""

    generate: Callable[[random.Random, int, str], str]  # dice, lines, hostname
    dress: Callable[[bytes, Moment, Moment, str], bytes]  # body, now, last change, hostname
    vlan: str  # what "add vlan N" adds, with {n}
    before: bytes  # beginning of the line before which new lines go; empty: at the end
    description: re.Pattern[bytes]  # groups: what stands before and after the text of a description
    secret: re.Pattern[bytes]  # group 1 stays, the rest is the value of a secret


def description(dice: random.Random) -> str:
    """One of the descriptions that people write, and some that only attackers write."""
    return dice.choice(DESCRIPTIONS)


def hexed(dice: random.Random, digits: int) -> str:
    """That many upper-case hexadecimal digits, as type 7 passwords have."""
    return "".join(dice.choices("0123456789ABCDEF", k=digits))


def salted(dice: random.Random, length: int) -> str:
    """Letters as hashes are written in."""
    return "".join(dice.choices("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", k=length))


def fill(blocks: Iterator[str], *, lines: int) -> str:
    """Blocks until they have ``lines`` lines, at least one block."""
    parts, have = [], 0
    for block in blocks:
        parts.append(block)
        have += block.count("\n")
        if have >= lines:
            break
    return "".join(parts)
