"""What the templates show of events: one device or a storm of them, what was held back, and a test of a route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.events.transitions import FLAP_END_AFTER, MIN_FLAPS, Notice
from domain.failures import FailureKind, advice_for
from domain.runs.outcomes import Outcome
from notifications.pages.runs import helping_buttons
from notifications.rendering.buttons import Button, again_button, details_button, diff_button, review_button
from notifications.rendering.units import changed, duration, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.events.audiences import Event
    from domain.runs.run import Run
    from notifications.pages.configs import SameChange
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

MUTE: Final = Button(text="Mute", action="do:mute", value="", label="Pause notifications for a while")
MAX_SAME_CHANGES: Final = 5  # changes that several devices made, named in one post
_NAMED: Final = 10  # devices in a post; all stand in its thread
_LISTED: Final = 2_400  # characters of names in one paragraph of a list

_SIGNS: Final = {
    Notice.FAILED: Outcome.FAILED.chip,
    Notice.STILL_FAILED: Outcome.FAILED.chip,
    Notice.FLAPPING: "🔁 Flapping",
    Notice.RECOVERED: "🟢 Recovered",
    Notice.MODIFIED: Outcome.MODIFIED.chip,
}
_VERBS: Final = {
    Notice.FAILED: "could not be backed up",
    Notice.STILL_FAILED: "still cannot be backed up",
    Notice.FLAPPING: "keep failing and recovering",
    Notice.RECOVERED: "can be backed up again",
    Notice.MODIFIED: "modified",
}
_SINCE: Final = {
    Notice.RECOVERED: "It had been failing since",
    Notice.STILL_FAILED: "It has been failing since",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGroup:
    """Devices of which the same is to be said."""

    title: str
    names: str
    more: int = 0
    advice: str = ""


def one(event: Event, run: Run, site: str, *, buttons: Sequence[Control]) -> Context:
    """The context of ``events`` for one device that recovered, flaps or still fails."""
    return {
        "sign": _SIGNS[event.notice],
        "title": event.device,
        "site": site,
        "lines": _lines(event, run),
        "since": event.since if event.notice in _SINCE else None,
        "since_words": _SINCE.get(event.notice, ""),
        "buttons": tuple(buttons),
    }


def _lines(event: Event, run: Run) -> list[str]:
    match event.notice:
        case Notice.RECOVERED:
            version = f" The current version is {run.version}." if run.version else ""
            return [f"Its backup succeeded again.{version}"]
        case Notice.FLAPPING:
            return [
                f"Its backups changed between good and failed {MIN_FLAPS} times within a day.",
                f"You get no more messages about it until it is stable for {duration(FLAP_END_AFTER)}.",
            ]
        case _:
            return [advice_for(run.reason) if run.reason else "Its backup failed."]


def _headline(notice: Notice, devices: int) -> str:
    """``3 devices keep failing and recovering``."""
    verb = _VERBS[notice]
    return f"{plural(devices, 'device')} {verb.replace('keep ', 'keeps ') if devices == 1 else verb}"


def many(
    notice: Notice,
    devices: Sequence[str],
    site: str,
    *,
    buttons: Sequence[Control],
    alike: Sequence[SameChange] = (),
) -> Context:
    """The context of ``events`` for several devices of a site."""
    names = ", ".join(devices[:_NAMED])
    more = f" and {len(devices) - _NAMED:,} more" if len(devices) > _NAMED else ""
    return {
        "sign": _SIGNS[notice],
        "title": _headline(notice, len(devices)),
        "site": site,
        "lines": [f"{names}{more}.", *(f"{one_of_them.words}." for one_of_them in alike[:MAX_SAME_CHANGES])],
        "since": None,
        "since_words": "",
        "buttons": tuple(buttons),
    }


def listing(notice: Notice, runs: Sequence[Run], alike: Sequence[SameChange] = ()) -> Context:
    """The context of ``event_list``, in the thread of a storm: every device, those with one reason or change as one."""
    by_reason: dict[FailureKind | None, list[Run]] = {}
    same = [_same(one_of_them) for one_of_them in alike[:MAX_SAME_CHANGES]]
    named = {device for one_of_them in alike[:MAX_SAME_CHANGES] for device in one_of_them.devices}
    for run in (run for run in runs if run.device not in named):
        by_reason.setdefault(run.reason if notice.kind.value == "failed" else None, []).append(run)
    largest = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    groups = [_group(some, reason, is_change=notice is Notice.MODIFIED) for reason, some in largest]
    return {"title": _headline(notice, len(runs)), "groups": [*same, *groups], "buttons": ()}


def held(events: Iterable[Event], sites: Mapping[str, str], *, buttons: Sequence[Control]) -> Context:
    """The context of ``event_list`` for what came in somebody's quiet hours."""
    found = list(events)
    groups: dict[tuple[str, Notice], list[str]] = {}
    for one_of_them in found:
        groups.setdefault((one_of_them.site, one_of_them.notice), []).append(one_of_them.device)
    shown = [_held_group(names, sites.get(site, site), notice) for (site, notice), names in groups.items()]
    return {"title": f"In your quiet hours: {summary(found)}", "groups": shown, "buttons": tuple(buttons)}


