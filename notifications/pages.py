"""What the templates show of lists: a site's batch, the history, devices, agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from domain.failures import advice_for
from domain.outcomes import Outcome
from domain.runs import Trigger
from notifications.controls import Button
from notifications.views import Context, run_view
from notifications.words import changed, duration, plural, utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from domain.failures import FailureKind
    from domain.runs import BatchState, Run
    from domain.timeouts import TimeoutCause
    from domain.versions import DeviceState

ORDER: Final = (  # what a reader must see first
    Outcome.FAILED,
    Outcome.TIMED_OUT,
    Outcome.MODIFIED,
    Outcome.IN_PROGRESS,
    Outcome.PENDING,
    Outcome.UP_TO_DATE,
)
_BAR: Final = 12  # characters: fits a phone beside its words
_HISTORY: Final = ("Run", "Device", "Outcome", "Site", "When", "Took", "Result")
_NAMES: Final = 12  # devices named for one reason

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent as the list shows it."""

    name: str
    connected: bool
    since: datetime | None  # connected or silent since; None: never seen
    running: int
    waiting: int
    concurrency: int


def batch_message(state: BatchState, site: str, runs: Sequence[Run], *, slash: str = "/backup") -> Context:
    """The context of ``batch``: counters of all its runs, and a table of ``runs``, the first ones by ``ORDER``."""
    done = sum(count for outcome, count in state.counts.items() if outcome.is_final)
    total = state.batch.total
    rows = [_batch_row(run) for run in sorted(runs, key=lambda run: ORDER.index(run.outcome))]
    failed = _failed(state)
    return {
        "site": site,
        "total": total,
        "done": done,
        "bar": "" if state.is_over else _bar(done, total),
        "verdict": _verdict(state),
        "counters": [f"{outcome.chip} {state.counts[outcome]:,}" for outcome in ORDER if state.counts.get(outcome)],
        "asked_by": state.batch.asked_by or "",
        "rows": rows,
        "left_out": max(total - len(rows), 0),
        "failed": failed if state.is_over else 0,
        "buttons": _batch_buttons(state, site) if state.is_over and failed else (),
        "command": f"{slash} {'jobs' if state.batch.trigger is Trigger.SCHEDULE else 'now'} {state.batch.site}",
    }


def _bar(done: int, total: int) -> str:
    full = _BAR * done // total if total else _BAR
    return "█" * full + "░" * (_BAR - full)


def _verdict(state: BatchState) -> str:
    if not state.is_over:
        return "is running"
    bad = _failed(state)
    verb = "was" if bad == 1 else "were"
    return f"is done: {bad:,} {verb} not backed up" if bad else "is done: every device is safe"


def _failed(state: BatchState) -> int:
    return state.counts.get(Outcome.FAILED, 0) + state.counts.get(Outcome.TIMED_OUT, 0)


def _batch_buttons(state: BatchState, site: str) -> tuple[Button, ...]:
    key = state.batch.site
    return (
        Button(text="Failed runs", action="do:history", value=f"{key} bad", label=f"Show the failed runs of {site}"),
        Button(
            text="Run all again", action="do:now", value=f"site:{key}", label=f"Back up all devices of {site} again"
        ),
    )


def _batch_row(run: Run) -> list[Cell]:
    return [text(run.device), text(run.outcome.chip), text(_took(run)), text(_outcome_words(run))]


def _took(run: Run) -> str:
    return duration(run.duration)


def _outcome_words(run: Run) -> str:
    if run.is_baseline:
        return f"version {run.version}, baseline"
    if run.outcome is Outcome.MODIFIED:
        return f"version {run.version}, {changed(run.added, run.removed, run.secrets_changed)}"
    if run.outcome.is_good:
        return f"version {run.version}"
    if run.reason is not None:
        return advice_for(run.reason).split(". ")[0].rstrip(".")
    return "-"


def batch_troubles(
    runs: Sequence[Run], *, failed: int, more_diffs: bool = False, asked_by: str = "", slash: str = "/backup"
) -> Context:
    """The context of ``batch_troubles``: who failed and why, one entry for each reason and cause.

    ``runs`` may be the first of ``failed`` only; ``more_diffs`` says that not every diff stands in the thread.
    ``asked_by`` is mentioned: the edit of a message alone notifies nobody.
    """
    alike: dict[tuple[FailureKind | None, TimeoutCause | None], list[Run]] = {}
    for run in runs:
        alike.setdefault((run.reason, run.cause), []).append(run)
    reasons = [_trouble(some) for some in sorted(alike.values(), key=len, reverse=True)]
    return {
        "reasons": reasons,
        "left_out": max(failed - len(runs), 0),
        "failed": failed,
        "more_diffs": more_diffs,
        "diff_command": f"{slash} diff DEVICE",
        "asked_by": asked_by,
    }


