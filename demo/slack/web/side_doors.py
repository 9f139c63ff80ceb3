"""The two addresses beside the Web API: where the bytes of a file go, and response URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from demo.slack.blocks import limits
from demo.slack.state.rates import CHANNEL
from demo.slack.state.values import Call, Json, Refused
from demo.slack.transport.replies import reply
from demo.slack.web.arguments import parsed_object
from demo.slack.web.faults import Fault

if TYPE_CHECKING:
    from demo.slack.state.workspace import ResponseUrl, Workspace
    from demo.slack.web.faults import Faults


class SideDoors:
    """``POST /upload/FILE`` and ``POST /actions/TEAM/KEY``; faults strike them as ``upload`` and ``response_url``."""

    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of an announced file: as many as were announced, once."""
        content = await _bytes(request)
        args = {"file": request.match_info["file"], "length": len(content)}
        fault = await self._fault("upload", args)
        if fault is not None and not fault.after_effect:
            return self._struck(fault, request, "upload", args)
        try:
            self._take(request.match_info["file"], content)
        except Refused as refused:
            return self._answer("upload", args, 400, refused.code, refused)
        if fault is not None:
            return self._struck(fault, request, "upload", args)
        return self._answer("upload", args, 200, f"OK - {len(content)}", None)

    def _take(self, file_id: str, content: bytes) -> None:
        upload = self._workspace.uploads.get(file_id)
        if upload is None or self._workspace.age(upload.issued) > limits.UPLOAD_URL:
            raise Refused("upload_url_expired", "this address is not, or no longer, good")
        if upload.content is not None:
            raise Refused("already_uploaded", "the bytes for this address have come already")
        if len(content) != upload.length:
            raise Refused("length_mismatch", f"{upload.length} bytes were announced, {len(content)} came")
        upload.content = content

    async def response_url(self, request: web.Request) -> web.StreamResponse:
        """Post, replace or delete a message through the address that an interaction came with."""
        try:
            body = parsed_object(await request.text())
        except Refused as refused:
            return self._answer("response_url", {}, 400, refused.code, refused)
        fault = await self._fault("response_url", body)
        if fault is not None and not fault.after_effect:
            return self._struck(fault, request, "response_url", body)
        key = request.match_info["key"]
        seconds = self._workspace.rates.wait(f"response_url {key}", CHANNEL)
        if seconds:
            limited = Fault("rate_limit", "response_url", retry_after=seconds, code="ratelimited")
            return self._struck(limited, request, "response_url", body)
        try:
            reply(self._workspace, self._used(key), body)
        except Refused as refused:
            missing = refused.code in ("used_url", "expired_url")
            return self._answer("response_url", body, 404 if missing else 400, refused.code, refused)
        if fault is not None:
            return self._struck(fault, request, "response_url", body)
        return self._answer("response_url", body, 200, "ok", None)

    def _used(self, key: str) -> ResponseUrl:
        found = self._workspace.response_urls.get(key)
        if found is None or self._workspace.age(found.issued) > limits.RESPONSE_URL:
            raise Refused("expired_url", f"a response URL lives {limits.RESPONSE_URL}")
        if found.uses >= limits.RESPONSE_URL_USES:
            raise Refused("used_url", f"a response URL takes {limits.RESPONSE_URL_USES} posts")
        found.uses += 1
        return found

    async def _fault(self, name: str, args: Json) -> Fault | None:
        if self._faults.in_outage:
            return self._faults.out_of_reach()
        fault = self._faults.striking(name, args)
        if fault is None or fault.kind != "slow":
            return fault
        await self._workspace.clock.sleep(fault.delay)
        return None

    def _struck(self, fault: Fault, request: web.Request, name: str, args: Json) -> web.StreamResponse:
        refused = Refused(fault.code or fault.kind, fault.kind)
        if fault.kind == "drop":
            self._note(name, args, 0, refused)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        status = {"rate_limit": 429, "error": 400}.get(fault.kind, fault.status)
        headers = {"Retry-After": str(fault.retry_after)} if fault.kind == "rate_limit" else {}
        self._note(name, args, status, refused)
        return web.Response(status=status, text=refused.code, headers=headers)

    def _answer(self, name: str, args: Json, status: int, text: str, refused: Refused | None) -> web.Response:
        self._note(name, args, status, refused)
        if refused is not None and name == "response_url":
            return web.json_response({"ok": False, "error": refused.code}, status=status)
        return web.Response(status=status, text=text)

    def _note(self, name: str, args: Json, status: int, refused: Refused | None) -> None:
        code, rules = (refused.code, refused.rules) if refused else (None, ())
        now = self._workspace.clock.now()
        self._workspace.store.note_call(Call(name, args, now, status, {}, code, rules))


async def _bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for field in (await request.post()).values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""
