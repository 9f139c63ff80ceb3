"""What one picture of the gallery is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One template in one state. ``context`` comes from the product: a page function, or a command's reply."""

    group: str  # the heading it stands under
    state: str  # what is to be seen, in a few words; with the group it names the entry
    template: str
    context: Mapping[str, Any]
    surface: Surface = "message"
    asked: str = ""  # what was typed for it, and by whom
    private: bool = False  # shown to the one who asked alone
    file: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))  # comes along, as a FILE message
    choices: tuple[tuple[str, str], ...] = ()  # what its menu offers: text and description
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # of a modal: sentence by block

    @property
    def name(self) -> str:
        """Unlike that of any other entry, and fit for a file name."""
        return f"{slug(self.group)}/{slug(self.state)}"


def slug(words: str) -> str:
    """``Runs that failed`` as ``runs-that-failed``."""
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")
