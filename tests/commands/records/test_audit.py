"""Row P5 in words: what is noted, who reads it, and how it is taken along."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from commands.denials import MAX_DENIALS_A_MINUTE
from commands.request import Surface
from domain.audit import AuditAction, AuditEntry
from domain.failures import FailureKind
from domain.inventory.host_keys import fingerprint
from domain.runs.outcomes import Outcome
from storage.access.audit import note
from storage.devices.devices import device_state, pin_host_key
from tests.commands.plants import NEW_KEY, OLD_KEY, PEOPLE
from tests.commands.records.steps import ended, noted, said, table_of

if TYPE_CHECKING:
    from tests.commands.plants import Plant

DAILY_2 = "Every day at 02:00"


async def test_p5_every_change_of_a_job_is_noted_with_before_and_after(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly")
    await plant.ask("edit nightly at 03:00")
    await plant.ask("edit nightly as weekly")
    await plant.ask("pause weekly until 2h")
    await plant.ask("resume weekly")
    await plant.ask_words(("delete", "weekly", "yes"))

    entries = await noted()

    added, moved, renamed, paused, resumed, deleted = entries
    assert {(one.actor, one.site, one.device, one.denied) for one in entries} == {
        ("U0OPER", "plant-a", "core-sw1", False)
    }
    assert {one.at for one in entries} == {plant.clock.now()}
    assert {one.correlation for one in entries} == {"c0ffee"}
    assert (added.what, added.before, added.after["Schedule"]) == (AuditAction.JOB_ADDED, {}, DAILY_2)
    assert moved.changes() == (("Schedule", DAILY_2, "Every day at 03:00"),)
    assert renamed.changes() == (("Name", "nightly", "weekly"),)
    assert (paused.what, paused.before) == (AuditAction.JOB_PAUSED, {"Paused": "no"})
    assert paused.after["Paused"].startswith("until 20")
    assert (resumed.what, resumed.before, resumed.after) == (
        AuditAction.JOB_RESUMED,
        paused.after,
        {"Paused": "no"},
    )
    assert (deleted.what, deleted.target, deleted.after) == (AuditAction.JOB_DELETED, "weekly", {})


async def test_p5_a_change_that_changes_nothing_is_not_noted(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly")
    await plant.ask("edit nightly at 02:00")

    assert [one.what for one in await noted()] == [AuditAction.JOB_ADDED]


async def test_p5_cancel_accepted_keys_and_accepted_sizes_are_noted(plant: Plant) -> None:
    await plant.ask("now core-sw1 accept-smaller")
    await plant.ask("cancel core-sw1")
    await pin_host_key("core-sw2", OLD_KEY)
    await ended(
        plant,
        device="core-sw2",
        outcome=Outcome.FAILED,
        reason=FailureKind.HOST_KEY_CHANGED,
        version=None,
        offered_host_key=NEW_KEY,
    )
    await plant.ask(f"trust core-sw2 {fingerprint(NEW_KEY)}", by="admin")

    smaller, cancelled, key = await noted()

    assert (smaller.what, smaller.device) == (AuditAction.SMALLER_ACCEPTED, "core-sw1")
    assert (cancelled.what, cancelled.target) == (AuditAction.RUN_CANCELLED, smaller.target)
    assert (key.what, key.actor, key.device) == (AuditAction.KEY_ACCEPTED, "U0ADMIN", "core-sw2")
    assert key.changes() == (("Host key", fingerprint(OLD_KEY), fingerprint(NEW_KEY)),)
    state = await device_state("core-sw2")
    assert state
    assert state.host_key == NEW_KEY


@pytest.mark.parametrize(
    ("line", "by", "site", "device"),
    [
        ("now core-sw1", "viewer", "plant-a", "core-sw1"),
        ("add core-sw1 daily 02:00", "viewer", "plant-a", "core-sw1"),
        ("now hidden-fw1", "operator", "plant-b", "hidden-fw1"),  # told that there is no such device
        ("history plant-b", "operator", "plant-b", None),
        ("audit", "operator", "plant-a", None),
        ("devices", "stranger", None, None),
        ("devices", "guest", None, None),
    ],
)
async def test_p5_a_denied_try_is_noted_with_what_it_was_about(
    line: str, by: str, site: str | None, device: str | None, plant: Plant
) -> None:
    await plant.ask(line, by=by)

    [entry] = await noted()
    assert entry.denied
    assert (entry.what, entry.actor, entry.site, entry.device) == (AuditAction.TRIED, PEOPLE[by].id, site, device)
    assert entry.target == f"/backup {line.split(maxsplit=1)[0]}"
    assert entry.after["Why"]
    assert entry.actor not in entry.after["Why"]  # the list names the person already, as a mention


@pytest.mark.parametrize("line", ["now kaffeemaschine", "run 99999", "now", "audit core-sw1 soon", "hello"])
async def test_a_mistake_is_no_denied_try(line: str, plant: Plant) -> None:
    await plant.ask(line, by="admin")

    assert await noted() == []


async def test_p5_a_flood_of_denied_tries_is_counted_and_not_written_out(plant: Plant) -> None:
    for _ in range(500):
        await plant.ask("now core-sw1", by="viewer")
    written = len(await noted())

    await plant.ask("audit", by="admin")

    *one_by_one, counted = await noted()
    assert written == len(one_by_one) == MAX_DENIALS_A_MINUTE
    assert (counted.actor, counted.site, counted.after) == (
        "U0VIEW",
        "plant-a",
        {"Tries": str(500 - MAX_DENIALS_A_MINUTE)},
    )


async def test_p5_the_next_minute_begins_anew_and_tells_what_was_left_out_before(plant: Plant) -> None:
    for _ in range(MAX_DENIALS_A_MINUTE + 3):
        await plant.ask("now core-sw1", by="viewer")
    await plant.clock.advance(timedelta(minutes=1))

    await plant.ask("now core-sw1", by="viewer")

    assert [one.after.get("Tries") for one in await noted()] == [*[None] * MAX_DENIALS_A_MINUTE, "3", None]


async def test_p5_denied_options_are_noted_and_an_unreadable_word_is_not_repeated(plant: Plant) -> None:
    await plant.commands.options(PEOPLE["guest"], "pick:now", "x")
    await plant.ask("hunter2-is-my-password", by="guest")

    entries = await noted()
    assert [one.target for one in entries] == ["/backup now", "an unknown command"]
    assert "hunter2" not in repr(entries)


async def test_p5_an_admin_reads_the_audit_of_the_own_site_and_an_owner_everything(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly")
    await plant.ask("add hidden-fw1 daily 02:00 as secretly", by="owner")
    await plant.ask("devices", by="guest")

    admins = said(await plant.ask("audit", by="admin"))
    owners = said(await plant.ask("audit", by="owner"))
    asked_for_another = said(await plant.ask("audit plant-b", by="admin"))
    operators = said(await plant.ask("audit", by="operator"))

    assert "nightly" in admins
    assert "secretly" not in admins
    assert "U0GUEST" not in admins
    assert all(word in owners for word in ("nightly", "secretly", "U0GUEST"))
    assert "There is no" in asked_for_another
    assert "may not read the audit" in operators


async def test_p5_an_audit_answer_is_never_public(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00")

    reply = await plant.ask("audit plant-a", by="admin", surface=Surface.MENTION)

    assert not reply.public
    assert reply.sites == ("plant-a",)


async def test_p5_the_export_of_the_audit_is_complete_in_both_forms(plant: Plant) -> None:
    await plant.ask("add Büro Switch daily 02:00 as Nächtlich")
    made = [
        AuditEntry(
            at=plant.clock.now() + timedelta(seconds=number),
            actor="U0OPER",
            what=AuditAction.JOB_CHANGED,
            site="plant-a",
            target=f"job {number}",
            before={"Name": "a"},
            after={"Name": "b"},
        )
        for number in range(1_200)
    ]
    await note(*made)

    rows = table_of(await plant.ask("export audit plant-a", by="admin"))
    lines = await plant.ask("export audit json", by="owner")

    assert len(rows) == 1_201
    assert rows[0]["target"] == "job 1199"
    assert (rows[-1]["target"], rows[-1]["device"], rows[-1]["action"]) == ("Nächtlich", "Büro Switch", "job_added")
    assert rows[0]["before"] == "Name: a"
    assert rows[0]["at_site"].endswith(("+01:00", "+02:00"))
    assert rows[0]["at_utc"].endswith("+00:00")
    assert lines.file
    assert lines.file.filename.endswith(".jsonl")
    assert [json.loads(one)["entry"] for one in lines.file.text.splitlines()] == [int(one["entry"]) for one in rows]


@pytest.mark.parametrize("line", ["trust core-sw2", "now core-sw1", "access plant-a add @somebody admin", "audit"])
async def test_p5_people_in_the_audit_are_mentions_and_never_ids(line: str, plant: Plant) -> None:
    await plant.ask(line, by="viewer")

    text = said(await plant.ask("audit", by="owner"))

    assert "<@U0VIEW> was denied" in text
    assert "may not" in text
    assert "U0VIEW" not in text.replace("<@U0VIEW>", "")


async def test_p5_who_was_given_access_is_a_mention(plant: Plant) -> None:
    await plant.ask("access plant-a add <@U0STRANGE> viewer", by="admin")

    text = said(await plant.ask("audit", by="owner"))

    assert "changed access: *<@U0STRANGE>*" in text
