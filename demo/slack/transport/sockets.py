"""Socket Mode: addresses good for one connection, envelopes, acks, refreshes, and sockets that fall silent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from demo.slack.blocks import limits
from demo.slack.transport.delivery import Ack, Envelope, Stopwatch, deadline, in_time, note

if TYPE_CHECKING:
    from datetime import datetime

    from demo.slack.state.values import Json
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.faults import Faults


@dataclass(eq=False)
class Socket:
    """One connection. ``leaving``: told to go; ``silent``: open, and dead."""

    ws: web.WebSocketResponse
    number: int
    leaving: bool = False
    silent: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Sockets:
    """The Socket Mode side: at most ten connections, each envelope to one of them."""

    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults
        self._tickets: dict[str, datetime] = {}
        self._sockets: list[Socket] = []
        self._waiting: dict[str, list[asyncio.Future[Json | None]]] = {}
        self._turn = 0
        self._opened = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many connections can carry envelopes."""
        return sum(not one.silent and not one.leaving for one in self._sockets)

    @property
    def opened(self) -> int:
        """How many connections there have been."""
        return self._opened

    def issue_address(self) -> str:
        """An address for one connection, good for a short time."""
        ticket = self._workspace.new_id("ticket-")
        self._tickets[ticket] = self._workspace.clock.now()
        host = f"ws{self._workspace.url.removeprefix('http')}"  # wss behind a door with TLS
        return f"{host}/link/?ticket={ticket}&app_id={self._workspace.identity.app}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or self._faults.in_outage or self._workspace.age(issued) > limits.TICKET:
            return web.Response(status=408, text="this address is not, or no longer, good")
        ws = web.WebSocketResponse(autoping=False, autoclose=False, max_msg_size=limits.BODY)
        await ws.prepare(request)
        self._opened += 1
        socket = Socket(ws, self._opened)
        if len(self._sockets) >= limits.SOCKETS:
            await self._send(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        self._sockets.append(socket)
        pings = asyncio.ensure_future(self._ping(socket))
        try:
            await self._send(socket, self._hello())
            self._workspace.store.changed("socket", str(socket.number), "opened")
            await self._listen(socket)
        finally:
            pings.cancel()
            self._sockets.remove(socket)
            self._workspace.store.changed("socket", str(socket.number), "closed")
        return ws

    def _hello(self) -> Json:
        facts = {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18_060}
        connection = {"app_id": self._workspace.identity.app}
        return {
            "type": "hello",
            "num_connections": len(self._sockets),
            "connection_info": connection,
            "debug_info": facts,
        }

    async def _listen(self, socket: Socket) -> None:
        while True:
            message = await socket.ws.receive()
            if socket.silent:
                await socket.gone.wait()  # nothing that comes is looked at, nothing is answered
                return
            if message.type is WSMsgType.TEXT:
                self._take(message.data)
            elif message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.CLOSE:
                await socket.ws.close()
                return
            elif message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return

    def _take(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            note(self._workspace, "from_bot", "unreadable", {"text": text}, transport="socket")
            return
        envelope_id = str(frame.get("envelope_id", ""))
        note(self._workspace, "from_bot", "ack", frame, transport="socket", envelope_id=envelope_id)
        payload = frame.get("payload")
        waiting = [one for one in self._waiting.get(envelope_id, []) if not one.done()]
        if waiting:
            waiting[0].set_result(payload if isinstance(payload, dict) else None)

    async def send(self, envelope: Envelope) -> Ack:
        """Send an envelope down one connection and wait for its ack."""
        socket = self._next_socket()
        if socket is None:
            return Ack("no_connection")
        watch = Stopwatch()
        acked: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(envelope.id, []).append(acked)
        try:
            async with deadline(self._workspace.clock, limits.ACK) as limit:
                await self._send(socket, _frame(envelope), envelope.id)
                if not await in_time(acked, limit):
                    return Ack("timeout")
            return Ack(payload=acked.result(), ms=watch.ms)
        finally:
            self._forget(envelope.id, acked)

    def _forget(self, envelope_id: str, acked: asyncio.Future[Json | None]) -> None:
        self._waiting[envelope_id].remove(acked)
        if not self._waiting[envelope_id]:
            del self._waiting[envelope_id]

    def _next_socket(self) -> Socket | None:
        """In turn; one that is leaving or dead only when there is no other."""
        ranked = sorted({(one.silent, one.leaving) for one in self._sockets})
        if not ranked:
            return None
        best = [one for one in self._sockets if (one.silent, one.leaving) == ranked[0]]
        self._turn += 1
        return best[self._turn % len(best)]

    async def _send(self, socket: Socket, frame: Json, envelope_id: str | None = None) -> None:
        note(self._workspace, "to_bot", frame["type"], frame, transport="socket", envelope_id=envelope_id)
        if socket.silent:
            return  # it goes nowhere
        try:
            await socket.ws.send_json(frame)
        except ConnectionError:
            self._workspace.store.changed("socket", str(socket.number), "broken")

    async def _ping(self, socket: Socket) -> None:
        while True:
            await self._workspace.clock.sleep(limits.PING)
            if not socket.silent and not socket.ws.closed:
                await socket.ws.ping(b"Ping from applink")

    async def refresh(self, *, warning: bool = False) -> None:
        """Ask every connection to be replaced, as Slack does every few hours.

        With ``warning`` a first frame comes ``REFRESH_WARNING`` ahead. Connections still open that long after the
        request are closed.
        """
        leaving = [one for one in self._sockets if not one.silent]
        if warning:
            await self._tell(leaving, "warning")
            await self._workspace.clock.sleep(limits.REFRESH_WARNING)
        for socket in leaving:
            socket.leaving = True
        await self._tell(leaving, "refresh_requested")
        task = asyncio.ensure_future(self._close_late(leaving))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, sockets: list[Socket], reason: str) -> None:
        for socket in sockets:
            await self._send(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}})

    async def _close_late(self, sockets: list[Socket]) -> None:
        await self._workspace.clock.sleep(limits.REFRESH_WARNING)
        await self._close([one for one in sockets if one in self._sockets])

    async def disable_link(self) -> None:
        """Socket Mode was switched off in the app's settings."""
        await self._tell(list(self._sockets), "link_disabled")
        await self.close_all()

    def silence(self) -> None:
        """Every connection that is open now goes dead: TCP stays, no frame and no pong comes any more."""
        for socket in self._sockets:
            socket.silent = True

    async def close_all(self) -> None:
        """Close every connection."""
        await self._close(list(self._sockets))

    async def _close(self, sockets: list[Socket]) -> None:
        for socket in sockets:
            socket.gone.set()
            if not socket.silent:
                await socket.ws.close(message=b"going away")

    async def stop(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.close_all()


def _frame(envelope: Envelope) -> Json:
    frame: Json = {
        "envelope_id": envelope.id,
        "type": envelope.type,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.accepts_payload,
    }
    if envelope.type == "events_api":
        frame |= {"retry_attempt": envelope.retry, "retry_reason": envelope.retry_reason}
    return frame
