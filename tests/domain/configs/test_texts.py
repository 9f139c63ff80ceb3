"""What is stored, compared and shown of a configuration."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.configs.masking import mask
from domain.configs.texts import author, comparable, decode, digest, is_suspect
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

PLATFORMS = load_platforms()
IOS = PLATFORMS["cisco_ios"]
SALT = b"of this installation"
GOOD = b"Building configuration...\r\n\r\nCurrent configuration : 1234 bytes\r\n!\r\nhostname sw1\r\n!\r\nend\r\n"


@pytest.mark.parametrize(
    ("platform", "before", "after"),
    [
        pytest.param("cisco_ios", GOOD, GOOD.replace(b"1234", b"1235"), id="ios size"),
        pytest.param(
            "cisco_ios",
            b"! Last configuration change at 1 by a\nend",
            b"! Last configuration change at 2 by b\nend",
            id="ios clock",
        ),
        pytest.param("cisco_ios", b"ntp clock-period 36028\nend", b"ntp clock-period 36029\nend", id="ios ntp"),
        pytest.param("cisco_nxos", b"!Time: Mon\nhostname a", b"!Time: Tue\nhostname a", id="nxos clock"),
        pytest.param("arista_eos", b"! Time: Mon\nend", b"! Time: Tue\nend", id="eos clock"),
        pytest.param(
            "juniper_junos",
            b"## Last commit: 1 by a\nx {\n}",
            b"## Last commit: 2 by a\nx {\n}",
            id="junos commit",
        ),
        pytest.param("fortinet_fortios", b"set passwd ENC abc\nend", b"set passwd ENC xyz\nend", id="fortios salted"),
        pytest.param(
            "fortinet_fortios",
            b'set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----\nab-c\n-----END ENCRYPTED PRIVATE KEY-----"\nend',
            b'set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----\nxyz\n-----END ENCRYPTED PRIVATE KEY-----"\nend',
            id="fortios key",
        ),
        pytest.param(
            "mikrotik_routeros",
            b"# 2026-03-02 10:00:00 by RouterOS 7.1\n/ip",
            b"# 2026-03-03 11:00:00 by RouterOS 7.1\n/ip",
            id="routeros clock",
        ),
        pytest.param("mikrotik_routeros", b"add a=1 \\\r\n    b=2\r\n", b"add a=1 b=2\r\n", id="routeros wrapping"),
        pytest.param(
            "cisco_ios",
            b"Load for five secs: 3%/0%; one minute: 9%; five minutes: 8%\nTime source is hardware, *03:04:05.1\nend",
            b"Load for five secs: 12%/5%; one minute: 9%; five minutes: 7%\nTime source is NTP, .23:04:05.1 CET\nend",
            id="ios load and time",
        ),
        pytest.param(
            "cisco_ios", b"Using 4321 out of 524288 bytes\nend", b"Using 99 out of 524288 bytes\nend", id="ios nvram"
        ),
        pytest.param(
            "cisco_nxos", b"!No configuration change since last restart\nhostname a", b"hostname a", id="nxos restart"
        ),
        pytest.param(
            "mikrotik_routeros",
            b"/interface lte\n# SIM not present\nset a\n# wg1 not running\nadd b\n",
            b"/interface lte\nset a\n# DHCP client does not work on slave\nadd b\n",
            id="routeros remarks",
        ),
        pytest.param(
            "fortinet_fortios",
            b"    set last-updated 1700000000\nend",
            b"    set last-updated 1800000000\nend",
            id="fortios bundle",
        ),
        pytest.param("frr", b"Building configuration...\n\nCurrent configuration:\nend", b"end", id="frr heading"),
    ],
)
def test_what_moves_by_itself_is_not_compared_d2(platform: str, before: bytes, after: bytes) -> None:
    assert comparable(before, PLATFORMS[platform]) == comparable(after, PLATFORMS[platform])


@pytest.mark.parametrize("part", ["# model = RB5009", "# serial number = HE1", "# software id = AB12"])
def test_another_machine_is_a_change_also_where_remarks_are_none(part: str) -> None:
    before, after = f"{part}\nadd a\n".encode(), f"{part}9\nadd a\n".encode()

    assert comparable(before, PLATFORMS["mikrotik_routeros"]) != comparable(after, PLATFORMS["mikrotik_routeros"])


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_a_changed_line_gives_another_digest(name: str) -> None:
    before, after = b"interface one\n description a\nend\n", b"interface one\n description b\nend\n"

    assert digest(comparable(before, PLATFORMS[name])) != digest(comparable(after, PLATFORMS[name]))


def test_line_ends_are_compared_alike() -> None:
    assert comparable(b"a\r\nb\r\r\nc\n", IOS) == "a\nb\nc\n"


@given(st.binary(max_size=200))
def test_decoding_loses_nothing(raw: bytes) -> None:
    lines = raw.splitlines(keepends=True)
    texts = [decode(line) for line in lines]

    assert decode(raw) == "".join(texts)
    for line, text in zip(lines, texts, strict=True):
        assert line in {text.encode(), text.encode("latin-1", "replace")}


def test_one_odd_byte_leaves_every_other_line_as_it_was() -> None:
    raw = "Zürich → Genève\n".encode() + "Räume\n".encode("latin-1")

    assert decode(raw) == "Zürich → Genève\nRäume\n"


@pytest.mark.parametrize(
    ("platform", "line", "secret"),
    [
        ("cisco_ios", "snmp-server community s3cret RO", "s3cret"),
        ("cisco_ios", "username anna privilege 15 secret 9 s3cret", "s3cret"),
        ("cisco_ios", "username anna password s3cret", "s3cret"),
        ("cisco_ios", "enable secret 5 s3cret", "s3cret"),
        ("cisco_ios", "tacacs-server host 10.0.0.1 key 7 s3cret", "s3cret"),
        ("cisco_ios", " key 7 s3cret", "s3cret"),
        ("cisco_ios", " neighbor 10.0.0.1 password 7 s3cret", "s3cret"),
        ("cisco_ios", "crypto isakmp key s3cret address 10.0.0.1", "s3cret"),
        ("cisco_ios", " pre-shared-key local s3cret", "s3cret"),
        ("cisco_ios", " password 7 s3cret", "s3cret"),
        ("cisco_ios", "ip http client proxy ftp://user:s3cret@host/", "s3cret"),
        ("cisco_nxos", "username admin password 5 s3cret  role network-admin", "s3cret"),
        ("cisco_nxos", "snmp-server user admin network-admin auth md5 s3cret priv aes-128 s4cret", "s4cret"),
        ("arista_eos", "username anna privilege 15 role network-admin secret sha512 s3cret", "s3cret"),
        ("arista_eos", "enable password sha512 s3cret", "s3cret"),
        ("juniper_junos", '        encrypted-password "$6$s3cret"; ## SECRET-DATA', "s3cret"),
        ("juniper_junos", "    community s3cret {", "s3cret"),
        ("juniper_junos", '        authentication-key "$9$s3cret"; ## SECRET-DATA', "s3cret"),
        ("mikrotik_routeros", 'add name=ppp1 password="s3 cret\\" x" service=any', "s3 cret"),
        ("mikrotik_routeros", "set wpa2-pre-shared-key=s3cret mode=dynamic-keys", "s3cret"),
        ("fortinet_fortios", "        set passwd ENC s3cret", "s3cret"),
        ("fortinet_fortios", '        set psksecret "s3cret"', "s3cret"),
        ("vyos", "set system login user vyos authentication encrypted-password 's3cret'", "s3cret"),
        ("vyos", "set service snmp community s3cret authorization ro", "s3cret"),
        ("frr", " neighbor 10.0.0.1 password s3cret", "s3cret"),
        ("frr", "enable password s3cret", "s3cret"),
        ("linux", "db_password = s3cret", "s3cret"),
        ("linux", "root:$6$s3cret$x:19000:0:99999:7:::", "s3cret"),
    ],
)
def test_secrets_are_masked_c4(platform: str, line: str, secret: str) -> None:
    masked = mask(f"hostname a\n{line}\nend\n", PLATFORMS[platform], SALT)

    assert secret not in masked.text
    assert any(secret in found for found in masked.secrets)
    assert masked.text.count("\n") == 3


def test_same_secret_has_the_same_tag_and_another_installation_another() -> None:
    text = "snmp-server community one RO\nsnmp-server community two RO\nsnmp-server community one RW\n"

    first, second, third = mask(text, IOS, SALT).text.splitlines()
    elsewhere = mask(text, IOS, b"of another one").text.splitlines()

    assert re.search("<secret .{4}>", first)[0] == re.search("<secret .{4}>", third)[0]  # type: ignore[index]
    assert first.replace(" RO", "") != second.replace(" RO", "")
    assert elsewhere[0] != first


def test_masking_twice_changes_nothing() -> None:
    once = mask("enable secret 5 abc\n password 7 abc\n", IOS, SALT).text

    assert mask(once, IOS, SALT).text == once


@pytest.fixture
def processor_limit() -> Iterator[None]:
    """Ends a hang in an expression, which pytest's own limit could only digest after it."""
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, 60)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _too_long(*_: object) -> None:
    pytest.fail("an expression needs more than linear time")


