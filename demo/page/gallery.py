"""The entries of the gallery, made once and kept."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from demo.page.values import Json


class GalleryShelf:
    """Answers ``/gallery/entries`` with what ``make`` gives, asked once however many look."""

    def __init__(self, make: Callable[[], Awaitable[Sequence[Json]]] | None) -> None:
        self._make = make
        self._one_at_a_time = asyncio.Lock()
        self._body = ""

    async def answer(self, headers: Mapping[str, str]) -> web.Response:
        """All entries, as one JSON list."""
        if self._make is None:
            return web.Response(status=404, text="There is no gallery here.", headers=headers)
        async with self._one_at_a_time:
            self._body = self._body or json.dumps(list(await self._make()), ensure_ascii=True)
        return web.Response(text=self._body, content_type="application/json", headers=headers)
