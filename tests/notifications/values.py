"""Runs, batches and messages to render and to send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.messages.outbox import Message, MessageKind
from domain.runs.batches import Batch, BatchFailures, BatchState
from domain.runs.evidence import Evidence, Step
from domain.runs.health import Health
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger
from notifications.pages import answers, batches, configs, lists, runs
from notifications.previews import ConfigDiff
from notifications.rendering import buttons, renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_run(**changed: Any) -> Run:  # noqa: ANN401 - any field of a run
    """A run of core-sw1 at Plant A that Anna asked for, Pending unless told otherwise."""
    usual: dict[str, Any] = {
        "id": 123,
        "device": "core-sw1",
        "site": "plant-a",
        "trigger": Trigger.MANUAL,
        "outcome": Outcome.PENDING,
        "created_at": NOON,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "asked_by": "U02ANNA",
    }
    return Run(**(usual | changed))


def ended_run(outcome: Outcome, **changed: Any) -> Run:  # noqa: ANN401 - any field of a run
    """A run that took four seconds."""
    times = {"started_at": NOON + timedelta(seconds=1), "finished_at": NOON + timedelta(seconds=5), "attempts": 1}
    return make_run(outcome=outcome, **(times | changed))


def make_message(key: str = "run:1", *, text: str = "hello", progress: bool = False, **changed: Any) -> Message:  # noqa: ANN401 - any field of a message
    """A post for the channel of Plant A."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    content = {"text": text, "blocks": [section], "progress": progress}
    usual: dict[str, Any] = {"kind": MessageKind.POST, "channel": "C0PLANTA", "content": content}
    return Message(key=key, **(usual | changed))


def make_file(key: str = "run:1:file", *, text: str = "-alt\n+grün\n", **changed: Any) -> Message:  # noqa: ANN401 - any field of a message
    """A diff as a file for the channel of Plant A."""
    content = configs.diff_file("core-sw1", ConfigDiff(text, 1, 1), before=1, after=2)
    return make_message(key, kind=MessageKind.FILE, content=content, **changed)


def every_message(text: str) -> Mapping[str, renderer.Context]:
    """Each template with ``text`` wherever people or devices may have written something."""
    run = ended_run(Outcome.MODIFIED, device=text, site=text, facts=text, base_version=1, version=2, asked_by=None)
    state = BatchState(
        batch=Batch(id=1, site=text, trigger=Trigger.MANUAL, total=2, created_at=NOON), counts={Outcome.MODIFIED: 2}
    )
    change = ConfigDiff(text, 1, 1)
    seen = Evidence(step=Step.CONFIG, command=text, awaited=text, screen=(text,) * 15)
    facts: renderer.Context = {"captured_at": NOON, "last_checked_at": NOON, "author": text}
    button = buttons.Button(text=text, action="do:now", value=text, label=text)
    agent = lists.AgentLine(name=text, connected=True, since=NOON, running=1, waiting=0, concurrency=5)
    return {
        "run": runs.run_message(run, text, facts=text, evidence=seen, glance=configs.Glance(text, text)),
        "run_details": runs.run_details(run, text, facts=text, command=text, evidence=seen),
        "batch": batches.batch_message(state, text, [run] * 30),
        "batch_troubles": batches.batch_troubles(
            [BatchFailures(first=(run,) * 12, count=40)] * 25, failed=1_000, more_diffs=True
        ),
        "refusal": answers.refusal(text, command=text),
        "help": answers.help_page({text: [(text, text)] * 15}, remark=text),
        "picker": answers.picker("now", question=text, placeholder=text, full=text),
        "history": lists.history([run] * 110, {}, about=text, command=text, older=text, evidence={run.id: seen}),
        "devices": lists.devices(
            [(text, text, None, run)] * 110, counts={Health.NEVER: 110}, total=110, command=text, older=text
        ),
        "agents": lists.agents([agent] * 120, command=text),
        "diff": configs.diff(text, change, before=1, after=2, command=text),
        "show": configs.show(text, text, version=1, facts=facts, command=text),
        "trust": answers.trust(text, old=text, new=text, command=text),
        "started": answers.started(text, sentence=text),
        "cancelled": answers.cancelled(run, command=text),
        "notice": answers.notice(text, command=text, buttons=[button] * 30),
    }
