"""What is believed to be a whole configuration, and the many texts that are not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from demo.fleet.configs import Moment, dress, generate_config
from domain.configs.proof import flaw_of
from domain.failures import FailureKind
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    from pathlib import Path

PLATFORMS = load_platforms()
JUDGED = sorted(name for name, platform in PLATFORMS.items() if not platform.files)
NOW = Moment(datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC), "anna")

# In place of a configuration, on any platform.
REFUSALS = [
    "% Permission denied for the role",
    "% Invalid command at '^' marker.",
    "%% Unknown command or computer name, or unable to find computer address",
    "Error: AAA authorization failed",
    "Error: You do not have permission to run the command or the command is incomplete.",
    "TACACS+ authorization error",
    "Command authorization was denied",
    "-vbash: show: command not found",
    "sh: show: not found",
    "/bin/cli: show: Permission denied",
    "Unknown command: show",
    "Invalid input: running-config",
    "Unrecognized command found at '^' position.",
    "You are not authorized to run this command.",
    "User backup is not allowed to execute this.",
    "ERROR: privilege level too low",
    "Access denied",
    "Insufficient access rights",
    "This command is disabled by the administrator.",
    "Command not supported in this mode",
    "Cannot open configuration file",
    "Failed to start the pager",
    "internal error while processing the request",
    "Password:",
    "See you",
]

# The same, but they pass.
PASSING = [
    "Request timed out",
    "Please try again later.",
    "Unable to generate running-config: database is locked",
    "% Cannot access NVRAM: device or resource busy",
]

# Anywhere in a text, on any platform.
HOLES = [
    "----- output stripped -----",
    "[output truncated by the session limit]",
    "*** Configuration omitted ***",
    "Unable to read the running configuration",
    "% Failed to retrieve config of module 3",
    "Configuration database is locked by another session",
    "Traceback (most recent call last):",
    "% Connection lost",
]

OWN_HOLES = [
    ("cisco_ios", "%Error opening nvram:/startup-config (Device or resource busy)"),
    ("cisco_ios", "%% Low on memory; some of it is not shown"),
    ("cisco_nxos", "ERROR: cannot talk to vlan_mgr"),
    ("cisco_nxos", "Syntax error while parsing 'show running-config bgp'"),
    ("arista_eos", "% Internal error: agent Bgp does not answer"),
    ("arista_eos", "% Timed out waiting for Sysdb"),
    ("juniper_junos", "error: communication with mgd failed, timeout"),
    ("juniper_junos", "    login { /* ACCESS-DENIED */ };"),
    ("mikrotik_routeros", '#error exporting "/routing/filter" (timeout)'),
    ("mikrotik_routeros", "# error exporting /ip/firewall/layer7-protocol (std failure: not responding)"),
    ("mikrotik_routeros", "#interrupted"),
    ("mikrotik_routeros", "action timed out - try again, if error continues contact support"),
    ("fortinet_fortios", "Command fail. Return code -3"),
    ("fortinet_fortios", "command parse error before 'firewall'"),
    ("frr", "bgpd is not running"),
    ("frr", "% Can't open configuration file"),
    ("vyos", "vbash: fork: Cannot allocate memory"),
    ("vyos", "Configuration under specified path is empty"),
]


def configuration(name: str) -> str:
    body = generate_config(name, lines=80, seed=5, hostname="lab-7")
    return dress(name, body, now=NOW, changed=NOW, hostname="lab-7").decode()


def in_the_middle(text: str, line: str) -> str:
    """``text`` with ``line`` before one that stands at the left, as every platform's text has them."""
    starts = [match.start() for match in re.finditer(r"^[a-z/]", text, re.MULTILINE)]
    at = starts[len(starts) // 2]
    return f"{text[:at]}{line}\n{text[at:]}"


def judged(text: str, name: str) -> FailureKind | None:
    """What is wrong with ``text``, however its lines end."""
    kinds = {
        flaw.kind if flaw else None
        for end in ("\n", "\r\n", "\r\r\n")
        for flaw in [flaw_of(text.replace("\n", end).encode(), PLATFORMS[name])]
    }
    assert len(kinds) == 1
    return kinds.pop()


@pytest.mark.parametrize("name", JUDGED)
def test_whole_configuration_is_believed(name: str) -> None:
    assert judged(configuration(name), name) is None


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("words", REFUSALS)
def test_words_of_refusal_are_never_a_configuration_and_not_asked_for_again(words: str, name: str) -> None:
    for text in (f"{words}\n", f"\n  {words}\n\n", f"                  ^\n{words}\n", f"Notice of the day\n{words}\n"):
        assert judged(text, name) is FailureKind.COMMAND_REJECTED


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("words", PASSING)
def test_trouble_that_passes_is_no_configuration_and_is_tried_again(words: str, name: str) -> None:
    assert judged(f"{words}\n", name) is FailureKind.INCOMPLETE


@pytest.mark.parametrize("name", JUDGED)
def test_help_of_many_lines_is_never_a_configuration(name: str) -> None:
    text = "Unknown command. Choose one of:\n" + "".join(f"  command-{n}   does something\n" for n in range(60))

    assert judged(text, name) is FailureKind.COMMAND_REJECTED
    assert judged(text.partition("\n")[2], name) is FailureKind.COMMAND_REJECTED


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("words", HOLES)
def test_missing_part_is_seen_in_the_middle_at_the_end_and_alone(words: str, name: str) -> None:
    text = configuration(name)

    assert judged(in_the_middle(text, words), name) is FailureKind.INCOMPLETE
    assert judged(f"{text}{words}\n", name) is FailureKind.INCOMPLETE
    assert judged(f"{words}\n", name)


@pytest.mark.parametrize(("name", "line"), OWN_HOLES)
def test_missing_part_is_seen_in_the_platforms_own_words(name: str, line: str) -> None:
    assert judged(in_the_middle(configuration(name), line), name) is FailureKind.INCOMPLETE


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("other", sorted(PLATFORMS))
def test_text_of_another_platform_is_never_believed(other: str, name: str) -> None:
    if other != name:
        assert judged(configuration(other), name) in {FailureKind.COMMAND_REJECTED, FailureKind.INCOMPLETE}


@pytest.mark.parametrize("name", JUDGED)
def test_frame_without_content_is_never_believed(name: str) -> None:
    lines = configuration(name).splitlines(keepends=True)
    frame = [line for line in lines if line.startswith(("!", "#")) or line.strip() in {"", "end", "}"}]

    assert judged("".join(frame), name) in {FailureKind.COMMAND_REJECTED, FailureKind.INCOMPLETE}


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("nothing", ["", "\n", " \n\n\t\n"])
def test_empty_answer_is_tried_again(nothing: str, name: str) -> None:
    assert judged(nothing, name) is FailureKind.INCOMPLETE


@pytest.mark.parametrize("name", sorted(name for name in JUDGED if PLATFORMS[name].end))
def test_text_without_its_end_marker_is_incomplete(name: str) -> None:
    text = configuration(name).rstrip().rpartition("\n")[0].rpartition("\n")[0]

    assert judged(text + "\n", name) is FailureKind.INCOMPLETE


@pytest.mark.parametrize("name", sorted(name for name in JUDGED if not PLATFORMS[name].end))
def test_text_that_ends_in_words_of_refusal_is_incomplete(name: str) -> None:
    assert judged(f"{configuration(name)}% Invalid input\n", name) is FailureKind.INCOMPLETE


BANNER = "Unable to read the configuration\n% Error is what you get\nPermission denied\nbgpd is not running\n"


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("cisco_ios", f"banner motd ^C\n{BANNER}^C\n"),
        ("cisco_ios", f"banner login #\n{BANNER}#\n"),
        ("cisco_ios", "interface Vlan7\n description permission denied\n"),
        ("cisco_nxos", f"banner motd @\n{BANNER}ERROR: keep out\n@\n"),
        ("arista_eos", f"banner login\n{BANNER}EOF\n"),
        ("frr", "interface eth7\n description command not found\n"),
        ("juniper_junos", 'login-note { message "/* ACCESS-DENIED */ error: timeout"; }\n'),
        ("fortinet_fortios", f'config system replacemsg admin "pre"\n    set buffer "{BANNER}Timeout"\nend\n'),
        ("vyos", "set interfaces ethernet eth7 description 'permission denied'\n"),
        ("mikrotik_routeros", '/ip firewall filter\nadd comment="error exporting \\"/ip\\" (timeout)"\n'),
    ],
)
def test_configuration_may_hold_such_words_where_people_write_them(name: str, block: str) -> None:
    assert judged(in_the_middle(configuration(name), block.rstrip("\n")), name) is None


