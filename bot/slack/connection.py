"""The Socket Mode connection: opened, watched, replaced when dead, closed without losing a delivery."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackClientError
from websockets.exceptions import WebSocketException

from bot.slack.identity import WRONG_TOKEN
from bot.slack.socket_client import SocketClient, SocketHandler
from domain.errors import SettingsError, SlackTrouble
from notifications.delivery.errors import SlackRefusal

if TYPE_CHECKING:
    from datetime import datetime
    from ssl import SSLContext

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.metrics import Metrics
    from domain.clock import Clock

log = logging.getLogger(__name__)

SOCKET_SILENCE_TIMEOUT = timedelta(seconds=45)  # without a frame or pong: the socket is dead, whatever it says
PONG_TIMEOUT = timedelta(seconds=10)  # how long an answer to our ping may take
CLOSE_TIMEOUT = timedelta(seconds=5)  # for closing a socket politely
_TROUBLE = (SlackTrouble, SlackClientError, aiohttp.ClientError, WebSocketException, TimeoutError, OSError)


class SocketConnection:
    """One WebSocket to Slack. ``tick`` is called every few seconds and repairs it when it is dead.

    What counts is the age of the last frame or pong, not of the last event: a quiet workspace sends none.
    """

    def __init__(
        self, app: AsyncApp, client: AsyncWebClient, *, trusted: SSLContext, clock: Clock, metrics: Metrics
    ) -> None:
        self._client = SocketClient(client, trusted=trusted, logger=logging.getLogger("slack_sdk.socket_mode"))
        self._handler = SocketHandler(app, self._client)
        self._client.message_listeners.append(self._heard)
        self._client.socket_mode_request_listeners[:] = [self._handle]
        self._handling = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._clock = clock
        self._metrics = metrics
        self._heard_at: datetime | None = None

    async def open(self) -> None:
        """Connect; when Slack is away or refuses the app, ``tick`` goes on trying.

        Raises:
            SettingsError: Slack rejects the token.
        """
        try:
            await self._handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it so
        except _TROUBLE as error:
            code = error.code if isinstance(error, SlackRefusal) else ""
            if code in WRONG_TOKEN:
                raise SettingsError([f"SLACK_APP_TOKEN: Slack rejects it ({code})"]) from error
            log.warning("no connection to Slack yet", extra={"error": repr(error)})
            return
        self._heard_at = self._clock.steady()

    @property
    def is_alive(self) -> bool:
        """Whether Slack was heard lately."""
        return self._heard_at is not None and self._clock.steady() - self._heard_at < SOCKET_SILENCE_TIMEOUT

    async def tick(self) -> None:
        """Ask for a sign of life, and replace the connection when there was none for too long."""
        if await self._answers():
            self._heard_at = self._clock.steady()
        self._metrics.slack.set(self.is_alive)
        if not self.is_alive:
            await self._reconnect()

    async def close(self) -> None:
        """Stop listening. What was not acknowledged yet is delivered again to the next connection."""
        self._client.auto_reconnect_enabled = False
        tasks = self._tasks()
        for task in tasks:  # first of all nothing more is taken in
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT.total_seconds()):
                await self._idle.wait()  # acks on their way
                await self._handler.close_async()  # type: ignore[no-untyped-call] # Bolt leaves it so
        except _TROUBLE as error:
            log.info("connection to Slack closed badly", extra={"error": repr(error)})
        self._heard_at = None

    async def _answers(self) -> bool:
        session = self._client.current_session
        if session is None:
            return False
        try:
            async with asyncio.timeout(PONG_TIMEOUT.total_seconds()):
                await (await session.ping())
        except _TROUBLE:
            return False
        return True

    async def _reconnect(self) -> None:
        log.warning("connection to Slack is dead, opening another")
        self._metrics.reconnects.inc()
        try:
            await self._client.connect_to_new_endpoint(force=True)
        except _TROUBLE as error:
            log.warning("Slack cannot be reached", extra={"error": repr(error)})
            return
        self._heard_at = self._clock.steady()
        self._metrics.slack.set(1)

    async def _handle(self, _: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Answer one delivery, counted so that ``close`` can wait for its ack."""
        self._handling += 1
        self._idle.clear()
        try:
            await self._handler.handle(self._client, request)
        finally:
            self._handling -= 1
            if not self._handling:
                self._idle.set()

    async def _heard(self, *_: Any) -> None:  # noqa: ANN401 - the client's own listener form
        self._heard_at = self._clock.steady()

    def _tasks(self) -> list[asyncio.Future[Any]]:
        client = self._client
        every = (client.message_processor, client.current_session_monitor, client.message_receiver)
        return [task for task in every if task is not None]
