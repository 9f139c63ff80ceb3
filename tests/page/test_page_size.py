"""Much at once: 5,000 messages and a difference of 10,000 lines, and the page still answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from demo.slack import Message
from tests.page.test_page_blocks import share

if TYPE_CHECKING:
    from demo.slack import Channel, LocalSlack
    from tests.page.browsing import Screen

MANY = 5_000
LINES = 10_000
DRAWN = 450  # messages that may be in the page at once while nobody looks back
NODES = 60_000  # elements; a browser handles some hundred thousand


async def nodes(screen: Screen) -> int:
    """How many elements the page has."""
    count: int = await screen.page.evaluate("document.querySelectorAll('*').length")
    return count


def fill(slack: LocalSlack, channel: Channel, *, start: int = 0, many: int = MANY) -> None:
    """Post many messages."""
    for number in range(start, start + many):
        block = {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": f"*message* number {number}."}}
        message = Message(channel.id, slack.store.next_ts(), "U0LASTGOOD", "m", blocks=(block,), bot_id="B0")
        slack.store.put_message(message)


async def test_a_conversation_of_5000_messages_opens_at_its_end_and_can_be_read_back(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    fill(slack, plant_a)
    await screen.open()

    await expect(screen.message("number 4999.")).to_be_in_viewport()
    assert await screen.page.locator("article").count() < DRAWN
    await screen.page.get_by_role("button", name="Show earlier messages").click()

    await expect(screen.message("number 4900.")).to_have_count(1)
    await expect(screen.message("number 4999.")).to_have_count(1)


async def test_5000_messages_that_arrive_while_one_subscriptions_leave_the_page_usable(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    await screen.open()

    fill(slack, plant_a)

    await expect(screen.message("number 4999.")).to_be_in_viewport()
    assert await screen.page.locator("article").count() < DRAWN
    assert await nodes(screen) < NODES
    await screen.type("still there?")
    await expect(screen.message("still there?")).to_be_in_viewport()


async def test_a_difference_of_10000_lines_is_opened_in_steps_to_its_last_line(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    share(slack, plant_a, "\n".join(["@@ -1 +1,9999 @@", *(f"+line {number}" for number in range(1, LINES))]))
    await screen.open()
    lines = screen.page.locator(".file .line")
    await expect(lines).to_have_count(12)
    more = screen.page.get_by_role("button", name="Show more")

    while await more.count():
        before = await lines.count()
        await more.click()
        await expect(lines.nth(before)).to_be_attached()

    await expect(lines).to_have_count(LINES)
    await expect(lines.last).to_have_text(f"+line {LINES - 1}")
    assert await nodes(screen) < NODES
    await screen.type("still there?")
    await expect(screen.message("still there?")).to_be_in_viewport()
