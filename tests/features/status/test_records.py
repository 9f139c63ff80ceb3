"""Rows P5, R3 and H5 through Slack: who did what, lists as files, and changes that somebody has looked at."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.audit import AuditAction, AuditQuery
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd
from storage.access.audit import audit_page
from storage.devices.reviews import count_unreviewed
from storage.devices.versions import version_of
from storage.jobs.jobs import jobs_called
from storage.runs.endings import finish_runs
from storage.runs.runs import add_runs
from tests.features.asking import back_up, last_run

if TYPE_CHECKING:
    from demo.slack import File, Message, Person
    from demo.slack.state.values import View
    from domain.audit import AuditEntry
    from tests.support.serve_fixtures import Town

HERE = frozenset({"plant-a"})


async def noted() -> list[AuditEntry]:
    """What the audit holds, the oldest first."""
    return (await audit_page(AuditQuery(sites=None, limit=500)))[::-1]


async def answer(town: Town, person: Person, command: str, holding: str) -> Message:
    """Type ``command``, and wait for the answer."""
    await town.command(person, command)
    return await town.private(person, holding)


async def window(town: Town, person: Person, holding: str) -> View:
    """The form in front of ``person``, once it shows ``holding``."""

    def found() -> View | None:
        stack = town.slack.views(person)
        return stack[-1] if stack and holding in town.slack.plain(stack[-1]) else None

    return await town.until(found)


async def sent_file(town: Town, ending: str) -> File:
    """The file whose name ends like this, once it stands in somebody's conversation with the bot."""

    def found() -> File | None:
        return next((one for one in town.slack.files.values() if one.name.endswith(ending) and one.shares), None)

    return await town.until(found)


