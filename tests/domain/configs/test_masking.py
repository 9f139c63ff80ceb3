"""What is taken out of texts that are shown, and what is found in those that should not hold it."""

from __future__ import annotations

import string
from dataclasses import replace
from textwrap import dedent
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings.masking import MaskingSection
from domain.configs.leaks import Secrets, stands_out
from domain.configs.masking import mask, scrubbed, secret_change
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.inventory.masking_rules import rules_for
from notifications.pages import configs
from notifications.previews import ConfigDiff
from notifications.rendering.renderer import Renderer
from runners.platforms.reading import load_platforms
from tests.features.access.test_secrets import CONFIGS, PLACES

if TYPE_CHECKING:
    from domain.configs.patterns import OwnRule
    from domain.configs.platforms import Platform

PLATFORMS = load_platforms()
IOS = PLATFORMS["cisco_ios"]
SALT = b"of this installation"
SECRET = st.text(string.ascii_letters + string.digits, min_size=10, max_size=24).filter(stands_out)
RENDERER = Renderer()


def seeded(platform: str, secrets: list[str]) -> str:
    """The sample of ``platform`` with these secrets in their places."""
    text = dedent(CONFIGS[platform])
    for place, secret in enumerate(secrets, start=1):
        text = text.replace(f"S{place}", secret)
    return text


@pytest.mark.parametrize("platform", sorted(CONFIGS))
@settings(max_examples=25, deadline=None)
@given(secrets=st.lists(SECRET, min_size=2 * PLACES, max_size=2 * PLACES, unique=True))
def test_no_random_secret_of_any_platform_survives_in_a_payload_c4(platform: str, secrets: list[str]) -> None:
    rules, texts = PLATFORMS[platform], (seeded(platform, secrets[:PLACES]), seeded(platform, secrets[PLACES:]))
    before, after = (mask(text, rules, SALT) for text in texts)
    diff = ConfigDiff.of(before.text, after.text, rules.structure)
    facts: dict[str, object] = {"captured_at": None, "last_checked_at": None, "author": None}

    payloads = [
        RENDERER.render("diff", configs.diff("c4", diff, before=1, after=2)).as_payload(),
        RENDERER.render("show", configs.show("c4", after.text, version=2, facts=facts)).as_payload(),
        configs.diff_file("c4", diff, before=1, after=2),
        configs.show_file("c4", after.text, version=2),
    ]

    everything = repr(payloads)
    assert [secret for secret in secrets if secret in everything] == []
    for masked, raw in zip((before, after), texts, strict=True):
        looked_for = Secrets.of(masked.secrets, shown=masked.text)
        assert not any(looked_for.are_in(payload) for payload in payloads)
        assert looked_for.are_in({"blocks": [], "text": raw})  # the last look sees what a fault would let through


def test_secret_is_masked_wherever_else_it_stands_with_the_same_tag_c4() -> None:
    text = "enable secret 5 Zq7x9Kw\nbanner motd ^Zq7x9Kw, not Zq7x9Kwo^\n"

    masked = mask(text, IOS, SALT).text

    tag = masked.split("\n")[0].removeprefix("enable secret 5 ")
    assert masked == f"enable secret 5 {tag}\nbanner motd ^{tag}, not Zq7x9Kwo^\n"


def test_plain_word_that_somebody_uses_as_a_password_stays_where_it_is_a_word_c4() -> None:
    text = "enable secret 5 interface\ninterface Vlan1\ninterface Vlan2\n"

    assert mask(text, IOS, SALT).text.count("interface") == 2


@pytest.mark.parametrize(
    ("before", "after", "count", "is_all"),
    [
        pytest.param("enable secret 5 a\nend", "enable secret 5 b\nend", 1, True, id="one"),
        pytest.param("enable secret 5 a\nend", "enable secret 5 a\nend", 0, False, id="none"),
        pytest.param("enable secret 5 a\n password 7 a", "enable secret 5 b\n password 7 b", 1, True, id="one, twice"),
        pytest.param("enable secret 5 a\n password 7 a", "enable secret 5 b\n password 7 c", 2, True, id="two"),
        pytest.param(
            "snmp-server community a RO\nsnmp-server community b RO",
            "snmp-server community b RO\nsnmp-server community a RO",
            1,
            True,
            id="two change places",
        ),
        pytest.param("enable secret 5 a\nend", "enable secret 5 b\nhostname x\nend", 1, False, id="and a line"),
        pytest.param("end", "snmp-server community a RO\nend", 0, False, id="a line with a secret came"),
        pytest.param("snmp-server community a RO", "snmp-server community a RW", 0, False, id="the line round it"),
        pytest.param(
            "snmp-server community a RO",
            "snmp-server community b RO\nsnmp-server community c RO",
            1,
            False,
            id="one changed and one came",
        ),
    ],
)
def test_changes_of_secrets_are_told_from_changes_of_lines_c5(
    before: str, after: str, count: int, *, is_all: bool
) -> None:
    found = secret_change(before, after, IOS)

    assert (found.count, found.is_all) == (count, is_all)


