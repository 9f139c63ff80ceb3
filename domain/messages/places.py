"""Where in Slack an answer may stand."""

from __future__ import annotations

from dataclasses import dataclass


def run_place(asked: Place, *, asker: str, site_channel: str | None, own_dm: bool) -> Place:
    """Where the message of a run belongs that ``asker`` asked for at ``asked``.

    It stays there in the site's own channel and in the asker's own conversation with the bot. Anywhere else
    others would read what their roles may not allow, and the bot may not even be a member: it goes to the
    asker directly.

    Args:
        asked: the channel and thread of the question.
        asker: Slack id of the person.
        site_channel: the channel that app.yaml names for the site; None: it has none.
        own_dm: whether ``asked`` is known to be the asker's conversation with the bot. A channel id that
            begins with D does not prove it: a slash command can be typed in a chat of two people.
    """
    return asked if own_dm or asked.channel == site_channel else Place(channel=asker)


def answer_is_public(asked: Place, *, site_channel: str | None, mentioned: bool) -> bool:
    """Whether everybody may read the answer: only to a mention in the channel of the site it is about."""
    return mentioned and site_channel is not None and asked.channel == site_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the answer belongs in Slack."""

    channel: str  # C..., G..., D..., or a person's id U... for a direct message
    thread_ts: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether one person alone reads there."""
        return self.channel[:1] in {"U", "W", "D"}
