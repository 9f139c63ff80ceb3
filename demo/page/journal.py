"""What went between Slack and the bot, as entries for the page's inspector."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

from demo.slack import Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from demo.page.values import Json
    from demo.slack import LocalSlack, Traffic

AT_FIRST = 300  # entries that are shown when the inspector opens
_DEPTH = 6  # how deep a body is searched for what it is about
_ABOUT = frozenset(
    {"ts", "message_ts", "thread_ts", "trigger_id", "view_id", "envelope_id", "response_url", "hash", "external_id"}
)
_KEEP_SENT = 2_000  # envelopes whose ack may still come


class Journal:
    """Numbers calls and frames in the order they happened, and times the acks."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._numbers = count(1)
        self._sent: dict[str, datetime] = {}

    def so_far(self) -> list[Json]:
        """The last entries there are."""
        noted = [*_last(self._slack.calls, AT_FIRST), *_last(self._slack.traffic, AT_FIRST)]
        return self._entries(sorted(noted, key=lambda one: one.at)[-AT_FIRST:])

    def latest(self, kinds: Sequence[str]) -> list[Json]:
        """The newest entries: ``kinds`` says ``call`` or ``traffic`` for each, in the order they were noted."""
        calls = iter(_last(self._slack.calls, kinds.count("call")))
        frames = iter(_last(self._slack.traffic, kinds.count("traffic")))
        found = [next(calls if kind == "call" else frames, None) for kind in kinds]
        return self._entries([one for one in found if one is not None])

    def _entries(self, noted: Iterable[Call | Traffic]) -> list[Json]:
        return [{"number": next(self._numbers), **self._entry(one)} for one in noted]

    def _entry(self, one: Call | Traffic) -> Json:
        return _call(one) if isinstance(one, Call) else self._frame(one)

    def _frame(self, frame: Traffic) -> Json:
        ack_ms = frame.ack_ms
        if frame.envelope_id and frame.direction == "to_bot":
            self._sent[frame.envelope_id] = frame.at
            while len(self._sent) > _KEEP_SENT:
                del self._sent[next(iter(self._sent))]
        elif ack_ms is None and frame.envelope_id in self._sent:
            ack_ms = (frame.at - self._sent[frame.envelope_id]).total_seconds() * 1_000
        about = {frame.envelope_id} if frame.envelope_id else set()
        return {
            "type": "frame",
            "at": frame.at.timestamp(),
            "direction": frame.direction,
            "name": _frame_name(frame),
            "transport": frame.transport,
            "ack_ms": ack_ms,
            "body": frame.body,
            "envelope": frame.envelope_id,
            "about": sorted(about | set(_about(frame.body))),
        }


def _call(call: Call) -> Json:
    return {
        "type": "call",
        "at": call.at.timestamp(),
        "direction": "from_bot",
        "name": call.method,
        "status": call.status,
        "error": call.error,
        "rules": list(call.rules),
        "body": call.args,
        "answer": call.answer,
        "about": sorted({*_about(call.args), *_about(call.answer)}),
    }


def _frame_name(frame: Traffic) -> str:
    payload = frame.body.get("payload")
    payload = payload if isinstance(payload, dict) else frame.body
    event = payload.get("event")
    if isinstance(event, dict):
        return f"{frame.kind}: {event.get('type')}"
    what = payload.get("command") or payload.get("type") or frame.body.get("reason")
    return f"{frame.kind}: {what}" if what and what != frame.kind else frame.kind


def _last(entries: Iterable[Call] | Iterable[Traffic], how_many: int) -> list[Call | Traffic]:
    newest = islice(reversed(entries), how_many)  # type: ignore[call-overload]  # both are deques
    return list(newest)[::-1]


def _about(body: object, depth: int = _DEPTH) -> Iterator[str]:
    """The ids by which a body names messages, views, clicks and answers."""
    if depth and isinstance(body, dict):
        for key, value in body.items():
            if key in _ABOUT and isinstance(value, str):
                yield value
            elif isinstance(value, dict | list) and key != "blocks":
                yield from _about(value, depth - 1)
    elif depth and isinstance(body, list):
        for value in body:
            yield from _about(value, depth - 1)
