"""The parts of ``app.yaml`` about digests, and the sign of life that goes out while everything works."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator

from bot.settings.routes import ChannelId
from bot.settings.section_base import Duration, Section, matches
from domain.digests.digests import DigestForm, DigestPeriod
from domain.jobs.cron import ScheduleError, read_cron
from domain.jobs.schedules import DAY_WORDS, Cron, OnDemand, Schedule
from domain.jobs.spoken import parse_schedule

_ADVICE = 'is not a digest: write "daily 07:00", "weekdays 07:00" or "weekly mon 07:30"'


class DigestSection(Section):
    """One digest to a channel: a few words, or with its form and channel."""

    schedule: str
    period: DigestPeriod
    form: DigestForm = DigestForm.LONG
    channel: ChannelId | None = None  # None: the site's own

    @model_validator(mode="before")
    @classmethod
    def _spoken(cls, value: Any) -> Any:  # noqa: ANN401 - YAML may hold anything
        """A few words are its schedule, and ``weekly`` in them says the period too."""
        value = {"schedule": value} if isinstance(value, str) else value
        if not isinstance(value, dict) or not isinstance(value.get("schedule"), str):
            return value
        first, _, rest = value["schedule"].strip().lower().partition(" ")
        if first != "weekly":
            return {"period": DigestPeriod.DAY, **value}
        day = "" if rest[:3] in DAY_WORDS else "mon "
        return {"period": DigestPeriod.WEEK, **value, "schedule": f"{day}{rest}"}

    @model_validator(mode="after")
    def _comes_due(self) -> DigestSection:
        try:
            parsed = self.parsed
        except ScheduleError as error:
            raise ValueError(f'"{self.schedule}" {_ADVICE}') from error
        if parsed == OnDemand() or _comes_several_times_a_day(parsed):
            raise ValueError(f'"{self.schedule}" {_ADVICE}')
        return self

    @property
    def parsed(self) -> Schedule:
        """When it comes due."""
        return parse_schedule(self.schedule)


def _comes_several_times_a_day(schedule: Schedule) -> bool:
    """What a digest tells of is a day, or a week."""
    if not isinstance(schedule, Cron):
        return False
    fields = read_cron(schedule.text)
    return len(fields.hours) * len(fields.minutes) > 1


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _unlike(value: tuple[DigestSection, ...] | None) -> tuple[DigestSection, ...] | None:
    kinds = [(one.period, one.channel) for one in value or ()]
    if len(set(kinds)) < len(kinds):
        raise ValueError("two of these digests have the same channel and period: keep one")
    return value


Digests = Annotated[tuple[DigestSection, ...] | None, BeforeValidator(_listed), AfterValidator(_unlike)]
USUAL = (DigestSection.model_validate("daily 07:00"),)  # of a site with a channel


class HeartbeatSection(Section):
    """The ``heartbeat:`` part: whom to tell that we are alive."""

    url: Annotated[
        str, matches(r"https?://\S+|env:[A-Za-z_][A-Za-z0-9_]*", "must begin with https://, http:// or env:")
    ]
    every: Duration = timedelta(minutes=5)
