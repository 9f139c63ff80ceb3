"""Texts and passwords that nobody expects: each is judged or masked in time that grows with its length alone."""

from __future__ import annotations

import pytest

from domain.configs.masking import mask
from domain.configs.own_words import marks
from domain.configs.proof import flaw_of
from domain.configs.texts import with_lf
from runners.platforms.reading import load_platforms

PLATFORMS = load_platforms()
SALT = b"of this installation"
LONG = 2_000_000  # characters: what grows with the square of it would meet the limit of the whole test


@pytest.mark.parametrize("word", ["\u043f\u0430\u0440\u043e\u043b\u044c12", "\u20acuro2026", "12\u20ac"])
def test_a_password_in_letters_of_any_script_is_looked_for(word: str) -> None:
    assert marks(b"interface vlan 1\n", [word]) == ()
    assert marks(f"banner {word} x".encode(), [word]) == ((7, 7 + len(word.encode())),)


def test_a_flood_of_carriage_returns_is_walked_through_once() -> None:
    assert with_lf("a" + "\r" * LONG + "\nb\r\r\nc\rd\r\n") == "a\nb\nc\rd\n"


@pytest.mark.parametrize(
    ("platform", "banner"),
    [
        ("cisco_nxos", "banner motd #\nour rules {\n#\n"),
        ("cisco_ios", "aaa authentication banner ^C\n% Error\n^C\n"),
        ("cisco_ios", "banner motd ^C\n" + "keep out\n" * 400 + "% Error\n^C\n"),
    ],
    ids=["a line of another platform", "the words of a failure at the log-in", "the same in a long banner"],
)
def test_what_people_write_into_banners_is_no_flaw(platform: str, banner: str) -> None:
    text = f"version 9.3(10)\n{banner}hostname lab-2\ninterface mgmt0\n ip address 192.0.2.9/24\nend\n"

    assert flaw_of(text.encode(), PLATFORMS[platform]) is None


def test_a_short_answer_is_quoted_line_by_line() -> None:
    flaw = flaw_of(b"up\nsnmp-server community NOTSHOWN ro\n", PLATFORMS["linux"])

    assert flaw
    assert flaw.line.splitlines() == ["up", "snmp-server community NOTSHOWN ro"]


def test_the_default_community_of_routeros_is_masked_without_an_address() -> None:
    text = "/snmp community\nset [ find default=yes ] name=lab-reads\n/interface bridge\nadd name=bridge1\n"

    shown = mask(text, PLATFORMS["mikrotik_routeros"], SALT).text

    assert "lab-reads" not in shown
    assert "add name=bridge1" in shown
