"""The general net costs what a text is long, and finds by that what it would find by walking through it again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.configs import secret_net
from domain.configs.secret_net import caught

if TYPE_CHECKING:
    import re

PIECES = st.sampled_from(
    [
        *("key", "password", "secret", "psk", "community", "token", "bearer", "md5", "auth", "value", "ascii"),
        *("/etc/", "/home/", "yes", "aes", "Xy12", "7", "user:pw@", "://", "$1$", "-----begin a key-----"),
        *("=", ":", " ", "  ", "\t", "\n", "\r\n", '"', "'", '\\"', "\\", "\\\n", "\\\n    ", "<", ">", ";", ",", "}"),
        "\u2003",
    ]
)
READABLE = ("key=/etc/", "token=/home/;", '"key=/usr/', "key=/etc/\\\n    ", "psk=/var/x\\")


class Counting:
    """A pattern that counts the characters it was led over."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.walked = 0

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """As the pattern would."""
        found = self._pattern.match(text, start)
        self.walked += found.end() - start if found else 0
        return found


class WalkingAgain:
    """Remembers nothing: what the net must find, however long it takes."""

    def __init__(self, low: str) -> None:
        self._low = low

    def ends(self, start: int) -> tuple[int, int]:
        """Walk from ``start``, whatever was walked through before."""
        found = secret_net.BARE.match(self._low, start)
        assert found
        return found.end(), start + len(found[0].rstrip(secret_net.TAIL))


@pytest.mark.parametrize("piece", READABLE)
def test_an_endless_value_is_walked_through_once(piece: str) -> None:
    text = piece * 2_000

    with patch.object(secret_net, "BARE", Counting(secret_net.BARE)) as counting:
        list(caught(text))

    assert 0 < counting.walked <= len(text)


@pytest.mark.parametrize("lead", ["", *READABLE])
def test_a_long_secret_is_caught_as_a_whole(lead: str) -> None:
    lead = lead * 300 + "\n"
    secret = "Zq7" * 20_000

    *_, found = caught(f"{lead}password={secret}\nkey 3\n")

    assert found == (len(lead) + 9, len(lead) + 9 + len(secret))


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_was_walked_through_already_changes_nothing_that_is_caught(text: str) -> None:
    found = list(caught(text))

    with patch.object(secret_net, "BareValues", WalkingAgain):
        assert found == list(caught(text))