def rows_of(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


async def test_p5_each_change_and_each_denied_try_is_told_and_exported(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await answer(town, town.anna, "/backup add core-sw1 daily 02:00 as nightly", "The job is added")
    await answer(town, town.anna, "/backup edit nightly at 03:00", "The job is changed")
    await answer(town, town.anna, "/backup pause nightly", "The job is paused")
    await answer(town, town.anna, "/backup resume nightly", "The job is resumed")
    question = await answer(town, town.anna, "/backup delete nightly", "Delete the job")
    await town.slack.press(town.anna, question, "do:delete")
    await town.private(town.anna, "is deleted")
    await answer(town, town.vera, "/backup now core-sw1", "may not run backups")
    await answer(town, town.stan, "/backup show core-sw1", "core-sw1")

    listed = await answer(town, town.olga, "/backup audit", "Audit of ")
    await answer(town, town.olga, "/backup export audit", "on the way to you")
    file = await sent_file(town, ".csv")

    entries = await noted()
    assert [(one.actor, one.what) for one in entries] == [
        (town.anna.id, AuditAction.JOB_ADDED),
        (town.anna.id, AuditAction.JOB_CHANGED),
        (town.anna.id, AuditAction.JOB_PAUSED),
        (town.anna.id, AuditAction.JOB_RESUMED),
        (town.anna.id, AuditAction.JOB_DELETED),
        (town.vera.id, AuditAction.TRIED),
        (town.stan.id, AuditAction.TRIED),
    ]
    assert entries[1].changes() == (("Schedule", "Every day at 02:00", "Every day at 03:00"),)
    assert all(one.correlation for one in entries)
    assert "Every day at 02:00 → Every day at 03:00" in town.slack.plain(listed)
    assert [int(row["entry"]) for row in rows_of(file)] == [one.id for one in entries[::-1]]
    assert town.slack.refused == []


async def test_p5_a_button_and_a_form_of_somebody_who_may_not_are_noted_too(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    message = await back_up(town, "core-sw1")

    await town.slack.press(town.vera, message, "do:now")
    await town.private(town.vera, "may not run backups")
    await town.command(town.anna, "/backup add core-sw1")
    form = await window(town, town.anna, "Name of the job")
    guest = town.slack.happenings.person_changed(replace(town.anna, is_restricted=True))
    await town.clock.sleep(timedelta(seconds=1))
    await town.slack.submit(guest, form)
    await window(town, town.anna, "does not answer guests")

    button, door = await noted()
    assert (button.actor, button.device, button.denied) == (town.vera.id, "core-sw1", True)
    assert (door.actor, door.denied, door.site) == (town.anna.id, True, None)
    assert await jobs_called("core-sw1", HERE) == []


async def test_r3_the_exported_rows_equal_the_filter_with_a_thousand_runs(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    now = town.clock.now()
    new = [
        NewRun(
            device="Zürich-Überlauf 夜",
            site="plant-a",
            trigger=Trigger.SCHEDULE,
            created_at=now - timedelta(minutes=2_000 - number),
            waiting_limit=timedelta(minutes=30),
            running_limit=timedelta(minutes=5),
        )
        for number in range(1_500)
    ]
    made = await add_runs(new)
    bad, good = made[:1_200], made[1_200:]
    facts = {"reason": FailureKind.COMMAND_REJECTED, "facts": "username fritz password 7 094F471A1A0A"}
    await finish_runs([RunEnd(run=run.id, outcome=Outcome.FAILED, at=run.created_at, **facts) for run in bad])  # type: ignore[arg-type] # fields of an end
    await finish_runs([RunEnd(run=run.id, outcome=Outcome.UP_TO_DATE, at=run.created_at) for run in good])

    await answer(town, town.vera, "/backup export history plant-a failed", "1,200 runs")
    file = await sent_file(town, ".csv")

    rows = rows_of(file)
    assert [int(row["run"]) for row in rows] == [run.id for run in bad[::-1]]
    assert {row["device"] for row in rows} == {"Zürich-Überlauf 夜"}
    assert {row["outcome"] for row in rows} == {"Failed"}
    assert "094F471A1A0A" not in file.content.decode()
    assert all(row["detail"].startswith("username fritz") for row in rows)
    assert rows[0]["created_at_site"].endswith(("+01:00", "+02:00"))
    assert town.slack.refused == []


async def test_h5_pressed_with_a_ticket_the_counter_drops_and_the_second_press_is_harmless(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await back_up(town, "core-sw1")
    switch.change("add vlan 77")
    message = await back_up(town, "core-sw1")
    before = await count_unreviewed(HERE)

    await town.slack.press(town.anna, message, "do:review")
    form = await window(town, town.anna, "Ticket or note")
    await town.slack.submit(town.anna, form, {"note~0": "CHG0012345 größer"})
    await window(town, town.anna, "is reviewed")
    after = await count_unreviewed(HERE)
    await town.slack.press(town.olga, message, "do:review")
    again = await town.private(town.olga, "was already reviewed")
    run = await last_run("core-sw1")
    details = await answer(town, town.vera, f"/backup run {run.id}", "Reviewed by")
    diff = await answer(town, town.vera, f"/backup diff core-sw1 #{run.id}", "Reviewed by")

    version = await version_of("core-sw1", 2)
    assert (before, after) == (1, 0)
    assert version
    assert version.review
    assert (version.review.by, version.review.note) == (town.anna.id, "CHG0012345 größer")
    for shown in (again, details, diff):
        assert "CHG0012345 größer" in town.slack.plain(shown)
    assert [one.what for one in await noted()] == [AuditAction.REVIEWED]
    assert town.slack.refused == []


async def test_h5_a_viewer_cannot_review_and_the_list_leads_to_the_form(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await back_up(town, "core-sw1")
    switch.change("add vlan 77")
    message = await back_up(town, "core-sw1")

    await town.slack.press(town.vera, message, "do:review")
    await town.private(town.vera, "may not review changes")
    listed = await answer(town, town.anna, "/backup unreviewed", "1 change")
    await town.slack.select(town.anna, listed, "do:review#mark", "#2")
    form = await window(town, town.anna, "Ticket or note")
    await town.slack.submit(town.anna, form)
    await window(town, town.anna, "is reviewed")

    assert await count_unreviewed(HERE) == 0
    [denied, reviewed] = await noted()
    assert (denied.actor, denied.denied) == (town.vera.id, True)
    assert (reviewed.actor, reviewed.after) == (town.anna.id, {"Reviewed": "yes"})
