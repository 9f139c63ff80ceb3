"""The screen: what is shown is kept byte for byte, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.ssh.screen import Screen

PIECES = st.sampled_from(
    [
        *(b"interface Gi0/1", b" description x  ", b"!", b"   ", b"\xfc", "ü".encode(), b"\t", b"a" * 40),
        *(b"\r\n", b"\n", b"\r", b"\r\r\n", b"\b", b"\b\b\b \b\b\b", b"\x00", b"\x07"),
        *(b"\x1b[K", b"\x1b[2K", b"\x1b[3D", b"\x1b[2C", b"\x1b[5G", b"\x1b[2P", b"\x1b[1@", b"\x1b[4X", b"\x1b[1;31m"),
        *(
            b"\x1b]0;title\x07",
            b"\x1b]0;t\x1b\\",
            b"\x1b[?2004h",
            b"\x1b",
            b"\x1b[",
            b"\x1b]",
            b"\x1bE",
            b"\x1b(B",
            b"\x1b7",
        ),
        *(b"--More--", b"\r        \r", b"core-sw1#"),
    ]
)


def shown(*packets: bytes) -> tuple[bytes, str]:
    screen = Screen()
    for packet in packets:
        screen.feed(packet)
    return screen.take(), screen.tail


@given(pieces=st.lists(PIECES | st.binary(max_size=6), max_size=30), cuts=st.lists(st.integers(0, 400), max_size=30))
def test_text_is_the_same_however_the_bytes_are_cut(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})

    packets = [data[start:end] for start, end in pairwise(edges)]

    assert shown(*packets) == shown(data) == shown(*(data[at : at + 1] for at in range(len(data))))


@given(lines=st.lists(st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs"]), max_size=60), max_size=20))
def test_what_was_only_printed_is_kept_byte_for_byte(lines: list[str]) -> None:
    printed = "".join(line + "\r\n" for line in lines).encode()

    kept, tail = shown(printed, b"sw1#")

    assert (kept, tail) == (printed, "sw1#")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"abc\r\n", b"abc\r\n", id="CRLF is kept"),
        pytest.param(b"abc\r\r\n", b"abc\r\r\n", id="CR CR LF is kept"),
        pytest.param(b"caf\xe9 \xc3\xa9\n", b"caf\xe9 \xc3\xa9\n", id="bytes that are not ASCII"),
        pytest.param(b"a  \r\n", b"a  \r\n", id="blanks at the end belong to the text"),
        pytest.param(b"--More--\r        \rline\r\n", b"line\r\n", id="a pager wiped with blanks"),
        pytest.param(
            b"--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b!\r\n", b"!\r\n", id="a pager wiped with backspaces"
        ),
        pytest.param(b"--More--\x1b[2K\rline\n", b"line\n", id="a pager erased"),
        pytest.param(b"--More--\r        \rline  \r\n", b"line  \r\n", id="blanks after a pager belong to the text"),
        pytest.param(b"--More--\r        \r\r\n", b"\r\n", id="an empty line after a pager"),
        pytest.param(b"abcdef\x1b[3DX\x1b[K\n", b"abcX\n", id="cursor left, then erased to the end"),
        pytest.param(b"abc\x1b[2Gx\n", b"axc\n", id="cursor to a column"),
        pytest.param(b"\x1b]0;root@sw1\x07\x1b[?2004hls\n", b"ls\n", id="a window title"),
        pytest.param(b"\x1b[31mred\x1b[0m\n", b"red\n", id="colours"),
        pytest.param(b"a\x00b\x07c\n", b"abc\n", id="NUL and bell"),
        pytest.param(b"\x9bA\n", b"\x9bA\n", id="a byte of UTF-8 is no control sequence"),
        pytest.param(b"abc\x1b[1Pd\n", b"abcd\n", id="nothing to delete at the end"),
        pytest.param(b"abc\r\x1b[1P\n", b"bc\r\n", id="a character deleted"),
    ],
)
def test_screen_shows_what_a_terminal_would(sent: bytes, expected: bytes) -> None:
    assert shown(sent)[0] == expected


def test_pager_that_ends_its_own_line_leaves_no_line() -> None:
    screen = Screen()
    screen.feed(b"one\r\n--More--")

    screen.cover_line()
    screen.feed(b"\r\ntwo\r\n")

    assert screen.take() == b"one\r\ntwo\r\n"


def test_covered_pager_that_is_wiped_wider_than_it_was_leaves_nothing() -> None:
    screen = Screen()
    screen.feed(b"one\r\n--More--")

    screen.cover_line()
    screen.feed(b"\r            \r")
    screen.feed(b"sw1#")

    assert (screen.take(), screen.tail) == (b"one\r\n", "sw1#")


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]" * 200_000,
        b"\x1b[" * 200_000,
        b"\b" * 400_000,
        b"x\r" * 200_000,
        b"\x1b[9999C" * 60_000,
        b" " * 500_000 + b"\rx",
    ],
    ids=["titles", "sequences", "backspaces", "overwriting", "cursor", "one long line"],
)
def test_hostile_bytes_end_and_keep_the_screen_small(hostile: bytes) -> None:
    screen = Screen()

    for start in range(0, len(hostile), 32_768):
        screen.feed(hostile[start : start + 32_768])

    assert len(screen.tail) <= 512


def test_question_at_the_end_of_an_endless_line_takes_only_the_end_of_it_away() -> None:
    screen = Screen()
    screen.feed(b"x" * 10_000 + b"--More--")

    screen.cover_line()
    question = screen.tail
    screen.feed(b"y\n")

    line = screen.take()
    assert not question.strip()
    assert line.startswith(b"x" * 5_000)
    assert line.rstrip().endswith(b"y")
    assert b"More" not in line
