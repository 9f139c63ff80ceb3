"""What the templates show of a site run: one message that follows all of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.failures import advice_for
from domain.runs.outcomes import Outcome, count_bad
from domain.runs.run import Trigger
from notifications.pages.cells import Cell, text
from notifications.rendering.buttons import Button
from notifications.rendering.units import changed, duration, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.runs.batches import BatchFailures, BatchState
    from domain.runs.run import Run
    from notifications.rendering.renderer import Context


ORDER: Final = (  # what a reader must see first
    Outcome.FAILED,
    Outcome.TIMED_OUT,
    Outcome.MODIFIED,
    Outcome.IN_PROGRESS,
    Outcome.PENDING,
    Outcome.UP_TO_DATE,
)
_BAR: Final = 12  # characters: fits a phone beside its words
MAX_NAMED: Final = 12  # devices named for one reason


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
    return f"is done: {bad:,} {verb} not backed up" if bad else "is done: every device is backed up"


def _failed(state: BatchState) -> int:
    return count_bad(state.counts)


def _batch_buttons(state: BatchState, site: str) -> tuple[Button, ...]:
    key = state.batch.site
    return (
        Button(text="Failed runs", action="do:history", value=f"{key} bad", label=f"Show the failed runs of {site}"),
        Button(
            text="Run all again", action="do:now", value=f"site:{key}", label=f"Back up all devices of {site} again"
        ),
    )


def _batch_row(run: Run) -> list[Cell]:
    return [text(run.device), text(run.outcome.chip), text(took(run)), text(outcome_words(run))]


def took(run: Run) -> str:
    """How long the run was at the device, in words; nothing while it has no duration."""
    return duration(run.duration)


def outcome_words(run: Run) -> str:
    """What came of the run, for a cell: what changed, or the reason."""
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
    failures: Sequence[BatchFailures],
    *,
    failed: int,
    more_diffs: bool = False,
    asked_by: str = "",
    slash: str = "/backup",
) -> Context:
    """The context of ``batch_troubles``: who failed and why, one entry for each reason and cause.

    ``more_diffs`` says that not every diff stands in the thread.
    ``asked_by`` is mentioned: the edit of a message alone notifies nobody.
    """
    return {
        "reasons": [_reason(one) for one in failures],
        "failed": failed,
        "more_diffs": more_diffs,
        "diff_command": f"{slash} diff DEVICE",
        "asked_by": asked_by,
    }


def _reason(failures: BatchFailures) -> dict[str, object]:
    """Runs that failed for one reason; why the first of them timed out stands for all."""
    first = failures.first[0]
    named = failures.first[:MAX_NAMED]
    whose = "" if failures.count == 1 else f"For example {first.device}: "
    advice = advice_for(first.reason) if first.reason else "It failed."
    return {
        "count": plural(failures.count, "device"),
        "devices": ", ".join(run.device for run in named),
        "more": failures.count - len(named),
        "advice": f"{advice} {whose}{first.facts}" if first.cause and first.facts else advice,
    }
