"""One workspace with one app in it: its identity, its store, and the short-lived things it hands out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from demo.slack.blocks import limits
from demo.slack.state.rates import Rates
from demo.slack.state.store import Store
from demo.slack.state.values import Channel, Json, Message, Person, Refused, View

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from demo.slack.state.uploads import Upload
    from domain.clock import Clock

ALL_SCOPES: Final = frozenset(
    {
        *("commands", "chat:write", "files:read", "files:write", "users:read", "users:read.email", "team:read"),
        *("channels:read", "channels:history", "channels:join", "groups:read", "groups:history", "im:read", "im:write"),
        *("im:history", "mpim:history", "mpim:read", "app_mentions:read", "usergroups:read"),
    }
)
ALL_EVENTS: Final = frozenset(
    {
        *("app_mention", "app_home_opened", "message.im", "message.mpim", "channel_left", "group_left"),
        *("member_joined_channel", "member_left_channel"),
        *(
            "channel_archive",
            "channel_unarchive",
            "group_archive",
            "group_unarchive",
            "channel_shared",
            "channel_left",
            "group_left",
            "subteam_created",
            "subteam_members_changed",
            "subteam_updated",
            "user_change",
        ),
        *("app_uninstalled", "tokens_revoked"),
    }
)


@dataclass(frozen=True)
class Identity:
    """Who the workspace and the app are, and the app's secrets."""

    team: str = "T0LOCAL"
    domain: str = "local"
    app: str = "A0LASTGOOD"
    bot_user: str = "U0LASTGOOD"
    bot: str = "B0LASTGOOD"
    bot_name: str = "lastgood"
    bot_token: str = "xoxb-local-bot-token"  # noqa: S105 - good on this machine only
    app_token: str = "xapp-1-A0LASTGOOD-local-app-token"  # noqa: S105 - the same
    signing_secret: str = "local-signing-secret"  # noqa: S105 - the same
    commands: frozenset[str] = frozenset({"/backup"})
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = ALL_EVENTS
    escape_commands: bool = False  # turn @name and #channel in a command into marks with ids


