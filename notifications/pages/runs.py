"""What the templates show of one run: its message, its details, its buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from domain.failures import FailureKind, advice_for
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from notifications.previews import has_our_words
from notifications.rendering.buttons import (
    Button,
    accept_button,
    again_button,
    cancel_button,
    details_button,
    diff_button,
    review_button,
    trust_button,
)
from notifications.rendering.evidence import MAX_SCREEN_SHOWN, Told, told
from notifications.rendering.units import changed, duration, plural

if TYPE_CHECKING:
    from domain.configs.versions import DeviceState, Review, Version
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run
    from notifications.pages.configs import Glance
    from notifications.rendering.renderer import Context


_ORIGINS: Final = {Trigger.COMMAND_LINE: "from the command line", Trigger.SCHEDULE: "by schedule"}
_SAID_AGAIN: Final = frozenset({FailureKind.NOT_DECLARED, FailureKind.WRONG_SITE})  # facts that repeat the advice
_BEGUN_BY: Final = {
    Trigger.MANUAL: "a person",
    Trigger.COMMAND_LINE: "the command line",
    Trigger.SCHEDULE: "its schedule",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as its message shows it. Every text is plain: the template escapes it."""

    id: int
    device: str
    site: str  # its name
    chip: str
    details: tuple[str, ...]
    reason: str = ""
    remark: str = ""  # a sentence of ours beside the reason
    facts: str = ""  # masked text of the device
    told: Told | None = None  # how far it came
    asked_by: str = ""
    cancelled_by: str = ""


def run_message(
    run: Run,
    site: str,
    *,
    facts: str = "",
    lines: int = 0,
    kept: DeviceState | None = None,
    evidence: Evidence | None = None,
    glance: Glance | None = None,
) -> Context:
    """The context of ``run``.

    Args:
        run: as it is now.
        site: the site's name.
        facts: the run's own, masked.
        lines: of a baseline.
        kept: what is stored of the device; a run without a backup says what there still is.
        evidence: how far it came, masked.
        glance: at what it found changed.
    """
    shows_kept = kept is not None and run.outcome.is_final and not run.outcome.is_good
    return {
        "run": replace(run_view(run, site, facts=facts, lines=lines), told=told(evidence, MAX_SCREEN_SHOWN)),
        "kept": kept if shows_kept else None,
        "glance": glance,
        "buttons": run_buttons(run),
    }


def run_view(run: Run, site: str, *, facts: str = "", lines: int = 0) -> RunView:
    """``run`` made ready for a template."""
    ours = has_our_words(run)
    cancelled = run.reason is FailureKind.CANCELLED
    return RunView(
        id=run.id,
        device=run.device,
        site=site,
        chip=run.outcome.chip,
        details=_details(run, lines),
        reason=advice_for(run.reason, facts) if run.reason and not cancelled else "",
        remark=facts if ours and run.reason not in _SAID_AGAIN else "",
        facts="" if ours or cancelled else facts,
        asked_by=run.asked_by or "",
        cancelled_by=run.cancelled_by or "",
    )


def _details(run: Run, lines: int) -> tuple[str, ...]:
    if not run.outcome.is_final:
        return (_stage(run),)
    tries = plural(run.attempts, "attempt") if run.attempts > 1 else ""
    version = f"version {run.version}" if run.version and run.outcome.is_good else ""
    length = duration(run.duration) if run.duration is not None else ""
    return tuple(part for part in (_change(run, lines), version, length, tries, _origin(run)) if part)


def _change(run: Run, lines: int) -> str:
    if run.is_baseline:
        return f"baseline stored, {plural(lines, 'line')}" if lines else "baseline stored"
    return changed(run.added, run.removed, run.secrets_changed) if run.outcome is Outcome.MODIFIED else ""


