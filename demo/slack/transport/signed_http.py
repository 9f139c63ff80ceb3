"""Signed HTTP requests to the bot's request URL, as Slack sends them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from demo.slack.blocks import limits
from demo.slack.transport.delivery import Ack, Envelope, Stopwatch, deadline, in_time, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.state.values import Json
    from demo.slack.state.workspace import Workspace

OK = 200
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
Answer = tuple[int, str, "Mapping[str, str]"]


class NotVerified(Exception):
    """The request URL did not answer Slack's challenge, so Slack does not accept it."""


class SignedHttp:
    """The HTTP side: one request URL for commands, interactions and events."""

    def __init__(self, workspace: Workspace, request_url: str) -> None:
        self._workspace = workspace
        self._request_url = request_url
        self._session = aiohttp.ClientSession()

    async def verify(self) -> None:
        """Send the challenge that Slack sends when a request URL is entered.

        Raises:
            NotVerified: the answer was not the challenge, or did not come.
        """
        challenge = self._workspace.new_id("challenge-")
        body = json.dumps({"type": "url_verification", "token": "local", "challenge": challenge}).encode()
        try:
            async with deadline(self._workspace.clock, limits.ACK) as limit:
                status, text, _ = await self._post(body, _JSON, {}, limit)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise NotVerified(f"{self._request_url} cannot be reached") from error
        if status != OK or challenge not in text:
            raise NotVerified(f"{self._request_url} answered {status} to the challenge")

    async def ssl_check(self) -> int:
        """Ask, as Slack now and then does, whether the address still answers; returns the HTTP status."""
        async with deadline(self._workspace.clock, limits.ACK) as limit:
            status, _, _ = await self._post(b"ssl_check=1&token=local", _FORM, {}, limit)
        return status

    async def send(self, envelope: Envelope) -> Ack:
        """Post an envelope's payload and take the answer as its ack."""
        body, content_type = _body(envelope)
        headers = {}
        if envelope.retry:
            reason = f"http_{envelope.retry_reason.removeprefix('http_')}"
            headers = {"X-Slack-Retry-Num": str(envelope.retry), "X-Slack-Retry-Reason": reason}
        watch = Stopwatch()
        try:
            async with deadline(self._workspace.clock, limits.ACK) as limit:
                self._note_sent(envelope)
                status, text, answered = await self._post(body, content_type, headers, limit)
        except TimeoutError:
            return Ack("timeout")
        except aiohttp.ClientError:
            return Ack("no_connection")
        frame = {"status": status, "text": text}
        note(self._workspace, "from_bot", "ack", frame, transport="http", envelope_id=envelope.id, ack_ms=watch.ms)
        problem = "" if status == OK else f"http_{status}"
        return Ack(problem, _payload(text), watch.ms, no_retry=answered.get("X-Slack-No-Retry") == "1")

    def _note_sent(self, envelope: Envelope) -> None:
        note(self._workspace, "to_bot", envelope.type, envelope.payload, transport="http", envelope_id=envelope.id)

    async def _post(self, body: bytes, content_type: str, more: Mapping[str, str], limit: asyncio.Task[None]) -> Answer:
        stamp = str(int(time.time()))  # the receiver holds it against its own wall clock
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._workspace.identity.signing_secret, stamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **more,
        }
        answer = asyncio.ensure_future(self._read(body, headers))
        try:
            if not await in_time(answer, limit):
                raise TimeoutError
            return answer.result()
        finally:
            answer.cancel()

    async def _read(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._session.post(self._request_url, data=body, headers=headers) as response:
            return response.status, await response.text(), response.headers

    async def close(self) -> None:
        """Give the connections back."""
        await self._session.close()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Slack's signature of a request: version 0, HMAC-SHA256 over the time and the body."""
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def _body(envelope: Envelope) -> tuple[bytes, str]:
    if envelope.type == "events_api":
        return json.dumps(envelope.payload).encode(), _JSON
    if envelope.type == "slash_commands":
        return urlencode({key: _form_value(value) for key, value in envelope.payload.items()}).encode(), _FORM
    return urlencode({"payload": json.dumps(envelope.payload)}).encode(), _FORM


def _form_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _payload(text: str) -> Json | None:
    if not text:
        return None
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) else {"text": text}
