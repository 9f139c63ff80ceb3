"""What the templates show of the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.audit import AuditAction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from domain.audit import AuditEntry
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

MAX_FACTS_SHOWN: Final = 6  # facts of one entry; the export has all of them

_OURS: Final = frozenset({AuditAction.ACCESS_CHANGED, AuditAction.ROUTES_CHANGED})  # no word of people is in these


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An entry as the list shows it. Every text is plain: the template escapes it."""

    at: datetime
    who: str
    what: str  # the words after the person
    target: str
    where: tuple[str, ...]  # site and device
    facts: tuple[str, ...]  # "Schedule: Every day at 02:00 → Every day at 03:00"
    left_out: int
    is_denied: bool
    is_ours: bool = False  # target and facts are written by Lastgood: what looks like a mention is one


def audit_list(
    entries: Sequence[AuditEntry],
    sites: Mapping[str, str],
    *,
    about: str,
    command: str,
    buttons: Sequence[Control] = (),
) -> Context:
    """The context of ``audit``: a page of entries, the newest first; ``sites`` are names by key."""
    lines = [_line(entry, sites) for entry in entries]
    return {"about": about, "lines": lines, "command": command, "buttons": tuple(buttons)}


def _line(entry: AuditEntry, sites: Mapping[str, str]) -> EntryLine:
    changes = entry.changes()
    site = sites.get(entry.site, entry.site) if entry.site else ""
    device = entry.device or ""
    return EntryLine(
        at=entry.at,
        who=entry.actor,
        what=entry.what.words,
        target=entry.target,
        where=tuple(one for one in (site, device if device != entry.target else "") if one),
        facts=tuple(_fact(*change) for change in changes[:MAX_FACTS_SHOWN]),
        left_out=max(len(changes) - MAX_FACTS_SHOWN, 0),
        is_denied=entry.denied,
        is_ours=entry.what in _OURS,
    )


def _fact(label: str, before: str, after: str) -> str:
    if before and after:
        return f"{label}: {before} → {after}"
    return f"{label}: {after}" if after else f"{label} was: {before}"
