"""What is said beside the reason of a run: how far it came, what its device showed last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.runs.evidence import Step
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from domain.runs.evidence import Evidence

MAX_SCREEN_SHOWN: Final = 3  # lines of the screen in a message that stands among others
MAX_LAST_LINE: Final = 80  # characters of the last line in a list

_LEADS: Final = ("the prompt ", "a prompt such as ")  # as the agent begins what it waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a run came, masked."""

    far: str  # what was said to the device or by it stands as code
    screen: str  # the last lines


def told(evidence: Evidence | None, most: int | None = None) -> Told | None:
    """``evidence`` made ready for a template; ``most``: lines of the screen."""
    return Told(far=how_far(evidence), screen=screen(evidence, most)) if evidence else None


def how_far(evidence: Evidence) -> str:
    """Words for the template filter ``advice``: what was said to the device or by it stands as code."""
    parts = [
        f"sent {_code(evidence.command)}" if evidence.command else "",
        f"received {plural(evidence.received, 'byte')}" if evidence.step is not Step.CONNECTING else "",
        f"was waiting for {_awaited(evidence.awaited)}" if evidence.awaited else "",
    ]
    details = ", ".join(part for part in parts if part)
    return f"{evidence.step.words.capitalize()}{': ' if details else ''}{details}."


def screen(evidence: Evidence, most: int | None = None) -> str:
    """Its last lines, or at most so many."""
    return "\n".join(evidence.screen if most is None else evidence.screen[-most:])


def last_line(evidence: Evidence | None) -> str:
    """Its last line, for a list."""
    return evidence.screen[-1].strip()[:MAX_LAST_LINE] if evidence and evidence.screen else ""


def _awaited(words: str) -> str:
    """What a device would have printed stands as code; other words of the agent too, as nobody has checked them."""
    lead = next((one for one in _LEADS if words.startswith(one)), "")
    return f"{lead}{_code(words.removeprefix(lead))}"


def _code(words: str) -> str:
    return f"`{words.replace('`', chr(39))}`"
