"""A question that Slack wants asked later is asked once more, however long it says, unless that is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.slack.identity import asking_client
from notifications.delivery.errors import Paused, asked

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


@pytest.mark.parametrize(
    ("given", "waited"), [("2", 2), ("1.5", 1.5), ("-3", 1), ("12 ", 12), (None, 30), ("soon", 30), ("9999", None)]
)
async def test_a_pause_in_any_form(
    town: Town, monkeypatch: pytest.MonkeyPatch, given: str | None, waited: float | None
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("bot.slack.short_pause.asyncio", type("Loop", (), {"sleep": staticmethod(sleep)}))
    section = town.write_settings().file.slack
    client = asking_client(section, town.slack.bot_token, None)  # type: ignore[arg-type]  # one of its own for each call
    town.slack.faults.rate_limit("auth.test", retry_after=given)

    if waited is None:
        with pytest.raises(Paused):
            await asked("auth.test", client.auth_test())
    else:
        assert (await asked("auth.test", client.auth_test()))["ok"]
    assert waits == ([] if waited is None else [waited])
