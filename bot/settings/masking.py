"""The ``masking:`` part of ``app.yaml``: what else is a secret beside what the platforms know.

Rules that people write are compiled by RE2 instead of Python's own library. Its expressions take time in proportion to
the text, whatever they look like; Python's can take years over one line, and nothing can stop one that has begun.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, cast

import re2
from pydantic import AfterValidator, BeforeValidator, Field

from bot.settings.section_base import Section, listed
from domain.configs.patterns import OwnRule

if TYPE_CHECKING:
    from domain.configs.patterns import Expression

MAX_RULE_LENGTH: Final = 500  # characters
MAX_RULE_MEMORY: Final = 1 << 20  # bytes for one compiled rule: enough for any that a person can read
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\((?:\?P?<\w+>|\?)?)|(?P<close>\))", re.DOTALL)
_CONSUMES_NOTHING = re.compile(r"(?:\$|\\[bBzZ]|\\s\*|[?*+])*")


def _compiled(pattern: str) -> Expression:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_RULE_MEMORY
    return cast("Expression", re2.compile(f"(?m){pattern}", options))


def _masking(pattern: str) -> str:
    try:
        compiled = _compiled(pattern)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        hint = "; RE2 has no look-ahead, look-behind or back-references" if "perl operator" in reason else ""
        problem = f"{_shown(pattern)} is not a valid RE2 expression: {reason}{hint}"
        raise ValueError(problem) from error
    if compiled.groups != 1:  # type: ignore[attr-defined] # of RE2, and not of what masking needs
        problem = (
            f"{_shown(pattern)} needs one group (...) around the part that may be shown; write any other group as "
            "(?:...)"
        )
        raise ValueError(problem)
    if _CONSUMES_NOTHING.fullmatch(_after_group(pattern)):
        problem = (
            f"{_shown(pattern)} masks nothing: only what follows the group is masked, and nothing follows it. "
            r"Write it as '^(license-key )\S+'"
        )
        raise ValueError(problem)
    return pattern


def _after_group(pattern: str) -> str:
    """What stands behind the one group that keeps."""
    opened: list[bool] = []  # whether each group that is open keeps
    for piece in _PIECE.finditer(pattern):
        if piece["open"]:
            opened.append(piece["open"] == "(" or piece["open"].endswith(">"))
        elif piece["close"] and opened and opened.pop():
            return pattern[piece.end() :]
    return pattern


def _shown(pattern: str) -> str:
    return f'"{pattern}"'


Names = Annotated[frozenset[str], BeforeValidator(listed)]


class MaskingSection(Section):
    """One rule: a group round what may be shown, behind it what is masked."""

    pattern: Annotated[str, Field(min_length=1, max_length=MAX_RULE_LENGTH), AfterValidator(_masking)]
    sites: Names = frozenset()  # empty: all
    devices: Names = frozenset()
    platforms: Names = frozenset()

    def to_rule(self) -> OwnRule:
        """The rule, compiled."""
        return OwnRule(_compiled(self.pattern), sites=self.sites, devices=self.devices, platforms=self.platforms)
