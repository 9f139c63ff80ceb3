"""How far a run came before it failed, and what its device said last: kept so that nobody has to guess."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_SCREEN_LINES: Final = 15  # lines of a device's screen that are kept with a run
MAX_SCREEN_LINE: Final = 200  # characters of such a line
MAX_EVIDENCE_TEXT: Final = 300  # characters of any other text that tells how far a run came


class Step(StrEnum):
    """How far it came; the value is what the database stores."""

    CONNECTING = "connecting"  # no session yet
    FIRST_PROMPT = "first_prompt"  # logged in
    ENABLE = "enable"  # entering privileged mode
    PREPARING = "preparing"  # such as turning paging off
    CONFIG = "config"  # printing the configuration

    @property
    def words(self) -> str:
        """As people read it."""
        return _WORDS[self]


_WORDS: Final = {
    Step.CONNECTING: "stopped while connecting and logging in",
    Step.FIRST_PROMPT: "stopped after logging in, before the first prompt",
    Step.ENABLE: "entering privileged mode",
    Step.PREPARING: "stopped before reading the configuration",
    Step.CONFIG: "reading the configuration",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The last moment of an attempt that failed. All texts are masked, bounded, and hostile until escaped."""

    step: Step
    command: str = ""  # the last line that was sent; empty: none was
    received: int = 0  # bytes since then
    awaited: str = ""  # what did not come; empty: nothing was waited for
    screen: tuple[str, ...] = ()  # the last lines


def bounded(evidence: Evidence) -> Evidence:
    """``evidence`` as large as it may be, whoever sent it."""
    return replace(
        evidence,
        command=evidence.command[:MAX_EVIDENCE_TEXT],
        awaited=evidence.awaited[:MAX_EVIDENCE_TEXT],
        screen=tuple(line[:MAX_SCREEN_LINE] for line in evidence.screen[-MAX_SCREEN_LINES:]),
    )


def short(text: str) -> str:
    """``text`` within the bounds of a fact."""
    return " ".join(text.split())[:MAX_EVIDENCE_TEXT]
