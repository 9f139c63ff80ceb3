"""Properties of outlines: what was nested when a text was written is found nested, and no text takes forever."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.configs.structure.kinds import Structure
from domain.configs.structure.outlines import Outline, says_something

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = 1_000_000  # characters: what grows with the square of it would meet the limit of the whole test


@dataclass
class Written:
    """A text, and the parent that each of its lines was given when it was written."""

    lines: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)

    def add(self, line: str, parent: int) -> int:
        """Write one more line below ``parent``; returns its number."""
        self.lines.append(line)
        self.parents.append(parent)
        return len(self.lines) - 1


Tree = tuple[str, list["Tree"]]
NAMES = st.sampled_from(["vlan 7", "lab", "permit ip any any", 'text "a {" b', "name x;", "ein Wort", "{ x", "set x"])
TREES: st.SearchStrategy[list[Tree]] = st.recursive(
    st.lists(st.tuples(NAMES, st.just([])), max_size=3),
    lambda children: st.lists(st.tuples(NAMES, children), max_size=4),
    max_leaves=30,
)


def indented(trees: list[Tree], written: Written, parent: int = -1, depth: int = 0) -> None:
    for name, children in trees:
        index = written.add(" " * depth + name, parent)
        indented(children, written, index, depth + 1 + len(name) % 3)


def braced(trees: list[Tree], written: Written, parent: int = -1, depth: int = 0) -> None:
    for name, children in trees:
        index = written.add(f"{' ' * depth}{name}{' {' if children else ''}", parent)
        if children:
            braced(children, written, index, depth + 4)
            written.add(" " * depth + "}", index)


def edited(trees: list[Tree], written: Written, parent: int = -1, depth: int = 0) -> None:
    for name, children in trees:
        if not children:
            written.add(f"{' ' * depth}set {name}", parent)
            continue
        index = written.add(f"{' ' * depth}config {name}", parent)
        entry = written.add(f"{' ' * depth}edit {name}", index)
        edited(children, written, entry, depth + 4)
        if len(children) % 2:
            written.add(" " * depth + "next", entry)
        written.add(" " * depth + "end", index)


def in_menus(trees: list[Tree], written: Written) -> None:
    for name, children in trees:
        menu = written.add(f"/ip {'pool' if len(name) % 2 else 'firewall filter'}", -1)
        for child, further in children:
            words = [f"add {child}", *(f"    {word}" for word, _ in further)]
            command = written.add(words[0] + " \\" * bool(further), menu)
            for word in words[1:-1]:
                written.add(word + " \\", command)
            if further:
                written.add(words[-1], command)


WRITERS = {
    Structure.INDENT: indented,
    Structure.BRACES: braced,
    Structure.CONFIG_EDIT: edited,
    Structure.MENUS: in_menus,
    Structure.FILES: indented,
}


@pytest.mark.parametrize(("structure", "write"), WRITERS.items())
@given(trees=TREES)
def test_what_was_nested_is_found_nested(
    structure: Structure, write: Callable[[list[Tree], Written], None], trees: list[Tree]
) -> None:
    written = Written()
    write(trees, written)

    outline = Outline.of("".join(f"{line}\n" for line in written.lines), structure)

    assert list(outline.above[:-1]) == written.parents


LINES = st.lists(
    st.sampled_from(
        [
            *("a", " a", "  a", "\ta", "!", " !", "", "# x", "#", "a {", "  b {", "}", "} else {", "/*", "/* {", " */"),
            *("config x", "edit y", "next", "end", "  end", 'set a "x', 'y"', "set a b c", "set a b d", "[x]"),
            *("/ip address", "/ip a add b=c", "add a=b \\", "banner motd ^C", "^C", "banner login", "EOF"),
            *("# ==== /etc/x ====", "menu x title #"),
        ]
    ),
    max_size=40,
)
PIECES = [
    *(
        "x {\n",
        "}\n",
        "/* x\n",
        "config x\nedit y\n",
        'set a "\n',
        'set "a" "\n',
        "/a\\\n",
        "banner motd\n",
        "[x]\n y\n",
    ),
    *("# ==== x ====\n", "!\n", "\n", "x", "set a b\n", "banner motd #\n"),
]


@given(lines=LINES, structure=st.sampled_from(Structure))
def test_parents_come_before_their_lines_and_enclose_them(lines: list[str], structure: Structure) -> None:
    outline = Outline.of("\n".join(lines), structure)

    assert len(outline.above) == len(outline.lines)
    for index in range(len(lines)):
        parents = outline.parents(index)
        assert parents == sorted(set(parents))
        assert all(parent < index for parent in parents)
        for parent in parents:
            between = [other for other in range(parent + 1, index) if says_something(lines[other])]
            assert all(parent in outline.parents(other) for other in between)


@given(lines=LINES, structure=st.sampled_from(Structure))
def test_sibling_stands_before_in_the_same_block(lines: list[str], structure: Structure) -> None:
    outline = Outline.of("\n".join(lines), structure)

    for index in range(len(lines)):
        beside = outline.sibling(index)
        assert beside < index
        assert beside == -1 or outline.above[beside] == outline.above[index]
        assert beside == -1 or says_something(lines[beside])


WORDS = st.lists(st.sampled_from(["a", "b", "'a b'", '"c d"', "<secret 1a2b>", "'", "x;"]), max_size=5)


@given(paths=st.lists(WORDS, min_size=1, max_size=6))
def test_path_of_a_set_line_begins_the_line_itself_and_leaves_something_of_it(paths: list[list[str]]) -> None:
    lines = [" ".join(["set", *path]) for path in paths]
    outline = Outline.of("\n".join(lines), Structure.SET_LINES)

    for index, line in enumerate(lines):
        for path in outline.titles(index):
            assert f"{line} ".startswith(f"set {path} ")
            assert len(path) < len(line) - len("set ")


@pytest.mark.parametrize("structure", Structure)
@pytest.mark.parametrize("piece", PIECES)
def test_hostile_texts_are_walked_through_once_and_nest_no_deeper_than_is_told_apart(
    structure: Structure, piece: str
) -> None:
    text = piece * (LONG // len(piece))

    outline = Outline.of(text, structure)

    assert len(outline.above) == text.count("\n") + 1
    assert len(outline.parents(len(outline.above) - 1)) <= 70


def test_banners_with_marks_of_their_own_and_deep_blanks_are_walked_through_once() -> None:
    banners = "".join(f"banner motd {chr(0x4E00 + number % 20_000)}\n" for number in range(LONG // 14))
    deep = "".join(" " * (number % 5_000) + "x\n" for number in range(2_000))

    for text in (banners, deep):
        outline = Outline.of(text, Structure.INDENT)
        assert len(outline.parents(len(outline.above) - 2)) <= 70
