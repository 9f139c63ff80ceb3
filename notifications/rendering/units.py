"""Numbers and times in words, as people read them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from notifications.rendering.escaping import code

if TYPE_CHECKING:
    from datetime import datetime

MINUS: Final = "\N{MINUS SIGN}"  # a hyphen would be read as a dash

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)


def duration(span: timedelta | None) -> str:
    """A span in its two largest units: ``4 s``, ``2 min 10 s``, ``1 d 3 h``."""
    if span is None:
        return "-"
    if span < timedelta(seconds=1):
        return "under 1 s"
    rest = span
    parts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if parts or count:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def plural(count: int, noun: str) -> str:
    """A count with its noun: ``1 line``, ``1,200 lines``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def never_words(never: int, total: int) -> str:
    """``5 of 8 devices were never backed up``."""
    return f"{never:,} of {plural(total, 'device')} {'was' if never == 1 else 'were'} never backed up"


def utc(moment: datetime) -> str:
    """A moment for readers whose Slack cannot show it in their own time."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def when(moment: datetime | None) -> str:
    """A moment as mrkdwn that Slack shows in each reader's own time."""
    if moment is None:
        return "-"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{utc(moment)}>"


def clock(moment: datetime) -> str:
    """The time of day of a moment whose day stands beside it, to the second, in each reader's own time."""
    return f"<!date^{int(moment.timestamp())}^{{time_secs}}|{moment:%H:%M:%S} UTC>"


def person(slack_id: str) -> str:
    """A person as Slack shows one; anything that is no id is shown as it is."""
    return f"<@{slack_id}>" if _PERSON.fullmatch(slack_id) else code(slack_id)


def lines_changed(added: int, removed: int) -> str:
    """Lines added and removed, readable without colour."""
    return f"+{added:,} {MINUS}{removed:,}"


def changed(added: int, removed: int, secrets: int = 0) -> str:
    """What changed in a configuration: lines, values of secrets, or both.

    Where nothing but values of secrets changed there are no lines.
    """
    values = f"{plural(secrets, 'secret value')} changed" if secrets else ""
    lines = "" if secrets and not added and not removed else f"{lines_changed(added, removed)} lines"
    return ", ".join(part for part in (lines, values) if part)
