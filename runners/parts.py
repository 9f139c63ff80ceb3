"""What the parts of the dispatcher share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.clock import Clock
    from domain.inventory import Inventory
    from domain.platforms import Platform
    from runners.attendance import Attendance
    from runners.causes import Causes
    from runners.feeding import Feeder
    from runners.ledger import Ledger
    from runners.queue import Queue
    from storage.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Wired once by the dispatcher and handed to whoever decides about runs."""

    inventory: Inventory
    platforms: Mapping[str, Platform]
    archive: Archive
    clock: Clock
    queue: Queue
    ledger: Ledger
    attendance: Attendance
    feeder: Feeder
    causes: Causes
