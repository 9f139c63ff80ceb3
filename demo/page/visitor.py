"""One open page: the requests that come from it, and what it is told as things change."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from demo.page.doing import Doing
from demo.page.journal import Journal
from demo.page.seeing import Seeing
from demo.page.values import BadRequest, Json, words

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Coroutine

    from demo.page.mishaps import Mishaps
    from demo.page.values import SlashCommand
    from demo.slack import LocalSlack, Person
    from demo.slack.state.values import Change

MOST_AT_ONCE = 50  # requests of one page under way
CROWD = 150  # messages of one channel that change at once; above it the page reads the channel anew


class Visitor:
    """Serves one WebSocket until it closes. Requests carry ``id`` and ``do``; answers carry the same ``id``."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        slack: LocalSlack,
        people: list[Person],
        commands: tuple[SlashCommand, ...],
        mishaps: Mishaps,
    ) -> None:
        self._ws = ws
        self._slack = slack
        self._people = people
        self._commands = commands
        self._mishaps = mishaps
        self._journal: Journal | None = None
        self._status: Json = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._become(people[0], slack.store.next_ts())

    def _become(self, person: Person, since: str) -> None:
        self._seeing = Seeing(self._slack, person, since)
        self._doing = Doing(self._slack, person)

    async def stay(self) -> None:
        """Answer and tell until the page is closed."""
        with self._slack.changes() as queue:
            self._start(self._follow(queue))
            try:
                async for message in self._ws:
                    if message.type is WSMsgType.TEXT:
                        await self._take(message.data)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, text: str) -> None:
        try:
            request = json.loads(text)
        except ValueError:
            return
        if isinstance(request, dict) and len(self._tasks) < MOST_AT_ONCE:
            self._start(self._answer(request))

    async def _answer(self, request: Json) -> None:
        try:
            answer = {"ok": True, "result": await self._result(request)}
        except (BadRequest, KeyError) as error:
            answer = {"ok": False, "error": str(error)}
        await self._send({"id": request.get("id"), **answer})

    async def _result(self, request: Json) -> Json:
        what = words(request, "do")
        if what in self._doing.deeds:
            return await self._doing.do(request)
        if what == "mishap":
            done = await self._mishaps.press(request)
            await self._tell_status()
            return done
        return self._looked_up(what, request)

    def _looked_up(self, what: str, request: Json) -> Json:
        if what == "enter":
            return self._entered(request)
        if what == "history":
            return self._seeing.history(words(request, "channel"), words(request, "before", ""))
        if what == "thread":
            return self._seeing.thread(words(request, "channel"), words(request, "ts"))
        if what == "file":
            return self._seeing.file_lines(words(request, "file"), int(request.get("start", 0)))
        if what == "inspect":
            self._journal = Journal(self._slack)
            return {"entries": self._journal.so_far()}
        raise BadRequest(f"the page does not know {what}")

    def _entered(self, request: Json) -> Json:
        """Who sits at the page from now on; ``since`` is kept when only the connection was lost."""
        chosen = words(request, "person", "")
        person = next((one for one in self._people if one.id == chosen), self._people[0])
        self._become(person, words(request, "since", "") or self._slack.store.next_ts())
        self._status = self._mishaps.status()
        return {
            **self._seeing.workspace(),
            "actors": [one.id for one in self._people],
            "commands": [vars(one) for one in self._commands],
            "mishaps": self._mishaps.offered(),
            "status": self._status,
        }

    async def _follow(self, queue: deque[Change]) -> None:
        while True:
            while queue:
                changes = list(queue)
                queue.clear()
                await self._tell(changes)
            await self._slack.next_change()

    async def _tell(self, changes: list[Change]) -> None:
        once = {(one.kind, one.where, one.what): None for one in changes}
        crowded = {
            where for where, many in Counter(one[1] for one in once if one[0] == "message").items() if many > CROWD
        }
        for channel in crowded:
            await self._send({"push": "crowd", "channel": channel})
        once = {one: None for one in once if one[0] != "message" or one[1] not in crowded}
        replies = {where: self._seeing.reply_counts(where) for kind, where, _ in once if kind == "message"}
        for kind, where, what in once:
            push = self._message(where, what, replies[where]) if kind == "message" else self._push(kind, where, what)
            if push is not None:
                await self._send(push)
        if self._journal is not None:
            kinds = [one.kind for one in changes if one.kind in ("call", "traffic")]
            if kinds:
                await self._send({"push": "journal", "entries": self._journal.latest(kinds)})
        await self._tell_status()

    def _push(self, kind: str, where: str, what: str) -> Json | None:
        me = self._seeing.person.id
        if kind == "message_deleted":
            return {"push": "gone", "channel": where, "ts": what}
        if kind in ("channel", "person", "group"):
            return {"push": "workspace", **self._seeing.workspace()}
        if kind in ("stack", "modal") and where == me:
            return {"push": "stack", "stack": self._seeing.stack()}
        if kind == "home" and where == me:
            return {"push": "home", "home": self._seeing.home()}
        return None

    def _message(self, channel: str, ts: str, replies: Counter[str]) -> Json | None:
        message = self._slack.store.message(channel, ts)
        if message is None or not self._seeing.sees(message):
            return None
        parent = self._slack.store.message(channel, message.thread_ts) if message.thread_ts else None
        about = {"parent": self._seeing.message(parent, replies[parent.ts])} if parent else {}
        return {"push": "message", "message": self._seeing.message(message, replies[ts]), **about}

    async def _tell_status(self) -> None:
        status = self._mishaps.status()
        if status != self._status:
            self._status = status
            await self._send({"push": "status", "status": status})

    async def _send(self, body: Json) -> None:
        if not self._ws.closed:
            try:
                await self._ws.send_str(json.dumps(body, ensure_ascii=False, default=str))
            except ConnectionError:
                await self._ws.close()
