"""What the templates show of lists: the history, devices, agents."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.runs.health import Health, counts_in_words
from notifications.pages.batches import outcome_words, took
from notifications.pages.cells import Cell, moment, text
from notifications.pages.runs import run_view
from notifications.rendering.buttons import Button
from notifications.rendering.evidence import last_line
from notifications.rendering.units import never_words, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from domain.configs.versions import DeviceState
    from domain.runs.evidence import Evidence
    from domain.runs.health import Ages
    from domain.runs.run import Run
    from notifications.rendering.renderer import Context

_HISTORY: Final = ("Run", "Device", "Outcome", "Site", "When", "Took", "Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent as the list shows it."""

    name: str
    connected: bool
    since: datetime | None  # connected or disconnected since; None: never seen
    running: int
    waiting: int
    concurrency: int


def history(
    runs: Sequence[Run],
    sites: Mapping[str, str],
    *,
    about: str,
    command: str,
    older: str = "",
    evidence: Mapping[int, Evidence] = MappingProxyType({}),
) -> Context:
    """The context of ``history``: a page of runs, newest first.

    Args:
        runs: the page.
        sites: names of the sites by key.
        about: what it is the history of: a device, a site, or "everything you can see".
        command: the full command of this page.
        older: words of the command that shows the next page; empty: this is the last one.
        evidence: how far runs came, masked, by their numbers.
    """
    same = {"Site"} if len({run.site for run in runs}) == 1 else set()  # in every row it would only take room
    same |= {"Device"} if {run.device for run in runs} == {about} else set()
    shown = [name for name in _HISTORY if name not in same]
    cells = [_history_row(run, sites, evidence.get(run.id)) for run in runs]
    rows = [[row[name] for name in shown] for row in cells]
    button = Button(text="Older runs", action="do:history", value=older, label=f"Show older runs of {about}")
    buttons = (button,) if older else ()
    return {"about": about, "names": shown, "rows": rows, "buttons": buttons, "command": command}


def _history_row(run: Run, sites: Mapping[str, str], evidence: Evidence | None) -> dict[str, Cell]:
    view = run_view(run, sites.get(run.site, run.site))
    return {
        "Run": text(f"#{run.id}"),
        "Device": text(view.device),
        "Outcome": text(view.chip),
        "Site": text(view.site),
        "When": moment(run.finished_at or run.started_at or run.created_at),
        "Took": text(took(run)),
        "Result": text(": ".join(part for part in (outcome_words(run), last_line(evidence)) if part)),
    }


def devices(
    rows: Sequence[tuple[str, str, DeviceState | None, Run | None]],
    *,
    counts: Mapping[Health, int],
    total: int,
    command: str,
    older: str = "",
    empty: str = "",
) -> Context:
    """The context of ``devices``: a page of devices.

    Args:
        rows: name, site's name, what is known of it, its latest run.
        counts: how all of them stand, over all pages.
        total: devices over all pages.
        command: the full command of this page.
        older: words of the command that shows the next page; empty: this is the last one.
        empty: what is said if there is no device.
    """
    button = Button(text="More devices", action="do:devices", value=older, label="Show the next page of devices")
    cells = [_device_row(name, site, state, run) for name, site, state, run in rows]
    return {
        "total": total,
        "empty": empty,
        "counts": counts_in_words(counts),
        "rows": cells,
        "buttons": (button,) if older else (),
        "command": command,
    }


def _device_row(name: str, site: str, state: DeviceState | None, run: Run | None) -> list[Cell]:
    return [
        text(name),
        text(site),
        text(run.outcome.chip if run else "no run yet"),
        _last_good(state.last_good_at if state else None),
        text(str(state.version) if state and state.version else "-"),
    ]


def stale(
    rows: Sequence[tuple[str, str, datetime | None]],
    ages: Ages,
    *,
    days: int,
    now: datetime,
    command: str,
    is_one_site: bool = False,
) -> Context:
    """The context of ``stale``.

    Args:
        rows: of this page: name, site's name, last good backup; those without any come first.
        ages: all devices that were looked at.
        days: from what age on a backup is too old.
        now: the present moment.
        command: the full command.
        is_one_site: whether only devices of one site were looked at.
    """
    limit = plural(days, "day")
    last = "day" if days == 1 else limit
    never, old, fresh = len(ages.never), len(ages.old), len(ages.fresh)
    return {
        "never": never_words(never, ages.total) if never else "",
        "old": f"{plural(old, 'device')} without a good backup for more than {limit}" if old else "",
        "fresh": f"{plural(fresh, 'device')} with a good backup from the last {last}" if fresh else "",
        "total": ages.total,
        "empty": f"You can see no device{' at this site' if is_one_site else ''}.",
        "days": last,
        "rows": [_stale_row(name, site, good_at, now) for name, site, good_at in rows],
        "buttons": (),
        "command": command,
    }


def _stale_row(name: str, site: str, good_at: datetime | None, now: datetime) -> list[Cell]:
    return [text(name), text(site), _last_good(good_at), text(plural((now - good_at).days, "day") if good_at else "-")]


def _last_good(at: datetime | None) -> Cell:
    """A table cell with the time of the last good backup."""
    return moment(at) if at else text(f"{Health.NEVER.sign} {Health.NEVER.word}")


def agents(lines: Sequence[AgentLine], *, command: str) -> Context:
    """The context of ``agents``."""
    rows = [
        [
            text(line.name),
            text("🟢 Connected" if line.connected else "🔴 Disconnected"),
            moment(line.since),
            text(f"{line.running} of {line.concurrency}"),
            text(str(line.waiting)),
        ]
        for line in lines
    ]
    disconnected = [(line.name, line.waiting) for line in lines if not line.connected]
    return {"rows": rows, "disconnected": disconnected, "command": command}