@dataclass
class Trigger:
    """A trigger id: good once, for a short time. ``view`` is the modal it came from, if any."""

    person: str
    issued: datetime
    view: str | None = None
    channel: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where answers to one interaction may be posted. ``original`` is the message the interaction came from."""

    person: str
    channel: str
    issued: datetime
    original: str | None = None
    uses: int = 0


class Workspace:
    """State and identity together, and what both are needed for: ids, access, triggers, addresses."""

    def __init__(self, clock: Clock, identity: Identity, *, rate_limits: bool) -> None:
        self.clock = clock
        self.identity = identity
        self.store = Store(clock)
        self.rates = Rates(clock, enabled=rate_limits)
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.uploads: dict[str, Upload] = {}  # announced and not completed yet
        self.after_answer: list[Callable[[], None]] = []  # effects that show a moment after the answer
        self.url = ""  # of the server, without a slash at the end
        self.socket_address: Callable[[], str] = str  # set by the server: an address for one connection
        self.revoked = False  # the app was removed from the workspace
        self.revoked_tokens: set[str] = set()  # bot tokens that were replaced
        self._ids = count(1)
        bot = Person(identity.bot_user, identity.bot_name, "Lastgood", identity.team, is_bot=True)
        self.store.put_person(bot)

    def new_id(self, prefix: str) -> str:
        """An id such as ``C000007``, never given twice."""
        return f"{prefix}{next(self._ids):06d}"

    def issue_trigger(self, person: Person, *, view: str | None = None, channel: str | None = None) -> str:
        """A trigger id for something this person just did."""
        trigger = self.new_id("13371337.")
        self.triggers[trigger] = Trigger(person.id, self.clock.now(), view, channel)
        _forget_oldest(self.triggers, limits.KEEP_VIEWS)
        return trigger

    def take_trigger(self, trigger_id: str) -> Trigger:
        """Use a trigger id up.

        Raises:
            Refused: ``invalid_trigger_id``, ``expired_trigger_id``, ``exchanged_trigger_id``.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id", "this trigger id was never issued")
        if trigger.used:
            raise Refused("exchanged_trigger_id", "a trigger id works once")
        if self.clock.now() - trigger.issued > limits.TRIGGER:
            raise Refused("expired_trigger_id", f"a trigger id lives {limits.TRIGGER.total_seconds():g} s")
        trigger.used = True
        return trigger

    def issue_response_url(self, person: Person, channel: str, original: str | None = None) -> str:
        """An address for answers to something this person did in ``channel``."""
        key = self.new_id("R")
        self.response_urls[key] = ResponseUrl(person.id, channel, self.clock.now(), original)
        _forget_oldest(self.response_urls, limits.KEEP_VIEWS)
        return f"{self.url}/actions/{self.identity.team}/{key}"

    def dm(self, person: str) -> Channel:
        """The conversation between the bot and a person; opened if there is none."""
        channel_id = f"D{person[1:]}"
        if channel_id not in self.store.channels:
            members = frozenset({person, self.identity.bot_user})
            self.store.put_channel(Channel(channel_id, person, members, private=True, kind="im"))
        return self.store.channels[channel_id]

    def visible_channel(self, channel_id: str) -> Channel:
        """A conversation that the bot may know of: public, or one it is in.

        Raises:
            Refused: ``channel_not_found``.
        """
        channel = self.store.channels.get(channel_id)
        if channel is None:
            raise Refused("channel_not_found", f"there is no conversation {channel_id!r}")
        if channel.private and self.identity.bot_user not in channel.members:
            raise Refused("channel_not_found", f"{channel_id} is private and the bot is not in it")
        return channel

    def posting_channel(self, target: str) -> Channel:
        """The conversation to post to; a user's id opens the conversation with that user.

        Raises:
            Refused: ``channel_not_found``, ``is_archived``, ``not_in_channel``, ``user_disabled``, ``cannot_dm_bot``.
        """
        if target[:1] in ("U", "W"):
            return self._person_to_message(target)
        channel = self.visible_channel(target)
        if channel.kind == "im":
            return self._person_to_message(channel.name)
        if channel.archived:
            raise Refused("is_archived", f"{target} is archived")
        if self.identity.bot_user not in channel.members and "chat:write.public" not in self.identity.scopes:
            raise Refused("not_in_channel", f"the bot is not in {target}")
        return channel

    def _person_to_message(self, person_id: str) -> Channel:
        person = self.store.people.get(person_id)
        if person is None:
            raise Refused("channel_not_found", f"there is no user {person_id!r}")
        if person.is_bot:
            raise Refused("cannot_dm_bot", f"{person_id} is a bot")
        if person.deleted:
            raise Refused("user_disabled", f"{person_id} is deactivated")
        return self.dm(person_id)

    def post(self, channel: Channel, text: str, **more: object) -> Message:
        """Store a message of the bot's."""
        bot = {"user": self.identity.bot_user, "bot_id": self.identity.bot}
        message = Message(channel.id, self.store.next_ts(), text=text, **bot, **more)  # type: ignore[arg-type]
        self.store.put_message(message)
        return message

    def top_view(self, person: str) -> View | None:
        """The modal in front of a person."""
        stack = self.store.stacks.get(person, ())
        return self.store.views[stack[-1]] if stack else None

    def close_view(self, view: View, *, everything: bool = False) -> None:
        """Take a modal, or the whole stack, away from its person."""
        stack = self.store.stacks.get(view.person, ())
        place = 0 if everything else stack.index(view.id) if view.id in stack else len(stack)
        self.store.set_stack(view.person, stack[:place])

    def new_view(self, payload: Json, person: str, **more: object) -> View:
        """A view from a checked payload, not yet shown."""
        view_id = self.new_id("V")
        view = View(view_id, person, payload["type"], tuple(payload["blocks"]), self.new_hash(), root_id=view_id)
        return replace(described(view, payload), **more)  # type: ignore[arg-type]  # names of View's fields

    def new_hash(self) -> str:
        """A value that changes with each edit of a view."""
        return f"{int(self.clock.now().timestamp())}.{self.new_id('h')}"

    def file_exists(self, file_id: str) -> bool:
        """Whether blocks may show this uploaded file."""
        return file_id in self.store.files and not self.store.files[file_id].deleted

    def age(self, since: datetime) -> timedelta:
        """How long ago that was."""
        return self.clock.now() - since


def described(view: View, payload: Json) -> View:
    """``view`` with the words and flags of a checked payload."""
    return replace(
        view,
        blocks=tuple(payload["blocks"]),
        callback_id=payload.get("callback_id", ""),
        private_metadata=payload.get("private_metadata", ""),
        external_id=payload.get("external_id", ""),
        title=_words(payload.get("title")) or "",
        submit=_words(payload.get("submit")),
        close=_words(payload.get("close")),
        notify_on_close=payload.get("notify_on_close", False),
        clear_on_close=payload.get("clear_on_close", False),
    )


def _words(text: Json | None) -> str | None:
    return None if text is None else str(text["text"])


def _forget_oldest(entries: dict[str, Trigger] | dict[str, ResponseUrl], most: int) -> None:
    while len(entries) > most:
        del entries[next(iter(entries))]
