"""``apps.connections.open``: an address for one Socket Mode connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.slack.methods.registry import Bearer, method
from demo.slack.state.rates import TIER_1

if TYPE_CHECKING:
    from demo.slack.state.values import Json
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


@method("apps.connections.open", rate=TIER_1, bearer=Bearer.APP)
def connections_open(workspace: Workspace, _args: Arguments) -> Json:
    """Hand out an address."""
    return {"url": workspace.socket_address()}
