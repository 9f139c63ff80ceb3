"""Which masking rules hold for the texts of a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.configs.patterns import Expression, OwnRule
    from domain.configs.platforms import Platform
    from domain.inventory.declared import Inventory


def rules_for(device: str, inventory: Inventory, platforms: Mapping[str, Platform]) -> Platform | None:
    """The platform of ``device`` with what its site and the user's own rules add; None: it is not declared."""
    declared = inventory.devices.get(device)
    platform = platforms.get(declared.platform) if declared else None
    if declared is None or platform is None:
        return None
    own = own_expressions(inventory.masking, site=declared.site, device=device, platform=platform.name)
    ignores = platform.ignore_secret_changes or inventory.sites[declared.site].ignore_secret_changes
    return replace(platform, secrets=(*platform.secrets, *own), ignore_secret_changes=ignores)


def every_rule(inventory: Inventory, platforms: Mapping[str, Platform]) -> tuple[Platform, ...]:
    """All platforms with all rules of the user's own: for the text of a device that nobody knows any more."""
    own = tuple(rule.expression for rule in inventory.masking)
    return tuple(replace(platform, secrets=(*platform.secrets, *own)) for platform in platforms.values())


def own_expressions(rules: Iterable[OwnRule], *, site: str, device: str, platform: str) -> tuple[Expression, ...]:
    """What the user's own rules look for in texts of this device."""
    fitting = (rule for rule in rules if rule.holds_for(site=site, device=device, platform=platform))
    return tuple(rule.expression for rule in fitting)
