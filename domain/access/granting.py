"""Giving and taking access: who has what from where, what a grant would change, and who an id stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.roles import LOWEST_ROLE, Action, Role

if TYPE_CHECKING:
    from domain.access.access import Access
    from domain.access.grants import Grant

GRANTABLE = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)

_MENTION = re.compile(r"<(?:@|#|!subteam\^)([UWSCG][A-Z0-9]{2,30})(?:\|[^>]*)?>")
_ID = re.compile(r"[UWSCG][A-Z0-9]{2,30}")


@dataclass(frozen=True, slots=True)
class Granted:
    """One role of one principal, and where it comes from."""

    principal: str
    role: Role
    grant: Grant | None = None  # given in Slack; None: declared in app.yaml


def granted_at(access: Access, site: str) -> tuple[Granted, ...]:
    """Everybody who was granted something at ``site``, the highest roles first, declared ones before given ones."""
    declared = [
        Granted(principal, role)
        for role, ids in access.inventory.sites[site].access.items()
        for principal in sorted(ids)
    ]
    given = [Granted(grant.principal, grant.role, grant) for grant in access.book.of(site)]
    return tuple(sorted([*declared, *given], key=lambda one: -one.role))


def leaves_no_admin(access: Access, site: str, principal: str) -> bool:
    """Whether nobody but owners would be admin of ``site`` if ``principal`` lost what was given in Slack."""
    rest = [one for one in granted_at(access, site) if one.grant is None or one.principal != principal]
    had = access.book.at(site, principal)
    return had is not None and had.role is Role.ADMIN and not any(one.role is Role.ADMIN for one in rest)


def principal_of(word: str) -> str | None:
    """The id that somebody typed as a mention of a person, user group or channel, or as it is; None: it is neither."""
    found = _MENTION.fullmatch(word)
    if found:
        return found[1]
    return word if _ID.fullmatch(word) else None


def role_called(word: str) -> Role | None:
    """The role of this name that can be granted."""
    return next((role for role in GRANTABLE if role.word == word.casefold()), None)


def role_table() -> tuple[tuple[str, tuple[bool, ...]], ...]:
    """What each role may do: the words of every action, and whether viewer, operator and admin may."""
    return tuple((action.value, tuple(role >= LOWEST_ROLE[action] for role in GRANTABLE)) for action in Action)
