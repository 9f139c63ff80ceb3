"""How each platform talks: one command line class per platform, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.fleet.platforms.cisco import AristaEos, CiscoIos, CiscoNxos

if TYPE_CHECKING:
    from demo.fleet.cli import Cli

PLATFORMS: dict[str, type[Cli]] = {
    "arista_eos": AristaEos,
    "cisco_ios": CiscoIos,
    "cisco_nxos": CiscoNxos,
}