def test_first_line_of_a_configuration_may_hold_such_words() -> None:
    text = "set interfaces ethernet eth0 description 'not authorized'\n" + configuration("vyos")

    assert judged(text, "vyos") is None


def test_menu_that_this_routeros_does_not_have_is_no_hole() -> None:
    text = configuration("mikrotik_routeros") + '#error exporting "/iot/modbus"\n#error exporting "/app"\n'

    assert judged(text, "mikrotik_routeros") is None


def test_flaw_tells_the_line_that_gave_it_away() -> None:
    line = '#error exporting "/routing/filter" (timeout)'
    hole = flaw_of(in_the_middle(configuration("mikrotik_routeros"), line).encode(), PLATFORMS["mikrotik_routeros"])
    refused = flaw_of(b"\n   ^\n% Incomplete command.\n", PLATFORMS["cisco_ios"])

    assert hole
    assert str(hole) == f"a part is missing: {line}"
    assert refused
    assert str(refused) == "the device answered: % Incomplete command."


OWN = "title: Acme\nprompt: '^acme[>#] ?$'\nconfig: [show all]\n"


@pytest.mark.parametrize("words", [*REFUSALS, *PASSING, *HOLES, "a\nb\nc"])
def test_platform_of_the_users_own_inherits_what_is_no_configuration(tmp_path: Path, words: str) -> None:
    (tmp_path / "acme.yaml").write_text(OWN)
    acme = load_platforms(tmp_path)["acme"]

    assert flaw_of(f"{words}\n".encode(), acme)
    assert flaw_of(b"name one\nport 1\nport 2\nport 3\n", acme) is None


