"""Texts that people and devices may write to break a message, in every template and every place that takes text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from commands.input.corrections import corrections
from demo.gallery.entries import Entry
from demo.gallery.samples import NIGHT, make_batch, make_job, make_run
from demo.gallery.subjects.choices import hostile_forms, hostile_messages
from demo.gallery.subjects.digests import hostile_report
from demo.gallery.subjects.events import hostile_events
from demo.gallery.subjects.graphs import make_graph
from demo.gallery.subjects.homes import hostile_home
from domain.audit import AuditAction, AuditEntry
from domain.configs.versions import Review, Version
from domain.errors import UnknownName
from domain.events.alerts import AgentDisconnected
from domain.failures import FailureKind
from domain.inventory.declared import Site
from domain.jobs.drafts import JobDraft
from domain.jobs.slots import Slot, SlotFate
from domain.runs.batches import BatchFailures
from domain.runs.evidence import Evidence, Step
from domain.runs.health import Health, ages_of
from domain.runs.outcomes import Outcome
from notifications.alerts import pages as alerts
from notifications.graphs import graphs
from notifications.pages import access, answers, batches, configs, jobs, lists, reviews, runs
from notifications.pages.audit import audit_list
from notifications.pages.job_form import Reading, job_closing, job_form
from notifications.pages.jobs import JobLine
from notifications.previews import ConfigDiff
from notifications.rendering import buttons as controls
from notifications.rendering import renderer
from notifications.rendering.form_fields import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXTS: Final = {
    "mentions": "<!channel> <!here> <@U02ANNA> <!subteam^S03TEAM> @everyone @here #general",
    "markup": "``` `code` *bold* _it_ ~no~ > quote :tada: <https://evil.example|core-sw1> &lt;b&gt;",
    "script": "</script><script>window.hostile = 1</script><img src=x onerror='window.hostile = 1'>",
    "template": "{{ 7 * 7 }} {% include 'x' %} {# gone? #} ${7*7} \\u003c \"quoted\", \\",
    "right to left": "\u202egnorw\u202c مرحبا \u2066core\u2069 שלום ws-1\u200f",
    "zalgo": "".join(letter + "\u0300\u0301\u0316\u0335\u0336\u0489" * 4 for letter in "core-sw1"),
    "emoji and halves": "👩\u200d👧\u200d👦 🇩🇪 e\u0301 \ud800 \x00\x07\x1b[31mred\x1b[0m \ufeff",
    "one long word": "x" * 4_000,
    "many words": "switch behind the third cabinet " * 125,
    "many lines": "first\nsecond\r\n\n\n" + "line\n" * 300,
}


def entries() -> Iterator[Entry]:
    """Every template with every text."""
    for named, text in TEXTS.items():
        group = f"Hostile: {named}"
        for template, context in every_message(text).items():
            yield Entry(group=group, state=template, template=template, context=context)
        yield Entry(group=group, state="home", template="home", context=hostile_home(text), surface="home")
        for template, context in every_form(text).items():
            yield Entry(group=group, state=template, template=template, context=context, surface="modal")


def every_form(text: str) -> Mapping[str, renderer.Context]:
    """Each form with ``text`` wherever people may have written something."""
    draft = JobDraft(kind="device", target=text, name=text, pattern="cron", cron=text, waiting=text, running=text)
    reading = Reading(words=text, zone=text, times=((text, NIGHT),), problem=text)
    return {
        "job_form": job_form(draft, target=Choice(text=text, value=text), reading=reading, sentence=text, who=text),
        "form_closing": job_closing((text, text), reading),
        "form_message": {"title": "Lastgood", "line": text},
        **hostile_forms(text),
        "review_form": reviews.review_form(text, 1, note=text, sentence=text),
    }


def every_message(text: str) -> Mapping[str, renderer.Context]:
    """Each message with ``text`` wherever people or devices may have written something."""
    return {
        **_of_runs(text),
        **_of_lists(text),
        **_of_jobs(text),
        **_of_answers(text),
        **hostile_messages(text),
        **hostile_events(text),
    }


def _of_jobs(text: str) -> Mapping[str, renderer.Context]:
    site = Site(key="plant-a", name=text, timezone=ZoneInfo("UTC"))
    gone = AgentDisconnected(agent=text, since=NIGHT, waiting={"plant-a": (text,) * 30})
    job = make_job(text, changed_by=text, paused_by=text)
    line = JobLine(job=job, value="job:1", site=text, agent=text, last=None, is_paused=True)
    slot = Slot(id=1, job=1, due_at=NIGHT, fate=SlotFate.SKIPPED_PAUSED, noted_at=NIGHT, note=text, by=text)
    reading = Reading(words=text, zone=text, times=((text, NIGHT),))
    return {
        "alert": alerts.agent_disconnected(gone, [site]),
        "access": access.own_access([(text, text)] * 50, manages=[site], command=text),
        "access_site": access.site_access(site, (), page=1, labels={}, command=text, sentence=text),
        "jobs": jobs.jobs([line] * 3, total=3, about=text, order=text, command=text),
        "job": jobs.job(line, reading=reading, slots=[slot], command=text, sentence=text),
        "stale": lists.stale(
            [(text, text, None)] * 3, ages_of({text: None}, before=NIGHT), days=7, now=NIGHT, command=text
        ),
    }


def _of_runs(text: str) -> Mapping[str, renderer.Context]:
    run = make_run(Outcome.MODIFIED, device=text, site=text, facts=text, base_version=1, version=2, asked_by=None)
    failed = replace(run, outcome=Outcome.FAILED, reason=FailureKind.COMMAND_REJECTED)
    seen = Evidence(step=Step.CONFIG, command=text, awaited=text, screen=(text,) * 15)
    batch = make_batch(3, {Outcome.MODIFIED: 3}, site=text, asked_by=text)
    return {
        "run": runs.run_message(failed, text, facts=text, evidence=seen, glance=configs.Glance(text, text)),
        "run_details": runs.run_details(run, text, facts=text, job=text, command=text, evidence=seen),
        "batch": batches.batch_message(batch, text, [run] * 3),
        "batch_troubles": batches.batch_troubles(
            [BatchFailures(first=(failed,) * 3, count=1_000)], failed=1_000, more_diffs=True
        ),
        "cancelled": answers.cancelled(run, command=text),
        "audit": audit_list([_entry(text)] * 3, {}, about=text, command=text),
        "reviewed": reviews.reviewed(text, 1, _review(text), is_new=False, command=text),
        "unreviewed": reviews.unreviewed([_version(text)] * 3, {}, about=text, total=3, command=text),
        "history": lists.history([run] * 3, {}, about=text, command=text, older=text, evidence={run.id: seen}),
        "digest": hostile_report(text),
    }


def _entry(text: str) -> AuditEntry:
    facts = {text: text}
    return AuditEntry(
        at=NIGHT, actor=text, what=AuditAction.TRIED, site=text, device=text, target=text, after=facts, denied=True
    )


def _review(text: str) -> Review:
    return Review(by=text, at=NIGHT, note=text)


def _version(text: str) -> Version:
    return Version(
        device=text,
        site=text,
        number=2,
        commit="0" * 40,
        run=1,
        captured_at=NIGHT,
        last_checked_at=NIGHT,
        valid_until=None,
        size=1,
        digest="0" * 64,
        author=text,
    )


def _of_lists(text: str) -> Mapping[str, renderer.Context]:
    run = make_run(Outcome.UP_TO_DATE, device=text, site=text, version=1)
    agent = lists.AgentLine(name=text, connected=False, since=NIGHT, running=1, waiting=3, concurrency=5)
    return {
        "devices": lists.devices(
            [(text, text, None, run)] * 3, counts={Health.NEVER: 3}, total=3, command=text, older=text
        ),
        "agents": lists.agents([agent] * 3, command=text),
        "graph": graphs.graph_message(make_graph("7d", good=60, about=text, device=text), command=text),
        "help": answers.help_page({text: [(text, text)] * 3}, remark=text),
    }


def _refusal(error: UnknownName, text: str) -> renderer.Context:
    buttons = corrections(error, ("now", text), slash="/backup")
    return answers.refusal(error.advice, command=text, buttons=buttons)


def _of_answers(text: str) -> Mapping[str, renderer.Context]:
    facts: renderer.Context = {"captured_at": NIGHT, "last_checked_at": NIGHT, "author": text}
    button = controls.Button(text=text, action="do:now", value=text, label=text)
    diff = ConfigDiff(f"@@ -1 +1 @@\n-{text}\n+{text}\n", 1, 1)
    return {
        "refusal": _refusal(UnknownName("device", text, similar=(text,), words=(text,)), text),
        "picker": answers.picker("now", question=text, placeholder=text, full=text),
        "diff": configs.diff(text, diff, before=1, after=2, command=text),
        "link_only": configs.link_only(text, diff, site=text, versions=text, look=text, command=text),
        "show": configs.show(text, text, version=1, facts=facts, command=text),
        "trust": answers.trust(text, old=text, new=text, command=text),
        "started": answers.started(text, sentence=text),
        "notice": answers.notice(text, command=text, buttons=[button] * 3),
    }
