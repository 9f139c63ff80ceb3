"""The five fields of a cron line: read by the classic rules, each mistake named in a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from domain.errors import LastgoodError

MIN_SLOT_MINUTES = 5  # minutes between two slots

MAX_CRON_LENGTH = 200  # characters
_MOST_DIGITS = 4  # of a number
_SHOWN = 40  # characters of what was typed that an answer repeats
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\w+))?", re.ASCII)
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class ScheduleError(LastgoodError):
    """A schedule cannot be used; ``advice`` says what is wrong with it and what would do."""

    def __init__(self, advice: str) -> None:
        super().__init__(advice)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields and what may stand in it."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()  # names of the values, from the first of them on
    first_word: int = 0


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of the week", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class CronFields:
    """The values that each field allows. Days of the week count from Monday, which is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]


def normal_cron(typed: str) -> str:
    """The line in five fields with single blanks; ``@daily`` and its kind are written out."""
    text = " ".join(typed.lower().split())
    return _SHORT.get(text, text)[: MAX_CRON_LENGTH + 1]


@lru_cache(maxsize=4096)
def read_cron(text: str) -> CronFields:
    """What a line in its normal form means.

    Raises:
        ScheduleError: it has a mistake, never comes due, or comes due too often.
    """
    fields = text.split(" ")
    if len(text) > MAX_CRON_LENGTH:
        raise ScheduleError(f"A cron line has at most {MAX_CRON_LENGTH} characters.")
    if text.startswith("@"):
        raise ScheduleError(f"`{shown(text)}` is not supported here. Write five fields, such as `0 2 * * 1-5`.")
    if len(fields) in (6, 7):
        raise ScheduleError(
            f"That has {len(fields)} fields. A cron line has five here, without seconds and years: "
            "minute, hour, day of the month, month, day of the week."
        )
    if len(fields) != len(_FIELDS):
        raise ScheduleError(
            f"A cron line has five fields: minute, hour, day of the month, month, day of the week, such as "
            f"`0 2 * * 1-5`. That has {len(fields) if text else 'none'}."
        )
    values = [_values(typed, field) for typed, field in zip(fields, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = values
    if fields[2] != "*" and fields[4] != "*":
        raise ScheduleError(
            "Give days of the month or days of the week, not both. Cron programs disagree on what both together mean."
        )
    found = CronFields(minutes, hours, days, months, frozenset((day - 1) % 7 for day in weekdays))
    _refuse_impossible(found)
    _refuse_frequent(found)
    return found


def shown(typed: str) -> str:
    """What a person typed, short enough to repeat and without what Slack would take for markup."""
    text = " ".join(re.sub(r"[`<>&]", "", typed[:MAX_CRON_LENGTH]).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _values(typed: str, field: _Field) -> frozenset[int]:
    return frozenset(value for part in typed.split(",") for value in _part(part, field))


def _part(part: str, field: _Field) -> range:
    match = _PART.fullmatch(part)
    if not match:
        raise ScheduleError(
            f"`{shown(part)}` is not valid for the {field.name}. Use numbers, `*`, ranges `1-5`, lists `1,3` or steps "
            "`*/15`."
        )
    first = field.least if match["first"] is None else _value(match["first"], field)
    last = _last(match, first, field)
    if last < first:
        raise ScheduleError(f"The range `{shown(part)}` of the {field.name} runs backwards. Write it as two ranges.")
    return range(first, last + 1, _step(match["step"], field))


def _last(match: re.Match[str], first: int, field: _Field) -> int:
    if match["last"]:
        last = _value(match["last"], field)
        return 7 if last == 0 and field.words is _DAYS and first else last  # fri-sun
    return first if match["first"] and not match["step"] else field.most


def _step(typed: str | None, field: _Field) -> int:
    if typed is None:
        return 1
    number = _number(typed)
    if not 1 <= number <= field.most:
        raise ScheduleError(f"`/{shown(typed)}` is not a valid step for the {field.name}. Use 1 to {field.most}.")
    return number


def _value(typed: str, field: _Field) -> int:
    if typed in field.words:
        return field.words.index(typed) + field.first_word
    number = _number(typed)
    if not field.least <= number <= field.most:
        raise ScheduleError(f"`{shown(typed)}` is not a valid {field.name}. Use {field.least} to {field.most}.")
    return number


def _number(typed: str) -> int:
    """The number that is written; -1: it is none, or longer than any value is."""
    return int(typed) if typed.isdigit() and len(typed) <= _MOST_DIGITS else -1


def _refuse_impossible(found: CronFields) -> None:
    if not any(min(found.days) <= _LONGEST_MONTH[month - 1] for month in found.months):
        raise ScheduleError("This date never occurs: none of these months has such a day.")


def _refuse_frequent(found: CronFields) -> None:
    minutes = sorted(found.minutes)
    gaps = [later - earlier for earlier, later in pairwise(minutes)]
    if any((hour + 1) % 24 in found.hours for hour in found.hours):
        gaps.append(minutes[0] + 60 - minutes[-1])
    if gaps and min(gaps) < MIN_SLOT_MINUTES:
        raise ScheduleError(
            f"Two of these times are only {min(gaps)} min apart. Leave at least {MIN_SLOT_MINUTES} min between backups."
        )
