"""The small web server of serve: health, readiness, figures, and Slack's signed requests in http mode."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

from bot.requests.understanding import MISSHAPEN, is_incomplete
from bot.slack.manifest import SLACK_PATH
from domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from slack_bolt.async_app import AsyncApp

    from bot.metrics import Metrics
    from bot.settings.sections import HttpSection

log = logging.getLogger(__name__)


MAX_REQUEST_BYTES = 1024 * 1024  # bytes; Slack's own deliveries are far smaller

# What reading a body that is no form and no JSON raises, or one whose values are not those that Slack sends.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

# The form of Slack's signature; the ssl_check comes without one. Bolt fails on others before it compares them.
_SIGNED = {
    "X-Slack-Request-Timestamp": re.compile(r"([0-9]{1,12})?"),
    "X-Slack-Signature": re.compile(r"(v0=[0-9a-f]{64})?"),
}


@dataclass
class HealthChecks:
    """Named questions whether a part works; asked anew each time. A part that is expected does not work yet."""

    parts: dict[str, Callable[[], bool]] = field(default_factory=dict)

    @classmethod
    def expecting(cls, *names: str) -> HealthChecks:
        """None of these parts works before it is there and says so."""
        return cls(dict.fromkeys(names, _not_yet))

    def report(self) -> Mapping[str, bool]:
        """Each part by name, and whether it works."""
        return {name: works() for name, works in self.parts.items()}


def _not_yet() -> bool:
    return False


class WebServer:
    """Listens at ``http.listen``: for whoever watches serve from its first moment on, for Slack when serve is ready."""

    def __init__(self, http: HttpSection, *, health: HealthChecks, metrics: Metrics) -> None:
        self._http = http
        self._health = health
        self._metrics = metrics
        self._runner: web.AppRunner | None = None
        self._slack = _Slack()

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            SettingsError: the address cannot be listened on.
        """
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._figures)
        app.router.add_post(SLACK_PATH, self._slack.answer)
        app.router.add_get(SLACK_PATH, self._slack.answer)  # ssl_check
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._http.host, self._http.port).start()
        except OSError as error:
            await self.close()
            raise SettingsError(
                [f"http.listen: {self._http.listen} cannot be listened on: {error.strerror}"]
            ) from error

    @asynccontextmanager
    async def answering(self, app: AsyncApp) -> AsyncIterator[None]:
        """Have ``app`` answer Slack's requests until the block is left, and those under way then too."""
        self._slack.app = app
        try:
            yield
        finally:
            self._slack.app = None
            await self._slack.idle.wait()

    @property
    def url(self) -> str:
        """Where it listens, once it does."""
        addresses = self._runner.addresses if self._runner else []
        host, port = addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """Take no more requests, and finish those under way."""
        if self._runner:
            await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        report = self._health.report()
        status = 200 if all(report.values()) else 503
        return web.json_response({"ready": status == 200, "parts": dict(report)}, status=status)  # noqa: PLR2004 - OK

    async def _figures(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), content_type="text/plain", charset="utf-8")


class _Slack:
    """Hands Slack's requests to Bolt, which checks the signature before any listener hears of them."""

    def __init__(self) -> None:
        self.app: AsyncApp | None = None  # None: not ready, being stopped, or in socket mode
        self.idle = asyncio.Event()
        self.idle.set()
        self._under_way = 0

    async def answer(self, request: web.Request) -> web.Response:
        if self.app is None:  # Slack delivers again what it can
            return web.Response(status=503, text="not ready\n")
        self._under_way += 1
        self.idle.clear()
        try:
            return await self._answer(self.app, request)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.idle.set()

    async def _answer(self, app: AsyncApp, request: web.Request) -> web.Response:
        if any(not form.fullmatch(request.headers.get(name, "")) for name, form in _SIGNED.items()):
            return web.Response(status=401, text="not signed as Slack signs\n")
        try:
            asked = await to_bolt_request(request)  # reads all of the body, signed or not
        except _UNREADABLE as error:
            log.info("request not understood", extra={"error": type(error).__name__})
            return web.Response(status=400, text="not a request of Slack's\n")
        try:
            return await to_aiohttp_response(await app.async_dispatch(asked))
        except MISSHAPEN as error:
            if not is_incomplete(error, error.__traceback__ and error.__traceback__.tb_next):
                raise
            log.warning("request refused: incomplete", extra={"error": repr(error)})
            return web.Response(status=400, text="incomplete\n")
