"""The picture of a change: headings, moves and changed words explain it and alter nothing of it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.configs.masking import mask
from domain.configs.structure.kinds import Structure
from domain.configs.structure.pictures import changed_lines
from notifications.previews import ConfigDiff
from runners.platforms.reading import load_platforms
from runners.results.evaluation import count_changes
from storage.archive.diffs import diff_texts
from tests.domain.configs.secrets.secret_lines import read_catalogue
from tests.domain.configs.structure.expected import HEADINGS
from tests.domain.configs.structure.samples import IOS

PLATFORMS = load_platforms()
SALT = b"of this installation"
MOVED = re.compile(r"moved: .*")
LINE = st.sampled_from(
    [
        *(
            "interface A",
            " mtu 9000",
            " description to the lab",
            "!",
            "",
            "line vty 0",
            "set system ntp 1",
            "/ip address",
        ),
        *("x {", "}", "edit 7", "next", "@@ -1 +1 @@", "--- a", "\\ odd"),
        *("vlan " + ",".join(map(str, range(first, first + 60))) for first in (0, 3)),
    ]
)
TEXT = st.lists(LINE, max_size=25).map(lambda lines: "".join(f"{line}\n" for line in lines))


def notes(picture: str) -> list[str]:
    """What is said of moves."""
    return [found[0] for found in map(MOVED.search, picture.split("\n")) if found]


def bare(picture: str) -> str:
    """A picture without anything that explains it."""
    lines = [line for line in picture.split("\n") if not line.startswith("\\ in it: ")]
    return "\n".join(re.sub(r"^(@@ \S+ \S+ @@).*", r"\1", line) for line in lines)


@settings(max_examples=300)
@given(before=TEXT, after=TEXT, structure=st.sampled_from(Structure))
def test_d8_shown_lines_are_all_changed_lines_in_their_order(before: str, after: str, structure: Structure) -> None:
    plain = diff_texts(before, after)

    found = ConfigDiff.of(before, after, structure)

    assert bare(found.text) == plain.text
    assert changed_lines(found.text) == changed_lines(plain.text)
    assert (found.added, found.removed) == (plain.added, plain.removed)
    at_a_glance = changed_lines(found.glance)
    assert at_a_glance == changed_lines(plain.text)[: len(at_a_glance)]
    assert min(1, len(changed_lines(plain.text))) <= len(at_a_glance) <= 8


@given(before=TEXT, after=TEXT)
def test_d8_structure_of_a_platform_never_decides_what_a_change_is(before: str, after: str) -> None:
    platforms = [replace(PLATFORMS["cisco_ios"], structure=structure) for structure in Structure]

    counts = {count_changes(before.encode(), after.encode(), platform) for platform in platforms}

    assert len(counts) == 1


ACL = "ip access-list extended LAB\n" + "".join(f" permit tcp any any eq {port}\n" for port in range(7001, 7030))


def test_d8_lines_of_a_list_that_changed_places_are_told_as_moved() -> None:
    two, three = (f" permit tcp any any eq {port}\n" for port in (7002, 7003))

    [told] = notes(ConfigDiff.of(ACL, ACL.replace(two + three, three + two), Structure.INDENT).text)

    assert re.fullmatch(r"moved: 1 line from below permit tcp any any eq 700[123]", told)


def test_d8_block_that_stands_elsewhere_is_told_as_moved_at_both_places() -> None:
    block = "interface GigabitEthernet0/2\n no ip address\n service-policy input QOS\n!\n"
    after = IOS.replace(block, "").replace("line vty 0 4\n", block + "line vty 0 4\n")

    picture = ConfigDiff.of(IOS, after, Structure.INDENT).text

    assert notes(picture) == [
        "moved: 4 lines to below banner exec #one line only#",
        "moved: 4 lines from below interface GigabitEthernet0/1",
    ]


def test_d8_what_moved_from_the_beginning_and_with_others_is_said_so() -> None:
    blocks = {name: f"vlan {name}\n name group {name}\n!\n" for name in ("1007", "1008", "1009", "1010")}
    filler = "".join(f"ip route 192.0.2.{number} 255.255.255.255 Null0\n" for number in range(9))
    before = blocks["1007"] + filler + blocks["1008"] + filler + blocks["1009"] + blocks["1010"]
    after = filler + filler + blocks["1009"] + blocks["1010"] + blocks["1007"] + blocks["1008"]

    told = notes(ConfigDiff.of(before, after, Structure.INDENT).text)

    assert told[0].endswith("to below vlan 1010")
    assert told[-1] == "moved: 3 lines from the top and 1 more block"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("interface A\n mtu 9000\n!\nline 1\n!\ninterface B\n!\n",
                     "interface A\n!\nline 1\n!\ninterface B\n mtu 9000\n!\n", id="one line of another block"),
        pytest.param("a a a\n!\nb b b\n", "b b b\n!\n!\na\n", id="nothing that tells"),
        pytest.param("vlan 1007\nvlan 1007\nx\n", "x\nvlan 1007\nvlan 1007\n", id="lines that stand there twice"),
    ],
)  # fmt: skip
def test_d8_lines_that_only_read_the_same_did_not_move(before: str, after: str) -> None:
    assert notes(ConfigDiff.of(before, after, Structure.INDENT).text) == []


VLANS = "interface A\n switchport trunk allowed vlan " + ",".join(map(str, range(100, 160))) + "\n mtu 9000\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(",131,", ",131,1131,", "…,126,127,128,129,130,131{+,1131+},132,133,134,135,136,137…", id="more"),
        pytest.param(",131,", ",", "…,125,126,127,128,129,130[-,131-],132,133,134,135,136,137…", id="less"),
        pytest.param(",131,", ",7,", "…,125,126,127,128,129,130[-,131-]{+,7+},132,133,134,135,136,137…", id="other"),
        pytest.param(",159", ",159,2159", "…,154,155,156,157,158,159{+,2159+}", id="at the end"),
        pytest.param(
            ",101,", ",4,", "switchport trunk allowed vlan 100[-,101-]{+,4+},102,103,104,105,106,107…", id="start"
        ),
    ],
)
def test_d8_long_line_shows_what_in_it_changed(old: str, new: str, told: str) -> None:
    picture = ConfigDiff.of(VLANS, VLANS.replace(old, new, 1), Structure.INDENT).text

    [shown] = [line for line in picture.split("\n") if line.startswith("\\ ")]
    assert shown == f"\\ in it: {told}"
    assert picture.split("\n").index(shown) == 4  # below the line that it explains


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("vlan 1,2,3\n", "vlan 1,2\n", id="short"),
        pytest.param("a " * 90 + "\n", "b " * 90 + "\n", id="all of it"),
        pytest.param("a" * 30_000 + " b\n", "a" * 30_000 + " c\n", id="endless"),
        pytest.param("", VLANS, id="new"),
    ],
)
def test_d8_other_lines_are_left_alone(before: str, after: str) -> None:
    assert "\n\\ " not in ConfigDiff.of(before, after, Structure.INDENT).text


def test_d8_long_line_is_found_among_more_lines_than_there_were() -> None:
    after = VLANS.replace(",131,", ",7,").replace(" switchport", " description floor 7\n switchport")

    assert "[-,131-]{+,7+}" in ConfigDiff.of(VLANS, after, Structure.INDENT).text


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(PLATFORMS)))
def test_d8_no_secret_of_the_catalogue_is_readable_in_a_picture(data: st.DataObject, name: str) -> None:
    platform = PLATFORMS[name]
    entries = [entry for entry in read_catalogue() if entry.platform == name and entry.has_secrets]
    chosen = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=6))
    numbers = count()
    filled = [[entry.filled(lambda: f"Inv{next(numbers)}Zq7x9Kw") for entry in chosen] for _ in range(2)]
    texts = ["".join(f"{text}\n{'ordinary words ' * 9}{at}\n" for at, (text, _) in enumerate(one)) for one in filled]
    masked = [mask(text, platform, SALT).text for text in texts]

    picture = ConfigDiff.of(masked[0], masked[1], platform.structure)

    secrets = {secret for one in filled for _, made in one for secret in made}
    hidden = [secret for secret in secrets if secret not in masked[0] + masked[1]]
    assert hidden
    assert [secret for secret in hidden if secret in picture.text + picture.glance + picture.subjects] == []


def test_d8_tag_of_a_secret_stays_whole_among_changed_words() -> None:
    before = "add " + "name=lab-7 " * 12 + "key=<secret 1a2b>\n"

    picture = ConfigDiff.of(before, before.replace("1a2b", "9f04"), Structure.MENUS).text

    assert "key[-=<secret 1a2b>-]{+=<secret 9f04>+}" in picture


@pytest.mark.parametrize("name", sorted(HEADINGS))
def test_hostile_changes_are_explained_in_one_walk(name: str) -> None:
    lines = [*HEADINGS[name][0].split("\n"), *(f"line number {number} of many" for number in range(30_000))]
    turned = [line for start in range(0, len(lines), 12) for line in lines[start : start + 12][::-1]]
    structure = PLATFORMS[name].structure if name in PLATFORMS else Structure(name)

    found = ConfigDiff.of("\n".join(lines), "\n".join(turned), structure)

    assert len(changed_lines(found.text)) == found.added + found.removed > len(lines)
