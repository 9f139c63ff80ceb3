"""Nothing of a restricted device is told in a channel: whoever asked is told directly, and asked for access again."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import pytest

from domain.access.access import Access
from domain.access.grants import GrantBook
from domain.failures import FailureKind
from domain.inventory.declared import Inventory, Site
from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.runs.steps import RunEnd
from storage.messages import outbox
from storage.runs import runs as run_store
from tests.notifications.publishing import publishing_of
from tests.storage.values import NOW, new_run
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from domain.messages.outbox import Message
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run
    from notifications.announcer import Announcer

pytestmark = pytest.mark.usefixtures("outbox_database")

SECRET = "vault-fw1"
CHANNEL = Place(channel="C0PLANTA")
SITE = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"), channel="C0PLANTA")


class NoPreviews:
    """Shows no text as it is; nothing here has a version to look at."""

    def facts(self, run: Run) -> str:
        """As they are."""
        return run.facts

    def evidence(self, run: Run) -> Evidence | None:
        """As it is."""
        return run.evidence

    async def diff(self, *_: object) -> NoReturn:
        """Never asked for."""
        raise AssertionError


@pytest.fixture
def announcer() -> Announcer:
    inventory = Inventory(MappingProxyType({"plant-a": SITE}), MappingProxyType({}), MappingProxyType({}))
    access = Access(inventory, frozenset(), book=GrantBook(sealed=[SECRET]))
    return publishing_of(NoPreviews(), access=access, clock=MovedClock()).announcer


async def ended(announcer: Announcer, *runs: Run) -> list[Message]:
    """What stands in the outbox when ``runs`` have failed."""
    ends = [RunEnd(run=run.id, outcome=Outcome.FAILED, at=NOW, reason=FailureKind.SILENT) for run in runs]
    await announcer.runs_changed(await run_store.finish_runs(ends))
    keys = [f"run:{run.id}" for run in runs]
    keys += [f"batch:{run.batch}{end}" for run in runs for end in ("", ":restricted", ":troubles")]
    keys += [f"batch:{run.batch}:restricted:troubles" for run in runs]
    found = [await outbox.delivery_of(key) for key in dict.fromkeys(keys)]
    return [one.message for one in found if one]


async def test_p3_run_of_a_restricted_device_is_told_to_whoever_asked_and_never_in_the_channel(
    announcer: Announcer,
) -> None:
    asked = replace(new_run(SECRET), asked_by="U02ANNA", place=CHANNEL)
    scheduled = replace(new_run(SECRET), trigger=Trigger.SCHEDULE, asked_by=None, place=CHANNEL)

    [message] = await ended(announcer, *await run_store.add_runs([asked]))
    nothing = await ended(announcer, *await run_store.add_runs([scheduled]))

    assert (message.channel, message.person) == ("U02ANNA", "U02ANNA")
    assert (message.sites, message.devices) == (("plant-a",), (SECRET,))
    assert nothing == []


async def test_p3_batch_in_a_channel_neither_names_nor_counts_a_restricted_device(announcer: Announcer) -> None:
    new = [new_run(name) for name in ("core-sw1", SECRET, "core-sw2")]
    _, runs = await run_store.add_batch("plant-a", Trigger.MANUAL, "U02ANNA", CHANNEL, NOW, new)

    messages = await ended(announcer, *runs)

    public = [str(one.content) for one in messages if one.channel == "C0PLANTA"]
    private = [one for one in messages if one.channel == "U02ANNA"]
    assert len(public) == len(private) == 2  # what became of it, and why in its thread
    assert not any(SECRET in text for text in public)
    assert "2 were not backed up" in public[0]
    assert {one.devices for one in private} == {(SECRET,)}
    assert "core-sw1" not in str([one.content for one in private])


async def test_p3_batch_of_a_schedule_says_nothing_of_it_at_all(announcer: Announcer) -> None:
    _, runs = await run_store.add_batch("plant-a", Trigger.SCHEDULE, None, CHANNEL, NOW, [new_run(SECRET)])

    assert await ended(announcer, *runs) == []
