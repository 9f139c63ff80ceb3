"""The conversation as one person sees it, printed in the terminal as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from demo.slack import LocalSlack, Message, Person


class Conversation:
    """Prints each message once, and again when its text has changed. Buttons are numbered for the keyboard."""

    def __init__(self, slack: LocalSlack, reader: Person, console: Console) -> None:
        self._slack = slack
        self._reader = reader
        self._console = console
        self._shown: dict[tuple[str, str], str] = {}
        self.buttons: list[tuple[Message, str, str]] = []  # message, action id, label: of what was printed last

    async def follow(self) -> None:
        """Print until cancelled."""
        with self._slack.changes() as queue:
            while True:
                while queue:
                    change = queue.popleft()
                    if change.kind == "message":
                        self._look_at(change.where, change.what)
                await self._slack.next_change()

    def typed(self, text: str) -> None:
        """Print what the reader typed."""
        self._console.print(f"\n[bold cyan]{escape(self._reader.name)}[/] > {escape(text)}")

    def _look_at(self, channel: str, ts: str) -> None:
        message = self._slack.store.message(channel, ts)
        if message is None or not self._may_see(message):
            return
        text = self._text(message)
        if self._shown.get((channel, ts)) != text:
            before = self._shown.get((channel, ts))
            self._shown[channel, ts] = text
            self._console.print(self._panel(message, text, is_edit=before is not None))

    def _may_see(self, message: Message) -> bool:
        members = self._slack.channel(message.channel).members
        return self._reader.id in members and message.ephemeral_for in {None, self._reader.id}

    def _text(self, message: Message) -> str:
        files = [self._slack.files[one] for one in message.files if one in self._slack.files]
        parts = [self._slack.plain(message), *(one.content.decode("utf-8", "replace") for one in files)]
        return "\n".join(part for part in parts if part)

    def _panel(self, message: Message, text: str, *, is_edit: bool) -> Panel:
        notes = [
            self._where(message),
            "only you can see this" if message.ephemeral_for else "",
            "in the thread" if message.thread_ts else "",
            "edited in place" if is_edit else "",
        ]
        body = Text(text + self._numbered(message))
        return Panel(body, title=" · ".join(note for note in notes if note), title_align="left", border_style="dim")

    def _where(self, message: Message) -> str:
        channel = self._slack.channel(message.channel)
        return "direct message" if channel.kind == "im" else f"#{channel.name}"

    def _numbered(self, message: Message) -> str:
        found = [one for block in message.blocks for one in block.get("elements", ()) if one.get("type") == "button"]
        if found:
            self.buttons = [(message, one["action_id"], one["text"]["text"]) for one in found]
        return "".join(f"\n  {number}: {one['text']['text']}" for number, one in enumerate(found, 1))
