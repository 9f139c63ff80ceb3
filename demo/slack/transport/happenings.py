"""Events: what happens in the workspace and is told to the bot, if it is subscribed and has the scope."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from demo.slack.blocks import limits
from demo.slack.methods.conversations import family
from demo.slack.state.values import Channel, Json, Message, Person, UserGroup
from demo.slack.transport.payloads import event_payload
from demo.slack.web.forms import group_form, user_form, view_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from demo.slack.state.workspace import Workspace
    from demo.slack.transport.delivery import Deliveries

_NEEDS: Final[Mapping[str, str]] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "channel_left": "channels:read",
    "group_left": "groups:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_shared": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "subteam_members_changed": "usergroups:read",
    "user_change": "users:read",
}


class Happenings:
    """Changes to the workspace, each with the event that Slack sends for it."""

    def __init__(self, workspace: Workspace, deliveries: Deliveries) -> None:
        self._workspace = workspace
        self._deliveries = deliveries

    def said(
        self, person: Person, channel: Channel, text: str, thread_ts: str | None = None, *, subtype: str = ""
    ) -> Message:
        """A person posts a message; the bot hears of it where it is a member. ``subtype``: how, if not plainly."""
        store = self._workspace.store
        message = Message(channel.id, store.next_ts(), person.id, text, thread_ts=thread_ts)
        store.put_message(message)
        if self._workspace.identity.bot_user not in channel.members:
            return message
        event = {**self._message_event(message, person), **({"subtype": subtype} if subtype else {})}
        kinds = {"channels": "channel", "groups": "group", "im": "im", "mpim": "mpim"}
        about = {**event, "type": "message", "channel_type": kinds[family(channel)]}
        self.tell(f"message.{family(channel)}", about, channel)
        if f"<@{self._workspace.identity.bot_user}>" in text and channel.kind == "channel":
            self.tell("app_mention", {**event, "type": "app_mention"}, channel)
        return message

    def _message_event(self, message: Message, person: Person) -> Json:
        thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        team = {"team": self._workspace.identity.team, "user_team": person.team_id}
        where = {"channel": message.channel, "ts": message.ts, "event_ts": message.ts}
        return {"user": person.id, "text": message.text, **team, **where, **thread}

    def home_opened(self, person: Person, tab: str = "home") -> None:
        """A person opens the app's Home (or Messages) tab."""
        store = self._workspace.store
        channel = self._workspace.dm(person.id)
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab}
        shown = store.homes.get(person.id)
        if tab == "home" and shown:
            event["view"] = view_form(self._workspace, store.views[shown])
        self.tell("app_home_opened", event)

    def joined(self, person: str, channel_id: str) -> Channel:
        """Somebody, or the bot, enters a channel."""
        before = self._workspace.store.channels[channel_id]
        channel = replace(before, members=before.members | {person})
        self._workspace.store.put_channel(channel)
        self._membership("member_joined_channel", person, channel)
        return channel

    def left(self, person: str, channel_id: str) -> Channel:
        """Somebody, or the bot, leaves a channel."""
        before = self._workspace.store.channels[channel_id]
        channel = replace(before, members=before.members - {person})
        if person == self._workspace.identity.bot_user:
            kind = f"{'group' if before.private else 'channel'}_left"
            self.tell(kind, {"type": kind, "channel": channel_id})
        else:
            self._membership("member_left_channel", person, before)
        self._workspace.store.put_channel(channel)
        return channel

    def _membership(self, kind: str, person: str, channel: Channel) -> None:
        letter = "G" if channel.private else "C"
        team = self._workspace.identity.team
        event = {"type": kind, "user": person, "channel": channel.id, "channel_type": letter, "team": team}
        if self._workspace.identity.bot_user in channel.members:
            self.tell(kind, event, channel, needs=f"{family(channel)}:read")
        if kind == "member_left_channel" and person == self._workspace.identity.bot_user:
            gone = f"{'group' if channel.private else 'channel'}_left"
            self.tell(gone, {"type": gone, "channel": channel.id}, channel, needs=f"{family(channel)}:read")

    def archived(self, channel_id: str, by: str) -> Channel:
        """A channel is archived."""
        return self._archiving(channel_id, by, "archive", archived=True)

    def unarchived(self, channel_id: str, by: str) -> Channel:
        """A channel is taken out of the archive again."""
        return self._archiving(channel_id, by, "unarchive", archived=False)

    def _archiving(self, channel_id: str, by: str, what: str, *, archived: bool) -> Channel:
        channel = replace(self._workspace.store.channels[channel_id], archived=archived)
        self._workspace.store.put_channel(channel)
        kind = f"{'group' if channel.private else 'channel'}_{what}"
        self.tell(kind, {"type": kind, "channel": channel.id, "user": by}, channel)
        return channel

    def shared(self, channel_id: str, team: str) -> Channel:
        """A channel is shared with another organisation."""
        channel = replace(self._workspace.store.channels[channel_id], ext_shared=True)
        self._workspace.store.put_channel(channel)
        event = {"type": "channel_shared", "channel": channel.id, "connected_team_id": team}
        self.tell("channel_shared", event, channel)
        return channel

    def group_changed(self, group: UserGroup, members: Iterable[str]) -> UserGroup:
        """Members are added to or taken from a user group."""
        now = tuple(members)
        changed = replace(group, members=now)
        self._workspace.store.groups[group.id] = changed
        self._workspace.store.changed("group", group.id)
        added = [one for one in now if one not in group.members]
        removed = [one for one in group.members if one not in now]
        event = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": self._workspace.identity.team,
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
        }
        self.tell("subteam_members_changed", event)
        return changed

    def group_updated(self, group: UserGroup) -> UserGroup:
        """A user group is made, renamed, switched off or filled anew; the event holds its first members."""
        is_new = group.id not in self._workspace.store.groups
        self._workspace.store.groups[group.id] = group
        self._workspace.store.changed("group", group.id)
        kind = "subteam_created" if is_new else "subteam_updated"
        shown = {**group_form(group), "users": list(group.members[: limits.SUBTEAM_USERS])}
        self.tell(kind, {"type": kind, "subteam": shown}, needs="usergroups:read")
        return group

    def person_changed(self, person: Person) -> Person:
        """A person's profile or standing changes: a new zone, demoted to guest, deactivated."""
        self._workspace.store.put_person(person)
        self.tell("user_change", {"type": "user_change", "user": user_form(self._workspace, person)})
        return person

    def uninstalled(self) -> None:
        """The app is removed from the workspace: its tokens stop working."""
        self._workspace.revoked = True
        bots = {"oauth": [], "bot": [self._workspace.identity.bot_user]}
        self.tell("tokens_revoked", {"type": "tokens_revoked", "tokens": bots})
        self.tell("app_uninstalled", {"type": "app_uninstalled"})

    def tell(self, name: str, event: Json, channel: Channel | None = None, *, needs: str | None = None) -> None:
        """Send an event if the app subscribes to ``name`` and has the scope for it."""
        identity = self._workspace.identity
        scope = needs or _NEEDS.get(name)
        if name not in identity.events or (scope is not None and scope not in identity.scopes):
            return
        ext_shared = channel is not None and channel.ext_shared
        self._deliveries.event(event_payload(self._workspace, event, ext_shared=ext_shared))
