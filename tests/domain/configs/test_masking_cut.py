"""A secret that was sent to a device and comes back cut off: how much of it must be there to be taken out."""

from __future__ import annotations

import pytest

from domain.configs.masking import scrubbed


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param("sent hu", "sent hu", id="two characters are there by chance"),
        pytest.param("sent hun", "sent <secret>", id="three are not"),
        pytest.param("sent hunter", "sent <secret>", id="all but the last"),
        pytest.param("sent hunter2", "sent <secret>", id="all of it"),
        pytest.param("hunter sent", "hunter sent", id="its beginning, but not at the end of the text"),
        pytest.param("hunter2 hunter2", "<secret> <secret>", id="twice"),
        pytest.param("two words hunter2", "<secret> <secret>", id="two secrets"),
        pytest.param("sent two wor", "sent <secret>", id="cut off within one of several words"),
    ],
)
def test_a_secret_is_taken_out_of_an_echo_also_where_it_was_cut_off(words: str, shown: str) -> None:
    assert scrubbed(words, ["hunter2", "two  words", ""]) == shown


def test_of_two_secrets_that_begin_alike_the_longer_is_taken_out_whole() -> None:
    assert scrubbed("a hunter2more b", ["hunter2", "hunter2more"]) == "a <secret> b"
