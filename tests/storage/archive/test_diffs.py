"""Diffs of texts, and names of files."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.archive.diffs import diff_texts
from storage.archive.files import file_of


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
@example("a.b", "a%2Eb")
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_names_of_files_are_safe_and_never_shared(one: str, other: str) -> None:
    folder, name = file_of(one)

    assert set(folder) <= set("0123456789abcdef")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_%")
    assert 1 <= len(name) <= 200
    assert (file_of(one) == file_of(other)) == (one == other)


@pytest.mark.parametrize(
    ("before", "after", "text", "added", "removed"),
    [
        pytest.param("a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", 1, 1, id="a line moved"),
        pytest.param("a\n", "a\n", "", 0, 0, id="equal"),
        pytest.param("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n", 2, 0, id="all new"),
        pytest.param("ü\n", "\ud800\n", "@@ -1 +1 @@\n-ü\n+?\n", 1, 1, id="half a pair"),
        pytest.param("\0\n", "\0\0\n", "@@ -1 +1 @@\n-\0\n+\0\0\n", 1, 1, id="NUL"),
        pytest.param("--- x\n", "@@ x\n", "@@ -1 +1 @@\n---- x\n+@@ x\n", 1, 1, id="lines like headers"),
        pytest.param(
            "interface A\n1\n2\n3\n4\n", "interface A\n1\n2\n3\n5\n",
            "@@ -2,4 +2,4 @@\n 1\n 2\n 3\n-4\n+5\n", 1, 1, id="nothing guessed from the line above",
        ),
        pytest.param(
            "a\n b\n!\nc\n b\n!\n", "a\n b\n!\nx\n b\n!\nc\n b\n!\n",
            "@@ -1,6 +1,9 @@\n a\n  b\n !\n+x\n+ b\n+!\n c\n  b\n !\n", 3, 0, id="a block is added whole",
        ),
    ],
)  # fmt: skip
def test_diffs_have_hunks_and_counts_but_no_headers(
    before: str, after: str, text: str, added: int, removed: int
) -> None:
    diff = diff_texts(before, after)

    assert (diff.text, diff.added, diff.removed) == (text, added, removed)


def test_a_diff_keeps_as_much_around_a_change_as_is_asked() -> None:
    before = "".join(f"{number}\n" for number in range(9))

    diff = diff_texts(before, before.replace("4", "four"), context=1)

    assert diff.text == "@@ -4,3 +4,3 @@\n 3\n-4\n+four\n 5\n"