HOSTILE = [
    *(
        "\n",
        " ",
        "a",
        '"',
        "-",
        "%",
        "key ",
        "password ",
        "set x ENC ",
        "-----BEGIN RSA PRIVATE KEY-----",
        "username a ",
    ),
    *('set private-key "-----BEGIN A-----\n', "secret=", "password=\\\n", 'password="\\\n', "http://a:", "secret = "),
    *('"$1$', "neighbor x ", "! Last configuration change at ", "add name=", "community ", "lastaction", "auth md5 "),
]


@pytest.mark.usefixtures("processor_limit")
@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_hostile_text_of_megabytes_costs_no_more_than_its_length(name: str) -> None:
    for piece in HOSTILE:
        text = piece * (300_000 // len(piece))

        assert mask(text, PLATFORMS[name], SALT).text.count("\n") == text.count("\n")
        assert comparable(text.encode(), PLATFORMS[name]).endswith("\n")


@pytest.mark.parametrize(
    ("size", "previous", "expected"),
    [(500, 1000, True), (501, 1000, False), (1, None, False), (2000, 1000, False)],
    ids=["half", "a little more", "the first", "grown"],
)
def test_drop_by_half_is_suspect_a8(size: int, previous: int | None, *, expected: bool) -> None:
    assert is_suspect(size, previous) is expected


@pytest.mark.parametrize(
    ("platform", "raw", "expected"),
    [
        ("cisco_ios", b"!\r\n! Last configuration change at 12:00:01 UTC Mon Mar 2 2026 by anna\r\n!", "anna"),
        ("cisco_ios", b"!\r\n! Last configuration change at 12:00:01 UTC Mon Mar 2 2026\r\n!", None),
        ("juniper_junos", b"## Last commit: 2026-03-02 10:00:00 UTC by anna\nsystem {", "anna"),
        ("vyos", b"set system", None),
    ],
    ids=["ios", "ios without a name", "junos", "vyos"],
)
def test_author_is_the_one_the_device_names_v3(platform: str, raw: bytes, expected: str | None) -> None:
    assert author(raw, PLATFORMS[platform]) == expected
