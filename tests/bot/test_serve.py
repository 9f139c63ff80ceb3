"""The whole way: typed in Slack, carried out over SSH, told in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.serve_fixtures import Town


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_command_backs_a_device_up_over_either_transport(town: Town, mode: str) -> None:
    await town.add_device("core-sw1")
    await town.start(mode)

    done = await town.command(town.anna, "/backup now core-sw1")

    assert done.acked
    message = await town.final("core-sw1")
    assert "Up to Date" in town.slack.plain(message)
    assert town.slack.refused == []