def test_secrets_are_compared_by_value_although_their_tags_may_be_alike_c5() -> None:
    tags: dict[str, str] = {}
    for number in range(100_000):
        tag = mask(f"enable secret 5 x{number}", IOS, SALT).text
        if tag in tags:
            break
        tags[tag] = f"x{number}"

    found = secret_change(f"enable secret 5 {tags[tag]}", f"enable secret 5 x{number}", IOS)

    assert (found.count, found.is_all) == (1, True)


@pytest.mark.parametrize(
    ("secret", "content", "found"),
    [
        pytest.param("Zq7x9Kw", {"text": "a Zq7x9Kw b"}, True, id="text"),
        pytest.param("Zq7x9Kw", {"text": "a Zq7x9Kwo b"}, False, id="part of a longer word"),
        pytest.param("Zq7x9Kw", {"filename": "Zq7x9Kw.txt", "text": ""}, True, id="file name"),
        pytest.param("Zq7x9Kw", {"text": "", "alt": "of Zq7x9Kw"}, True, id="alternative text"),
        pytest.param("Zq7x9Kw", {"blocks": [{"elements": [{"value": "run Zq7x9Kw"}]}]}, True, id="a button"),
        pytest.param("Zq7&x9<Kw", {"text": "a Zq7&amp;x9&lt;Kw b"}, True, id="escaped"),
        pytest.param("Zq7`x9`Kw", {"text": "a Zq7\u02cbx9\u02cbKw b"}, True, id="with lookalikes"),
        pytest.param('"Zq7x 9Kwy"', {"text": "a Zq7x\n9Kwy b"}, True, id="wrapped"),
        pytest.param("version", {"text": "version 3"}, False, id="a plain word among ours"),
        pytest.param("version", {"snippet_type": "text", "text": "set x version"}, True, id="a plain word in a file"),
        pytest.param("abc", {"snippet_type": "text", "text": "set x abc"}, False, id="too short"),
        pytest.param("core-sw1", {"text": "core-sw1 is up"}, False, id="the name of the device"),
        pytest.param("shown99x", {"snippet_type": "text", "text": "shown99x"}, False, id="shown by the rules"),
    ],
)
def test_last_look_finds_secrets_and_leaves_ordinary_words_alone_c4(
    secret: str, content: dict[str, object], *, found: bool
) -> None:
    looked_for = Secrets.of([secret], shown="interface shown99x", names=["core-sw1"])

    assert looked_for.are_in(content) is found


def test_last_look_knows_plain_words_in_preformatted_text_c4() -> None:
    part = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "snmp-server community public"}]}

    assert Secrets.of(["public"], shown="hostname a").are_in({"blocks": [{"type": "rich_text", "elements": [part]}]})


def test_each_line_of_a_key_and_each_value_of_a_line_is_looked_for_c4() -> None:
    looked_for = Secrets.of(["MIIEvQIBAD\nANBgkqhk9x", "Zq7x9Kw priv Yw8k3Pq"], shown="")

    for leak in ("ANBgkqhk9x", "Yw8k3Pq"):
        assert looked_for.are_in({"text": leak})
    assert not looked_for.are_in({"text": "priv"})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("login with hunter2 failed", "login with <secret> failed"),
        ("login with two  words", "login with <secret>"),
        ("login with two words", "login with <secret>"),
        ("cut off in hunt", "cut off in <secret>"),
        ("cut off in hu", "cut off in hu"),
    ],
)
def test_what_an_agent_sent_is_taken_out_of_an_echo_c4(words: str, expected: str) -> None:
    assert scrubbed(words, ["hunter2", "two  words"]) == expected


def rules(
    *own: OwnRule, platform: Platform = IOS, ignores: bool = False, device: str = "core-sw1", site: str = "plant-a"
) -> Platform:
    """The rules of one device."""
    declared = Device(name=device, site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))
    place = Site(key=site, name=site, timezone=ZoneInfo("UTC"), ignore_secret_changes=ignores)
    inventory = Inventory(MappingProxyType({site: place}), MappingProxyType({device: declared}), {}, own)
    found = rules_for(device, inventory, {"cisco_ios": platform})
    assert found
    return found


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({}, True),
        ({"sites": "plant-a"}, True),
        ({"sites": ["plant-b"]}, False),
        ({"devices": ["core-sw1", "core-sw2"]}, True),
        ({"devices": ["core-sw2"]}, False),
        ({"platforms": "cisco_ios", "sites": "plant-a"}, True),
        ({"platforms": "vyos", "sites": "plant-a"}, False),
    ],
    ids=str,
)
def test_own_rule_holds_where_it_says_c4(where: dict[str, object], *, holds: bool) -> None:
    own = MaskingSection.model_validate({"pattern": r"^(license )\S+", **where}).to_rule()

    masked = mask("license Zq7x9Kw\n", rules(own), SALT).text

    assert ("Zq7x9Kw" not in masked) is holds


@pytest.mark.parametrize("by_site", [True, False], ids=["site", "platform"])
def test_site_or_platform_can_ignore_changes_of_secrets_c5(*, by_site: bool) -> None:
    platform = IOS if by_site else replace(IOS, ignore_secret_changes=True)

    assert rules(platform=platform, ignores=by_site).ignore_secret_changes
    assert not rules().ignore_secret_changes
