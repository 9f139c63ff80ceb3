"""``summary``: what it must not count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.commands.plants import RENDERER, Plant

if TYPE_CHECKING:
    import pytest

    from domain.runs.agent_status import AgentStatus

SECRET = "vault-fw1"  # a restricted device that is no longer declared


async def test_p3_runs_of_restricted_devices_that_wait_for_a_disconnected_agent_are_not_counted(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = plant.dispatcher.agents()

    def disconnected(*, hidden: frozenset[str], sites: frozenset[str]) -> list[AgentStatus]:
        waiting = (3 if SECRET in hidden else 4) + 9 * ("plant-b" in sites)
        since = plant.clock.now()
        return [replace(one, waiting=waiting, connected_since=None, disconnected_since=since) for one in connected]

    monkeypatch.setattr(plant.dispatcher, "agents", disconnected)
    plant.services.access.book.sealed = frozenset({SECRET})

    reply = await plant.ask("summary plant-a", by="viewer")

    shown = str(RENDERER.render(reply.template, reply.context).blocks)
    assert "3 runs wait" in shown
    assert "4 runs" not in shown
