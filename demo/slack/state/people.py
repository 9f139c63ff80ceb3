"""Filling the workspace: people, user groups and channels, with ids that the caller may choose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from demo.slack.state.values import Channel, Person, UserGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.slack.state.workspace import Workspace

OTHER_TEAM = "T0OTHER"


class People:
    """Adds to the workspace without telling the bot: what was there before it came."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def add_person(  # noqa: PLR0913 - one flag for each kind of person that Slack knows
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 - what Slack calls it
        real_name: str = "",
        tz: str = "Europe/Berlin",
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_bot: bool = False,
        is_admin: bool = False,
        deleted: bool = False,
        stranger: bool = False,
    ) -> Person:
        """A person; without ``id`` the name gives it: ``anna`` is ``U0ANNA``. ``stranger``: of another organisation."""
        person = Person(
            id=id or f"U0{_letters(name)}",
            name=name,
            real_name=real_name or name.capitalize(),
            team_id=OTHER_TEAM if stranger else self._workspace.identity.team,
            tz=tz,
            email=f"{name}@example.com",
            is_restricted=is_restricted or is_ultra_restricted,  # Slack sets both for a single-channel guest
            is_ultra_restricted=is_ultra_restricted,
            is_bot=is_bot,
            is_admin=is_admin,
            deleted=deleted,
        )
        self._workspace.store.put_person(person)
        return person

    def add_channel(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 - what Slack calls it
        members: Iterable[Person] = (),
        private: bool = False,
        bot_is_member: bool = True,
        ext_shared: bool = False,
        archived: bool = False,
    ) -> Channel:
        """A channel; without ``id`` the name gives it: ``plant-a`` is ``C0PLANTA``."""
        inside = {one.id for one in members} | ({self._workspace.identity.bot_user} if bot_is_member else set())
        channel_id = id or f"C0{_letters(name)}"
        channel = Channel(
            channel_id, name, frozenset(inside), private=private, archived=archived, ext_shared=ext_shared
        )
        self._workspace.store.put_channel(channel)
        return channel

    def add_group_dm(self, name: str, *, members: Iterable[Person]) -> Channel:
        """A group direct message with the bot in it."""
        inside = frozenset({one.id for one in members} | {self._workspace.identity.bot_user})
        channel = Channel(f"C0{_letters(name)}", name, inside, private=True, kind="mpim")
        self._workspace.store.put_channel(channel)
        return channel

    def add_group(self, handle: str, *, id: str | None = None, members: Iterable[Person] = ()) -> UserGroup:  # noqa: A002 - what Slack calls it
        """A user group; without ``id`` the handle gives it: ``night`` is ``S0NIGHT``."""
        group = UserGroup(id or f"S0{_letters(handle)}", handle, handle.capitalize(), tuple(one.id for one in members))
        self._workspace.store.groups[group.id] = group
        self._workspace.store.changed("group", group.id)
        return group


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())
