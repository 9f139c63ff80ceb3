"""What the forms of subscriptions and of channel routes show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.digests.digests import DigestForm
from domain.jobs.schedules import DAY_NAMES, DAY_WORDS
from domain.subscriptions.kinds import EventKind
from notifications.rendering.form_fields import Choice, Field, FieldKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notifications.rendering.form_fields import Entered
    from notifications.rendering.renderer import Context

ON: Final = "on"  # the value of a box that is ticked
FAILED, MODIFIED = "failed", "modified"
DAILY, WEEKLY = "daily", "weekly"

_IMMEDIATE: Final = (
    Choice(text="It fails, times out or recovers", value=FAILED),
    Choice(text="It is modified", value=MODIFIED),
)
_NEW: Final = (Choice(text="Also devices that are added to the site later", value=ON),)
_REPORTS: Final = (
    Choice(text="Daily, covering the day before", value=DAILY),
    Choice(text="Weekly, covering the seven days before", value=WEEKLY),
)
_FORMS: Final = (
    Choice(text="In full", value=DigestForm.LONG.value),
    Choice(text="Only what needs action", value=DigestForm.SHORT.value),
)
_TWICE: Final = (Choice(text="Notify me even if I can read it in a channel", value=ON),)
_DAYS: Final = tuple(Choice(text=name, value=word) for name, word in zip(DAY_NAMES, DAY_WORDS, strict=True))
_EVENTS: Final = tuple(
    Choice(text=text, value=kind.value)
    for kind, text in (
        (EventKind.FAILED, "A device fails or times out"),
        (EventKind.MODIFIED, "A configuration is modified"),
        (EventKind.RECOVERED, "A failed device recovers"),
        (EventKind.AGENT, "An agent disconnects or reconnects"),
        (EventKind.QUEUE, "Runs are still waiting when their job starts again"),
        (EventKind.OVERDUE, "A device is overdue for a backup"),
    )
)
_ACTIVE: Final = (Choice(text="Enabled: messages are sent there", value=ON),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the fields hold, by their names."""

    values: Mapping[str, Entered]

    def text(self, name: str, missing: str = "") -> str:
        """One value; ``missing`` if the field was not shown or left empty."""
        value = self.values.get(name, missing)
        return (value if isinstance(value, str) else ",".join(value)) or missing

    def ticked(self, name: str) -> tuple[str, ...]:
        """The boxes that are ticked."""
        value = self.values.get(name, ())
        return ((value,) if value else ()) if isinstance(value, str) else value


def subscribe_form(filled: Filled, *, chosen: Choice | None, turn: int = 0, sentence: str = "") -> Context:
    """The context of ``choice_form`` for what one person wants to hear.

    Args:
        filled: what the fields hold.
        chosen: the device, job or site, as its list shows it.
        turn: changes whenever the fields are filled in anew for something else.
        sentence: what the person has to know first.
    """
    return {
        "title": "Subscribe",
        "submit": "Subscribe",
        "sentence": sentence,
        "fields": (*_what(filled, chosen, turn), *_digests(filled), *_manners(filled)),
    }


def route_form(filled: Filled, *, site: Choice | None, is_new: bool, sentence: str = "") -> Context:
    """The context of ``choice_form`` for a channel route."""
    channel = Field(
        name="channel",
        kind=FieldKind.CHANNEL,
        label="Channel",
        value=filled.text("channel"),
        hint="Lastgood must be a member: type /invite @Lastgood there first.",
    )
    where = Field(
        name="site",
        kind=FieldKind.SEARCH,
        label="Site",
        value=site.value if site else "",
        choices=(site,) if site else (),
        placeholder="Type to search",
    )
    events = Field(
        name="events",
        kind=FieldKind.SEVERAL,
        label="Events to post there",
        value=filled.ticked("events"),
        choices=_EVENTS,
    )
    active = Field(
        name="active",
        kind=FieldKind.SEVERAL,
        label="State",
        value=filled.ticked("active"),
        choices=_ACTIVE,
        optional=True,
    )
    return {
        "title": "Add a route" if is_new else "Change a route",
        "submit": "Add route" if is_new else "Save",
        "sentence": sentence,
        "fields": (*((where, channel) if is_new else ()), events, active),
    }


def _what(filled: Filled, chosen: Choice | None, turn: int) -> Sequence[Field]:
    return (
        Field(
            name="what",
            kind=FieldKind.SEARCH,
            label="Subscribe to",
            value=chosen.value if chosen else "",
            choices=(chosen,) if chosen else (),
            placeholder="A device, a job or a whole site",
            answers=True,
        ),
        Field(
            name="at_once",
            kind=FieldKind.SEVERAL,
            label="Notify me at once when",
            value=filled.ticked("at_once"),
            choices=_IMMEDIATE,
            optional=True,
            turn=turn,
            hint="Choose none to get it in your digests only.",
        ),
        Field(
            name="new",
            kind=FieldKind.SEVERAL,
            label="For a whole site",
            value=filled.ticked("new"),
            choices=_NEW,
            optional=True,
            turn=turn,
        ),
    )


def _digests(filled: Filled) -> Sequence[Field]:
    return (
        Field(
            name="digests",
            kind=FieldKind.SEVERAL,
            label="Digests of all your subscriptions",
            value=filled.ticked("digests"),
            choices=_REPORTS,
            optional=True,
        ),
        Field(name="at", kind=FieldKind.TIME, label="Time of the digests", value=filled.text("at", "07:00")),
        Field(
            name="day",
            kind=FieldKind.LIST,
            label="Day of the weekly digest",
            value=filled.text("day", "mon"),
            choices=_DAYS,
        ),
        Field(
            name="form",
            kind=FieldKind.LIST,
            label="Length of the digests",
            value=filled.text("form", DigestForm.LONG.value),
            choices=_FORMS,
        ),
    )


def _manners(filled: Filled) -> Sequence[Field]:
    return (
        Field(
            name="quiet_from",
            kind=FieldKind.TIME,
            label="Quiet hours begin",
            value=filled.text("quiet_from"),
            optional=True,
            hint="Events in quiet hours wait until they end. Leave both empty for no quiet hours.",
        ),
        Field(
            name="quiet_to",
            kind=FieldKind.TIME,
            label="Quiet hours end",
            value=filled.text("quiet_to"),
            optional=True,
        ),
        Field(
            name="twice",
            kind=FieldKind.SEVERAL,
            label="Events in your channels",
            value=filled.ticked("twice"),
            choices=_TWICE,
            optional=True,
        ),
    )
