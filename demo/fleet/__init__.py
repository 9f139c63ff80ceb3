"""Simulated network devices on real SSH ports: what the tests, the benchmarks and the demo talk to.

Each device keeps a configuration that drifts, prints it the way its platform does (prompt, echo, pager, line
ends, moving lines), and misbehaves on demand. A thousand of them fit into one process.

    async with Fleet() as fleet:
        device = await fleet.add("core-sw1", platform="cisco_ios")
        device.change("add vlan 20")
        device.fail_next(Fault.DROPS)

May import: asyncssh and the standard library. Knows no other room.
"""

from __future__ import annotations

from demo.fleet.configs import generate_config
from demo.fleet.device import DEMO_PASSWORD, LINUX_CONFIG, Device
from demo.fleet.faults import Fault
from demo.fleet.fleet import Fleet
from demo.fleet.jump_host import JumpHost
from demo.fleet.logins import Logins
from demo.fleet.platforms import PLATFORMS

__all__ = [
    "DEMO_PASSWORD",
    "LINUX_CONFIG",
    "PLATFORMS",
    "Device",
    "Fault",
    "Fleet",
    "JumpHost",
    "Logins",
    "generate_config",
]
