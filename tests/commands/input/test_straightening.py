"""What people see is what is read: whatever looks the same is the same, and what nobody sees is not there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.input.quoting import loose, split_words
from commands.input.straightening import straighten

UNSEEN = {
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "left to right mark": "\u200e",
    "arabic letter mark": "\u061c",
    "right to left override": "\u202e",
    "isolate": "\u2066",
    "pop isolate": "\u2069",
    "variation selector": "\ufe0f",
    "late variation selector": "\U000e0101",
    "mongolian variation selector": "\u180b",
    "mongolian vowel separator": "\u180e",
    "grapheme joiner": "\u034f",
    "hangul filler": "\u3164",
    "half-width hangul filler": "\uffa0",
    "khmer inherent vowel": "\u17b4",
    "tag": "\U000e0041",
    "musical sign that begins a beam": "\U0001d173",
    "shorthand mark": "\U0001bca0",
    "braille blank": "\u2800",
    "object": "\ufffc",
    "half a pair": "\ud83d",
    "null": "\x00",
    "escape": "\x1b",
}
ALIKE = {
    "en dash": ("1\u20135", "1-5"),
    "minus": ("1\u22125", "1-5"),
    "full-width dash": ("1\uff0d5", "1-5"),
    "full-width time": ("\uff10\uff12\uff1a\uff10\uff10", "02:00"),
    "full-width cron": ("\uff0a\uff0f15", "*/15"),
    "ideographic blank": ("now\u3000core", "now core"),
    "ideographic comma": ("tue\u3001thu", "tue,thu"),
    "arabic digits": ("\u0660\u0662:\u0660\u0660", "02:00"),
    "arabic comma": ("tue\u060cthu", "tue,thu"),
    "devanagari digits": ("\u0967\u0968", "12"),
    "quotes of Berlin": ("\u201eKern 1\u201c", '"Kern 1"'),
    "quotes of Paris": ("\u00abc\u0153ur\u00bb", '"c\u0153ur"'),
    "acute for an apostrophe": ("o\u00b4brien", "o'brien"),
    "ratio for a colon": ("02\u223600", "02:00"),
    "asterisk operator": ("0 2 \u2217 \u2217 1-5", "0 2 * * 1-5"),
    "letter and its accent apart": ("M\u0075\u0308nchen", "M\u00fcnchen"),
    "blank of no width to break": ("a\u202fb", "a b"),
}
PLAIN = {"long vowel": "\u30b5\u30fc\u30d0", "persian": "\u0633\u0648\u06cc\u06cc\u0686", "lines": "a\nb\tc"}


@pytest.mark.parametrize("mark", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_sees_is_no_part_of_a_word(mark: str) -> None:
    assert straighten(f"{mark}no{mark}w{mark}") == "now"
    assert split_words(f"no{mark}w core{mark}-sw1 {mark} x") == ("now", "core-sw1", "x")
    assert loose(f"Plant{mark} A{mark}") == "plant a"


@pytest.mark.parametrize(("typed", "plain"), ALIKE.values(), ids=ALIKE)
def test_what_looks_alike_is_alike(typed: str, plain: str) -> None:
    assert straighten(typed) == plain


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_is_plain_in_its_script_stays(text: str) -> None:
    assert straighten(text) == text


@given(st.text())
def test_straightening_is_done_after_once_and_leaves_nothing_unseen(text: str) -> None:
    straight = straighten(text)

    assert straighten(straight) == straight
    hidden = [one for one in straight if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} and one not in "\n\t\r"]
    assert not hidden
    assert not [one for one in straight if unicodedata.category(one) == "Zs" and one != " "]


WHOLE = {
    "code": "`now core-sw1`",
    "code on lines of its own": "```\nnow core-sw1\n```",
    "bold": "*now core-sw1*",
    "italics": "_now core-sw1_",
    "bold code": "*`now core-sw1`*",
    "struck through": "~now core-sw1~",
    "quoted": "&gt; now core-sw1",
    "one word bold": "now *core-sw1*",
    "one word code": "`now` core-sw1",
    "each bold": "*now* *core-sw1*",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_how_text_is_set_is_no_part_of_it(text: str) -> None:
    assert split_words(text) == ("now", "core-sw1")


CRON = ["cron * * * * *", "cron */15 * * * 1-5", "cron 0 2 *&#x2F;2 * *".replace("&#x2F;", "/"), 'add x "0 * * * *"']


@pytest.mark.parametrize("text", CRON)
def test_asterisks_of_a_cron_line_are_no_bold(text: str) -> None:
    assert " ".join(split_words(text)) == text.replace('"', "")
