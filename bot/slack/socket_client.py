"""The Socket Mode client of Slack's library, with the company's certificates and proxy: its own knows of neither."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import websockets
from slack_bolt.adapter.socket_mode.async_base_handler import AsyncBaseSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.socket_mode.websockets import SocketModeClient

from notifications.delivery.errors import asked

if TYPE_CHECKING:
    import ssl
    from logging import Logger

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient


class SocketClient(SocketModeClient):
    """Opens its sockets through the proxy of the environment, and believes ``trusted``."""

    def __init__(self, client: AsyncWebClient, *, trusted: ssl.SSLContext, logger: Logger) -> None:
        super().__init__(app_token=str(client.token), web_client=client, logger=logger)
        self._trusted = trusted

    async def issue_new_wss_url(self) -> str:
        """An address for one connection; the library's own fails on an answer that is no JSON.

        Raises:
            SlackTrouble: Slack gave none.
        """
        call = self.web_client.apps_connections_open(app_token=self.app_token)
        return str((await asked("apps.connections.open", call))["url"])

    async def connect(self) -> None:
        """Open a socket and let it take the place of the one before."""
        if self.wss_uri is None:
            self.wss_uri = await self.issue_new_wss_url()
        old = self.current_session
        tls: dict[str, Any] = {"ssl": self._trusted} if self.wss_uri.startswith("wss:") else {}
        self.current_session = await websockets.connect(self.wss_uri, ping_interval=self.ping_interval, **tls)
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None:
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        if old is not None:
            await old.close()


class SocketHandler(AsyncBaseSocketModeHandler):
    """Hands what comes through the socket to Bolt."""

    def __init__(self, app: AsyncApp, client: SocketClient) -> None:
        self.app = app
        self.client = client

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Have one delivery answered, and acknowledge it."""
        start = asyncio.get_running_loop().time()
        answer = await run_async_bolt_app(self.app, req)  # type: ignore[arg-type] # Bolt annotates it so
        await send_async_response(client, req, answer, start)
