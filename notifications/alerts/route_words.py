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
_INVITE: Final = "I am not in it, or it does not exist any more. Type `/invite @Lastgood` in it."
_POSTING: Final = "Its rules do not let me post there. Let me, or choose another channel with `/backup routes`."
_DEFAULT: Final = "Slack takes no messages of mine for it. Choose another channel with `/backup routes`."
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
    _SHARED: "Others than your own people read it, so no configuration goes there: no diff, no file.",
}
_KEPT: Final = "Its messages wait up to two days and go out when it works again. `Test` under Routes tries it at once."


def trouble_in_words(code: str) -> str:
    """What is wrong with a route and what to do, by Slack's word for it or ours."""
    return _WORDS.get(code, _DEFAULT)


def route_broken(alert: RouteBroken, sites: Sequence[Site]) -> Context:
    """The context of ``route_broken``."""
    elsewhere = sorted({site.fallback for site in sites if site.fallback and alert.code != _SHARED})
    deferred = alert.code != _SHARED and not elsewhere
    label = f"Show where messages of {sites[0].name} go, and whether they arrive"
    return {
        "channel": alert.channel,
        "sites": ", ".join(site.name for site in sites),
        "lines": [trouble_in_words(alert.code), *((_KEPT,) if deferred else ())],
        "elsewhere": elsewhere,
        "buttons": (Button(text="Routes", action="do:routes", value=sites[0].key, label=label),),
    }
