"""Nothing that the real client can build is unknown to the local Slack."""

from __future__ import annotations

from slack_sdk.models.blocks import block_elements, blocks

from demo.slack.blocks.blocks import BLOCKS
from demo.slack.blocks.elements import ELEMENTS


def test_every_block_and_element_of_the_sdk_is_known() -> None:

    def types_in(module: object) -> set[str]:
        return {kind for one in vars(module).values() if isinstance(kind := getattr(one, "type", None), str)}

    texts = {"plain_text", "mrkdwn", "raw_text", "raw_number", "url"}
    parts = {
        kind for kind in types_in(block_elements) if not kind.startswith("rich_text_") or kind == "rich_text_input"
    }

    assert types_in(blocks) - set(BLOCKS) - set(ELEMENTS) - texts == set()
    assert parts - set(ELEMENTS) - texts == set()
