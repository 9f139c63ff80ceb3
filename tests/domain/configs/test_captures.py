"""Where in a capture an error text, the last line and an author are looked for, and what of it is compared."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from domain.configs.platforms import Platform
from domain.configs.proof import flaw_of
from domain.configs.texts import author, comparable, digest, is_suspect, last_line
from domain.failures import FailureKind

PLATFORM = Platform(
    name="x",
    title="X",
    prompt=re.compile(r"#"),
    config=("show",),
    errors=(re.compile(r"^% Denied", re.MULTILINE),),
    end=re.compile(r"^end$"),
    volatile=re.compile(r"^(?:clock|uptime) ", re.MULTILINE),
    author=re.compile(r"^changed by (?P<who>\w+) at noon", re.MULTILINE),
)
ERROR, END = "% Denied", "\nend\n"


def filled(text: str, size: int) -> bytes:
    """``text``, lines of a configuration, and the end: as many bytes as ``size``."""
    room = size - len(text) - len(END)
    return (text + "\nx" * (room // 2) + " " * (room % 2) + END).encode()


def wrong_with(raw: bytes, platform: Platform = PLATFORM) -> FailureKind | None:
    found = flaw_of(raw, platform)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("text", "size", "is_error"),
    [
        pytest.param(ERROR, 900, True, id="first line of a long output"),
        pytest.param(f"a\nb\n{ERROR}", 900, True, id="third line"),
        pytest.param(f"a\n\n \nb\n{ERROR}", 900, True, id="third line that is not empty"),
        pytest.param(f"a\nb\nc\n{ERROR}", 900, False, id="fourth line: part of a configuration"),
        pytest.param(f"a\nb\nc\nd\ne\n{ERROR}", 599, True, id="anywhere in a short answer"),
        pytest.param(f"a\nb\nc\nd\ne\n{ERROR}", 600, False, id="but not in a longer one"),
        pytest.param("x" * 1_990 + f"\n{ERROR}", 3_000, True, id="up to 2,000 characters from the top"),
        pytest.param("x" * 1_991 + f"\n{ERROR}", 3_000, False, id="not beyond"),
    ],
)
def test_an_error_text_stands_at_the_top_or_is_all_there_is(text: str, size: int, *, is_error: bool) -> None:
    raw = filled(text, size)
    assert len(raw) == size

    assert wrong_with(raw) is (FailureKind.COMMAND_REJECTED if is_error else None)


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        pytest.param(b"a\nb\nc\nd\nend\n\r\n  \n", None, id="blanks behind the end"),
        pytest.param(b"a\r\nb\r\nc\r\nd\r\nend\r\n", None, id="other line ends"),
        pytest.param(b"a\nb\nc\nd\nend of b\n", FailureKind.INCOMPLETE, id="another last line"),
        pytest.param(b" \r\n\n", FailureKind.INCOMPLETE, id="nothing but blanks"),
    ],
)
def test_a_complete_configuration_ends_as_its_platform_says(raw: bytes, wrong: FailureKind | None) -> None:
    assert wrong_with(raw) is wrong


def test_without_an_end_of_its_own_four_lines_are_needed() -> None:
    endless = replace(PLATFORM, end=None)

    assert wrong_with(b"a\nb\nc\nd\n", endless) is None
    assert wrong_with(b"a\nb\nc\n", endless) is FailureKind.COMMAND_REJECTED
    assert wrong_with(b"\n", endless) is FailureKind.INCOMPLETE


def test_the_last_line_is_looked_for_in_the_last_400_bytes() -> None:
    assert last_line(b"a\n" + b"y" * 399) == "y" * 399
    assert last_line(b"y" * 500) == "y" * 400
    assert last_line(b"a\r\nlast \r\n\r\n") == "last"


@pytest.mark.parametrize(("before", "who"), [(3_976, "anna"), (3_977, None)])
def test_an_author_is_looked_for_in_the_first_4000_bytes(before: int, who: str | None) -> None:
    raw = b"!" * before + b"\nchanged by anna at noon"

    assert author(raw, PLATFORM) == who
    assert author(raw, replace(PLATFORM, author=None)) is None


@pytest.mark.parametrize(
    ("size", "previous", "suspect"),
    [(50, 100, True), (51, 100, False), (50, 101, True), (0, 0, True), (0, None, False), (1, 1, False)],
)
def test_half_of_the_last_one_or_less_is_suspect(size: int, previous: int | None, *, suspect: bool) -> None:
    assert is_suspect(size, previous) is suspect


@pytest.mark.parametrize(
    ("raw", "compared"),
    [
        pytest.param(b"a\nb\n", "a\nb\n", id="as it is"),
        pytest.param(b"\n\na\r\nb\r\r\n\n\n", "a\nb\n", id="line ends and empty lines around it"),
        pytest.param(b"clock 1\na\n", "a\n", id="a moving line at the top"),
        pytest.param(b"a\nclock 1\nuptime 2\nb\nclock 3\nc\n", "a\nb\nc\n", id="several, also one below the other"),
        pytest.param(b"a\nb\nclock 1\n", "a\nb\n", id="at the end"),
        pytest.param(b"a\nb\nclock 1", "a\nb\n", id="at the very end"),
        pytest.param(b"clock 1", "\n", id="nothing but one"),
        pytest.param(b"", "\n", id="nothing"),
    ],
)
def test_moving_lines_are_left_out_of_what_is_compared(raw: bytes, compared: str) -> None:
    assert comparable(raw, PLATFORM) == compared


def test_a_value_that_is_salted_anew_and_a_wrapped_line_are_compared_alike() -> None:
    salted = replace(PLATFORM, salted=re.compile(r"^(secret )\S+", re.MULTILINE), joins=re.compile(r"\\\n *"))

    assert comparable(b"secret abc\nlong \\\n  line\n", salted) == comparable(b"secret xyz\nlong line\n", salted)


def test_the_digest_of_a_text_is_its_sha_256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len({digest("\udc80"), digest("\udc81")}) == 2
