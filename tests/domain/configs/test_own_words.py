"""What an agent marks of its own words is masked wherever it stands, by whoever knows nothing but the marks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.configs.leaks import stands_out
from domain.configs.masking import mask
from domain.configs.own_words import marked, marks
from domain.configs.texts import decode
from runners.platforms.reading import load_platforms

RULES = replace(load_platforms()["cisco_ios"], secrets=())
SALT = b"of this installation"
WORD = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=3, max_size=30)
PADDING = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "L", "N"]), max_size=20)


def shown(raw: bytes, words: list[str]) -> str:
    """``raw`` as it is shown by someone who knows nothing of ``words`` but where the agent says that they stand."""
    stored = marked(raw, marks(raw, words))
    masked = mask(decode(stored.raw), RULES, SALT, own=stored.own_words)
    return re.sub("<secret [0-9a-f]{4}>", "<secret>", masked.text)


@given(word=WORD, before=PADDING, after=PADDING)
def test_word_is_masked_whatever_stands_round_it(word: str, before: str, after: str) -> None:
    text = f"banner {before} {word} {after}\nlast line\n"

    assert word not in shown(text.encode(), [word]).replace("<secret>", "").replace("last line", "").replace(
        "banner", ""
    )


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("motd Blue-Lamp-41!", ["Blue-Lamp-41"], "motd <secret>!", id="a banner"),
        pytest.param("a xBlue41Lampx b", ["Blue41Lamp"], "a x<secret>x b", id="within a longer word"),
        pytest.param("lamp lamps", ["lamp"], "<secret> lamps", id="an ordinary word by itself"),
        pytest.param("one lamp\ntwo lamp", ["lamp"], "one <secret>\ntwo <secret>", id="everywhere"),
        pytest.param("Blue41 and Grey52", ["Blue41", "Grey52"], "<secret> and <secret>", id="several"),
        pytest.param("login lab", ["la"], "login lab", id="too short to tell"),
        pytest.param("nothing here", ["Blue41Lamp"], "nothing here", id="none"),
        pytest.param("Schlüssel41 steht da", ["Schlüssel41"], "<secret> steht da", id="not ASCII"),
    ],
)
def test_words_are_found_where_they_stand(text: str, words: list[str], expected: str) -> None:
    assert shown(text.encode(), words) == expected
    assert shown(text.encode("latin-1"), words) == expected


@given(text=st.text("abB1_é. ", max_size=30), word=st.text("abB1é.", min_size=3, max_size=7))
def test_mark_stands_where_the_word_does(text: str, word: str) -> None:
    ordinary = rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])"
    found = re.search(re.escape(word) if stands_out(word) else ordinary, text)

    assert marks(text.encode("latin-1"), [word]) == ((found.span(),) if found else ())


@given(raw=st.binary(max_size=50), places=st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99)), max_size=5))
def test_marks_that_do_not_fit_the_text_say_nothing(raw: bytes, places: list[tuple[int, int]]) -> None:
    stored = marked(raw, places)

    assert stored.raw == raw
    assert all(word.encode() in raw or word.encode("latin-1") in raw for word in stored.own_words)


def test_a_mark_tells_nothing_of_the_word() -> None:
    assert marks(b"hostname a\nbanner Blue-Lamp-41\nbanner Blue-Lamp-41\n", ["Blue-Lamp-41"]) == ((18, 30),)
