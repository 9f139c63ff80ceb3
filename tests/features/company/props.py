"""What stands in for the outside: a clock that leaps, diffs of versions nobody stored, Slack without HTTP."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from demo.slack.web.api import Api
from domain.configs.leaks import Secrets
from runners.supervision.archive_watch import ArchiveWatch
from tests.notifications.notifiers import FixedPreviews
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from datetime import datetime

    from demo.slack import LocalSlack
    from domain.configs.versions import Version
    from notifications.previews import ConfigDiff


class LeapingClock(MovedClock):
    """Stands still until it leaps; sleepers wake once, however far it leapt."""

    def leap(self, to: datetime) -> None:
        """Stand at ``to``, unless that is in the past."""
        self._now = max(self._now, to)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()


class Showing(FixedPreviews):
    """Diffs that name their device, of versions that hold no secret."""

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """One line, which names the device."""
        return replace(await super().diff(device, before, after), text=f"@@ -1 +1 @@\n-ntp 1\n+hostname {device}\n")

    async def secrets(self, device: str, version: Version) -> Secrets:  # noqa: ARG002 - there are none
        """None."""
        return Secrets()


class Unwatched(ArchiveWatch):
    """An archive of which nobody asks whether it is whole: what is played stores no texts."""

    async def tick(self) -> None:
        """Nothing to look through."""


def direct_client(slack: LocalSlack) -> type[AsyncWebClient]:
    """Slack's own client, whose calls are carried out by ``slack`` in this process.

    Tokens, scopes, rates, faults and the checks of blocks are those of the local Slack.
    """
    api = Api(slack.workspace, slack.faults)

    class DirectClient(AsyncWebClient):
        async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:  # noqa: ANN401 - as Slack's own
            args = {**(request.get("params") or {}), **(request.get("data") or {}), **(request.get("json") or {})}
            args = {key: value for key, value in args.items() if value is not None}
            if slack.faults.in_outage:
                raise aiohttp.ClientConnectionError("the local Slack is out")
            fault = slack.faults.striking(api_method, args)
            answer, refused = api._carried_out(api_method, args, str(self.token))  # noqa: SLF001 - the door behind HTTP
            api._afterwards()  # noqa: SLF001 - the same
            if fault is not None:  # carried out, and the answer is lost
                raise aiohttp.ServerDisconnectedError
            limited = refused.extra.get("retry_after") if refused else None
            response = AsyncSlackResponse(
                client=self,
                http_verb="POST",
                api_url=api_method,
                req_args={},
                data=answer,
                headers={"x-oauth-scopes": ",".join(slack.identity.scopes), "Retry-After": str(limited or 0)},
                status_code=429 if limited else 200,
            )
            if not answer["ok"]:
                raise SlackApiError(f"refused: {answer['error']}", response)  # type: ignore[no-untyped-call]
            return response

    return DirectClient
