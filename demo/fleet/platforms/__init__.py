"""How each platform talks: one command line class per platform, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.fleet.platforms.cisco import AristaEos, CiscoIos, CiscoNxos
from demo.fleet.platforms.fortios import FortiOs
from demo.fleet.platforms.junos import Junos
from demo.fleet.platforms.routeros import RouterOs
from demo.fleet.platforms.unix import Frr, Linux, VyOs

if TYPE_CHECKING:
    from demo.fleet.cli import Cli

PLATFORMS: dict[str, type[Cli]] = {
    "arista_eos": AristaEos,
    "cisco_ios": CiscoIos,
    "cisco_nxos": CiscoNxos,
    "fortinet_fortios": FortiOs,
    "frr": Frr,
    "juniper_junos": Junos,
    "linux": Linux,
    "mikrotik_routeros": RouterOs,
    "vyos": VyOs,
}
