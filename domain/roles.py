"""Roles, actions, and the lowest role that may do each action."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What a person is at a site; a higher role may do all that a lower one may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3
    OWNER = 4  # of the installation: every site

    @property
    def word(self) -> str:
        """The role as people read and write it."""
        return self.name.lower()


class Action(StrEnum):
    """What can be asked for at a site; the value completes "may not ... at Plant A"."""

    SEE = "see configurations"
    SUBSCRIBE = "subscribe to messages"
    RUN = "run backups"
    EDIT = "add or change jobs"
    CANCEL = "cancel runs"
    REVIEW = "review changes"
    TRUST = "accept host keys"
    ROUTES = "change routes"
    GRANT = "change access"
    AUDIT = "read the audit"


LOWEST_ROLE = {
    Action.SEE: Role.VIEWER,
    Action.SUBSCRIBE: Role.VIEWER,
    Action.RUN: Role.OPERATOR,
    Action.EDIT: Role.OPERATOR,
    Action.CANCEL: Role.OPERATOR,
    Action.REVIEW: Role.OPERATOR,
    Action.TRUST: Role.ADMIN,
    Action.ROUTES: Role.ADMIN,
    Action.GRANT: Role.ADMIN,
    Action.AUDIT: Role.ADMIN,
}
