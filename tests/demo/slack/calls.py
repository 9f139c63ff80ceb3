"""What the tests of the local Slack share: block makers, and asking for a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable

Body = dict[str, Any]


def text(words: str = "x", kind: str = "plain_text") -> Body:
    """A text object."""
    return {"type": kind, "text": words}


def section(words: str = "x", **more: object) -> Body:
    """A section with mrkdwn text."""
    return {"type": "section", "text": text(words, "mrkdwn"), **more}


def button(action_id: str, **more: object) -> Body:
    """A button that says its action id."""
    return {"type": "button", "text": text(action_id), "action_id": action_id, **more}


def actions(*elements: Body, **more: object) -> Body:
    """A row of elements."""
    return {"type": "actions", "elements": list(elements), **more}


def text_input(block_id: str, **more: object) -> Body:
    """An input block with a text field whose action id is ``text``."""
    element = {"type": "plain_text_input", "action_id": "text", **more}
    return {"type": "input", "block_id": block_id, "label": text(block_id), "element": element}


def modal(*blocks: Body, **more: object) -> Body:
    """A modal with a submit button."""
    return {"type": "modal", "title": text("Devices"), "submit": text("Go"), "blocks": list(blocks), **more}


def option(value: str) -> Body:
    """An option that says its value."""
    return {"text": text(value), "value": value}


def rich(*runs: Body, kind: str = "rich_text_section") -> Body:
    """A rich text block of one section."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(runs)}]}


async def refusal(call: Awaitable[object]) -> str:
    """The error code with which Slack refused ``call``."""
    with pytest.raises(SlackApiError) as caught:
        await call
    code: str = caught.value.response["error"]
    return code
