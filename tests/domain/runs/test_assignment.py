"""Which waiting run goes to which agent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.runs.assignment import assign, may_try_again, window
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def make_run(number: int, *, site: str = "a", device: str | None = None, attempts: int = 0) -> Run:
    return Run(
        id=number,
        device=device or f"sw{number}",
        site=site,
        trigger=Trigger.MANUAL,
        outcome=Outcome.PENDING,
        created_at=NOW,
        waiting_limit=timedelta(minutes=30),
        running_limit=timedelta(minutes=5),
        attempts=attempts,
    )


INVENTORY = Inventory(
    sites={key: Site(key=key, name=key, timezone=ZoneInfo("UTC")) for key in "abc"},
    devices={"sw1": Device(name="sw1", site="a", platform="cisco_ios", endpoint=Endpoint(host="h"))},
    agents={
        "everywhere": Agent(name="everywhere"),
        "at-a": Agent(name="at-a", sites=frozenset("a")),
        "at-ab": Agent(name="at-ab", sites=frozenset("ab")),
    },
)


@pytest.mark.parametrize(
    ("waiting", "agent_room", "site_room", "expected"),
    [
        pytest.param({"a": [1, 2, 3]}, {"at-a": 2}, {"a": 9}, [(1, "at-a"), (2, "at-a")], id="an agent's room ends"),
        pytest.param({"a": [1, 2, 3]}, {"at-a": 9}, {"a": 1}, [(1, "at-a")], id="a site's sessions end"),
        pytest.param(
            {"a": [1, 2, 3]},
            {"at-a": 1, "at-ab": 1, "everywhere": 1},
            {"a": 9},
            [(1, "at-a"), (2, "at-ab"), (3, "everywhere")],
            id="the agent made for the site comes first",
        ),
        pytest.param(
            {"a": [2, 4], "b": [1, 3]},
            {"everywhere": 9},
            {"a": 9, "b": 9},
            [(1, "everywhere"), (2, "everywhere"), (3, "everywhere"), (4, "everywhere")],
            id="the oldest first over all sites",
        ),
        pytest.param(
            {"a": [1, 2], "b": [3]},
            {"everywhere": 9},
            {"a": 0, "b": 9},
            [(3, "everywhere")],
            id="a full site holds nobody else up",
        ),
        pytest.param(
            {"c": [1], "a": [2]},
            {"at-a": 9},
            {"a": 9, "c": 9},
            [(2, "at-a")],
            id="a site without an agent holds nobody else up",
        ),
        pytest.param({"a": [1]}, {}, {"a": 9}, [], id="no agent is there"),
        pytest.param({"gone": [1]}, {"everywhere": 9}, {"a": 9}, [], id="a site that is no longer declared"),
    ],
)
def test_runs_are_given_out_in_order_within_limits(
    waiting: dict[str, list[int]],
    agent_room: dict[str, int],
    site_room: dict[str, int],
    expected: list[tuple[int, str]],
) -> None:
    runs = {site: [make_run(number, site=site) for number in numbers] for site, numbers in waiting.items()}

    given = assign(runs, inventory=INVENTORY, agent_room=agent_room, site_room=site_room)

    assert [(one.run.id, one.agent) for one in given] == expected


def test_device_with_an_open_session_is_passed_over() -> None:
    runs = [make_run(1, device="busy"), make_run(2, device="free")]

    given = assign({"a": runs}, inventory=INVENTORY, agent_room={"at-a": 9}, site_room={"a": 9}, busy={"busy"})

    assert [one.run.device for one in given] == ["free"]


def test_only_as_many_runs_are_looked_at_as_there_is_room_for() -> None:
    looked_at: list[int] = []

    def endless() -> object:
        for number in range(1, 1_000_000):
            looked_at.append(number)
            yield make_run(number)

    assign({"a": endless()}, inventory=INVENTORY, agent_room={"at-a": 3}, site_room={"a": 9})  # type: ignore[dict-item]

    assert len(looked_at) == 4


@pytest.mark.parametrize(
    ("attempts", "retries", "expected"),
    [(1, 2, True), (2, 2, True), (3, 2, False), (1, 0, False)],
    ids=["first lost", "second lost", "third lost", "no retries"],
)
def test_lost_attempt_counts_against_the_retries(attempts: int, retries: int, *, expected: bool) -> None:
    assert may_try_again(make_run(1, attempts=attempts), retries=retries) is expected


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 4), (8, 4), (50, 25)])
def test_small_window_keeps_an_agent_supplied(concurrency: int, expected: int) -> None:
    assert window(concurrency) == expected