def summary(events: Iterable[Event]) -> str:
    """How many of what: ``2 failed, 1 modified``."""
    counts: dict[str, int] = {}
    for one_of_them in events:
        word = one_of_them.notice.value.replace("_", " ")
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def run_buttons(notice: Notice, run: Run, *, is_private: bool) -> tuple[Control, ...]:
    """What can be done about one device; to a person also that no more of this comes for a while."""
    own = (MUTE,) if is_private else ()
    label = f"Show the runs of {run.device}"
    history = Button(text="History", action="do:history", value=run.device, label=label)
    if notice is Notice.MODIFIED:
        return (diff_button(run), details_button(run), review_button(run.id, run.device), history, *own)
    again = () if run.reason is FailureKind.NOT_DECLARED or notice is Notice.RECOVERED else (again_button(run.device),)
    return (details_button(run), *again, history, *helping_buttons(run), *own)


def site_buttons(notice: Notice, site: str, name: str, *, is_private: bool) -> tuple[Control, ...]:
    """What can be done about many devices of a site."""
    own = (MUTE,) if is_private else ()
    if notice is Notice.RECOVERED:
        return own
    word = "modified" if notice is Notice.MODIFIED else "bad"
    text = "Modified runs" if notice is Notice.MODIFIED else "Failed runs"
    return (Button(text=text, action="do:history", value=f"{site} {word}", label=f"{text} of {name}"), *own)


def _group(runs: Sequence[Run], reason: FailureKind | None, *, is_change: bool) -> DeviceGroup:
    names, more = _fitting([_change(run) if is_change else run.device for run in runs])
    title = plural(len(runs), "device")
    return DeviceGroup(title=title, names=names, more=more, advice=advice_for(reason) if reason else "")


def _same(change: SameChange) -> DeviceGroup:
    names, more = _fitting(change.devices)
    return DeviceGroup(title=change.words, names=names, more=more)


def _held_group(devices: Sequence[str], site: str, notice: Notice) -> DeviceGroup:
    names, more = _fitting(list(dict.fromkeys(devices)))
    return DeviceGroup(title=f"{_SIGNS[notice]}, {site}", names=names, more=more)


def _change(run: Run) -> str:
    return f"{run.device} ({changed(run.added, run.removed, run.secrets_changed)})"


def _fitting(names: Sequence[str]) -> tuple[str, int]:
    """As many names as one paragraph holds, and how many are left over."""
    room = _LISTED
    for count, name in enumerate(names):
        room -= len(name) + 2
        if room < 0:
            return ", ".join(names[:count]), len(names) - count
    return ", ".join(names), 0
