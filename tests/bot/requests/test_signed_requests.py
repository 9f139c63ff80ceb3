"""HTTP mode: whoever is not Slack is turned away before anything is looked at, looked up or written down."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from demo.slack.transport.signed_http import signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.serve_fixtures import Town

FORM = "application/x-www-form-urlencoded"
COMMAND = urlencode({"command": "/backup", "text": "now core-sw1", "user_id": "U02ANNA", "team_id": "T0LOCAL"}).encode()
LARGEST = 1024 * 1024  # bytes
NOW = 0.0  # seconds beside the wall clock


@dataclass(frozen=True)
class Sent:
    """One request; unless told otherwise it is signed as Slack signs."""

    status: int
    body: bytes = COMMAND
    age: float = NOW  # of its timestamp
    secret: str | None = None  # None: the right one
    signed: bytes | None = None  # None: the body itself
    method: str = "POST"
    path: str = "/slack/events"
    more: Mapping[str, str | None] = field(default_factory=dict)  # headers; None leaves one out

    def headers(self, secret: str) -> dict[str, str]:
        """As they go over the wire."""
        stamp = str(int(time.time() - self.age))
        signed = signature(self.secret or secret, stamp, self.body if self.signed is None else self.signed)
        usual = {"Content-Type": FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed}
        return {name: value for name, value in {**usual, **self.more}.items() if value is not None}


REFUSED = {
    "not signed": Sent(401, more={"X-Slack-Signature": None, "X-Slack-Request-Timestamp": None}),
    "no timestamp": Sent(401, more={"X-Slack-Request-Timestamp": None}),
    "timestamp and no signature": Sent(401, more={"X-Slack-Signature": None}),
    "empty signature": Sent(401, more={"X-Slack-Signature": ""}),
    "signature that is none": Sent(401, more={"X-Slack-Signature": "v0=00"}),
    "signature of another version": Sent(401, more={"X-Slack-Signature": "v1=" + "0" * 64}),
    "signature of letters that are no digits": Sent(401, more={"X-Slack-Signature": "v0=" + "\u0663" * 64}),
    "timestamp of digits of another script": Sent(401, more={"X-Slack-Request-Timestamp": "\u0663" * 10}),
    "unsigned and deeply nested": Sent(
        400, body=b'{"a":' * 50_000, secret="0", more={"Content-Type": "application/json"}
    ),
    "timestamp that is no number": Sent(401, more={"X-Slack-Request-Timestamp": "soon"}),
    "timestamp with a fraction": Sent(401, more={"X-Slack-Request-Timestamp": "1.5e9"}),
    "timestamp too long for a number": Sent(401, more={"X-Slack-Request-Timestamp": "9" * 5_000}),
    "signed with another secret": Sent(401, secret="8f742231b10e8888abcd99yyyzzz85a5"),
    "signed with an empty key": Sent(401, secret="0"),
    "another body than the signed one": Sent(401, signed=COMMAND.replace(b"core-sw1", b"core-sw2")),
    "an empty body under the signature of a full one": Sent(401, body=b"", signed=COMMAND),
    "sent again six minutes later": Sent(401, age=360),
    "of six minutes ahead": Sent(401, age=-360),
    "one byte too large": Sent(413, body=b"x" * (LARGEST + 1)),
    "not text": Sent(400, body=b"\xff\xfe\x00payload="),
    "in a coding that nobody knows": Sent(400, more={"Content-Type": f"{FORM}; charset=no-such"}),
    "compressed, small, and huge when it is not": Sent(
        413, body=gzip.compress(b"x" * 20 * LARGEST), more={"Content-Encoding": "gzip"}
    ),
    "another method": Sent(405, method="DELETE"),
    "another path": Sent(404, path="/slack/install"),
}
HARMLESS = {  # rightly signed by Slack, and nothing to answer
    "an empty body": Sent(404, body=b""),
    "a payload that is no JSON": Sent(400, body=b"payload=%7Bnot"),
    "a payload that is a list": Sent(400, body=b"payload=%5B%5D"),
    "JSON that is a number": Sent(400, body=b"7", more={"Content-Type": "application/json"}),
    "deeply nested JSON": Sent(400, body=b'{"a":' * 50_000, more={"Content-Type": "application/json"}),
    "fields without a meaning": Sent(404, body=b"a=b&c=d"),
}


async def send(town: Town, sent: Sent) -> tuple[int, str]:
    """The status and the text of the answer."""
    url = f"{town.serve.front.web.url}{sent.path}"
    headers = sent.headers(town.slack.signing_secret)
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(sent.method, url, data=io.BytesIO(sent.body), headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def work_done(town: Town) -> tuple[int, int, int]:
    """Calls to Slack, deliveries remembered and audit entries so far."""
    with sqlite3.connect(town.folder / "data" / "lastgood.db") as file:
        counts = [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("seen_event", "audit")]  # noqa: S608
    return len(town.slack.calls), counts[0], counts[1]


async def test_i5_whoever_is_not_slack_is_turned_away_before_any_work(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start("http")
    await town.serve.settled()
    before = work_done(town)

    answers = {name: await send(town, sent) for name, sent in REFUSED.items()}
    await town.serve.settled()

    assert {name: status for name, (status, _) in answers.items()} == {
        name: sent.status for name, sent in REFUSED.items()
    }
    assert not [text for _, text in answers.values() if "Traceback" in text or "/" in text.replace("</", "")]
    assert work_done(town) == before


async def test_i5_what_slack_signed_and_nobody_understands_does_no_harm(town: Town) -> None:
    await town.start("http")

    answers = {name: (await send(town, sent))[0] for name, sent in HARMLESS.items()}

    assert answers == {name: sent.status for name, sent in HARMLESS.items()}
    assert (await town.command(town.anna, "/backup help")).acked


async def test_i5_the_same_request_sent_again_within_its_time_is_done_once(town: Town) -> None:
    await town.start("http")
    done = await town.command(town.anna, "/backup help")
    await town.serve.settled()
    before = work_done(town)
    body = urlencode(
        {key: json.dumps(value) if isinstance(value, bool) else value for key, value in done.payload.items()}
    )

    answers = [(await send(town, Sent(200, body=body.encode())))[0] for _ in range(3)]
    await town.serve.settled()

    assert answers == [200, 200, 200]
    assert work_done(town) == before
