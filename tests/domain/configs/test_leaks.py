"""What of a secret is looked for in a message, and from which length on."""

from __future__ import annotations

import pytest

from domain.configs.leaks import Secrets, parts, pieces, stands_out


@pytest.mark.parametrize(
    ("secret", "is_telling"),
    [
        pytest.param("abc12", False, id="five characters"),
        pytest.param("abc123", True, id="six with a digit"),
        pytest.param("123456", False, id="digits alone may be any number"),
        pytest.param("secret", False, id="a plain word"),
        pytest.param("Secret", False, id="a plain word that begins a sentence"),
        pytest.param("seCret", True, id="a capital within"),
        pytest.param("SECRET", False, id="capitals alone"),
        pytest.param("Some Words", False, id="ten letters in two words"),
        pytest.param("some other words", True, id="words of twelve letters and more together"),
        pytest.param("word and word", False, id="eleven letters in words"),
        pytest.param("word-or-words", False, id="and with hyphens, which are none"),
        pytest.param("four-four-four", True, id="twelve letters in three words"),
        pytest.param("fourfourfour", False, id="twelve letters in one word"),
        pytest.param("a1-b2-", False, id="four letters and digits"),
        pytest.param("a1-b2-c3", True, id="six of them"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_secret_stands_out_that_cannot_be_an_ordinary_word(secret: str, *, is_telling: bool) -> None:
    assert stands_out(secret) is is_telling


@pytest.mark.parametrize(
    ("secret", "telling", "plain"),
    [
        pytest.param("abc", set(), set(), id="three characters are found by chance"),
        pytest.param("a-b-c", set(), set(), id="three with signs between"),
        pytest.param("abcd", set(), {"abcd"}, id="four, where a device's text stands"),
        pytest.param("ab-cd", set(), {"ab cd"}, id="four in two words"),
        pytest.param("Zq7x9Kw", {"Zq7x9Kw"}, set(), id="one that stands out, everywhere"),
        pytest.param("Zq7x9Kw vlan 10", {"Zq7x9Kw", "Zq7x9Kw vlan 10"}, set(), id="a value with words behind"),
        pytest.param("core-sw1", set(), set(), id="a name that everybody knows"),
        pytest.param("hostname", set(), set(), id="a word that is shown anyway"),
    ],
)
def test_secrets_are_sorted_by_where_they_are_looked_for(secret: str, telling: set[str], plain: set[str]) -> None:
    found = Secrets.of([secret], shown="hostname core", names=["core-sw1"])

    assert found.telling == telling
    assert found.plain == plain


def test_at_most_20_000_secrets_of_a_text_are_looked_for() -> None:
    many = [f"Zq7x9K{number}" for number in range(15_000)] + [f"word{'x' * 3}{chr(97 + n % 26)}" for n in range(26)]

    found = Secrets.of([*many, *(f"Yw8k3P{number}" for number in range(15_000))], shown="")

    assert len(found.telling) + len(found.plain) == 20_000


def test_both_kinds_of_two_texts_are_looked_for_together() -> None:
    both = Secrets.of(["Zq7x9Kw", "public"], shown="") | Secrets.of(["Yw8k3Pq", "private"], shown="")

    assert both == Secrets(frozenset({"Zq7x9Kw", "Yw8k3Pq"}), frozenset({"public", "private"}))


@pytest.mark.parametrize(
    ("secret", "found"),
    [
        pytest.param("one", ["one"], id="one word"),
        pytest.param("Zq7x9Kw", ["Zq7x9Kw"], id="one that stands out is not named twice"),
        pytest.param("Zq7x9Kw remark", ["Zq7x9Kw remark", "Zq7x9Kw"], id="and with a remark"),
        pytest.param("one\nline Yw8k3Pq", ["one", "line Yw8k3Pq", "Yw8k3Pq"], id="line by line"),
    ],
)
def test_a_secret_is_taken_apart_into_lines_and_words_that_stand_out(secret: str, found: list[str]) -> None:
    assert list(parts(secret)) == found


def test_words_are_runs_of_letters_and_digits() -> None:
    assert pieces("set snmp_community: Zq7&x-9 über") == ["set", "snmp", "community", "Zq7", "x", "9", "über"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param({"text": "set public here"}, False, id="a plain word in our own text"),
        pytest.param({"snippet_type": "text", "text": "set public"}, True, id="in a file"),
        pytest.param({"snippet_type": "text"}, False, id="a file without text"),
        pytest.param(
            {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "text": "public"}]}]},
            False,
            id="in our own words",
        ),
        pytest.param(
            {"blocks": [{"type": "section", "elements": [{"type": "rich_text_preformatted", "text": "public"}]}]},
            False,
            id="in no rich text",
        ),
        pytest.param(
            {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "text": "public"}]}]},
            True,
            id="preformatted",
        ),
        pytest.param({"blocks": [{"type": "rich_text"}]}, False, id="nothing in it"),
        pytest.param({"snippet_type": "text", "text": "republican"}, False, id="within a longer word"),
    ],
)
def test_a_plain_word_is_looked_for_only_where_a_device_speaks(content: dict[str, object], *, found: bool) -> None:
    assert Secrets.of(["public"], shown="").are_in(content) is found


def test_words_of_a_secret_that_stand_apart_are_not_the_secret() -> None:
    looked_for = Secrets.of(["blue Zq7x9Kw"], shown="")

    assert Secrets(frozenset({"four five six"})).are_in({"text": "is four five six."})
    assert not Secrets(frozenset({"four five six"})).are_in({"text": "six five four, four five seven"})
    assert looked_for.are_in({"text": "Zq7x9Kw"})
