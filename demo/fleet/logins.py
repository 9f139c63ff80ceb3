"""What was offered to prove who connects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Logins:
    """Counts of one device's log-ins: the passwords themselves are not kept."""

    connections: int = 0  # that got as far as SSH
    attempts: int = 0  # by password or keyboard-interactive
    accepted: int = 0
    refused: int = 0

    @property
    def password_received(self) -> bool:
        """Whether anybody ever sent a password, right or wrong."""
        return self.attempts > 0

    def note(self, *, good: bool) -> None:
        """Count one attempt."""
        self.attempts += 1
        self.accepted += good
        self.refused += not good
