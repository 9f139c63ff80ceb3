"""What the templates show of reviews: the form, what came of it, and the changes that nobody has reviewed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from notifications.pages.cells import moment, text
from notifications.rendering.buttons import Button
from notifications.rendering.form_fields import Field, FieldKind
from notifications.rendering.units import changed, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.configs.versions import Review, Version
    from notifications.pages.cells import Cell
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

NOTE: Final = "note"  # the name of the form's field


def review_form(device: str, run: int, *, note: str = "", sentence: str = "") -> Context:
    """The context of ``review_form`` while it is filled in; ``sentence`` says what went wrong."""
    field = Field(
        name=NOTE,
        kind=FieldKind.TEXT,
        label="Ticket or note",
        value=note,
        hint="Everybody with access to the device can read it.",
        placeholder="CHG0012345",
        optional=True,
    )
    return {"device": device, "run": run, "sentence": sentence, "fields": (field,), "review": None, "is_new": True}


def reviewed(device: str, run: int, review: Review, *, is_new: bool, command: str = "") -> Context:
    """The context of ``reviewed``, and of ``review_form`` when it is done."""
    facts = {"device": device, "run": run, "review": review, "is_new": is_new}
    return {**facts, "sentence": "", "fields": (), "command": command}


def unreviewed(
    versions: Sequence[Version],
    sites: Mapping[str, str],
    *,
    about: str,
    total: int,
    command: str,
    controls: Sequence[Control] = (),
) -> Context:
    """The context of ``unreviewed``: a page of changes, the newest first, of ``total``; ``sites`` are names by key."""
    rows = [_row(version, sites) for version in versions]
    return {
        "title": f"{plural(total, 'change')} to review at {about}" if total else "",
        "about": about,
        "rows": rows,
        "buttons": tuple(controls),
        "command": command,
    }


def _row(version: Version, sites: Mapping[str, str]) -> list[Cell]:
    return [
        text(f"#{version.run}"),
        text(version.device),
        text(sites.get(version.site, version.site)),
        moment(version.captured_at),
        text(changed(version.added, version.removed, version.secrets_changed)),
        text(version.author or "-"),
    ]


def page_button(label: str, words: str) -> Button:
    """Leads to another page of the list."""
    return Button(
        text=label, action=f"do:unreviewed#{label.lower()}", value=words, label=f"Show {label.lower()} changes"
    )
