"""What the parts of the dispatcher share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.clock import Clock
    from domain.configs.platforms import Platform
    from domain.inventory.declared import Inventory
    from runners.dispatch.assigning import Assigner
    from runners.state.agent_registry import AgentRegistry
    from runners.state.run_queue import RunQueue
    from runners.state.run_recorder import RunRecorder
    from runners.state.timeout_causes import Causes
    from storage.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Wired once by the dispatcher and handed to whoever decides about runs."""

    inventory: Inventory
    platforms: Mapping[str, Platform]
    archive: Archive
    clock: Clock
    queue: RunQueue
    recorder: RunRecorder
    registry: AgentRegistry
    assigner: Assigner
    causes: Causes
