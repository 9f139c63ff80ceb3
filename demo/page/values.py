"""What the page is told by whoever opens it, and what it says when a request makes no sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]


class BadRequest(Exception):
    """The page asked for something that is not there, or in a form that is not known."""


@dataclass(frozen=True)
class SlashCommand:
    """A slash command as the app's manifest describes it."""

    command: str  # with its slash
    description: str = ""
    usage_hint: str = ""  # one form after the other, with `` · `` between them


def slash_commands(manifest: Mapping[str, Any]) -> tuple[SlashCommand, ...]:
    """The slash commands of a manifest, as parsed from its YAML."""
    declared = manifest.get("features", {}).get("slash_commands", [])
    return tuple(
        SlashCommand(one["command"], one.get("description", ""), one.get("usage_hint", "")) for one in declared
    )


def words(request: Json, key: str, default: str | None = None) -> str:
    """A text of a request.

    Raises:
        BadRequest: it is missing, or something else.
    """
    value = request.get(key, default)
    if not isinstance(value, str):
        raise BadRequest(f"{key} must be a text")
    return value
