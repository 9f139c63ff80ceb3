"""The page's addresses: its files, the workspace's files, and the WebSocket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from aiohttp import web

from demo.page.gallery import GalleryShelf
from demo.page.mishaps import Mishaps
from demo.page.seeing import people_to_be, picture_type
from demo.page.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from demo.fleet import Device, Fleet
    from demo.page.values import Json, SlashCommand
    from demo.slack import LocalSlack, Person

STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_PAGES: Final[Mapping[str, str]] = {"/": "index.html", "/gallery": "gallery.html"}
_OURSELVES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_SENT = 1_048_576  # bytes of one request of the page


class Page:
    """The local Slack in a browser: ``async with Page(slack, fleet=fleet) as page``, then open ``page.url``.

    Args:
        slack: the local Slack, running.
        fleet: the devices whose faults are at hand too.
        people: whom one can act as, the first to begin with; everybody who is no bot unless given.
        commands: slash commands from the app's manifest, for hints and completion.
        declare: makes the bot know a device that was added by hand.
        gallery: what ``/gallery`` shows, as JSON, made when it is first asked for.
    """

    def __init__(
        self,
        slack: LocalSlack,
        *,
        fleet: Fleet | None = None,
        people: Iterable[Person] = (),
        commands: Iterable[SlashCommand] = (),
        declare: Callable[[Device], Awaitable[None]] | None = None,
        gallery: Callable[[], Awaitable[Sequence[Json]]] | None = None,
    ) -> None:
        self._slack = slack
        self._gallery = GalleryShelf(gallery)
        self._people = tuple(people)
        self._commands = tuple(commands)
        self._mishaps = Mishaps(slack, fleet, declare)
        self._open: set[web.WebSocketResponse] = set()
        self._static = {one.name: one for one in STATIC.rglob("*") if one.suffix in _TYPES}

    @property
    def url(self) -> str:
        """What to open."""
        return f"{self._slack.url}/"

    async def __aenter__(self) -> Self:
        self._slack.page = self.handle
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slack.page = None
        for ws in list(self._open):
            await ws.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Everything that is not Slack's own."""
        if not _is_for_us(request):
            return web.Response(status=403, text="This page is for this machine only.")
        if request.path == "/page/socket":
            return await self._socket(request)
        if request.path == "/gallery/entries":
            return await self._gallery.answer(HEADERS)
        return self._found(request)

    def _found(self, request: web.Request) -> web.StreamResponse:
        if request.path in _PAGES:
            return self._file(_PAGES[request.path])
        folder, _, name = request.path.removeprefix("/").rpartition("/")
        if folder == "page" and name in self._static:
            return self._file(name)
        if folder == "files":
            return self._shared_file(name)
        return web.Response(status=404, text="There is nothing here.", headers=HEADERS)

    def _file(self, name: str) -> web.Response:
        path = self._static[name]
        return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8", headers=HEADERS)

    def _shared_file(self, file_id: str) -> web.Response:
        """A file of the workspace: a picture to look at, anything else to keep."""
        file = self._slack.files.get(file_id)
        if file is None or file.deleted:
            return web.Response(status=404, text="There is no such file.", headers=HEADERS)
        picture = picture_type(file)
        if picture:
            return web.Response(body=file.content, content_type=picture, headers=HEADERS)
        keep = {"Content-Disposition": "attachment"}
        return web.Response(body=file.content, content_type="application/octet-stream", headers={**HEADERS, **keep})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        people = people_to_be(self._slack, self._people)
        if not people:
            return web.Response(status=503, text="Nobody lives here yet.")
        ws = web.WebSocketResponse(max_msg_size=MOST_SENT, heartbeat=None)
        await ws.prepare(request)
        self._open.add(ws)
        try:
            await Visitor(ws, self._slack, people, self._commands, self._mishaps).stay()
        finally:
            self._open.discard(ws)
        return ws


def _is_for_us(request: web.Request) -> bool:
    """Whether it comes from this machine's own page: another site's script, or a name that points here, does not."""
    if urlsplit(f"//{request.host}").hostname not in _OURSELVES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"http://{request.host}"
