"""What an agent is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from domain.configs.patterns import OwnRule
    from domain.configs.platforms import Platform
    from runners.agent.secrets.credentials import CredentialSources
    from runners.agent.secrets.settings import VaultSettings


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """One agent: what it serves, how hard it may lean on it, and where its messages come from."""

    name: str
    socket: Path  # where serve listens
    platforms: Mapping[str, Platform]
    credentials: Mapping[str, CredentialSources] = field(repr=False)
    vault: VaultSettings | None = None  # where credentials may be kept; None: no credential is there
    masking: tuple[OwnRule, ...] = ()  # the user's own rules: a device's words are masked before they leave
    sites: frozenset[str] | None = None  # None: all
    concurrency: int = 50  # devices at once
    per_site: int = 25  # devices at once in one site, unless ``site_limits`` says otherwise
    site_limits: Mapping[str, int] = field(default_factory=dict)
    heartbeat: timedelta = timedelta(seconds=5)

    def serves(self, site: str) -> bool:
        """Whether devices of ``site`` are this agent's business."""
        return self.sites is None or site in self.sites
