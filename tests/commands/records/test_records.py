"""Rows R3 and H5 in words: what is exported and what is reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.audit import AuditAction
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from storage.devices.reviews import count_unreviewed
from storage.devices.versions import version_of
from tests.commands.records.steps import changed, ended, noted, said, table_of

if TYPE_CHECKING:
    from tests.commands.plants import Plant

HERE = frozenset({"plant-a"})


async def test_r3_rows_equal_the_count_of_the_filter_over_many_pages(plant: Plant) -> None:
    good = await ended(plant, 700)
    bad = await ended(
        plant,
        1_100,
        device="Büro Switch",
        outcome=Outcome.FAILED,
        reason=FailureKind.COMMAND_REJECTED,
        facts="% s3cret word, zurückgewiesen",
        version=None,
        base_version=None,
    )

    everything = await plant.ask("export history plant-a")
    failed = await plant.ask("export history plant-a failed")
    oldest = await plant.ask("export history Büro Switch oldest csv")

    assert [int(row["run"]) for row in table_of(everything)] == [run.id for run in [*good, *bad][::-1]]
    rows = table_of(failed)
    assert [int(row["run"]) for row in rows] == [run.id for run in bad[::-1]]
    assert [int(row["run"]) for row in table_of(oldest)] == [run.id for run in bad]
    assert {row["device"] for row in rows} == {"Büro Switch"}
    assert {row["detail"] for row in rows} == {
        "'% s3cret word, zurückgewiesen".replace("s3cret", "<Büro Switch hides it>")[1:]
    }
    assert "s3cret" not in str(failed)
    assert "1,100 runs" in said(failed)
    assert failed.sites == ("plant-a",)


async def test_u3_an_export_of_devices_gives_each_its_state_and_holds_no_device_of_others(plant: Plant) -> None:
    await plant.stored("core-sw1", 1)
    await plant.stored("core-sw2", 1)
    await plant.ended("core-sw2", Outcome.FAILED, reason=FailureKind.REFUSED)
    await plant.ended("edge-rt1", Outcome.FAILED, reason=FailureKind.REFUSED)

    rows = {row["device"]: row for row in table_of(await plant.ask("export devices", by="viewer"))}
    filtered = table_of(await plant.ask("export devices plant-a edge", by="viewer"))

    assert {name: row["state"] for name, row in rows.items()} == {
        "core-sw1": "good",
        "core-sw2": "failing",
        "edge-rt1": "never_backed_up",
        "Büro Switch": "never_backed_up",
    }
    assert (rows["core-sw1"]["version"], rows["edge-rt1"]["version"]) == ("1", "")
    assert (rows["edge-rt1"]["last_reason"], rows["edge-rt1"]["last_good_at_utc"]) == ("refused", "")
    assert [row["device"] for row in filtered] == ["edge-rt1"]


async def test_r3_a_cell_that_a_spreadsheet_would_calculate_is_a_text(plant: Plant) -> None:
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1+1"):
        await plant.ask_words(("add", "core-sw1", "daily", "02:00", "as", name))

    names = {row["name"] for row in table_of(await plant.ask("export jobs"))}

    assert names == {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\uff1d1+1"}


async def test_r3_an_export_that_is_too_long_says_so_and_how_to_narrow_it(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commands.records.export.MAX_EXPORT_ROWS", 20)
    await ended(plant, 25)

    reply = await plant.ask("export history")

    assert len(table_of(reply)) == 20
    assert "the rest was left out" in said(reply)
    assert "`7d`" in said(reply)


async def test_r3_nothing_gives_no_file_and_a_stranger_nothing_at_all(plant: Plant) -> None:
    nothing = await plant.ask("export history failed")
    stranger = await plant.ask("export history", by="stranger")
    viewer = await plant.ask("export audit", by="viewer")
    wrong = await plant.ask("export everything")

    assert nothing.file is stranger.file is viewer.file is wrong.file is None
    assert "so there is no file" in said(nothing)
    assert "may not read the audit" in said(viewer)
    assert "export devices|history|jobs|audit" in said(wrong)


async def test_h5_a_typed_review_keeps_name_time_and_ticket(plant: Plant) -> None:
    _, run = await changed(plant)

    reply = await plant.ask(f"review {run.id} CHG0012  printer hunter2 moved")

    version = await version_of("core-sw1", 2)
    assert version
    assert version.review
    assert (version.review.by, version.review.at) == ("U0OPER", plant.clock.now())
    assert version.review.note == "CHG0012 printer <secret removed> moved"
    assert "is reviewed" in said(reply)
    assert await count_unreviewed(HERE) == 0
    [entry] = await noted()
    assert (entry.what, entry.target, entry.after["Note"]) == (
        AuditAction.REVIEWED,
        f"run {run.id}",
        version.review.note,
    )
    [_, row] = table_of(await plant.ask("export history oldest"))
    assert (row["reviewed_by"], row["review_note"]) == ("U0OPER", version.review.note)


async def test_h5_the_second_review_is_harmless_and_names_the_first(plant: Plant) -> None:
    _, run = await changed(plant)
    await plant.ask(f"review {run.id} CHG1")

    again = await plant.ask(f"review {run.id} CHG2", by="admin")

    assert "was already reviewed" in said(again)
    assert "<@U0OPER>" in said(again)
    assert "CHG1" in said(again)
    assert [one.what for one in await noted()] == [AuditAction.REVIEWED]


@pytest.mark.parametrize(
    ("line", "by", "answer"),
    [
        ("review 1", "operator", "Only changes of Modified runs can be reviewed"),
        ("review 2", "viewer", "may not review changes"),
        ("review 2", "other_plant", "There is no run"),
        ("review 77", "operator", "There is no run"),
        ("review soon", "operator", "Name one run by its number"),
        (f"review 2 {'x' * 120} {'y' * 120}", "operator", "at most 200 characters"),
    ],
)
async def test_h5_what_cannot_be_reviewed_says_why_and_stays_as_it_is(
    line: str, by: str, answer: str, plant: Plant
) -> None:
    await changed(plant)

    reply = await plant.ask(line, by=by)

    assert answer in said(reply)
    assert await count_unreviewed(HERE) == 1


async def test_h5_the_list_of_what_waits_leads_on_page_by_page(plant: Plant) -> None:
    runs = await changed(plant, versions=14)

    first = await plant.ask("unreviewed plant-a")
    older = await plant.ask_words(("unreviewed", "site:plant-a", f"before:{runs[4].id}"))
    nothing = await plant.ask("unreviewed plant-b", by="other_plant")

    assert "13 changes to review at Plant A" in said(first)
    assert [row[0]["text"] for row in first.context["rows"]] == [f"#{run.id}" for run in runs[:3:-1]]
    assert [row[0]["text"] for row in older.context["rows"]] == [f"#{run.id}" for run in runs[3:0:-1]]
    assert "Every change at Plant B has been reviewed" in said(nothing)
