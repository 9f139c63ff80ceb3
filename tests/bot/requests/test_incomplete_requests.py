"""Rightly signed by Slack, and something is missing from it: refused in a word, without a traceback."""

from __future__ import annotations

import copy
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.bot.requests.test_signed_requests import FORM, Sent, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.support.serve_fixtures import Town

_USER = {"id": "U02ANNA", "team_id": "T0LOCAL"}
_COMMON = {
    "user": _USER,
    "team": {"id": "T0LOCAL"},
    "api_app_id": "A0",
    "trigger_id": "1.2",
    "token": "x",
    "response_url": "http://127.0.0.1:9/x",
}
_ACTION = {"action_id": "do:help", "block_id": "b", "type": "button", "value": "help", "action_ts": "1.4"}
_VIEW = {"id": "V1", "type": "modal", "callback_id": "form:add", "state": {"values": {}}, "private_metadata": "{}"}
_MESSAGE = {"type": "message", "channel": "D1", "user": "U02ANNA", "text": "help", "ts": "1.2"}
EVENTS: tuple[dict[str, Any], ...] = (
    {**_MESSAGE, "type": "app_mention", "channel": "C0PLANTA"},
    {**_MESSAGE, "channel_type": "im"},
    {"type": "app_home_opened", "user": "U02ANNA", "channel": "D1", "tab": "home"},
    {"type": "user_change", "user": {"id": "U02ANNA"}},
    {"type": "subteam_updated", "subteam": {"id": "S1"}},
    {"type": "member_joined_channel", "user": "U02ANNA", "channel": "C0PLANTA"},
    {"type": "channel_shared", "channel": "C0PLANTA"},
)
PAYLOADS: tuple[dict[str, Any], ...] = (
    {**_COMMON, "type": "block_actions", "actions": [_ACTION], "channel": {"id": "C0PLANTA"}, "container": {}},
    {**_COMMON, "type": "block_actions", "actions": [{**_ACTION, "action_id": "form:x"}], "view": _VIEW},
    {**_COMMON, "type": "block_suggestion", "action_id": "pick:device", "block_id": "b", "value": ""},
    {**_COMMON, "type": "view_submission", "view": _VIEW},
)
COMMAND = {
    "command": "/backup",
    "text": "help",
    "user_id": "U02ANNA",
    "team_id": "T0LOCAL",
    "channel_id": "C0PLANTA",
    "trigger_id": "1.3",
}
_OTHERS: tuple[Any, ...] = (None, 7, [])  # None: the part is missing


def mutilated(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """``whole`` without each of its parts, and with something else in place of each."""
    for path in list(_paths(whole)):
        for change in _OTHERS:
            copied = copy.deepcopy(whole)
            place: Any = copied
            for step in path[:-1]:
                place = place[step]
            if change is None:
                del place[path[-1]]
            else:
                place[path[-1]] = change
            yield copied


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*before, step)
        yield from _paths(value[step], (*before, step))


def sent() -> Iterator[Sent]:
    """Every mutilated form of everything that Slack sends us."""
    for event in EVENTS:
        whole = {"type": "event_callback", "team_id": "T0LOCAL", "event_id": "Ev1", "event": event}
        for one in mutilated(whole):
            yield Sent(0, body=json.dumps(one).encode(), more={"Content-Type": "application/json"})
    for payload in PAYLOADS:
        for one in mutilated(payload):
            yield Sent(0, body=urlencode({"payload": json.dumps(one)}).encode(), more={"Content-Type": FORM})
    for name in COMMAND:
        fields = {key: value for key, value in COMMAND.items() if key != name}
        yield Sent(0, body=urlencode(fields).encode())


async def test_i5_a_signed_request_that_lacks_something_leaves_no_traceback_and_no_error(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.start("http", keeps_time=False)
    caplog.set_level(logging.INFO)

    every = list(sent())
    answers = [(await send(town, one))[0] for one in every]
    await town.serve.front.task_pool.settled()

    assert len(answers) > 300
    assert [(one.body, status) for one, status in zip(every, answers, strict=True) if status >= 500] == []
    tracebacks = [record for record in caplog.records if record.exc_info and record.exc_info[0]]
    assert [(record.name, record.getMessage(), repr(record.exc_info)) for record in tracebacks] == []
    assert (await town.command(town.anna, "/backup help")).acked
