"""The host keys of jump hosts: pinned once for a site, kept apart between sites, changed by an admin alone."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.steps import JumpKeys, RunEnd
from storage.devices.jump_hosts import JumpHostState, jump_host_states, pin_jump_host_key
from storage.runs.endings import finish_runs
from tests.storage.values import NOW, add_started, good_end

if TYPE_CHECKING:
    from domain.runs.run import Run

pytestmark = pytest.mark.usefixtures("storage")

JUMP = "[10.1.0.254]:22"
HERE = ("plant-a", JUMP)
DEVICES = count(1)


async def good(key: str, site: str = "plant-a", *, address: str = JUMP) -> None:
    run = await add_started(f"sw{next(DEVICES)}", site=site)
    await finish_runs([good_end(run, is_new=True, jump=JumpKeys(address=address, host_key=key))])


async def refused(offered: str) -> None:
    run = await add_started(f"sw{next(DEVICES)}")
    await finish_runs([changed(run, JumpKeys(address=JUMP, offered_host_key=offered))])


def changed(run: Run, jump: JumpKeys) -> RunEnd:
    return RunEnd(run=run.id, outcome=Outcome.FAILED, at=NOW, reason=FailureKind.HOST_KEY_CHANGED, jump=jump)


async def test_first_key_is_pinned_and_no_later_one_replaces_it() -> None:
    await good("ssh-ed25519 first")
    await good("ssh-ed25519 second")

    assert await jump_host_states([HERE]) == {HERE: JumpHostState(host_key="ssh-ed25519 first")}


async def test_two_sites_with_the_same_address_have_a_key_each() -> None:
    there = ("plant-b", JUMP)
    await good("ssh-ed25519 a")
    await good("ssh-ed25519 b", "plant-b")
    await good("ssh-ed25519 c", address="[10.1.0.254]:2222")

    states = await jump_host_states([HERE, there, ("plant-c", JUMP)])

    assert {place: state.host_key for place, state in states.items()} == {
        HERE: "ssh-ed25519 a",
        there: "ssh-ed25519 b",
    }


async def test_refused_key_waits_for_a_decision_and_the_pinned_one_makes_it_void() -> None:
    await good("ssh-ed25519 old")

    await refused("ssh-ed25519 new")
    waiting = await jump_host_states([HERE])
    await good("ssh-ed25519 old")

    assert waiting == {HERE: JumpHostState(host_key="ssh-ed25519 old", offered_host_key="ssh-ed25519 new")}
    assert await jump_host_states([HERE]) == {HERE: JumpHostState(host_key="ssh-ed25519 old")}


async def test_accepted_key_is_the_pinned_one() -> None:
    await good("ssh-ed25519 old")
    await refused("ssh-ed25519 new")

    await pin_jump_host_key(*HERE, "ssh-ed25519 new")

    assert await jump_host_states([HERE]) == {HERE: JumpHostState(host_key="ssh-ed25519 new")}


async def test_many_runs_through_one_jump_host_end_together() -> None:
    runs = [await add_started(f"many{number}") for number in range(3)]

    ended = await finish_runs(
        [good_end(run, is_new=True, jump=JumpKeys(address=JUMP, host_key="ssh-ed25519 k")) for run in runs]
    )

    assert len(ended) == 3
    assert (await jump_host_states([HERE]))[HERE].host_key == "ssh-ed25519 k"
