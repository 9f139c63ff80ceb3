"""What somebody meant who mistyped a name is one press away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.outcomes import Outcome
from tests.features.asking import last_run
from tests.features.jobs.test_jobs import answer

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_a_mistyped_device_is_backed_up_by_pressing_what_was_meant(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    refusal = await answer(town, "/backup now cor-sw1", "Did you mean")

    await town.slack.press(town.anna, refusal, "do:now#meant-1")
    await town.final("core-sw1")

    [actions] = [block for block in refusal.blocks if block["type"] == "actions"]
    run = await last_run("core-sw1")
    assert [button["text"]["text"] for button in actions["elements"]] == ["/backup now core-sw1"]
    assert (run.outcome, run.asked_by) == (Outcome.UP_TO_DATE, town.anna.id)
    assert town.slack.refused == []
