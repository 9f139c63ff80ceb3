"""The screen: what was printed is kept byte for byte, however it is cut; only an answered pager's question goes."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.ssh.screen.emulation import shown
from runners.ssh.screen.pagers import settled
from runners.ssh.screen.screen import Screen
from tests.runners.agent_ground import PLATFORMS

PAGER = PLATFORMS["cisco_ios"].pager
PIECES = st.sampled_from(
    [
        *(b"interface Gi0/1", b" description x  ", b"!", b"   ", b"\xfc", "ü".encode(), b"\t", b"a" * 40),
        *(b"\r\n", b"\n", b"\r", b"\r\r\n", b"\b", b"\b\b\b \b\b\b", b"\x00", b"\x07", b"\x1bE", b"\x1b(B", b"\x1b7"),
        *(b"\x1b[K", b"\x1b[2K", b"\x1b[3D", b"\x1b[2C", b"\x1b[5G", b"\x1b[2P", b"\x1b[1@", b"\x1b[4X", b"\x1b[1;31m"),
        *(b"\x1b]0;title\x07", b"\x1b]0;t\x1b\\", b"\x1b[?2004h", b"\x1b", b"\x1b[", b"\x1b]"),
        *(b"--More--", b"\r        \r", b"core-sw1#"),
    ]
)


def fed(*packets: bytes) -> Screen:
    screen = Screen(PAGER)
    for packet in packets:
        screen.feed(packet)
    return screen


def paged(*pages: bytes) -> tuple[bytes, str]:
    """What is left of ``pages``, each but the last of which ends in a question that is answered."""
    screen = Screen(PAGER)
    for page in pages:
        screen.feed(page)
        question = screen.question(screen.tail)
        if question:
            screen.answer(question)
    return settled(*screen.take(), PAGER)


@given(pieces=st.lists(PIECES | st.binary(max_size=6), max_size=30), cuts=st.lists(st.integers(0, 400), max_size=30))
def test_text_is_the_same_however_the_bytes_are_cut(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    packets = [data[start:end] for start, end in pairwise(edges)]

    screens = [fed(*packets), fed(data), fed(*(data[at : at + 1] for at in range(len(data))))]

    assert len({screen.tail for screen in screens}) == 1
    assert {screen.take()[0] for screen in screens} == {data[: data.rfind(b"\n") + 1]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(b"sw1# ", "sw1# ", id="a blank behind a prompt"),
        pytest.param(b"--More--\r        \rsw1#", "sw1#", id="a pager wiped with blanks"),
        pytest.param(b"--More--" + b"\b" * 8 + b" " * 8 + b"\b" * 8 + b"sw1#", "sw1#", id="wiped with backspaces"),
        pytest.param(b"--More--\x1b[2K\rsw1#", "sw1#", id="a pager erased"),
        pytest.param(b"abcdef\x1b[3DX\x1b[K", "abcX", id="cursor left, then erased to the end"),
        pytest.param(b"abc\x1b[2Gx", "axc", id="cursor to a column"),
        pytest.param(b"\x1b]0;root@sw1\x07\x1b[?2004h\x1b[32msw1\x1b[0m$ ", "sw1$ ", id="a title and colours"),
        pytest.param(b"a\x00b\x07c", "abc", id="NUL and bell"),
        pytest.param(b"abc\r\x1b[1P", "bc", id="a character deleted"),
        pytest.param(b"sh\b\b\x1b[Kshow run", "show run", id="an echo that was drawn again"),
        pytest.param(b"sw1#\x1b[", "sw1#", id="half a sequence"),
    ],
)
def test_line_of_the_cursor_is_drawn_as_a_terminal_would(line: bytes, expected: str) -> None:
    assert (shown(line), fed(line).tail) == (expected, expected)


@pytest.mark.parametrize(
    ("question", "wipe"),
    [
        pytest.param(b"--More-- ", b"\r         \r", id="blanks from the line's start"),
        pytest.param(b"\x1b[7m--More--\x1b[27m", b"\r\x1b[K", id="erased"),
        pytest.param(b" --More-- ", b"\b" * 10 + b" " * 10 + b"\b" * 10, id="backspaces"),
        pytest.param(b" --More-- ", b"\b" * 9 + b" " * 8 + b"\b" * 9, id="one backspace fewer than cells"),
        pytest.param(b"  ---- More ----", b"\x1b[16D" + b" " * 16 + b"\x1b[16D", id="cursor left"),
        pytest.param(b"---- More ----", b"\x1b[42D" + b" " * 42 + b"\x1b[42D", id="further left than there is line"),
        pytest.param(b"<--- More --->", b"\r              \r", id="arrows"),
        pytest.param(b"--more--", b"\b \b" * 8, id="cell by cell"),
        pytest.param(b"Press any key to continue: ", b"\r" + b" " * 27 + b"\r", id="any key"),
        pytest.param(b"--More-- ", b"\x1b[2K\x1b[1G", id="cursor to the first column"),
    ],
)
@pytest.mark.parametrize(
    "rest", [b"next\r\n", b"  indented\r\n", b"\r\n", b"\x07\r\n"], ids=["text", "blanks", "none", "bell"]
)
def test_question_goes_with_its_wipe_and_nothing_else(question: bytes, wipe: bytes, rest: bytes) -> None:
    pages = [b"one\r\n" + question, wipe + b"two\r\n" + question, wipe + rest]

    assert paged(*pages) == (b"one\r\ntwo\r\n" + rest, "")
    assert paged(pages[0], *(wipe[at : at + 1] for at in range(len(wipe))), *pages[1:], b"sw1#")[0].startswith(
        b"one\r\n"
    )


@pytest.mark.parametrize(
    ("question", "wipe"),
    [
        (b"--More--", b"\b" * 8 + b" " * 8 + b"\b" * 8),
        (b"--More-- ", b"\r         \r"),
        (b"--More--", b"\r\x1b[K"),
    ],
)
def test_question_in_the_middle_of_a_line_takes_its_own_words_alone(question: bytes, wipe: bytes) -> None:
    printed = (b"access noauth read every" + question, wipe + b"thing write none\r\n")

    assert paged(*printed) == (b"access noauth read everything write none\r\n", "")


def test_dashes_in_front_of_a_question_stay_the_texts() -> None:
    wipe = b"\r\x1b[K"

    assert paged(b"one\r\n--More--", wipe + b"rule a--" + b"--More--", wipe + b"b\r\n") == (b"one\r\nrule a--b\r\n", "")


@pytest.mark.parametrize(("typed_ahead", "left"), [(1, b"a\r\n--More--\r\nb\r\n"), (0, b"a\r\nb\r\n")])
def test_blank_that_nobody_took_tells_the_text_from_a_pager_that_ends_its_line(typed_ahead: int, left: bytes) -> None:
    screen = fed(b"a\r\n--More--")
    screen.answer(screen.question(screen.tail))  # type: ignore[arg-type] # there is one
    screen.feed(b"\r\nb\r\n")

    assert settled(*screen.take(), PAGER, typed_ahead=typed_ahead, is_unhurried=True) == (left, "")


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([b"one\r\n--More--", b"\r\x1b[K\x1b[1mtwo\r\n"], id="a longer wipe, or colours of the text"),
        pytest.param([b"set x --More--", b"\r\x1b[Ky\r\n"], id="a blank of the pager, or of the text"),
        pytest.param([b"banner\r\nPress any key to continue", b"\r\nand wait\r\n"], id="a line that was not wiped off"),
        pytest.param([b"--More--", b"\r\x1b[Ka\r\n--More--\r\x1b[Kb\r\n"], id="a question gone before it was seen"),
    ],
)
def test_what_may_be_the_pagers_or_the_texts_is_doubtful(pages: list[bytes]) -> None:
    assert paged(*pages)[1]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]" * 100_000,
        b"\x1b[" * 100_000,
        b"\b" * 200_000,
        b"x\r" * 100_000,
        b"\x1b[9999C" * 30_000,
        b"--More--\r\x1b[K" * 20_000,
        b" " * 250_000 + b"\rx",
    ],
    ids=["titles", "sequences", "backspaces", "overwriting", "cursor", "pagers", "one long line"],
)
def test_hostile_bytes_end_and_are_looked_at_in_their_last_part_only(hostile: bytes) -> None:
    screen = Screen(re.compile(PAGER.pattern) if PAGER else None)

    for start in range(0, len(hostile), 4_096):
        screen.feed(hostile[start : start + 4_096])
        assert len(screen.tail) <= 512
        screen.question(screen.tail)

    screen.feed(b"\n")
    assert screen.take()[0] == hostile + b"\n"
