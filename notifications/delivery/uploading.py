"""Sharing a file in three steps, each remembered, so that a stop between them shares it once and not twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notifications.delivery.errors import AppRefusal, InDoubt, SlackRefusal, answered, asked
from notifications.delivery.slack_calls import Standing
from notifications.graphs.drawing_process import CannotDraw
from notifications.rendering import limits
from notifications.rendering.escaping import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from notifications.delivery.targets import Aim

    Draw = Callable[[Mapping[str, Any]], Awaitable[bytes]]


class Uploader:
    """Shares files through the current upload method. ``draw`` makes the picture of a file that is a graph."""

    def __init__(self, client: AsyncWebClient, *, draw: Draw) -> None:
        self._client = client
        self._draw = draw

    async def bring(self, content: Mapping[str, Any]) -> str:
        """Announce a file and send its bytes; nobody can see it yet. Returns its id.

        Raises:
            Paused, InDoubt, SlackRefusal: it has to be brought anew; nothing is visible.
        """
        raw = await self._bytes(content)
        if not raw:
            raise SlackRefusal("files.getUploadURLExternal", "missing_file_data")
        is_snippet = "snippet_type" in content and len(raw) <= limits.SNIPPET
        snippet = {"snippet_type": content["snippet_type"]} if is_snippet else {}
        call = self._client.files_getUploadURLExternal(
            filename=one_line(str(content["filename"])),
            length=len(raw),
            alt_txt=cut(one_line(str(content["alt"])), limits.ALT_TEXT),
            **snippet,
        )
        place = await asked("files.getUploadURLExternal", call)
        await self._send_bytes(place["upload_url"], raw)
        return str(place["file_id"])

    async def share(self, file: str, aim: Aim, channel: str) -> Standing:
        """Make an uploaded file visible in ``channel`` and the thread of ``aim``.

        Raises:
            Paused, InDoubt, SlackRefusal: it is not visible, or nobody knows.
        """
        title = cut(one_line(str(aim.message.content["title"])), limits.FILE_TITLE)
        call = self._client.files_completeUploadExternal(
            files=[{"id": file, "title": title}], channel_id=channel, thread_ts=aim.thread_ts
        )
        await asked("files.completeUploadExternal", call)
        return Standing(None, channel)

    async def is_shared(self, file: str, channel: str) -> bool:
        """Whether ``file`` is complete and stands in ``channel`` or is about to.

        Raises:
            Paused, InDoubt: Slack could not be asked.
        """
        try:
            answer = await asked("files.info", self._client.files_info(file=file))
        except AppRefusal:
            raise
        except SlackRefusal:
            return False
        shares = answer["file"].get("shares") or {}
        return any(channel in places for places in shares.values())

    async def _bytes(self, content: Mapping[str, Any]) -> bytes:
        if "graph" not in content:
            return str(content["text"]).encode("utf-8", "replace")[: limits.FILE]
        try:
            return await self._draw(content["graph"])
        except CannotDraw as error:
            raise SlackRefusal("drawing", "unable_to_share_files") from error

    async def _send_bytes(self, url: str, raw: bytes) -> None:
        call = self._client._upload_file(  # noqa: SLF001 - the SDK has no public name for this step alone
            url=url,
            data=raw,
            logger=self._client.logger,
            timeout=self._client.timeout,
            proxy=self._client.proxy,
            ssl=self._client.ssl,
        )
        try:
            result = await call
        except Exception as error:
            raise InDoubt("upload", type(error).__name__) from error
        try:
            answered("upload", result.status or 0, {}, "")
        except SlackRefusal as refusal:  # the address may have died, or a proxy stand between: with a new one it may go
            raise InDoubt("upload", refusal.code) from refusal
