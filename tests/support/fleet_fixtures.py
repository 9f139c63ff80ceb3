"""Simulated devices for any test: import the fixtures into a room's conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.fleet import Device, Fleet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


# For tests with Fault.OLD_ALGORITHMS: such devices have no newer way, and cryptography says so on both sides.
old_algorithms = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    """An empty fleet; its ports and connections are closed after the test."""
    async with Fleet() as started:
        yield started


@pytest.fixture
async def switch(fleet: Fleet) -> Device:
    """``core-sw1``, a Cisco IOS switch that behaves well until told otherwise."""
    return await fleet.add("core-sw1", platform="cisco_ios")
