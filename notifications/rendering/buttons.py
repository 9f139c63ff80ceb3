"""What can be pressed or chosen under a message: each control is a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from notifications.rendering.escaping import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.runs.run import Run

_SITES: Final = 3  # with a button of their own
_TEXT: Final = 60  # characters of a button


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A dialog that asks before a button does its work."""

    title: str
    text: str
    yes: str
    no: str = "Keep as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button is a command: ``action`` is ``do:COMMAND``, ``value`` the words after it."""

    text: str
    action: str
    value: str
    label: str  # for screen readers: says what it acts on
    style: str = ""  # primary, danger or none
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """A line of a menu."""

    text: str
    value: str  # the words after the command, at most 150 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A menu is a command too: ``action`` is ``do:COMMAND``, the chosen entry's ``value`` the words after it."""

    placeholder: str
    action: str
    entries: tuple[MenuEntry, ...]


Control = Button | Menu


def details_button(run: Run) -> Button:
    """Opens the story of a run."""
    label = f"View details of run {run.id} of {run.device}"
    return Button(text="View details", action="do:run", value=str(run.id), label=label)


def again_button(device: str) -> Button:
    """Runs a device again."""
    return Button(text="Run again", action="do:now", value=device, label=f"Run the backup of {device} again")


def never_button(site: str, name: str, *, text: str = "Back them up", suffix: str = "never") -> Button:
    """Backs up those devices of a site that were never backed up; ``name`` is what people call it."""
    label = f"Back up the devices of {name} that were never backed up"
    return Button(text=text, action=f"do:now#{suffix}", value=f"site:{site} never", style="primary", label=label)


def never_buttons(sites: Sequence[tuple[str, str, int]]) -> tuple[Button, ...]:
    """The same for the sites (key, name, how many devices) that have the most of them."""
    worst = sorted(sites, key=lambda one: (-one[2], one[1].casefold()))[:_SITES]
    if len(worst) == 1:
        return (never_button(worst[0][0], worst[0][1]),)
    return tuple(
        never_button(key, name, text=cut(f"Back up {count:,} at {one_line(name)}", _TEXT), suffix=f"never{place}")
        for place, (key, name, count) in enumerate(worst)
    )


def cancel_button(run: Run) -> Button:
    """Cancels a run that has not ended."""
    label = f"Cancel run {run.id} of {run.device}"
    return Button(text="Cancel", action="do:cancel", value=str(run.id), label=label, style="danger")


def trust_button(device: str) -> Button:
    """Shows the old and the new host key of a device, where an admin can accept the new one."""
    return Button(text="Accept new key", action="do:trust", value=device, label=f"Accept the new host key of {device}")


def accept_button(device: str) -> Button:
    """Backs a device up once more and believes the result, however small it is."""
    sure = Confirm(
        title="Store the smaller one?",
        text=(
            f"{device} is backed up again, and the result is stored even if it is far smaller. The last version "
            "stays in the history."
        ),
        yes="Store it anyway",
    )
    label = f"Back up {device} again and store a smaller configuration"
    return Button(
        text="Store it anyway", action="do:now#accept", value=f"{device} accept-smaller", label=label, confirm=sure
    )


def review_button(run: int, device: str) -> Button:
    """Asks for a note and marks what a run found changed as reviewed."""
    label = f"Mark the change in run {run} of {device} as reviewed"
    return Button(text="Reviewed", action="do:review", value=f"#{run}", label=label)


def diff_button(run: Run) -> Button:
    """Shows what a run found changed."""
    label = f"Show what run {run.id} of {run.device} changed"
    return Button(text="Show diff", action="do:diff", value=f"{run.device} #{run.id}", label=label)
