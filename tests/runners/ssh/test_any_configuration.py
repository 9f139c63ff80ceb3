"""Any configuration, cut anywhere, paged anywhere, at any pace: what is stored is what the device meant, or nothing.

LASTGOOD_TEST_EXAMPLES says how many devices are tried; the long suite tries a hundred thousand.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, assume, event, example, given, settings
from hypothesis import strategies as st

from domain.failures import DeviceError, FailureKind
from tests.runners.agent_ground import PLATFORMS
from tests.runners.ssh.scripted import Answer, Pager, at_once, captured

PHASES = [phase for phase in Phase if phase is not Phase.explain]
EXAMPLES = int(os.environ.get("LASTGOOD_TEST_EXAMPLES", "300"))
LONG = int(os.environ.get("LASTGOOD_TEST_EXAMPLES", "100000"))
FAILURES = {FailureKind.INCOMPLETE, FailureKind.SILENT}

PROMPT = b"edge-7#"
# What a text must hold is proven elsewhere: here any text is one.
ANY_TEXT = {"errors": (), "must": (), "foreign": (), "holes": (), "shortest": 0, "paging_off": ("terminal length 0",)}
WITH_END = replace(PLATFORMS["cisco_ios"], **ANY_TEXT)  # type: ignore[arg-type] # each has the type of its field
WITHOUT_END = replace(PLATFORMS["cisco_nxos"], **ANY_TEXT)  # type: ignore[arg-type]


def fixed(question: bytes, wipe: bytes, *, goes_back: bool) -> Pager:
    return Pager(lambda _: question, wipe, goes_back)


PAGERS = {
    "blanked from the line's start": fixed(b"--More-- ", b"\r         \r", goes_back=False),
    "erased": fixed(b"\x1b[7m--More--\x1b[27m", b"\r\x1b[K", goes_back=False),
    "erased, then home": fixed(b" --More-- ", b"\x1b[2K\r", goes_back=False),
    "backspaces": fixed(b" --More-- ", b"\b" * 10 + b" " * 10 + b"\b" * 10, goes_back=True),
    "one backspace fewer": fixed(b" --More-- ", b"\b" * 9 + b" " * 8 + b"\b" * 9, goes_back=True),
    "cell by cell": fixed(b"--more--", b"\b \b" * 8, goes_back=True),
    "cursor left": fixed(b"  ---- More ----", b"\x1b[16D" + b" " * 16 + b"\x1b[16D", goes_back=True),
    "with numbers": Pager(lambda page: b"lines %d-%d " % (page * 23 - 22, page * 23), b"\r" + b" " * 20 + b"\r", False),  # noqa: FBT003
    "any key": fixed(b"Press any key to continue: ", b"\r" + b" " * 27 + b"\r", goes_back=False),
    "ends its line": fixed(b"-- More --", b"\r\n", goes_back=False),
}
PAUSES = st.sampled_from([0.0, 0.0, 0.0, 0.002, 0.02, 0.06, 0.2, 0.4, 0.7, 1.4, 5.0])

WORDS = st.sampled_from(
    [
        *(
            "interface Gi0/1",
            " description to the lab",
            "!",
            "",
            "",
            "   ",
            "  no shutdown",
            "exit",
            "end",
            "a--",
            "--",
        ),
        *("--More--", " thank you --More--", "Press any key to continue", "lines 1-23", "banner motd ^C", "-- More --"),
        *("edge-7#", "edge-7# ", "edge-7>", "edge-7(config)#", "edge-7#show version", "other-1#", "[section]", "100%"),
        *(
            "\x1b[2J\x1b[H\x1b[1;31m** keep out **\x1b[0m",
            "second line\x1b[3D here",
            "\r\x1b[K",
            "\x1b[K",
            "\r",
            "a\bb",
        ),
        *(
            "--More--\r        \rover",
            "level noauth read systemview",
            "description \x07bell",
            "\x1b]0;title\x07x",
            "\t",
        ),
    ]
)
LINES = WORDS | st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_categories=["Cs"]), max_size=40)
ODD = st.binary(max_size=8).filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))


@dataclass(frozen=True)
class Case:
    """One device and what it means to print."""

    text: bytes
    stops: dict[int, float | None]
    pager: Pager
    has_end: bool
    echoes_at_once: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    lines = draw(st.lists(st.one_of(LINES.map(str.encode), LINES.map(str.encode), ODD), max_size=25))
    has_end = draw(st.booleans())
    body = [*lines, b"line vty 0 4", b"end"] if has_end else [*lines, b"line vty 0 4"]
    text = b"".join(line + b"\r\n" for line in body)
    pager = PAGERS[draw(st.sampled_from(sorted(PAGERS)))]
    stops: dict[int, float | None] = draw(st.dictionaries(st.integers(1, len(text) - 1), PAUSES, max_size=12))
    places = [at for at in range(1, len(text)) if may_turn(text, at, pager)]
    stops |= dict.fromkeys(draw(st.lists(st.sampled_from(places), max_size=5, unique=True)) if places else [])
    pages = [at for at, pause in stops.items() if pause is None]
    assume(not pages or any(is_telling(text, at) for at in pages))
    assume(pager.wipe != b"\r\n" or b"--More--\r" not in text)  # a text that wipes, at a pager that does not
    return Case(text, stops, pager, has_end, draw(st.booleans()))


def may_turn(text: bytes, at: int, pager: Pager) -> bool:
    """A page ends before a character; a pager that goes to the line's start would wipe what stands there."""
    if text[at - 1 : at] == b"\n":
        return True
    if pager.goes_back and re.match(rb"[\x00\x07 ]*\x08", text[at:]):  # its way back would seem to go on
        return False
    is_inside = text[at - 1 : at] in b"\r\x1b" or re.search(rb"\x1b\][^\x07]*\Z|\x1b\[[0-?]*\Z", text[:at])
    return not is_inside and pager.wipe != b"\r\n"


def is_telling(text: bytes, at: int) -> bool:
    """Whether it shows where the pager's words begin and its wipe ends; else nobody can know."""
    before = text[at - 1 : at]
    is_behind_sequence = re.search(rb"\x1b\[[0-?]*[@-~]\Z", text[:at])
    return text[at : at + 1] > b" " and (before == b"\n" or (before.isalnum() and not is_behind_sequence))


def stored(case: Case) -> bytes | None:
    platform = WITH_END if case.has_end else WITHOUT_END
    answers = {
        "terminal length 0": lambda: Answer(b""),
        "show running-config": lambda: Answer(case.text, case.stops),
    }
    try:
        return at_once(
            captured(
                platform,
                answers,
                prompt=lambda: PROMPT,
                pager=case.pager,
                echoes_at_once=case.echoes_at_once,
            )
        )
    except DeviceError as error:
        if error.kind not in FAILURES:
            raise
        event(f"failed: {error.kind}")
        return None


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(case=cases())
# An end mark, and below it a line like another device's prompt that stands still for longer than we wait.
@example(Case(b"end\r\nrack-3#\r\nexit\r\nend\r\n", {12: 1.7}, PAGERS["erased"], has_end=True, echoes_at_once=False))
def test_what_is_stored_is_what_the_device_meant_or_the_run_failed(case: Case) -> None:
    assert stored(case) in (case.text, None)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(  # the same devices each time: other ones are tried by LASTGOOD_TEST_EXAMPLES and the short test
    max_examples=LONG, deadline=None, phases=PHASES, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(case=cases())
def test_what_is_stored_is_what_any_of_many_devices_meant_or_the_run_failed(case: Case) -> None:
    assert stored(case) in (case.text, None)
