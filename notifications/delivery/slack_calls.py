"""The calls to Slack that put messages, edit them, share files, and look for what already stands."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slack_sdk.webhook.async_client import AsyncWebhookClient

from domain.errors import SlackTrouble
from domain.messages.outbox import MessageKind
from notifications.delivery.errors import AppRefusal, SlackRefusal, answered, asked
from notifications.delivery.plainer import MessageForm, form_of, plainer
from notifications.pages.answers import not_invited
from notifications.rendering.block_limits import fit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from notifications.delivery.targets import Aim
    from notifications.rendering.renderer import Renderer

    Send = Callable[[MessageForm], Awaitable["Standing"]]

log = logging.getLogger(__name__)

EVENT_TYPE: Final = "lastgood"
SEARCH_PAGE: Final = 200  # messages looked through in one call
MAX_SEARCH_PAGES: Final = 3  # pages in which a message in doubt is looked for


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that stands in Slack. ``revision`` is known of one that was found again."""

    ts: str | None
    channel: str | None
    revision: int | None = None


class Poster:
    """Puts and edits messages, each marked with its key so that it can be found again."""

    def __init__(self, client: AsyncWebClient, renderer: Renderer) -> None:
        self._client = client
        self._renderer = renderer
        self._bot = ""  # asked for when it is first needed

    async def send(self, aim: Aim, revision: int, *, faults: int = 0) -> Standing:
        """Carry ``aim`` out; a message that Slack cannot show is sent again in plainer forms.

        ``faults`` is how often Slack has answered this message with an internal error.

        Raises:
            Paused, InDoubt, SlackRefusal, AppRefusal: it does not stand, or nobody knows.
        """
        endpoint = {MessageKind.EPHEMERAL: self._whisper, MessageKind.RESPOND: self._respond}.get(aim.message.kind)
        send = endpoint(aim) if endpoint else (self._edit if aim.ts else self._post)(aim, revision)
        content = self._content(aim)
        form = form_of(content, faults) or form_of({**content, "blocks": []}, 0)
        while form:
            try:
                return await send(form)
            except AppRefusal:
                raise
            except SlackRefusal as refusal:
                form = plainer(form, refusal)
                if form is None:
                    raise
        raise SlackRefusal(aim.method, "no_text")

    async def take_away(self, aim: Aim) -> None:
        """Remove a message that cannot be edited any more: an older state must not stay, unless Slack has trouble."""
        try:
            call = self._client.chat_delete(channel=aim.message.channel, ts=str(aim.ts))
            await asked("chat.delete", call)
        except SlackTrouble as trouble:
            log.warning("an old message stays", extra={"message_key": aim.key, "error": str(trouble)})

    async def knock(self) -> None:
        """Ask Slack whether it accepts our token.

        Raises:
            Paused, InDoubt, SlackRefusal, AppRefusal: it does not, or nobody knows.
        """
        await asked("auth.test", self._client.auth_test())

    async def find(self, aim: Aim) -> Standing | None:
        """Look for the message where it would stand, by its key; None: it is not there.

        Only what we wrote ourselves counts: another app could have put our mark on a message of its own.

        Raises:
            Paused, InDoubt: Slack could not be asked.
        """
        channel = await self.conversation(aim.message.channel)
        bot = await self._own_bot()
        cursor = ""
        for _ in range(MAX_SEARCH_PAGES):
            page = await self._page(channel, aim.thread_ts, cursor)
            messages: list[dict[str, Any]] = page.get("messages", [])
            for message in messages:
                if message.get("bot_id") == bot and _key_of(message) == aim.key:
                    return Standing(message["ts"], channel, _payload(message).get("revision"))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        return None

    async def conversation(self, channel: str) -> str:
        """The conversation behind ``channel``: for a person's id the direct messages with that person."""
        if channel[:1] not in {"U", "W"}:
            return channel
        opened = await asked("conversations.open", self._client.conversations_open(users=channel))
        return str(opened["channel"]["id"])

    async def _own_bot(self) -> str:
        """The id that Slack gives to messages of ours."""
        if not self._bot:
            self._bot = str((await asked("auth.test", self._client.auth_test())).get("bot_id") or "")
        return self._bot

    async def _page(self, channel: str, thread_ts: str | None, cursor: str) -> AsyncSlackResponse:
        more: dict[str, Any] = {
            "limit": SEARCH_PAGE,
            "include_all_metadata": True,
            **({"cursor": cursor} if cursor else {}),
        }
        if thread_ts:
            call = self._client.conversations_replies(channel=channel, ts=thread_ts, **more)
            return await asked("conversations.replies", call)
        return await asked("conversations.history", self._client.conversations_history(channel=channel, **more))

    def _content(self, aim: Aim) -> dict[str, Any]:
        content = dict(aim.message.content)
        content.setdefault("blocks", [])
        if aim.closed_channel:
            hint = self._renderer.render("not_invited", not_invited(aim.closed_channel))
            content["blocks"] = fit([*content["blocks"], *hint.blocks])
        return content

    def _post(self, aim: Aim, revision: int) -> Send:
        async def send(form: MessageForm) -> Standing:
            call = self._client.chat_postMessage(
                channel=aim.message.channel,
                text=form.text,
                blocks=form.blocks,
                thread_ts=aim.thread_ts,
                metadata=_metadata(aim, revision),
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
                link_names=False,
            )
            answer = await asked("chat.postMessage", call)
            return Standing(answer["ts"], answer["channel"])

        return send

    def _edit(self, aim: Aim, revision: int) -> Send:
        async def send(form: MessageForm) -> Standing:
            call = self._client.chat_update(
                channel=aim.message.channel,
                ts=str(aim.ts),
                text=form.text,
                blocks=form.blocks,
                metadata=_metadata(aim, revision),
                parse="none",
                link_names=False,
            )
            await asked("chat.update", call)
            return Standing(aim.ts, aim.message.channel)

        return send

    def _whisper(self, aim: Aim) -> Send:
        async def send(form: MessageForm) -> Standing:
            call = self._client.chat_postEphemeral(
                channel=aim.message.channel,
                user=str(aim.message.person),
                text=form.text,
                blocks=form.blocks,
                thread_ts=aim.thread_ts,
                parse="none",
                link_names=False,
            )
            answer = await asked("chat.postEphemeral", call)
            return Standing(answer.get("message_ts"), aim.message.channel)

        return send

    def _respond(self, aim: Aim) -> Send:
        url = str(aim.message.response_url)
        replace = bool(aim.message.content.get("replace_original"))

        async def send(form: MessageForm) -> Standing:
            session = self._client.session  # the one that knows proxy and certificates
            hook = AsyncWebhookClient(url, timeout=self._client.timeout, session=session, retry_handlers=[])
            hook.proxy = None
            body = {"text": form.text, "blocks": form.blocks, "response_type": "ephemeral", "replace_original": replace}
            answer = await asked("response_url", hook.send_dict(body))
            answered("response_url", answer.status_code, answer.headers, _code_in(str(answer.body)))
            return Standing(None, aim.message.channel)

        return send


def _metadata(aim: Aim, revision: int) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"key": aim.key, "revision": revision}}


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}) if metadata.get("event_type") == EVENT_TYPE else {}


def _key_of(message: dict[str, Any]) -> str | None:
    return _payload(message).get("key")


def _code_in(body: str) -> str:
    """Slack's word for why: alone, or in JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        found = body
    word = str(found.get("error") or "") if isinstance(found, dict) else str(found)
    word = word.strip()[:60]
    return word if word.replace("_", "").isalnum() else ""
