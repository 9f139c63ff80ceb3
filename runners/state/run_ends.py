"""How a run ends, in the form that the database takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.runs.evidence import bounded
from domain.runs.outcomes import Outcome
from domain.runs.run import CANCELLED_BY
from domain.runs.steps import JumpKeys, RunEnd

if TYPE_CHECKING:
    from datetime import datetime

    from domain.inventory.declared import Endpoint
    from domain.runs.run import Run
    from runners.state.cancel_wishes import CancelWish
    from runners.wire.messages import Captured, Failed

_NOTHING = timedelta(0)


class HasEnded(NotNow):
    """The run has its outcome, or is just getting it."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"run {run.id} has ended", advice=f"Run {run.id} has already ended, so there is nothing to cancel."
        )


def ended(run: Run, reason: FailureKind, at: datetime, *, facts: str = "") -> RunEnd:
    """The end of a run that brought no configuration home, by the word of ``serve``."""
    outcome = Outcome.TIMED_OUT if reason.is_clock else Outcome.FAILED
    return RunEnd(run=run.id, outcome=outcome, at=at, reason=reason, facts=facts)


def cancelled(run: Run, at: datetime, *, by: str) -> RunEnd:
    """The end of a run that a person did not want any more; ``facts`` names who."""
    return ended(run, FailureKind.CANCELLED, at, facts=CANCELLED_BY + by)


def end_of_failure(
    run: Run, message: Failed, *, wish: CancelWish | None, at: datetime, jump: Endpoint | None = None
) -> RunEnd:
    """The end that an agent reports.

    Whatever broke after a person had asked to cancel, it ends as cancelled: that is why it broke. An agent
    that cancels on its own, because it is being stopped, has interrupted the run.
    """
    reason, facts = message.kind, message.facts
    if wish:
        reason, facts = FailureKind.CANCELLED, CANCELLED_BY + wish.by
    elif reason is FailureKind.CANCELLED:
        reason = FailureKind.INTERRUPTED
    return RunEnd(
        run=run.id,
        outcome=Outcome.TIMED_OUT if reason.is_clock else Outcome.FAILED,
        at=at,
        agent=message.agent,
        attempts=message.attempts,
        started_at=begun_at(run, message, at),
        reason=reason,
        facts=facts,
        evidence=bounded(message.evidence) if message.evidence else None,
        offered_host_key=None if message.offered_by_jump else message.offered_host_key,
        jump=_jump_refused(message, jump),
    )


def jump_keys(message: Captured, jump: Endpoint | None) -> JumpKeys | None:
    """The key that the jump host showed at a good log-in; None: there is no jump host."""
    if jump is None or message.jump_host_key is None:
        return None
    return JumpKeys(address=jump.address, host_key=message.jump_host_key)


def _jump_refused(message: Failed, jump: Endpoint | None) -> JumpKeys | None:
    if jump is None or not message.offered_by_jump:
        return None
    return JumpKeys(address=jump.address, offered_host_key=message.offered_host_key)


def begun_at(run: Run, message: Captured | Failed, received_at: datetime) -> datetime:
    """When a run began by the clock of ``serve``; the agent's clock is trusted for the duration alone."""
    if run.started_at is not None:
        return run.started_at
    return max(run.created_at, received_at - max(message.finished_at - message.started_at, _NOTHING))
