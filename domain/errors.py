"""The root of every error that Lastgood raises on purpose.

    LastgoodError
    ├── SettingsError        the settings cannot be used (bot/settings)
    ├── UsageError           a command was typed wrongly
    ├── UnknownName          no such device, site, job or run that this person may see
    ├── NotAllowed           this person may not do that
    ├── NotNow               it cannot be done in the present state
    ├── ScheduleError        a schedule, or another field of a job, cannot be used (domain/cron)
    ├── DeviceError          a device could not be captured (domain/failures)
    ├── ArchiveError         a version could not be stored or read (storage/archive)
    ├── StorageError         the database cannot be used (storage/database)
    └── SlackTrouble         Slack could not be asked

``str(error)`` goes to the log: facts, never a secret. ``error.advice`` goes to the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class LastgoodError(Exception):
    """Base of the tree. ``advice`` is one or two plain sentences: no secret, no address, no traceback."""

    advice = "Lastgood hit an internal error. The log has the details."


class SettingsError(LastgoodError):
    """The settings cannot be used as they are; ``problems`` names each place and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
        self.advice = "\n".join(problems)


class UsageError(LastgoodError):
    """A command was typed wrongly."""

    def __init__(self, problem: str, *, usage: str) -> None:
        super().__init__(problem)
        self.advice = f"{problem}. Usage: `{usage}`"


class UnknownName(LastgoodError):
    """No thing of this kind that this person may see has this name.

    ``similar`` are names that the person can see; ``words`` are those of the command line that named nothing, so
    that one of ``similar`` can be put in their place. ``hidden`` are site and device of what is there and may not be
    seen: for the audit, in no word of the answer.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        *,
        similar: Sequence[str] = (),
        lister: str = "",
        words: Sequence[str] = (),
        hidden: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(f"no {kind} named {name!r}")
        self.kind, self.name = kind, name
        self.similar = tuple(similar)
        self.words = tuple(words)
        self.hidden = hidden
        guess = " or ".join(f"`{one}`" for one in similar)
        hint = f"Did you mean {guess}?" if guess else f"`{lister}` lists what you can see." if lister else ""
        self.advice = f"There is no {kind} called `{name}` that you can see. {hint}".rstrip()


class NotAllowed(LastgoodError):
    """This person may not do that. ``advice`` names what was refused and who can grant it.

    ``site`` and ``device`` are what it was asked for, as far as that is known; the audit names them.
    """

    def __init__(self, facts: str, *, advice: str, site: str | None = None, device: str | None = None) -> None:
        super().__init__(facts)
        self.advice = advice
        self.site, self.device = site, device


class NotNow(LastgoodError):
    """What was asked does not fit the present state, such as cancelling a run that has ended."""

    def __init__(self, facts: str, *, advice: str) -> None:
        super().__init__(facts)
        self.advice = advice


class SlackTrouble(LastgoodError):
    """Slack could not be asked, or refused; whoever depended on the answer is refused too."""

    advice = "Slack did not confirm who you are, so nothing was done. Please try again in a minute."
