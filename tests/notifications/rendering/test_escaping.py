"""Text of people and devices: shown as it is, doing nothing, and cut where that does no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rendering.escaping import advice, code, cut, escape, length, mrkdwn, one_line, plain, printable

WOMAN_AND_GIRL = "\U0001f469\u200d\U0001f467"  # one picture of three characters


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("abc", 3), ("ü", 1), ("\uffff", 1), ("\U00010000", 2), ("a🟢b", 4), (WOMAN_AND_GIRL, 5)],
)
def test_what_lies_outside_the_basic_plane_counts_twice(text: str, count: int) -> None:
    assert length(text) == count


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("a\x00\x1b[31mb\x7f", "a[31mb"),
        ("half \ud83d of one", "half \ufffd of one"),
        (f"{WOMAN_AND_GIRL} stays", f"{WOMAN_AND_GIRL} stays"),
    ],
)
def test_line_ends_are_one_kind_and_what_cannot_be_shown_is_gone(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_one_line_has_single_blanks_and_none_at_its_ends() -> None:
    assert one_line("  a \n\n b\tc ") == plain("  a \n\n b\tc ") == "a b c"
    assert plain(12) == "12"


def test_the_three_signs_of_markup_are_escaped_once() -> None:
    assert escape("a < b > c & d &lt;") == "a &lt; b &gt; c &amp; d &amp;lt;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("core_sw1", "core_sw1"),
        ("_core_", "\u02cdcore\u02cd"),
        ("__x y__", "\u02cd\u02cdx y\u02cd\u02cd"),
        ("a _b_ c", "a \u02cdb\u02cd c"),
        ("*b* ~s~ `c`", "\u2217b\u2217 \u223cs\u223c \u02cbc\u02cb"),
        (":smile:", "\u2236smile\u2236"),
        (":SMILE:", "\u2236SMILE\u2236"),
        ("12:30:45", "12:30:45"),
        ("fe80::1:abc:2", "fe80::1:abc:2"),
        ("<!channel>", "&lt;!channel&gt;"),
        (5, "5"),
    ],
)
def test_text_of_others_is_shown_and_formats_nothing(text: object, shown: str) -> None:
    assert mrkdwn(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("a`b", "`a\u02cbb`"), ("", "` `"), (" \n ", "` `"), ("<a>", "`&lt;a&gt;`")]
)
def test_inline_code_is_never_empty_and_never_ends_early(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Try `/backup now` again.", "Try `/backup now` again."),
        ("`a` and `b`", "`a` and `b`"),
        ("an `odd one", "an \u02cbodd one"),
        ("empty `` code", "empty  code"),
        ("`*` is *no* name", "`*` is \u2217no\u2217 name"),
        ("x `<!channel>` <!here>", "x `&lt;!channel&gt;` &lt;!here&gt;"),
        ("two\nlines `a`", "two\nlines `a`"),
        ("", ""),
        (" ", " "),
        ("`a`  ", "`a` "),
        ("x", "x"),
    ],
)
def test_advice_keeps_its_code_and_nothing_else_of_markup(text: str, shown: str) -> None:
    assert advice(text) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        pytest.param("abcdef", 6, "abcdef", id="just as long"),
        pytest.param("abcdefg", 6, "abcd…", id="one too long: room for the sign and a backtick"),
        pytest.param("ab cdefg", 5, "ab…", id="no blank before the sign"),
        pytest.param("a&amp;b&lt;c", 9, "a&amp;b…", id="an entity stays whole"),
        pytest.param("a<@U1|x>b&", 9, "a…", id="and so does a mention"),
        pytest.param("`abcdefgh`", 8, "`abcde`…", id="code is closed"),
        pytest.param("`ab` cdefgh", 9, "`ab` cd…", id="closed code is left alone"),
        pytest.param("abe\u0301fgh", 5, "ab…", id="an accent keeps its letter"),
        pytest.param("abcde\u0301", 5, "abc…", id="a letter before one that had to go"),
        pytest.param("🟢🟢🟢🟢", 7, "🟢🟢…", id="counted twice"),
        pytest.param("🟢🟢🟢", 6, "🟢🟢🟢", id="counted twice, just as long"),
        pytest.param("🟢🟢🟢", 5, "🟢…", id="fewer characters than the limit, and too long"),
        pytest.param("e\u0301\u0301\u0301\u0301", 4, "…", id="nothing whole is left"),
        pytest.param("a" + WOMAN_AND_GIRL + "b", 6, "a…", id="a picture of several"),
    ],
)
def test_text_is_cut_only_between_things_that_are_whole(text: str, most: int, shown: str) -> None:
    assert cut(text, most) == shown


@given(st.text(max_size=60), st.integers(2, 70))
def test_a_cut_text_begins_as_the_whole_one_and_is_cut_only_if_it_must_be(text: str, most: int) -> None:
    done = cut(text, most)

    assert length(done) <= most
    assert done == text if length(text) <= most else text.startswith(done.removesuffix("…").removesuffix("`"))
