"""What the admins of a site are told without having asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT
from domain.events.alerts import AgentBack, AgentDisconnected, ArchiveDamaged, QueueOverrun
from domain.inventory.declared import Site
from notifications.alerts import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notifications.rendering.renderer import Context

PLANT_A = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("Europe/Berlin"))
PLANT_B = Site(key="plant-b", name="Plant B", timezone=ZoneInfo("Asia/Kolkata"))
_DAMAGED = ArchiveDamaged(
    day=NIGHT.date(),
    missing={"plant-a": 1, "plant-b": 4_120},
    without_text=311,
    set_aside=("plant-b",),
    put_back=("plant-a",),
)


def entries() -> Iterator[Entry]:
    """Every alert."""
    overrun = QueueOverrun(site="plant-a", day=NIGHT.date(), jobs=("nightly",), devices=("core-sw1",))
    yield _alert("one run overtaken by its schedule", pages.queue_overrun(overrun, PLANT_A))
    storm = replace(overrun, jobs=("nightly", "hourly"), devices=tuple(f"access-sw{n}" for n in range(4_000)))
    yield _alert("4,000 runs overtaken", pages.queue_overrun(storm, PLANT_A))
    longest = replace(overrun, devices=(LONG_DEVICE,) * 12)
    yield _alert("longest names", pages.queue_overrun(longest, replace(PLANT_A, name=LONG_SITE)))
    gone = AgentDisconnected(agent="local", since=NIGHT, waiting={"plant-a": ("core-sw1", "core-sw2"), "plant-b": ()})
    yield _alert("an agent is disconnected", pages.agent_disconnected(gone, [PLANT_A, PLANT_B]))
    idle = replace(gone, waiting={"plant-a": ()})
    yield _alert("an agent is disconnected and nothing waits", pages.agent_disconnected(idle, [PLANT_A]))
    yield _alert("a message was withheld", pages.secret_held_back(["core-sw1"], "run:123:diff"))
    back = AgentBack(agent="local", since=NIGHT, back_at=NIGHT + timedelta(minutes=42), sites=("plant-a",))
    yield _alert("the archive has lost texts", pages.archive_damaged(_DAMAGED, [PLANT_A, PLANT_B]))
    yield _alert("a channel is shared", pages.channel_shared(PLANT_A))
    yield _alert("an agent has reconnected", pages.agent_back(back, [PLANT_A]))


def _alert(state: str, context: Context) -> Entry:
    return Entry(group="Alerts", state=state, template="alert", context=context, private=True)
