"""``apps.connections.open``: an address for one Socket Mode connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.slack.methods.registry import Bearer, method
from demo.slack.rates import TIER_1

if TYPE_CHECKING:
    from demo.slack.arguments import Arguments
    from demo.slack.values import Json
    from demo.slack.workspace import Workspace


@method("apps.connections.open", rate=TIER_1, bearer=Bearer.APP)
def connections_open(workspace: Workspace, _args: Arguments) -> Json:
    """Hand out an address."""
    return {"url": workspace.socket_address()}
