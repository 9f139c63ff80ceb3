"""The local Slack itself: the server, and the door through which tests and the demo act and look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from aiohttp import web

from demo.slack.blocks import limits
from demo.slack.client.acting import Acting
from demo.slack.client.looking import Looking
from demo.slack.state.people import People
from demo.slack.state.workspace import Identity, Workspace
from demo.slack.transport.delivery import Deliveries
from demo.slack.transport.happenings import Happenings
from demo.slack.transport.signed_http import NotVerified, SignedHttp
from demo.slack.transport.sockets import Sockets
from demo.slack.web.api import Api
from demo.slack.web.faults import Faults
from demo.slack.web.side_doors import SideDoors

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from demo.slack.state.values import Call, Channel, File, Message, Person, Traffic
    from domain.clock import Clock


class LocalSlack:
    """A Slack workspace with one app in it, on 127.0.0.1.

    Used as ``async with LocalSlack(clock=clock) as slack``. Socket Mode, until ``use_request_url`` is called.

    Args:
        clock: tells the time for timeouts, rates, timestamps and faults.
        identity: ids, tokens, scopes, commands and subscribed events of the app.
        rate_limits: whether calls are limited as in the real Slack.
        port: 0 takes a free one.
    """

    def __init__(
        self, *, clock: Clock, identity: Identity | None = None, rate_limits: bool = True, port: int = 0
    ) -> None:
        self.identity = identity or Identity()
        self.workspace = Workspace(clock, self.identity, rate_limits=rate_limits)
        self.store = self.workspace.store
        self.faults = Faults(clock, self._drop_sockets)
        self.sockets = Sockets(self.workspace, self.faults)
        self.workspace.socket_address = self.sockets.issue_address
        self._deliveries = Deliveries(self.workspace, self.faults, self.sockets)
        self._http: SignedHttp | None = None
        self._port = port
        self._runner: web.AppRunner | None = None
        self.page: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None  # answers what Slack does not
        self._open_doors()

    def _open_doors(self) -> None:
        people, looking = People(self.workspace), Looking(self.workspace)
        acting = Acting(self.workspace, self._deliveries)
        happenings = Happenings(self.workspace, self._deliveries)
        self.add_person, self.add_channel, self.add_group = people.add_person, people.add_channel, people.add_group
        self.add_group_dm = people.add_group_dm
        self.command, self.press, self.select = acting.command, acting.press, acting.select
        self.options, self.submit, self.close_view = acting.options, acting.submit, acting.close
        self.shortcut = acting.shortcut
        self.messages, self.thread, self.message, self.dm = (
            looking.messages,
            looking.thread,
            looking.message,
            looking.dm,
        )
        self.views, self.home, self.channel = looking.views, looking.home, looking.channel
        self.names, self.plain, self.everything_sent = looking.names, looking.plain, looking.everything_sent
        self.wait_for, self.changes, self.next_change = self.store.wait_for, self.store.changes, self.store.next_change
        self.happenings = happenings
        self.settled = self._deliveries.settled

    # Where it is, and with what to log in

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return self.workspace.url

    @property
    def api_url(self) -> str:
        """What goes into ``base_url``."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self.identity.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode."""
        return self.identity.app_token

    @property
    def signing_secret(self) -> str:
        """What HTTP requests to the bot are signed with."""
        return self.identity.signing_secret

    def issue_bot_token(self, token: str) -> None:
        """Give the app another token, as when it is installed again: the one before is revoked."""
        self.workspace.revoked_tokens.add(self.bot_token)
        self.identity = self.workspace.identity = replace(self.identity, bot_token=token)

    # What was recorded

    @property
    def calls(self) -> deque[Call]:
        """Every call to the Web API, upload addresses and response URLs, the oldest first."""
        return self.store.calls

    @property
    def traffic(self) -> deque[Traffic]:
        """Every envelope, frame, request and ack."""
        return self.store.traffic

    @property
    def files(self) -> dict[str, File]:
        """Uploaded files by id."""
        return self.store.files

    @property
    def refused(self) -> list[Call]:
        """The calls that ended with an error, ``rules`` saying what was broken."""
        return [call for call in self.calls if call.error is not None]

    # What happens, beyond what people press and type

    async def say(
        self, person: Person, channel: Channel, text: str, *, thread_ts: str | None = None, subtype: str = ""
    ) -> Message:
        """A person posts a message; events go out in the background."""
        return self.happenings.said(person, self.store.channels[channel.id], text, thread_ts, subtype=subtype)

    async def mention(
        self, person: Person, channel: Channel, text: str, *, thread_ts: str | None = None, subtype: str = ""
    ) -> Message:
        """A person posts a message that begins with a mention of the bot."""
        mentioned = f"<@{self.identity.bot_user}> {text}"
        return await self.say(person, channel, mentioned, thread_ts=thread_ts, subtype=subtype)

    async def open_home(self, person: Person, tab: str = "home") -> None:
        """A person opens the app's Home (or ``messages``) tab."""
        self.happenings.home_opened(person, tab)

    # Transports

    async def use_request_url(self, request_url: str) -> None:
        """Deliver by signed HTTP to this address from now on.

        Raises:
            NotVerified: the address did not answer Slack's challenge.
        """
        http = SignedHttp(self.workspace, request_url)
        try:
            await http.verify()
        except BaseException:
            await http.close()
            raise
        self._http, before = http, self._http
        self._deliveries.transport = http
        if before is not None:
            await before.close()

    async def ssl_check(self) -> int:
        """Ask whether the request URL still answers; returns the HTTP status.

        Raises:
            NotVerified: there is no request URL.
        """
        if self._http is None:
            raise NotVerified("no request URL is in use")
        return await self._http.ssl_check()

    async def connected(self, count: int = 1, *, timeout: float = 10) -> None:  # noqa: ASYNC109 - a test's last resort
        """Wait until the bot has that many Socket Mode connections."""
        await self.wait_for(lambda: self.sockets.connected >= count, timeout)

    async def _drop_sockets(self) -> None:
        await self.sockets.close_all()

    # Start and stop

    async def _other(self, request: web.Request) -> web.StreamResponse:
        if self.page is None:
            raise web.HTTPNotFound
        return await self.page(request)

    async def start(self) -> None:
        """Listen."""
        api, doors = Api(self.workspace, self.faults), SideDoors(self.workspace, self.faults)
        app = web.Application(client_max_size=limits.BODY)
        app.router.add_route("*", "/api/{method}", api.handle)
        app.router.add_post("/upload/{file}", doors.upload)
        app.router.add_post("/actions/{team}/{key}", doors.response_url)
        app.router.add_get("/link/", self.sockets.handle)
        app.router.add_get("/{path:.*}", self._other)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.workspace.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Stop listening and give up what is on its way."""
        await self._deliveries.close()
        await self.sockets.stop()
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
