"""Row P5 where it is kept: entries are complete, found by every filter, and cannot be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.audit import MAX_FACT_LENGTH, AuditAction, AuditEntry, AuditQuery
from storage.access.audit import audit_page, note
from storage.tables.audit import AuditRow
from tests.storage.values import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = timedelta(minutes=1)
EVERYTHING = AuditQuery(sites=None, limit=100)


def entry(number: int = 0, **rest: Any) -> AuditEntry:  # noqa: ANN401 - any field of an entry
    values: dict[str, Any] = {
        "at": NOW + number * MINUTE,
        "actor": "U02ANNA",
        "what": AuditAction.JOB_CHANGED,
        "site": "plant-a",
        "target": "nightly",
        "before": {"Schedule": "Every day at 02:00"},
        "after": {"Schedule": "Every day at 03:00"},
        "correlation": "c0ffee00",
    }
    return AuditEntry(**values | rest)


@pytest.fixture
async def every(storage: str) -> list[AuditEntry]:
    """Sixty entries, one a minute: of two sites and of none, two persons, three devices; some denied."""
    assert storage
    sites = ("plant-a", "plant-b", None)
    made = [
        entry(
            number,
            site=sites[number % 3],
            actor="U03OLGA" if number % 5 == 0 else "U02ANNA",
            device=f"sw{number % 4}" if number % 2 else None,
            denied=number % 7 == 0,
            what=AuditAction.TRIED if number % 7 == 0 else AuditAction.JOB_CHANGED,
        )
        for number in range(60)
    ]
    await note(*made)
    return made


async def test_p5_an_entry_comes_back_as_it_was_noted(storage: str) -> None:
    assert storage
    made = entry(target="Nächtlich 夜", device="core-sw1", after={"Note": "a\0b \ud800"})

    await note(made)

    [found] = await audit_page(EVERYTHING)
    assert replace(found, id=0, after=dict(found.after), before=dict(found.before)) == replace(
        made, after={"Note": "a\0b \ud800"}
    )


FILTERS: dict[str, tuple[dict[str, Any], Callable[[AuditEntry], bool]]] = {
    "everything": ({"sites": None}, lambda _: True),
    "one site of an owner": ({"sites": None, "site": "plant-b"}, lambda one: one.site == "plant-b"),
    "the sites of an admin": ({"sites": frozenset({"plant-a"})}, lambda one: one.site == "plant-a"),
    "two sites": ({"sites": frozenset({"plant-a", "plant-b"})}, lambda one: one.site is not None),
    "a site that is not administered": ({"sites": frozenset({"plant-a"}), "site": "plant-b"}, lambda _: False),
    "a person": ({"sites": None, "actor": "U03OLGA"}, lambda one: one.actor == "U03OLGA"),
    "a device": ({"sites": None, "device": "sw1"}, lambda one: one.device == "sw1"),
    "denied": ({"sites": None, "denied": True}, lambda one: one.denied),
    "denied at a site": (
        {"sites": frozenset({"plant-a"}), "denied": True},
        lambda one: one.denied and one.site == "plant-a",
    ),
    "a period": (
        {"sites": None, "since": NOW + 10 * MINUTE, "until": NOW + 50 * MINUTE},
        lambda one: NOW + 10 * MINUTE <= one.at < NOW + 50 * MINUTE,
    ),
    "without hidden devices": (
        {"sites": None, "hidden": frozenset({"sw1", "sw3"})},
        lambda one: one.device not in {"sw1", "sw3"},
    ),
    "nobody's sites": ({"sites": frozenset()}, lambda _: False),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_p5_each_filter_equals_a_direct_count_across_pages(name: str, every: list[AuditEntry]) -> None:
    wanted, fits = FILTERS[name]
    query = AuditQuery(limit=7, **wanted)

    seen: list[AuditEntry] = []
    while page := await audit_page(query):
        seen += page
        query = replace(query, before=page[-1].id)

    assert [one.at for one in seen] == [one.at for one in reversed(every) if fits(one)]


async def test_p5_the_database_itself_refuses_to_change_or_delete_an_entry(storage: str) -> None:
    assert storage
    await note(entry())

    with pytest.raises(Exception, match="never changed"):
        await AuditRow.all().update(actor="U09NOBODY")
    with pytest.raises(Exception, match="never changed"):
        await AuditRow.all().delete()

    [found] = await audit_page(EVERYTHING)
    assert found.actor == "U02ANNA"


async def test_no_text_of_an_entry_is_longer_than_it_may_be(storage: str) -> None:
    assert storage

    await note(entry(target="t" * 9_999, before={}, after={f"fact {n}": "x\n" * 9_999 for n in range(99)}))

    [found] = await audit_page(EVERYTHING)
    assert len(found.target) == MAX_FACT_LENGTH
    assert len(found.after) == 20
    assert {len(value) for value in found.after.values()} == {MAX_FACT_LENGTH}
