"""What the post of a run shows of its change: whole hunks first, eight lines at most."""

from __future__ import annotations

import pytest

from notifications.pages.configs import Glance
from notifications.previews import ConfigDiff


def lines(first: int, count: int) -> str:
    """Lines of an interface, one for each number."""
    return "".join(f" line {number}\n" for number in range(first, first + count))


def shown(before: str, after: str) -> list[str]:
    """What a glance at a change shows, line by line."""
    return Glance.of(ConfigDiff.of(before, after), shows_config=True).text.split("\n")


TEXT = f"interface A\n{lines(100, 9)}!\ninterface B\n{lines(200, 9)}!\ninterface C\n{lines(300, 9)}!\n"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param({" line 104\n": " line x\n"}, ["@@ interface A", "- line 104", "+ line x"], id="one line"),
        pytest.param(
            {" line 104\n": "", " line 204\n": "", "interface C\n": "interface D\n"},
            ["@@ interface A", "- line 104", "@@ interface B", "- line 204", "@@", "-interface C", "+interface D"],
            id="all of three, two in one hunk",
        ),
        pytest.param(
            {" line 104\n": "", " line 204\n": lines(900, 7)},
            ["@@ interface A", "- line 104"],
            id="the second would be torn",
        ),
        pytest.param(
            {" line 104\n": lines(900, 20)},
            ["@@ interface A", "- line 104", *(f"+ line {n}" for n in range(900, 907))],
            id="the first is too long",
        ),
    ],
)
def test_d8_first_changed_lines_are_shown_under_their_headings(edits: dict[str, str], expected: list[str]) -> None:
    after = TEXT
    for old, new in edits.items():
        after = after.replace(old, new)

    assert shown(TEXT, after) == expected


def test_d8_endless_lines_leave_room_for_the_others() -> None:
    found = shown("a\n", "banner " + "x" * 9_000 + "\nb\n")

    assert len(found[1]) <= 301
    assert found[2] == "+b"


def test_d8_without_leave_only_the_kind_of_change_is_told() -> None:
    change = ConfigDiff.of(TEXT, TEXT.replace("line 104", "line x"))

    assert Glance.of(change, shows_config=False) == Glance("Changed: 1 interface.", "")
    assert Glance.of(ConfigDiff("", 0, 0), shows_config=True) == Glance("", "")
