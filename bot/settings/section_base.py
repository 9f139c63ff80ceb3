"""What every part of ``app.yaml`` is built from."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from domain.inventory.spans import parse_span


class Section(BaseModel):
    """Base of every part of ``app.yaml``: read-only, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _duration(value: object) -> object:
    return parse_span(value) if isinstance(value, str) else value


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than 0")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_positive)]


def matches(pattern: str, advice: str) -> AfterValidator:
    """Text that is ``pattern`` from end to end; ``advice`` follows the quoted text of one that is not."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f'"{value}" {advice}')
        return value

    return AfterValidator(check)


def listed(value: object) -> object:
    """A list of one may be written without brackets."""
    return [value] if isinstance(value, str) else value
