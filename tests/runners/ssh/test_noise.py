"""Log lines in an answer: found fast, taken out with what came with them, and nothing else."""

from __future__ import annotations

import re

import pytest

from runners.ssh.shell.noise import Noise
from runners.ssh.shell.prompts import Prompt

PERCENT = r"^(?:(?:\w{3} \d+ )?%[A-Z]+-\d: )"
WORDS = r"^(?:(?:ALARM \d+)|(?:Nov \d+ .*: link (?:up|down)$))"


def left(text: bytes, pattern: str = PERCENT, *questions: bytes) -> bytes:
    return Noise(re.compile(pattern, re.MULTILINE)).taken_out(text, Prompt("sw#").is_shown, questions)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"a\r\n%SYS-5: x\r\nb\r\n", b"a\r\nb\r\n", id="alone"),
        pytest.param(b"a\r\n\r\n%SYS-5: x\r\nb\r\n", b"a\r\nb\r\n", id="with its empty line"),
        pytest.param(b"a\r\n\r\n%SYS-5: x\r\n\r\n%SYS-5: y\r\nb\r\n", b"a\r\nb\r\n", id="two, each with one"),
        pytest.param(
            b"a\r\n%X-1: x\r\n!\r\n\r\n%X-1: y\r\nb\r\n", b"a\r\n!\r\n\r\nb\r\n", id="the empty line is the text's"
        ),
        pytest.param(b"a\r\n\r%SYS-5: x\r\nb\r\n", b"a\r\nb\r\n", id="behind a CR"),
        pytest.param(b"%SYS-5: x\r\nb\r\n", b"b\r\n", id="at the start"),
        pytest.param(b"a\r\nsw#\r\nNov 3 %SYS-5: x\r\n", b"a\r\n", id="below a prompt"),
        pytest.param(b"a\r\nsw#\r\n%SYS-5: x\r\nb\r\nsw#\r\n", b"a\r\nsw#\r\nb\r\nsw#\r\n", id="prompts of the text"),
        pytest.param(b" logging %SYS-5: x\r\n", b" logging %SYS-5: x\r\n", id="no log line"),
    ],
)
def test_log_lines_go_with_what_came_with_them_t4(text: bytes, expected: bytes) -> None:
    assert left(text) == expected


def test_question_that_a_log_line_cut_off_goes_with_it_t4() -> None:
    assert left(b"a\r\n--More--\r\n%SYS-5: x\r\nb\r\n", PERCENT, b"--More--") == b"a\r\nb\r\n"


@pytest.mark.parametrize("line", [b"ALARM 9 fan\r\n", b"Nov 3 port 2: link down\r\n"])
def test_any_pattern_is_obeyed_also_one_that_names_a_lines_end_t4(line: bytes) -> None:
    assert left(b"a\r\n" + line + b"b\r\n", WORDS) == b"a\r\nb\r\n"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"^(?:%?LOG)", b"LOG x\n"),
        (r"^(?:[%*]LOG)", b"*LOG\n"),
        (r"^(?:(?:%A)|(?:B))", b"B\n"),
        (r"^(?:(?:%)?x)", b"x\n"),
        (r"^(?:%{0,2}y)", b"y\n"),
        (r"(?:x%)|(?:^z)", b"z\n"),
        (r"^(?:a)|(?:b%)", b"a\n"),
        (r"^(?:LOG: )?x", b"x\n"),
        (r"^(?:ab*c)", b"ac\n"),
        (r"^(?:ab{0,3}c)", b"ac\n"),
        (r"^(?:(?i:log) \d)", b"LoG 7\n"),
        (r"(?i)^log", b"LOG\n"),
        (r"^(?:\*\*[%]? (?:up|down))", b"** down\n"),
        (r"^(?:(?!b)\w+: (?:x|%y))", b"\raa: %y\n"),
        ("^(?:Fl\xfc)", b"Fl\xc3\xbc\n"),
        (r"^(?:\x41\x2d|\0ab)", b"A-\n"),
        (r"^(?:(.)\1c)", b"aac\n"),
    ],
)
def test_log_line_without_what_other_ones_hold_is_not_overlooked(pattern: str, line: bytes) -> None:
    assert left(b"text\n" + line + b"text\n", pattern) == b"text\ntext\n"