def test_platform_of_the_users_own_says_how_short_a_configuration_may_be_and_what_it_must_hold(tmp_path: Path) -> None:
    (tmp_path / "pdu.yaml").write_text(OWN + "shortest: 1\n")
    (tmp_path / "ups.yaml").write_text(OWN + "must: ['^model ', '^serial ']\nshortest: 2\n")
    platforms = load_platforms(tmp_path)

    assert flaw_of(b"outlet 1 on\n", platforms["pdu"]) is None
    assert flaw_of(b"model x\nserial 7\n", platforms["ups"]) is None
    assert flaw_of(b"model x\nload 7\nbattery 2\nport 3\n", platforms["ups"])
    assert flaw_of(b"model x\n! serial\n", platforms["ups"])
    (tmp_path / "rack.yaml").write_text(OWN + "must: ['^model ']\n")
    assert flaw_of(b"model x\nport 1\nport 2\n", load_platforms(tmp_path)["rack"])


@pytest.mark.parametrize(
    "piece",
    [
        "banner a ",
        "banner motd ^C\n% Error\n^C\n",
        '"',
        "banner motd ^C\n% Error\n",
        "% Error",
        "error: ",
        "-",
        "#",
        "\n",
        "a b: ",
    ],
)
@pytest.mark.parametrize("name", JUDGED)
def test_hostile_text_is_judged_in_the_time_of_its_length(name: str, piece: str) -> None:
    text = f"{configuration(name)}{piece * (200_000 // len(piece))}"

    flaw_of(text.encode(), PLATFORMS[name])


def test_small_configuration_is_believed_although_it_says_login_t6() -> None:
    ports = "".join(f"interface Ethernet{port}\r\n no ip address\r\n!\r\n" for port in range(3))
    text = f"version 15.2\r\nhostname lab\r\n!\r\n{ports}line vty 0 4\r\n login\r\n!\r\nend\r\n"

    assert flaw_of(text.encode(), PLATFORMS["cisco_ios"]) is None
