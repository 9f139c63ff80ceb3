"""Where messages may stand."""

from __future__ import annotations

import pytest

from domain.messages.places import Place, answer_is_public, run_place

THREAD = Place(channel="C0A", thread_ts="1.2")


@pytest.mark.parametrize(
    ("asked", "channel", "own_dm", "expected"),
    [
        pytest.param(THREAD, "C0A", False, THREAD, id="thread of the site's channel"),
        pytest.param(THREAD, "C0B", False, Place(channel="U1"), id="another channel"),
        pytest.param(THREAD, None, False, Place(channel="U1"), id="site without a channel"),
        pytest.param(Place(channel="D0"), "C0A", True, Place(channel="D0"), id="own conversation with the bot"),
        pytest.param(Place(channel="D0"), "C0A", False, Place(channel="U1"), id="chat of two people"),
    ],
)
def test_run_message_stands_where_only_those_read_it_who_may(
    asked: Place,
    channel: str | None,
    own_dm: bool,  # noqa: FBT001 - a row of the table
    expected: Place,
) -> None:
    assert run_place(asked, asker="U1", site_channel=channel, own_dm=own_dm) == expected


@pytest.mark.parametrize(
    ("channel", "mentioned", "public"),
    [("C0A", True, True), ("C0A", False, False), ("C0B", True, False), (None, True, False)],
)
def test_answer_is_public_only_to_a_mention_in_the_channel_of_the_site(
    channel: str | None,
    mentioned: bool,  # noqa: FBT001 - a row of the table
    public: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert answer_is_public(THREAD, site_channel=channel, mentioned=mentioned) is public
