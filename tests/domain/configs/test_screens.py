"""The last lines of a screen: what may be kept of them, whatever a device gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.configs.screens import WITHHELD, last_lines
from domain.runs.evidence import MAX_SCREEN_LINE, MAX_SCREEN_LINES, Evidence, Step, bounded
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    from collections.abc import Collection

PLATFORMS = load_platforms()
SALT = b"a salt of tests"
PASSWORD = "Krokus7Halle"
KEY_LINE = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"


def kept(*lines: str, platform: str = "cisco_ios", secrets: Collection[str] = (PASSWORD,)) -> tuple[str, ...]:
    return last_lines(lines, PLATFORMS[platform], SALT, secrets=secrets)


def test_the_last_lines_are_kept_without_empty_ones_and_within_bounds() -> None:
    lines = [f"interface Vlan{number}" for number in range(90)]

    found = kept(*lines, "", "   ", "x" * 900, "")

    assert found[-1] == "x" * MAX_SCREEN_LINE
    assert found[-2] == "interface Vlan89"
    assert len(found) == MAX_SCREEN_LINES


@pytest.mark.parametrize(
    "given_back",
    [
        pytest.param([f"% Bad secrets: {PASSWORD}"], id="as it is"),
        pytest.param([f"{PASSWORD}{PASSWORD}"], id="twice in a row"),
        pytest.param([f"Password: {PASSWORD[:7]}"], id="cut off"),
        pytest.param([" ".join(PASSWORD)], id="spaced out"),
        pytest.param([PASSWORD[:6], PASSWORD[6:]], id="over two lines"),
        pytest.param([".".join(PASSWORD) + "\t!"], id="with dots"),
        pytest.param([PASSWORD[:4] + PASSWORD + PASSWORD[4:]], id="within itself"),
    ],
)
def test_what_was_sent_to_log_in_is_never_kept(given_back: list[str]) -> None:
    found = kept("edge-fw3 login", *given_back, "edge-fw3#")

    together = "".join(letter for letter in "".join(found) if letter.isalnum()).replace("secret", "")
    assert PASSWORD not in together
    assert PASSWORD[:7] not in together


def test_a_password_in_capitals_is_a_password() -> None:
    assert kept("edge-fw3#", PASSWORD.upper()) == (WITHHELD,)


def test_a_password_that_is_torn_hides_the_screen_and_says_so() -> None:
    assert kept(PASSWORD[:5], PASSWORD[5:]) == (WITHHELD,)


def test_a_password_that_is_an_everyday_word_hides_that_word_alone() -> None:
    assert kept("line vty 0 4", "% backup failed", secrets=["backup"]) == ("line vty 0 4", "% <secret> failed")


def test_what_the_platform_masks_is_masked() -> None:
    [line] = kept("snmp-server community Winterlinde RO")

    assert "Winterlinde" not in line
    assert line.startswith("snmp-server community <secret ")


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(['set private-key "-----BEGIN OPENSSH PRIVATE KEY-----', KEY_LINE, KEY_LINE[9:]], id="no end"),
        pytest.param([KEY_LINE[9:], KEY_LINE, "-----END OPENSSH PRIVATE KEY-----", "hostname fw3"], id="no begin"),
        pytest.param([KEY_LINE, KEY_LINE[:40]], id="neither"),
    ],
)
def test_a_private_key_that_is_cut_off_shows_no_line_of_it(platform: str, lines: list[str]) -> None:
    shown = " ".join(kept(*lines, platform=platform))

    assert KEY_LINE[20:40] not in shown
    assert ("hostname fw3" in shown) == ("hostname fw3" in lines)


@given(
    before=st.text(max_size=40),
    after=st.text(max_size=40),
    between=st.text(alphabet=" \n\t.,-*|", max_size=3),
    times=st.integers(min_value=1, max_value=3),
)
@settings(max_examples=300, deadline=None)
def test_wherever_and_however_a_password_is_given_back_it_is_not_kept(
    before: str, after: str, between: str, times: int
) -> None:
    given_back = f"{before}{between.join(PASSWORD) * times}{after}"

    found = kept(*given_back.split("\n"))

    bare = "".join(letter for letter in "".join(found).replace("<secret>", "\0") if letter.isalnum() or letter == "\0")
    assert PASSWORD not in bare


def test_a_ruler_is_no_key() -> None:
    assert kept("=" * 60, "Authorised users only") == ("=" * 60, "Authorised users only")


def test_evidence_of_any_size_is_brought_within_bounds() -> None:
    sent = Evidence(step=Step.CONFIG, command="x" * 5_000, awaited="y" * 5_000, screen=("z" * 5_000,) * 5_000)

    small = bounded(sent)

    assert len(small.command) + len(small.awaited) + sum(map(len, small.screen)) < 4_000
    assert small.step is Step.CONFIG
