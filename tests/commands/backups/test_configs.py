"""``diff``, ``show`` and ``trust``: texts of versions, and host keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from commands.input.quoting import action_words
from domain.failures import FailureKind
from domain.inventory.host_keys import fingerprint
from domain.runs.outcomes import Outcome
from storage.devices import devices
from tests.commands.plants import NEW_KEY, OLD_KEY, sentence

NINE_HOURS_AND_A_HALF = timedelta(hours=9, minutes=30)
FOUR_HOURS = timedelta(hours=4)

if TYPE_CHECKING:
    from commands.request import Reply
    from domain.runs.run import Run
    from tests.commands.plants import Plant


@pytest.fixture
async def made(plant: Plant) -> dict[int, Run]:
    """Five versions of core-sw1, by number the run that made each."""
    return {number: await plant.stored("core-sw1", number) for number in range(1, 6)}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        pytest.param("", 4, 5, id="the last change"),
        pytest.param("v2..v4", 2, 4, id="two versions"),
        pytest.param("2..4", 2, 4, id="two numbers"),
        pytest.param("4..2", 4, 2, id="backwards"),
        pytest.param("v3", 2, 3, id="what made a version"),
    ],
)
async def test_diff_compares_the_versions_asked_for(plant: Plant, words: str, before: int, after: int) -> None:
    reply = await plant.ask(f"diff core-sw1 {words}", by="viewer")

    assert reply.context["text"] == f"-core-sw1 v{before}\n+core-sw1 v{after}"
    assert reply.context["command"] == f"/backup diff core-sw1 v{before}..v{after}"
    assert reply.shows_config
    assert reply.file is None


@pytest.mark.parametrize("form", ["{}", "#{}", "run:{}"])
async def test_d1_diff_of_a_run_stays_that_of_the_day(plant: Plant, made: dict[int, Run], form: str) -> None:
    reply = await plant.ask(f"diff core-sw1 {form.format(made[2].id)}")

    assert reply.context["text"] == "-core-sw1 v1\n+core-sw1 v2"
    assert reply.context["command"] == f"/backup diff core-sw1 #{made[2].id}"


async def test_diff_of_a_run_without_change_says_so(plant: Plant, made: dict[int, Run]) -> None:
    same = await plant.ended("core-sw1", base_version=5, version=5)
    failed = await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.REFUSED)
    going = await plant.going("core-sw1")

    answers = {run.id: sentence(await plant.ask(f"diff core-sw1 #{run.id}")) for run in (same, failed, going, made[1])}

    assert f"Nothing changed in run {same.id}" in answers[same.id]
    assert "so there is nothing to compare" in answers[failed.id]
    assert "has not ended yet" in answers[going.id]
    assert "baseline" in answers[made[1].id]


async def test_run_of_another_device_is_no_run_of_this_one(plant: Plant, made: dict[int, Run]) -> None:
    hidden = await plant.stored("hidden-fw1", 1)

    other = await plant.ask(f"diff core-sw2 #{made[2].id}")
    invisible = await plant.ask(f"diff core-sw2 #{hidden.id}")

    assert sentence(other) == sentence(invisible).replace(f"#{hidden.id}", f"#{made[2].id}")


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("line", "answer"),
    [
        pytest.param("diff core-sw1 v9", "There is no version called `v9`", id="diff beyond the newest"),
        pytest.param("diff core-sw1 1..9", "There is no version called `v9`", id="diff up to beyond the newest"),
        pytest.param("diff core-sw1 0..1", "There is no version called `v0`", id="diff from nothing"),
        pytest.param("diff core-sw1 v1", "nothing older to compare it with", id="diff of the baseline"),
        pytest.param("diff core-sw1 blue", "Give a run such as `#123`", id="diff of something else"),
        pytest.param("show core-sw1 v9", "There is no version called `v9`", id="show beyond the newest"),
        pytest.param("show core-sw1 blue", "Give a version such as `v3`", id="show of something else"),
        pytest.param("show core-sw1 2026-05-03", "no backup yet on 2026-05-03", id="show before the first"),
    ],
)
async def test_versions_that_are_not_there_are_said_to_be_missing(plant: Plant, line: str, answer: str) -> None:
    assert answer in sentence(await plant.ask(line))


async def test_difference_that_cannot_be_shown_is_said_in_words(plant: Plant, made: dict[int, Run]) -> None:
    plant.previews.empty = True

    reply = await plant.ask(f"diff core-sw1 #{made[5].id}")

    assert "There are no visible differences between v4 and v5." in sentence(reply)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("words", "number"),
    [("", 5), ("v3", 3), ("3", 3), ("2026-05-04", 5), ("2026-12-31", 5)],
)
async def test_v1_show_gives_the_version_asked_for(plant: Plant, words: str, number: int) -> None:
    reply = await plant.ask(f"show core-sw1 {words}", by="viewer")

    assert reply.context["text"] == f"hostname core-sw1\n! v{number}"
    assert reply.context["command"] == f"/backup show core-sw1 v{number}"
    assert reply.shows_config


async def test_v1_day_is_a_day_of_the_site(plant: Plant) -> None:
    await plant.clock.advance(NINE_HOURS_AND_A_HALF)  # 4 May, 19:30 UTC: 21:30 in Berlin, 15:30 in New York
    await plant.stored("core-sw1", 1)
    await plant.stored("hidden-fw1", 1)
    await plant.clock.advance(FOUR_HOURS)  # 23:30 UTC: already 5 May in Berlin, still the 4th in New York
    await plant.stored("core-sw1", 2)
    await plant.stored("hidden-fw1", 2)

    berlin = await plant.ask("show core-sw1 2026-05-04", by="owner")
    new_york = await plant.ask("show hidden-fw1 2026-05-04", by="owner")

    assert (berlin.context["version"], new_york.context["version"]) == (1, 2)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("line", "kind"), [("diff core-sw1", "diff"), ("show core-sw1", "text")])
async def test_d6_long_text_comes_as_a_file(plant: Plant, line: str, kind: str) -> None:
    plant.previews.long = True

    reply = await plant.ask(line)

    assert reply.file is not None
    assert reply.file.snippet_type == kind
    assert "core-sw1" in reply.file.filename
    assert len(reply.context["text"]) < len(reply.file.text)
    assert reply.context["left_out"]


@pytest.mark.parametrize("line", ["diff core-sw2", "show core-sw2"])
async def test_device_without_versions_offers_to_run_now(plant: Plant, line: str) -> None:
    reply = await plant.ask(line)

    [button] = reply.context["buttons"]
    assert "no backup yet" in sentence(reply)
    assert action_words(button.action, button.value) == ("now", "core-sw2")


async def test_c3_admin_sees_both_keys_and_accepts_the_new_one(plant: Plant) -> None:
    await _offered(plant, NEW_KEY)

    question = await plant.ask("trust core-sw1", by="admin")
    answer = await _press_accept(plant, question)

    state = await devices.device_state("core-sw1")
    assert (question.context["old"], question.context["new"]) == (fingerprint(OLD_KEY), fingerprint(NEW_KEY))
    assert "is accepted" in sentence(answer)
    assert state is not None
    assert (state.host_key, state.offered_host_key) == (NEW_KEY, None)


async def test_c3_key_that_was_shown_later_is_not_accepted_by_accident(plant: Plant) -> None:
    await _offered(plant, NEW_KEY)
    question = await plant.ask("trust core-sw1", by="admin")
    third = NEW_KEY[:-4] + "AAAA"
    await _offered(plant, third, known=None)

    answer = await _press_accept(plant, question)

    state = await devices.device_state("core-sw1")
    assert "now offers a different key than the one you confirmed" in sentence(answer)
    assert state is not None
    assert (state.host_key, state.offered_host_key) == (OLD_KEY, third)


async def test_button_to_accept_pressed_by_an_operator_changes_nothing(plant: Plant) -> None:
    await _offered(plant, NEW_KEY)

    reply = await plant.ask(f"trust core-sw1 {fingerprint(NEW_KEY)}", by="operator")

    state = await devices.device_state("core-sw1")
    assert "You may not accept host keys at Plant A" in sentence(reply)
    assert state is not None
    assert state.host_key == OLD_KEY


async def test_device_that_shows_its_known_key_has_nothing_to_accept(plant: Plant) -> None:
    reply = await plant.ask("trust core-sw1", by="admin")

    assert "has no new host key to accept" in sentence(reply)


async def _offered(plant: Plant, key: str, *, known: str | None = OLD_KEY) -> None:
    if known:
        await plant.ended("core-sw1", base_version=None, host_key=known)
    await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.HOST_KEY_CHANGED, offered_host_key=key)


async def _press_accept(plant: Plant, question: Reply) -> Reply:
    [button] = question.context["buttons"]
    return await plant.ask_words(action_words(button.action, button.value), by="admin")
