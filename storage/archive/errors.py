"""What can go wrong with the archive, as one error with its advice."""

from __future__ import annotations

from domain.errors import LastgoodError


class ArchiveError(LastgoodError):
    """A version could not be stored or read."""

    advice = "The archive is not available. Check the disk and the rights of the archive folder."

    def __init__(self, facts: str, *, advice: str | None = None) -> None:
        super().__init__(facts)
        self.advice = advice or type(self).advice
