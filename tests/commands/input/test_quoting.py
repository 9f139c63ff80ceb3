"""How command lines are read, and written so that they are read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.input.quoting import MAX_TEXT, action_words, loose, quote, shown, split_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("  now \t core-sw1 ", ("now", "core-sw1"), id="blanks around"),
        pytest.param('now "Core Switch 1"', ("now", "Core Switch 1"), id="quoted name"),
        pytest.param("now 'Core Switch 1'", ("now", "Core Switch 1"), id="single quotes"),
        pytest.param("now \u201cCore Switch\u201d", ("now", "Core Switch"), id="quotes from a phone"),
        pytest.param("now core\u2013sw1", ("now", "core-sw1"), id="dash from a phone"),
        pytest.param("now `core-sw1`", ("now", "core-sw1"), id="copied with its code marks"),
        pytest.param("now o'brien's", ("now", "o'brien's"), id="apostrophes inside"),
        pytest.param('now "core', ("now", '"core'), id="quote left open"),
        pytest.param('now ""', ("now", ""), id="empty quotes"),
        pytest.param("now R&amp;D &lt;x&gt;", ("now", "R&D", "<x>"), id="Slack's escapes"),
        pytest.param("now &amp;lt;", ("now", "&lt;"), id="escaped once only"),
        pytest.param("devices <#C0PLANTA|plant-a>", ("devices", "<#C0PLANTA>"), id="channel"),
        pytest.param("history <@U0OPER|anna>", ("history", "<@U0OPER>"), id="person"),
        pytest.param("now <http://sw1.lan|sw1.lan>", ("now", "sw1.lan"), id="name that Slack made a link"),
        pytest.param("now <http://10.0.0.1>", ("now", "http://10.0.0.1"), id="link without label"),
        pytest.param("diff sw 3\u20265", ("diff", "sw", "3...5"), id="dots that a phone joined"),
    ],
)
def test_typed_text_becomes_words(text: str, expected: tuple[str, ...]) -> None:
    assert split_words(text) == expected


@pytest.mark.parametrize(
    ("action", "value", "expected"),
    [
        pytest.param("do:run#123", "123", ("run", "123"), id="button with a suffix"),
        pytest.param("do:now", '"Core Switch"', ("now", "Core Switch"), id="quoted name"),
        pytest.param("pick:now", "site:plant-a", ("now", "site:plant-a"), id="chosen option"),
        pytest.param("do:now", "R&amp;D", ("now", "R&amp;D"), id="our own value is not unescaped"),
        pytest.param("do:help", "", ("help",), id="no words"),
    ],
)
def test_button_stands_for_a_command_line(action: str, value: str, expected: tuple[str, ...]) -> None:
    assert action_words(action, value) == expected


@given(st.lists(st.text(max_size=40), max_size=5))
def test_quoted_words_are_read_back_as_the_same_names(words: list[str]) -> None:
    value = " ".join(map(quote, words))

    assert [loose(word) for word in action_words("do:now", value)] == ["now", *map(loose, words)]


@given(st.text(max_size=200))
def test_any_text_gives_words(text: str) -> None:
    assert all(isinstance(word, str) for word in split_words(text * (1 + MAX_TEXT // 100)))


@given(st.text(max_size=300))
def test_repeated_text_can_neither_mention_nor_break_code(text: str) -> None:
    safe = shown(text)

    assert 0 < len(safe) <= 60
    assert not set(safe) & set("<>`\n\r")
