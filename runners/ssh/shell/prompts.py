"""Prompts: recognised by the platform's pattern once, and from then on by the device's own name.

What moves in a prompt is left open: a clock, a mode or role in brackets behind the name, a star before or behind
it. Anything else that moves is learned from two drawings of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

_SHAPE = re.compile(
    r"(?P<star>[*!+] ?)?(?P<name>.+?)(?: ?(?:\([^()\n]{0,64}\)|\[[^\[\]\n]{0,64}\]))?[~*!]? ?(?P<mode>[>#$%])?[~*!]? ?",
    re.DOTALL,
)
_STAR = r"(?:[*!+] ?)?"
_BETWEEN = r"(?: ?(?:\([^()\n]{0,64}\)|\[[^\[\]\n]{0,64}\]))?[~*!]? ?"
_STARS = ("*", "!", "+")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?! ?\d)")
_ANY_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,6})?)?"
_TOKEN = re.compile(r"\d+|[^\W\d_]+|\s+|.", re.DOTALL)
_LEAST_FIXED = 1  # letters and digits that stay the same: without any, anything would be taken for the prompt
_MAX_MOVING = 40  # characters of a prompt that may change


class Prompt:
    """A prompt that was learned from one drawing of it, or from two that differ."""

    def __init__(self, line: str) -> None:
        self.line = line
        match = _SHAPE.fullmatch(line.rstrip(" "))
        name, mode = (match["name"], match["mode"] or "") if match else (line, "")
        self.word = max(_CLOCK.split(name), key=len)  # stands in each drawing of it
        self._name = name
        self._behind = _behind_name(mode)
        self._pattern: re.Pattern[str] | None = None  # what moves within it; None: nothing does
        if self.word != name:
            self._pattern = re.compile(f"{_STAR}{_pattern(name)}{self._behind.pattern}")

    def is_shown(self, line: str) -> bool:
        """Whether ``line`` is this prompt and nothing else; blanks may be typed behind it."""
        if self.word not in line:
            return False
        bare = line.rstrip(" ")
        if self._pattern is not None:
            return self._pattern.fullmatch(bare) is not None
        return any(
            self._behind.fullmatch(bare, start + len(self._name))
            for start in _starts(bare)
            if bare.startswith(self._name, start)
        )

    def drawn_again(self, line: str) -> Prompt | None:
        """The prompt that is drawn as this one and as ``line``; None: the two have too little in common."""
        if self.is_shown(line):
            return self
        both = _common(self.line.rstrip(" "), line.rstrip(" "))
        if both is None:
            return None
        learned = Prompt(line)
        learned.word = ""
        learned._pattern = re.compile(f"{_STAR}{both}")
        return learned


def _starts(line: str) -> tuple[int, ...]:
    """Where a name may begin in ``line``: at its start, or behind the star there."""
    if not line.startswith(_STARS):
        return (0,)
    return (0, 1, 2) if line.startswith(" ", 1) else (0, 1)


@lru_cache(maxsize=16)
def _behind_name(mode: str) -> re.Pattern[str]:
    """What may follow a name: the few modes that there are need no compiling for each device."""
    return re.compile(_BETWEEN + (re.escape(mode) + r"[~*!]?" if mode else ""))


def _pattern(name: str) -> str:
    """``name`` as a pattern, with any clock in it left open."""
    parts: list[str] = []
    done = 0
    for clock in _CLOCK.finditer(name):
        parts += [re.escape(name[done : clock.start()]), _ANY_CLOCK]
        done = clock.end()
    return "".join([*parts, re.escape(name[done:])])


def _common(first: str, second: str) -> str | None:
    """A pattern for what two drawings share, and for anything of a like size where they differ."""
    one, other = _TOKEN.findall(first), _TOKEN.findall(second)
    if len(one) == len(other):
        return _token_by_token(one, other)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    most = min(len(one), len(other)) - head
    tail = 0
    while tail < most and one[-tail - 1] == other[-tail - 1]:
        tail += 1
    fixed = one[:head] + one[len(one) - tail :]
    moving = max(len("".join(tokens[head : len(tokens) - tail])) for tokens in (one, other))
    if not _is_telling(fixed) or moving > _MAX_MOVING:
        return None
    return _escaped(one[:head]) + f".{{0,{moving + 2}}}" + _escaped(one[len(one) - tail :])


def _token_by_token(one: list[str], other: list[str]) -> str | None:
    """Words that differ may be any word, and numbers any number: where the seconds move, the minute soon will."""
    parts: list[str] = []
    fixed: list[str] = []
    for mine, theirs in zip(one, other, strict=True):
        if mine == theirs:
            fixed.append(mine)
        if mine.isdigit() and theirs.isdigit():
            parts.append(r"\d{1,20}")
        elif mine == theirs:
            parts.append(re.escape(mine))
        elif mine.isalpha() and theirs.isalpha():
            parts.append(r"[^\W\d_]{1,40}")
        else:
            parts.append(r"\W")
    return "".join(parts) if _is_telling(fixed) else None


def _is_telling(fixed: list[str]) -> bool:
    return sum(len(token) for token in fixed if token.isalnum()) >= _LEAST_FIXED


def _escaped(tokens: list[str]) -> str:
    return "".join(re.escape(token) for token in tokens)
