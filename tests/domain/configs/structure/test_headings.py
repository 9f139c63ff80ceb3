"""Row D8: each hunk is headed by the real parents of its first changed line, on every platform."""

from __future__ import annotations

import pytest

from domain.configs.structure.kinds import Structure
from notifications.previews import ConfigDiff
from runners.platforms.reading import load_platforms
from tests.domain.configs.structure.expected import HEADINGS
from tests.domain.configs.structure.samples import IOS

PLATFORMS = load_platforms()
ROWS = [
    pytest.param(name, text, piece, heading, id=f"{name}: {piece}")
    for name, (text, headings) in HEADINGS.items()
    for piece, heading in headings.items()
]


def structure_of(name: str) -> Structure:
    platform = PLATFORMS.get(name)
    return platform.structure if platform else Structure(name)


def headings(before: str, after: str, structure: Structure) -> list[str]:
    """What stands behind the ranges of each hunk."""
    picture = ConfigDiff.of(before, after, structure).text
    return [line.split(" @@", 1)[1].strip() for line in picture.split("\n") if line.startswith("@@ ")]


@pytest.mark.parametrize(("name", "text", "piece", "heading"), ROWS)
def test_d8_changed_line_is_headed_by_its_real_parents(name: str, text: str, piece: str, heading: str) -> None:
    line = next(line for line in text.split("\n") if piece in line)

    changed = headings(text, text.replace(line, f"{line}7", 1), structure_of(name))
    removed = headings(text, text.replace(f"{line}\n", "", 1), structure_of(name))

    assert changed == [heading]
    assert removed == [heading]


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_d8_every_built_in_platform_has_a_row(name: str) -> None:
    assert name in HEADINGS


def test_d8_each_hunk_has_a_heading_of_its_own() -> None:
    after = IOS.replace("to the lab", "to the roof").replace("fair-queue", "fair-queue 9").replace("input ssh", "input")

    assert headings(IOS, after, Structure.INDENT) == [
        "interface GigabitEthernet0/1",
        "policy-map QOS › class class-default",
        "line vty 0 4",
    ]


def test_d8_remarks_and_empty_lines_lend_no_heading_to_what_follows_them() -> None:
    before = "interface A\n mtu 1\n!\nline vty 0\n length 0\n"
    after = before.replace(" length 0\n", " !\n\n length 0\n exec-timeout 5\n")

    assert headings(before, after, Structure.INDENT) == ["line vty 0"]


def test_d8_added_block_is_not_headed_by_the_one_above_it() -> None:
    before = "interface A\n mtu 1500\n!\ninterface C\n mtu 1500\n!\n"
    after = "interface A\n mtu 1500\n!\ninterface B\n mtu 1500\n!\ninterface C\n mtu 1500\n!\n"

    picture = ConfigDiff.of(before, after, Structure.INDENT).text

    assert "+interface B\n+ mtu 1500\n+!\n" in picture
    assert headings(before, after, Structure.INDENT) == [""]


def test_d8_names_of_many_and_of_endless_parents_are_cut() -> None:
    blocks = "".join(f"{' ' * depth}level {depth} {'x' * 300}\n" for depth in range(40))

    [heading] = headings(blocks + " " * 40 + "a\n", blocks + " " * 40 + "b\n", Structure.INDENT)

    assert heading.startswith("level 0 xxx")
    assert " › … › " in heading
    assert "level 39 xxx" in heading
    assert len(heading) <= 200


@pytest.mark.parametrize("control", ["\r", "\x0b", "\u2028", "\x85"])
def test_d8_parent_with_line_ends_of_other_kinds_stays_on_one_line(control: str) -> None:
    before = f"interface A{control}B\n mtu 1\n"

    picture = ConfigDiff.of(before, before.replace("mtu 1", "mtu 2"), Structure.INDENT).text

    assert picture.splitlines()[0] == "@@ -1,2 +1,2 @@ interface A B"
