"""The last words of a device that hangs up: wherever they are cut off, no part of a secret can be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.agent.evidence import tellable
from runners.platforms.reading import load_platforms
from runners.ssh.failures import MAX_LAST_LINE, MAX_LAST_WORDS, last_words

IOS = load_platforms()["cisco_ios"]
PASSWORD = "Krokus7Halle9"
COMMUNITY = "Winterlinde7Ost"
PIECE = 4  # characters in a row that cannot be there by chance
QUIET = st.sampled_from(["", "- ", "* keep out * ", "= " * 30, "-" * 480 + " "])


def facts(text: str) -> str:
    """What is told of a device that said ``text`` and hung up."""
    return tellable(f"the device closed the session{last_words(text.encode())}", IOS, secrets={PASSWORD})


def pieces_of(secret: str, text: str) -> list[str]:
    return [piece for at in range(len(secret) - PIECE + 1) if (piece := secret[at : at + PIECE]) in text]


@settings(max_examples=300, deadline=None)
@given(
    before=st.integers(0, MAX_LAST_WORDS + 200),
    after=st.integers(0, MAX_LAST_WORDS + 50),
    lead=QUIET,
    form=st.sampled_from([PASSWORD, f"snmp-server community {COMMUNITY} RO", f"community {COMMUNITY}"]),
    breaks=st.lists(st.integers(0, 2_000), max_size=4),
)
def test_no_piece_of_a_secret_is_told_wherever_the_words_are_cut_off(
    before: int, after: int, lead: str, form: str, breaks: list[int]
) -> None:
    padding = list("." * before + "\n"), list("\n" + "." * after)
    for at in breaks:
        for part in padding:
            part[at % len(part)] = "\n"

    told = facts(f"{''.join(padding[0])}{lead}{form}{''.join(padding[1])}")

    assert pieces_of(PASSWORD, told) == []
    assert pieces_of(COMMUNITY, told) == []


@pytest.mark.parametrize("secret", [f"you said {PASSWORD} to us", f"snmp-server community {COMMUNITY} RO"])
@pytest.mark.parametrize("seen", range(1, 40, 3))
def test_line_whose_beginning_is_out_of_sight_is_not_told(secret: str, seen: int) -> None:
    text = f"{'.' * 500}{secret}"
    text += "." * (MAX_LAST_WORDS - seen)

    assert facts(text) == "the device closed the session"
    assert (
        facts(f"{text[-MAX_LAST_WORDS + 20 :]}\nSee you.") == "the device closed the session; its last words: See you."
    )


def test_lines_that_are_whole_are_told() -> None:
    long = "x" * (MAX_LAST_LINE + 1)

    assert facts("All lines are busy.\r\nCall 4711.\r\n").endswith("; its last words: All lines are busy. Call 4711.")
    assert facts(f"Call 4711.\n{long}\n").endswith("; its last words: Call 4711.")
    assert facts(" \n") == "the device closed the session"
