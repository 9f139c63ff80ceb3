"""A job in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.jobs.drafts import span_in_short
from domain.jobs.job import MissedPolicy
from domain.jobs.readings import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from domain.jobs.job import JobFields

DECLARED: Final = "as in app.yaml"  # a limit that the job leaves to the device
_MISSED: Final = {
    MissedPolicy.MAKE_UP: "back up once, as soon as Lastgood is running again",
    MissedPolicy.NOTE: "only record it",
}


def fields_in_words(fields: JobFields, site: str) -> dict[str, str]:
    """What people choose of a job, by labels; ``site`` is the site's name."""
    return {
        "Name": fields.name,
        "Backs up": covered(fields, site),
        "Schedule": in_words(fields.schedule),
        "Waiting time limit": _limit(fields.waiting_limit),
        "Running time limit": _limit(fields.running_limit),
        "Retries": DECLARED if fields.retries is None else str(fields.retries),
        "If missed": _MISSED[fields.missed],
        "State": "enabled" if fields.enabled else "disabled",
    }


def covered(fields: JobFields, site: str) -> str:
    """What a job backs up: a device, or everything at ``site``."""
    return f"{fields.device} ({site})" if fields.device else f"every device of {site}"


def changes_in_words(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What differs: ``Schedule: Weekdays at 02:00 → Weekdays at 03:00``."""
    changes = [
        f"{label}: {before[label]} → {words}" for label, words in after.items() if before.get(label, words) != words
    ]
    return ", ".join(changes) or "a setting that this form does not show"


def _limit(span: timedelta | None) -> str:
    return span_in_short(span) or DECLARED
