"""The Web API over HTTP: tokens, scopes, rates, faults, and a record of every call."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING, Final

from aiohttp import web

from demo.slack.methods import METHODS
from demo.slack.methods.conversations import require_scope
from demo.slack.methods.registry import Bearer
from demo.slack.state.rates import CHANNEL
from demo.slack.state.values import Call, Json, Refused
from demo.slack.web.arguments import Arguments, read_arguments

if TYPE_CHECKING:
    from demo.slack.methods.registry import Method
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.faults import Fault, Faults

_HIDDEN: Final = frozenset({"token"})  # never kept in the log of calls
_POSTS: Final = frozenset({"chat.postMessage", "chat.postEphemeral"})
FATAL: Final = "internal_error"
BODIES: Final = {  # what stands in a 5xx, and how it calls itself
    "html": ("<html>upstream error</html>", "text/html"),
    "plain": ("upstream connect error", "text/plain"),
    "cut": ('{"ok": fal', "application/json"),
}


class Api:
    """Answers every call to ``/api/``."""

    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: read it, let a fault strike, carry it out, record it."""
        name = request.match_info["method"]
        if self._faults.in_outage:
            return self._cut(request, name, {})
        try:
            args = await read_arguments(request)
        except Refused as error:
            return self._answer(name, {}, *_refusal(error))
        token = _token(request, args)
        shown = {key: value for key, value in args.items() if key not in _HIDDEN}
        fault = self._faults.striking(name, shown)
        if fault is not None and not fault.after_effect and fault.kind != "slow":
            return self._struck(fault, request, name, shown)
        answer, refused = self._carried_out(name, args, token)
        self._afterwards()
        if fault is not None and fault.kind == "slow":
            await self._workspace.clock.sleep(fault.delay)
        elif fault is not None:
            return self._struck(fault, request, name, shown)
        return self._answer(name, shown, answer, refused)

    def _carried_out(self, name: str, args: Json, token: str) -> tuple[Json, Refused | None]:
        try:
            method = _method(name)
            self._admit(method, token)
            self._within_rate(method, args)
            return {"ok": True, **method.handler(self._workspace, Arguments(args))}, None
        except Refused as refused:
            return _refusal(refused)

    def _admit(self, method: Method, token: str) -> None:
        identity = self._workspace.identity
        if not token:
            raise Refused("not_authed", "no token was sent")
        is_app = hmac.compare_digest(token.encode(), identity.app_token.encode())
        is_bot = hmac.compare_digest(token.encode(), identity.bot_token.encode())
        if token in self._workspace.revoked_tokens:
            raise Refused("token_revoked", "this token was replaced by another")
        if not is_app and not is_bot:
            raise Refused("invalid_auth", "this token is not known")
        if self._workspace.revoked:
            raise Refused("account_inactive", "the app was removed from the workspace")
        if (method.bearer is Bearer.APP) != is_app and method.name != "auth.test":
            raise Refused("not_allowed_token_type", f"{method.name} needs the {method.bearer} token")
        if method.scope is not None:
            require_scope(self._workspace, method.scope)

    def _within_rate(self, method: Method, args: Json) -> None:
        seconds = self._workspace.rates.wait(method.name, method.rate)
        channel = args.get("channel")
        if not seconds and method.name in _POSTS and isinstance(channel, str):
            place = f"D{channel[1:]}" if channel[:1] in ("U", "W") else channel
            seconds = self._workspace.rates.wait(f"post {place}", CHANNEL)
        if seconds:
            raise _limited(seconds, f"{method.name} was called too often")

    def _struck(self, fault: Fault, request: web.Request, name: str, args: Json) -> web.StreamResponse:
        if fault.kind == "drop":
            return self._cut(request, name, args)
        if fault.kind == "rate_limit":
            return self._answer(name, args, *_refusal(_limited(fault.retry_after, "a fault on demand")))
        if fault.kind == "error":
            return self._answer(name, args, *_refusal(Refused(fault.code, "a fault on demand")))
        self._note(name, args, status=fault.status, refused=Refused(FATAL, "a fault on demand"))
        text, content_type = BODIES[fault.body]
        return web.Response(status=fault.status, text=text, content_type=content_type)

    def _cut(self, request: web.Request, name: str, args: Json) -> web.StreamResponse:
        self._note(name, args, status=0, refused=Refused("connection_dropped", "a fault on demand"))
        if request.transport is not None:
            request.transport.abort()
        return web.Response()  # goes nowhere: the connection is gone

    def _answer(self, name: str, args: Json, answer: Json, refused: Refused | None) -> web.Response:
        is_limited = refused is not None and "retry_after" in refused.extra
        seconds = refused.extra["retry_after"] if refused and is_limited else None
        status = 429 if is_limited else 200
        headers = {"Retry-After": str(seconds)} if seconds is not None else {}
        if name in METHODS and METHODS[name].bearer is Bearer.BOT:
            headers["x-oauth-scopes"] = ",".join(sorted(self._workspace.identity.scopes))
        self._note(name, args, status=status, answer=answer, refused=refused)
        return web.json_response(answer, status=status, headers=headers)

    def _note(self, name: str, args: Json, *, status: int, refused: Refused | None, answer: Json | None = None) -> None:
        code, rules = (refused.code, refused.rules) if refused else (None, ())
        now = self._workspace.clock.now()
        self._workspace.store.note_call(Call(name, args, now, status, answer or {}, code, rules))

    def _afterwards(self) -> None:
        effects, self._workspace.after_answer = self._workspace.after_answer, []
        for effect in effects:
            asyncio.get_running_loop().call_soon(effect)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise Refused("unknown_method", f"there is no method {name}")
    return METHODS[name]


def _limited(seconds: int | str | None, rule: str) -> Refused:
    return Refused("ratelimited", rule, retry_after=seconds)


def _refusal(refused: Refused) -> tuple[Json, Refused]:
    extra = {key: value for key, value in refused.extra.items() if key != "retry_after"}
    return {"ok": False, "error": refused.code, **extra}, refused


def _token(request: web.Request, args: Json) -> str:
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    token = args.get("token", "")
    return token if isinstance(token, str) else ""
