"""What a digest consists of: headings with lines under them, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notifications.rendering.buttons import Control


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """A line of a digest: text of people or devices is escaped by the template."""

    words: str
    name: str = ""  # shown as code before the words


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading, its lines and where they lead."""

    title: str
    lines: tuple[DigestLine, ...] = ()
    more: str = ""
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a digest is called and where its buttons lead."""

    name: str  # "Plant A", "3 sites"
    site: str = ""  # key, if it is about one
    sites: Mapping[str, str] = field(default_factory=dict)  # names by key, of all that it is about
    slash: str = "/backup"
