"""What is said of a channel in which messages do not arrive: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.events.alerts import RouteBroken
    from domain.inventory.declared import Site
    from notifications.rendering.renderer import Context

_SHARED: Final = "shared_with_others"
_INVITE: Final = (
    "Lastgood is not in this channel, or the channel no longer exists. Type `/invite @Lastgood` there, or choose "
    "another channel with `/backup routes`."
)
_POSTING: Final = (
    "Its posting rules exclude Lastgood. Allow Lastgood to post, or choose another channel with `/backup routes`."
)
_DEFAULT: Final = "Slack rejects messages to it. Choose another channel with `/backup routes`."
_WORDS: Final = {
    "channel_not_found": _INVITE,
    "not_in_channel": _INVITE,
    "user_not_in_channel": _INVITE,
    "is_archived": "It is archived. Unarchive it, or choose another channel with `/backup routes`.",
    "restricted_action": _POSTING,
    "restricted_action_read_only_channel": _POSTING,
    "restricted_action_thread_only_channel": _POSTING,
    "posting_to_general_channel_denied": _POSTING,
    "no_permission": _POSTING,
    _SHARED: (
        "People outside your organisation can read it. Other messages are still posted. Stop sharing the channel, or "
        "choose another with `/backup routes`."
    ),
}
_KEPT: Final = (
    "Its messages wait for up to two days and are sent when it works again. To retry now, use `Test` under Routes."
)


def trouble_in_words(code: str) -> str:
    """What is wrong with a route and what to do, by Slack's word for it or ours."""
    return _WORDS.get(code, _DEFAULT)


def route_broken(alert: RouteBroken, sites: Sequence[Site]) -> Context:
    """The context of ``route_broken``."""
    elsewhere = sorted({site.fallback for site in sites if site.fallback and alert.code != _SHARED})
    deferred = alert.code != _SHARED and not elsewhere
    label = f"Show the routes of {sites[0].name} and whether messages arrive"
    return {
        "channel": alert.channel,
        "what": "Diffs and files are not posted" if alert.code == _SHARED else "Messages do not arrive",
        "sites": ", ".join(site.name for site in sites),
        "lines": [trouble_in_words(alert.code), *((_KEPT,) if deferred else ())],
        "elsewhere": elsewhere,
        "buttons": (Button(text="Routes", action="do:routes", value=sites[0].key, label=label),),
    }
