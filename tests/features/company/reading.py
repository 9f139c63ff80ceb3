"""What people and channels of the company have read, taken from the local Slack as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.features.company.events import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.slack import LocalSlack, Message
    from tests.features.company.company import Company

DEVICE = re.compile(r"\bs\d\d-sw\d\d\d\b")
SITE = re.compile(r"\b[Pp]lant[ -](\d\d)\b")
KINDS = {
    "still cannot be backed up": "still failing",
    "It has been failing since": "still failing",
    "🔁 Flapping": "flapping",
    "🟢 Recovered": "recovered",
    "🟠 Modified": "modified",
    "🔴 Failed": "failed",
    "🔴 Timed Out": "failed",
    "🟢 Up to Date": "answer",
}
WEEK = re.compile(r", \d+ \w{3}( \d{4})? - \d")
_GROUP = re.compile(r"^\*(?P<sign>.+?), (?P<site>Plant \d\d)\*: (?P<names>.*)$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) ([a-z ]+)")


@dataclass
class Reading:
    """Everything that was posted, with the times, and whatever should not have been."""

    posts: dict[Heard, list[datetime]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


class Watcher:
    """Looks at each message at the moment it is put: nothing in it may be hidden from whoever reads it."""

    def __init__(self, company: Company, slack: LocalSlack) -> None:
        self._company = company
        self._bot = slack.identity.bot_user
        self._put = slack.store.put_message
        self.leaks: list[str] = []
        self.seen = 0
        slack.store.put_message = self._look  # type: ignore[method-assign]  # every message passes here

    def _look(self, message: Message) -> None:
        self._put(message)
        if message.user == self._bot:
            self.seen += 1
            written = json.dumps([message.text, message.blocks], ensure_ascii=False)
            self.leaks += self._hidden(reader_of(message), written)

    def _hidden(self, recipient: str, written: str) -> Iterator[str]:
        sites = {f"plant-{number}" for number in SITE.findall(written)}
        devices = set(DEVICE.findall(written))
        for site in sites | {self._company.devices[name].site for name in devices}:
            if not self._may(recipient, site, None):
                yield f"{recipient} read of {site}: {written[:300]}"
        for name in devices:
            if not self._may(recipient, self._company.devices[name].site, name):
                yield f"{recipient} read of {name}: {written[:300]}"

    def _may(self, recipient: str, site: str, device: str | None) -> bool:
        if recipient.startswith("C"):
            return self._company.may_show(recipient, site, device)
        return self._company.sees(recipient, site, device)


def reader_of(message: Message) -> str:
    """The channel, or the person whose direct messages these are."""
    return f"U{message.channel[1:]}" if message.channel.startswith("D") else message.channel


def read(slack: LocalSlack) -> Reading:
    """Everything that stands in Slack, as posts with their threads."""
    found = Reading()
    for history in slack.store.messages.values():
        threads: dict[str, list[Message]] = {}
        for message in history.values():
            if message.user == slack.identity.bot_user and message.thread_ts:
                threads.setdefault(message.thread_ts, []).append(message)
        for message in history.values():
            if message.user == slack.identity.bot_user and not message.thread_ts:
                _take(found, message, threads.get(message.ts, []))
    return found


def _take(found: Reading, post: Message, thread: list[Message]) -> None:
    kind, items = _understood(post, thread)
    heard = Heard(recipient=reader_of(post), kind=kind, items=items)
    found.posts.setdefault(heard, []).append(datetime.fromtimestamp(float(post.ts), UTC))
    found.odd += [f"{heard}: {problem}" for problem in _thread_problems(kind, items, thread)]


def _understood(post: Message, thread: list[Message]) -> tuple[str, frozenset[object]]:
    text, written = post.text, _written(post)
    if text.startswith("In your quiet hours"):
        return "quiet", _quiet(post.text, written)
    if text.startswith("Your mute has ended"):
        inner = text.partition("(")[2].partition(")")[0]
        return "mute over", frozenset(
            (word.replace("still failed", "still failing"), int(number)) for number, word in _COUNT.findall(inner)
        )
    if text.startswith("⚠️ Messages do not arrive in"):
        return "broken", frozenset(re.findall(r"<#(C\w+)>", text))
    if text.startswith("⏰"):
        return "overdue", frozenset(_device_items(written))
    if re.search(r", \w{3} \d|, \d", text.partition(":")[0]) or text.startswith("Your digest is empty"):
        return "digest", _report(text, written)
    kind = next(kind for words, kind in KINDS.items() if words in written)
    listed = [one for one in thread if one.text.partition(" ")[2].startswith("device")]
    return kind, frozenset(_device_items(_written(listed[0]) if listed else text))


def _quiet(title: str, written: str) -> frozenset[object]:
    pieces = sum(int(number) for number, _ in _COUNT.findall(title.partition(":")[2]))
    items = {
        (KINDS[group["sign"]], f"plant-{group['site'][-2:]}", name)
        for group in _GROUP.finditer(written)
        for name in DEVICE.findall(group["names"])
    }
    return frozenset({("pieces", pieces), *items})


def _report(title: str, written: str) -> frozenset[object]:
    if title.startswith("Your digest is empty"):
        return frozenset({("period", "empty")})
    head, _, counts = title.partition(": ")
    week = WEEK.search(head) is not None
    words: set[object] = {("period", "week" if week else "day")}
    words |= {
        (word.strip().replace(" ", "_"), int(number.replace(",", "")))
        for number, word in re.findall(r"([\d,]+) (failed|timed out|modified|up to date)", counts)
        if number != "0"
    }
    words |= {"late"} if "⚠️ Late: this digest was due at" in written else set()
    missed = re.search(r"⚠️ (\d+) digests? before it (?:was|were) not sent", written)
    return frozenset(words | ({("missed", int(missed[1]))} if missed else set()))


def _device_items(written: str) -> Iterator[tuple[str, str]]:
    for name in DEVICE.findall(written):
        yield f"plant-{name[1:3]}", name


def _written(message: Message) -> str:
    return "\n".join([message.text, *_texts(message.blocks)])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "text" and isinstance(one, str):
                yield one
            else:
                yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _thread_problems(kind: str, items: frozenset[object], thread: list[Message]) -> Iterator[str]:
    """One list under a storm; of changes each diff once, of the first ten."""
    lists = [one for one in thread if one.text.partition(" ")[2].startswith("device")]
    diffs = [one for one in thread if one not in lists and not one.files]
    if len(lists) != (
        1 if kind in {"failed", "still failing", "flapping", "recovered", "modified"} and len(items) > 1 else 0
    ):
        yield f"{len(lists)} lists"
    if len(diffs) != (min(len(items), 10) if kind == "modified" else 0):
        yield f"{len(diffs)} diffs"
    shown = [name for one in diffs for name in set(DEVICE.findall(_written(one)))]
    if len(shown) != len(set(shown)):
        yield f"a diff stands twice: {shown}"