def _stage(run: Run) -> str:
    again = f", attempt {run.attempts}" if run.attempts > 1 else ""
    if run.outcome is Outcome.IN_PROGRESS:
        return f"agent {run.agent} is backing it up{again}" if run.agent else f"being backed up{again}"
    return "waiting for an agent again" if run.attempts else "waiting for its agent"


def _origin(run: Run) -> str:
    words = (_ORIGINS.get(run.trigger, ""), "smaller size accepted" if run.accept_smaller else "")
    return ", ".join(word for word in words if word)


def run_buttons(run: Run) -> tuple[Button, ...]:
    """What can be done with ``run`` as it stands; whether this person may is asked when it is pressed."""
    if not run.outcome.is_final:
        return (cancel_button(run),)
    again = () if run.reason is FailureKind.NOT_DECLARED else (again_button(run.device),)
    return (details_button(run), *again, *review_buttons(run), *helping_buttons(run))


def review_buttons(run: Run, review: Review | None = None) -> tuple[Button, ...]:
    """What marks the change that ``run`` found as reviewed; nothing if it found none or somebody has done it."""
    return (review_button(run.id, run.device),) if _has_diff(run) and review is None else ()


def helping_buttons(run: Run) -> tuple[Button, ...]:
    """What helps against the reason for which it ended without a backup."""
    if run.reason is FailureKind.HOST_KEY_CHANGED:
        return (trust_button(run.device),)
    if run.reason is FailureKind.SUSPECT:
        return (accept_button(run.device),)
    is_too_slow = run.reason is FailureKind.RUNNING_LIMIT and run.cause is None
    if run.job and (is_too_slow or run.cause is TimeoutCause.SHORT_LIMIT):
        label = f"Edit the job of run {run.id} and its time limits"
        return (Button(text="Edit limits", action="do:edit", value=f"job:{run.job}", label=label),)
    if run.cause in {TimeoutCause.QUEUE, TimeoutCause.AGENT, TimeoutCause.NO_AGENT}:
        return (Button(text="Agents", action="do:agents", value="", label="Show all agents and their state"),)
    return ()


def run_details(
    run: Run,
    site: str,
    *,
    facts: str = "",
    version: Version | None = None,
    job: str = "",
    command: str = "",
    evidence: Evidence | None = None,
) -> Context:
    """The context of ``run_details``: the story of a run.

    ``version`` is the one valid after it, ``job`` the name of the job that began it, ``evidence`` how far it came.
    """
    view = replace(run_view(run, site, facts=facts), told=told(evidence))
    rows = [
        ("Started by", _BEGUN_BY[run.trigger]),
        ("Size", "smaller size accepted" if run.accept_smaller else ""),
        ("Job", job),
        ("Agent", run.agent or "none"),
        ("Attempts", str(run.attempts)),
        ("Waited", duration(run.waited)),
        ("Took", duration(run.duration)),
        ("Compared with", _base(run)),
        ("Version", _version(run)),
        ("Changed by", (version.author or "unknown") if version and run.outcome is Outcome.MODIFIED else ""),
    ]
    review = version.review if version and _has_diff(run) else None
    diffs = (diff_button(run), *review_buttons(run, review)) if _has_diff(run) else ()
    buttons = (again_button(run.device), *diffs, *helping_buttons(run))
    return {
        "run": view,
        "slot": run.slot,
        "asked_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "rows": [(name, value) for name, value in rows if value],
        "review": review,
        "buttons": buttons,
        "command": command,
    }


def _base(run: Run) -> str:
    if run.is_baseline:
        return "nothing: this is the baseline"
    return f"version {run.base_version}" if run.base_version else ""


def _version(run: Run) -> str:
    if run.version is None:
        return "none stored"
    if run.is_baseline:
        return f"{run.version} (baseline)"
    what = changed(run.added, run.removed, run.secrets_changed)
    return f"{run.version} ({what})" if _has_diff(run) else str(run.version)


def _has_diff(run: Run) -> bool:
    return run.outcome is Outcome.MODIFIED and run.base_version is not None
