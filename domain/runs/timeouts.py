"""The two clocks of a run, and why nobody started it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.runs.causes import TimeoutCause
from domain.runs.run import RUNNING_LIMIT_GRACE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from domain.runs.agent_status import AgentStatus
    from domain.runs.run import Run

HEARTBEAT_TIMEOUT = timedelta(seconds=30)  # without a heartbeat an agent counts as disconnected
CANCEL_TIMEOUT = timedelta(seconds=5)  # how long an agent may take to confirm that it has cancelled
MAX_MISSED_HEARTBEATS = 3  # heartbeats that do not name a run until it counts as lost


@dataclass(frozen=True, slots=True)
class Why:
    """The cause with the sentence that says so and what helps; no cause: none is known."""

    cause: TimeoutCause | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWait:
    """How a run waited until its time was over."""

    span: timedelta  # that really went by
    ahead: int = 0  # runs of its own site that were before it and that everybody at the site may see
    is_behind_others: bool = False  # whether any run at all was before it in the queue of its agents
    is_inherited: bool = False  # its time was over before Lastgood was started


def clock_that_ran_out(run: Run, now: datetime) -> FailureKind | None:
    """Which of the clocks of an unfinished run has run out; None: neither.

    Once started, the running clock alone counts, over all attempts: a run that goes back to waiting because
    its agent was lost has been started all the same.
    """
    if run.started_at is None:
        late = now >= run.ready_at + run.waiting_limit
        return FailureKind.NEVER_STARTED if late else None
    late = now >= run.started_at + run.running_limit + RUNNING_LIMIT_GRACE
    return FailureKind.RUNNING_LIMIT if late else None


def time_left(run: Run, now: datetime) -> timedelta:
    """How much of the running limit a further attempt may use; at least a second."""
    if run.started_at is None:
        return run.running_limit
    return max(timedelta(seconds=1), run.started_at + run.running_limit - now)


def why_never_started(
    run: Run, wait: RunWait, *, now: datetime, serving: Sequence[AgentStatus], timezone: tzinfo
) -> Why:
    """Why the waiting clock of ``run`` ran out, and what helps.

    Args:
        run: started by nobody.
        wait: what was before it meanwhile.
        now: when its clock ran out.
        serving: the agents that serve its site.
        timezone: the site's, for the times in the sentence.
    """
    if not serving:
        return Why(
            TimeoutCause.NO_AGENT,
            f"No agent serves the site {run.site}. Add the site to an agent under `agents` in app.yaml.",
        )
    if wait.is_inherited:
        return Why(None, "Lastgood was not running when its waiting time ended.")
    here = [agent for agent in serving if agent.disconnected_since is None]
    if not here:
        helps = "Is it running, and can it reach Lastgood?"
        return Why(TimeoutCause.AGENT, f"{_disconnected(serving, now, timezone)} {helps}")
    if wait.ahead or wait.is_behind_others:
        before = f"behind {wait.ahead} {_runs(wait.ahead)} of its site" if wait.ahead else "for a free place"
        return Why(
            TimeoutCause.QUEUE,
            f"It waited {in_words(wait.span)} {before} on {_named(here)}. "
            f"Raise `concurrency` of the agent or the site, add an agent, or raise {_longest_wait(run)}.",
        )
    return Why(
        TimeoutCause.SHORT_LIMIT,
        f"The {_named(here)} had a free place but did not start it within {in_words(run.waiting_limit)}. "
        f"If that limit is too short, raise {_longest_wait(run)}. Otherwise check the agent's log.",
    )


def why_too_long(
    run: Run, *, now: datetime, usual: timedelta | None, agent: AgentStatus | None, timezone: tzinfo
) -> Why | None:
    """Why ``run`` was still going on at its running limit; None: nothing is known beyond that.

    Args:
        run: in progress when its clock ran out.
        now: when that was.
        usual: how long backups of its device usually take; None: none has ended well yet.
        agent: the one that was at it.
        timezone: the site's, for the times in the sentence.
    """
    if agent and agent.disconnected_since:
        return Why(
            TimeoutCause.AGENT,
            f"{_disconnected([agent], now, timezone)} How far the backup got is unknown. Is the agent running?",
        )
    if usual and usual >= run.running_limit:
        return Why(
            TimeoutCause.SHORT_LIMIT,
            f"It usually takes {in_words(usual)}, but its time limit is {in_words(run.running_limit)}.",
        )
    return None


def in_words(span: timedelta) -> str:
    """A span of time as people say it: ``45 s``, ``9 min``, ``2 h 5 min``."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 120:  # noqa: PLR2004 - two minutes: below, seconds tell more
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _disconnected(serving: Sequence[AgentStatus], now: datetime, timezone: tzinfo) -> str:
    latest = max(serving, key=lambda agent: agent.disconnected_since or now)
    since = (latest.disconnected_since or now).astimezone(timezone)
    form = "%H:%M %Z" if now - since < timedelta(hours=12) else "%Y-%m-%d %H:%M %Z"
    others = f" (and {len(serving) - 1} more)" if len(serving) > 1 else ""
    return f"Agent {latest.name}{others} has been disconnected since {since.strftime(form)}."


def _named(agents: Sequence[AgentStatus]) -> str:
    return ("agent " if len(agents) == 1 else "agents ") + ", ".join(agent.name for agent in agents)


def _longest_wait(run: Run) -> str:
    """The limit as people find it: that of a job goes before that of its device."""
    return "the job's `Waiting time limit`" if run.job else "`limits.waiting` of the device in app.yaml"


def _runs(count: int) -> str:
    return "run" if count == 1 else "runs"
