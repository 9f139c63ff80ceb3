"""What the form of a job remembers between two answers.

It travels through Slack and back, so nothing in it is trusted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from domain.errors import NotNow

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_STATE_TEXT = 200  # characters of one thing that is remembered
MAX_STATE_DIGITS = 18  # digits of a number


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMemory:
    """Everything beside the fields that are shown."""

    job: int = 0  # the job that is edited; 0: a new one
    revision: int = 0  # of the job when it was opened
    turn: int = 0  # counts how often the name was filled in anew
    name: str = ""  # the name that was filled in last: another device replaces it unless somebody has changed it
    hidden: Mapping[str, str] = field(default_factory=dict)  # entries of fields that are not shown at the moment
    opened: Mapping[str, str] = field(default_factory=dict)  # how the job was when it was opened, in words

    def written(self) -> str:
        """As the form carries it, far below Slack's 3,000 characters."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)


def read_memory(text: str) -> FormMemory:
    """What ``written`` wrote.

    Raises:
        NotNow: it is nothing of the kind.
    """
    try:
        found = json.loads(text or "{}")
        return FormMemory(**{one.name: _read(found.get(one.name), one.type) for one in fields(FormMemory)})
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise NotNow(
            "the memory of a form cannot be read", advice="This form is too old. Close it and open it again."
        ) from error


def remembered(text: str) -> str:
    """``text`` as far as it is worth remembering."""
    return text[:MAX_STATE_TEXT]


def _read(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON, and an annotation
    if kind == "int":
        number = int(value or 0)
        if not 0 <= number < 10**MAX_STATE_DIGITS:
            raise ValueError(value)
        return number
    if kind == "str":
        return remembered(str(value or ""))
    return {remembered(str(key)): remembered(str(one)) for key, one in (value or {}).items()}
