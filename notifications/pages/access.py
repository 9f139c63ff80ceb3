"""What the templates of access show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.access.granting import GRANTABLE, role_table
from notifications.pages.cells import text
from notifications.rendering.buttons import Button, Confirm, Menu, MenuEntry
from notifications.rendering.form_fields import Choice, Field, FieldKind
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.access.granting import Granted
    from domain.inventory.declared import Site
    from notifications.rendering.form_fields import Entered
    from notifications.rendering.renderer import Context

PERSON: Final = "person"
GROUP: Final = "group"
CHANNEL: Final = "channel"
ROLE: Final = "role"
PAGE: Final = 20  # grants of one answer

_ROLES: Final = tuple(Choice(text=role.word, value=role.word) for role in GRANTABLE)


def own_access(roles: Sequence[tuple[str, str]], *, manages: Sequence[Site], command: str) -> Context:
    """The context of ``access``: ``roles`` are pairs of a site's name and one's role there."""
    cells = [[text(words), *(text("yes" if may else "-") for may in allowed)] for words, allowed in role_table()]
    entries = tuple(MenuEntry(text=site.name[:75], value=site.key) for site in manages[:100])
    return {
        "roles": list(roles),
        "names": ["What", *(role.word.capitalize() for role in GRANTABLE)],
        "rows": cells,
        "buttons": (Menu(placeholder="Who has access at…", action="do:access", entries=entries),) if entries else (),
        "command": command,
    }


def site_access(
    site: Site, found: Sequence[Granted], *, page: int, labels: Mapping[str, str], command: str, sentence: str = ""
) -> Context:
    """The context of ``access_site``: one page of who has which role there.

    ``labels`` are plain names of principals for the menu, where no mention can stand.
    """
    count = max(1, -(-len(found) // PAGE))
    page = min(max(1, page), count)
    shown = found[(page - 1) * PAGE : page * PAGE]
    rows = [
        {
            "who": one.principal,
            "role": one.role.word,
            "by": one.grant.given_by if one.grant else "",
            "at": one.grant.given_at if one.grant else None,
        }
        for one in shown
    ]
    return {
        "site": site.name,
        "total": plural(len(found), "grant"),
        "rows": rows,
        "sentence": sentence,
        "buttons": (*_menu(site, shown, labels), *_paging(site, page, count), _add(site)),
        "command": command,
    }


def _menu(site: Site, shown: Sequence[Granted], labels: Mapping[str, str]) -> tuple[Menu, ...]:
    entries = tuple(
        MenuEntry(
            text=f"{labels.get(one.principal, one.principal)}: {one.role.word}"[:75],
            value=f"{site.key} remove {one.principal}",
        )
        for one in shown
        if one.grant
    )
    return (Menu(placeholder="Revoke…", action="do:access#remove", entries=entries),) if entries else ()


def _paging(site: Site, page: int, count: int) -> tuple[Button, ...]:
    steps = [("Previous page", "back", page - 1)] if page > 1 else []
    steps += [("Next page", "more", page + 1)] if page < count else []
    return tuple(
        Button(text=words, action=f"do:access#{suffix}", value=f"{site.key} page:{to}", label=f"Show page {to}")
        for words, suffix, to in steps
    )


def _add(site: Site) -> Button:
    label = f"Grant access at {site.name}"
    return Button(text="Grant access", action="do:access#add", value=f"{site.key} add", label=label, style="primary")


def last_admin_button(site: Site, principal: str) -> Button:
    """Says yes to taking back the last admin's role."""
    sure = Confirm(
        title="No admin left",
        text=f"{site.name} will have no admin. Only an owner can then grant access there.",
        yes="Revoke",
    )
    return Button(
        text="Revoke",
        action="do:access#sure",
        value=f"{site.key} remove {principal} yes",
        label=f"Revoke the last admin role at {site.name}",
        style="danger",
        confirm=sure,
    )


def access_form(site: str, values: Mapping[str, Entered], *, sentence: str = "") -> Context:
    """The context of ``choice_form`` for giving access at ``site``, its name; ``values`` as they were entered."""

    def kept(name: str) -> Entered:
        return values.get(name, "")

    return {
        "title": "Grant access",
        "submit": "Grant access",
        "sentence": sentence,
        "fields": (
            Field(name=PERSON, kind=FieldKind.PERSON, label="A person", value=kept(PERSON), optional=True),
            Field(
                name=GROUP,
                kind=FieldKind.TEXT,
                label="Or a user group",
                value=kept(GROUP),
                placeholder="S0123456789",
                hint="The group's id, shown in its details in Slack. Whoever leaves the group loses access.",
                optional=True,
            ),
            Field(
                name=CHANNEL,
                kind=FieldKind.CHANNEL,
                label="Or the members of a private channel",
                value=kept(CHANNEL),
                hint="Lastgood must be a member. Whoever leaves the channel loses access.",
                optional=True,
            ),
            Field(
                name=ROLE,
                kind=FieldKind.LIST,
                label=f"Role at {site}"[:48],
                value=kept(ROLE) or _ROLES[0].value,
                choices=_ROLES,
            ),
        ),
    }
