"""Time zones as people write them into app.yaml."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.zones import guessed_zone, read_zone, zone_names

GUESSED = {
    "Berlin": "Europe/Berlin",
    "europe/berlin": "Europe/Berlin",
    "Europe/Berln": "Europe/Berlin",
    "New York": "America/New_York",
    "new_york": "America/New_York",
    "Buenos Aires": "America/Buenos_Aires",
    "Europe/Tokyo": "Asia/Tokyo",
    "Sidney": "Australia/Sydney",
    "CEST": "Europe/Berlin",
    "PDT": "America/Los_Angeles",
    "utc": "UTC",
}
REFUSED = {
    "localtime": "is not a time zone of its own",
    "Factory": "is not a time zone of its own",
    "UTC+2": "so that clock changes count",
    "+01:00": "so that clock changes count",
    "Xyzzy Qwrt": "known: America/New_York, Asia/Tokyo, Europe/Berlin, UTC",
}


@pytest.mark.parametrize(("name", "guess"), GUESSED.items(), ids=GUESSED)
def test_s7_a_wrong_name_of_a_zone_gets_the_right_one(name: str, guess: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {guess}\\?"):
        read_zone(name)


@pytest.mark.parametrize(("name", "sentence"), REFUSED.items(), ids=REFUSED)
def test_s7_what_is_no_place_is_refused_with_advice(name: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="time zone") as refused:
        read_zone(name)

    assert sentence in str(refused.value)


@given(st.sampled_from(sorted(zone_names())))
def test_every_zone_is_taken_and_found_by_its_name_in_any_case(name: str) -> None:
    assert read_zone(name) == ZoneInfo(name)
    assert guessed_zone(name.upper()) == guessed_zone(name.lower())


@given(st.text(max_size=40))
def test_any_name_is_taken_or_refused_with_a_sentence(name: str) -> None:
    try:
        read_zone(name)
    except ValueError:
        return