def _trouble(runs: Sequence[Run]) -> dict[str, object]:
    """Runs that failed for one reason; why the first of them timed out stands for all."""
    first = runs[0]
    whose = "" if len(runs) == 1 else f"For example {first.device}: "
    advice = advice_for(first.reason) if first.reason else "It failed."
    return {
        "count": plural(len(runs), "device"),
        "devices": ", ".join(run.device for run in runs[:_NAMES]),
        "more": max(len(runs) - _NAMES, 0),
        "advice": f"{advice} {whose}{first.facts}" if first.cause and first.facts else advice,
    }


def history(runs: Sequence[Run], sites: Mapping[str, str], *, about: str, command: str, older: str = "") -> Context:
    """The context of ``history``: a page of runs, newest first.

    Args:
        runs: the page.
        sites: names of the sites by key.
        about: what it is the history of: a device, a site, or "everything you can see".
        command: the full command of this page.
        older: words of the command that shows the next page; empty: this is the last one.
    """
    same = {"Site"} if len({run.site for run in runs}) == 1 else set()  # in every row it would only take room
    same |= {"Device"} if {run.device for run in runs} == {about} else set()
    shown = [name for name in _HISTORY if name not in same]
    rows = [[cells[name] for name in shown] for cells in (_history_row(run, sites) for run in runs)]
    button = Button(text="Older runs", action="do:history", value=older, label=f"Show older runs of {about}")
    buttons = (button,) if older else ()
    return {"about": about, "names": shown, "rows": rows, "buttons": buttons, "command": command}


def _history_row(run: Run, sites: Mapping[str, str]) -> dict[str, Cell]:
    view = run_view(run, sites.get(run.site, run.site))
    return {
        "Run": text(f"#{run.id}"),
        "Device": text(view.device),
        "Outcome": text(view.chip),
        "Site": text(view.site),
        "When": moment(run.finished_at or run.started_at or run.created_at),
        "Took": text(_took(run)),
        "Result": text(_outcome_words(run)),
    }


def devices(
    rows: Sequence[tuple[str, str, DeviceState | None, Run | None]], *, total: int, command: str, older: str = ""
) -> Context:
    """The context of ``devices``: a page of devices.

    Args:
        rows: name, site's name, what is known of it, its latest run.
        total: devices over all pages.
        command: the full command of this page.
        older: words of the command that shows the next page; empty: this is the last one.
    """
    button = Button(text="More devices", action="do:devices", value=older, label="Show the next page of devices")
    cells = [_device_row(name, site, state, run) for name, site, state, run in rows]
    return {"total": total, "rows": cells, "buttons": (button,) if older else (), "command": command}


def _device_row(name: str, site: str, state: DeviceState | None, run: Run | None) -> list[Cell]:
    return [
        text(name),
        text(site),
        text(run.outcome.chip if run else "no run yet"),
        moment(state.last_good_at if state else None),
        text(str(state.version) if state and state.version else "-"),
    ]


def stale(
    rows: Sequence[tuple[str, str, DeviceState | None]], *, days: int, total: int, now: datetime, command: str
) -> Context:
    """The context of ``stale``: devices (name, site's name, what is known) without a good backup for ``days``."""
    cells = [_stale_row(name, site, state, now) for name, site, state in rows]
    title = f"{plural(total, 'device')} without a good backup for more than {plural(days, 'day')}"
    return {
        "title": title,
        "total": total,
        "days": plural(days, "day"),
        "rows": cells,
        "buttons": (),
        "command": command,
    }


def _stale_row(name: str, site: str, state: DeviceState | None, now: datetime) -> list[Cell]:
    good = state.last_good_at if state else None
    return [text(name), text(site), moment(good), text(plural((now - good).days, "day") if good else "-")]


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
    silent = [(line.name, line.waiting) for line in lines if not line.connected]
    return {"rows": rows, "silent": silent, "command": command}


def text(words: str) -> Cell:
    """A table cell of plain text."""
    return {"type": "raw_text", "text": words or "-"}


def moment(at: datetime | None) -> Cell:
    """A table cell with a time that each reader sees in the own zone."""
    if at is None:
        return text("never")
    return _rich([_date(at)])


def text_and_moment(words: str, at: datetime) -> Cell:
    """A table cell with words of ours and a time that each reader sees in the own zone."""
    return _rich([{"type": "text", "text": f"{words} "}, _date(at)])


def _rich(elements: list[Cell]) -> Cell:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _date(at: datetime) -> Cell:
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": utc(at),
    }
