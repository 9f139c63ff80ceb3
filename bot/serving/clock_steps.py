"""What serve does when somebody sets the machine's clock: nothing stops, nothing is cut short, schedules follow."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from bot.clock import FollowingClock
from notifications.delivery.retry_after import MAX_RATE_LIMIT_PAUSE
from runners.state.database_retry import patiently
from storage.jobs import slots
from storage.messages import holding
from storage.subscriptions import digests

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.core import Core
    from bot.serving.engine import Engine
    from bot.serving.timetable import Timetable


def follow_machine_clock(core: Core, engine: Engine, timetable: Timetable) -> None:
    """Follow the machine's clock from now on, if that is the clock that serve goes by."""
    clock = core.clock
    if not isinstance(clock, FollowingClock):  # a test's, which is never set behind its back
        return

    async def schedules(step: timedelta) -> None:
        if step < timedelta(0):
            await patiently(lambda: recount(core))

    clock.hear(before=holding.clock_set)
    for hear in (engine.dispatcher.clock_set, engine.deliverer.clock_set, timetable.clock_set, schedules):
        clock.hear(after=hear)
    core.background.start(clock.run(), name="machine clock")


async def recount(core: Core) -> None:
    """Let nothing wait for a moment that only a clock which was ahead had in sight."""
    now = core.clock.now()
    await slots.clock_set_back(now, lambda site: _zone(core, site))
    await digests.clock_set_back(now)
    await holding.let_go_after(now + MAX_RATE_LIMIT_PAUSE)


def _zone(core: Core, site: str) -> tzinfo:
    found = core.inventory.sites.get(site)
    return found.timezone if found else UTC
