"""Digests and the heartbeat in app.yaml: short ways to write them, and mistakes named in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.digests.digests import DigestForm, DigestPeriod
from domain.jobs.spoken import parse_schedule
from tests.bot.settings.reading import GOOD, SECRETS, load, problems_of

if TYPE_CHECKING:
    from pathlib import Path

CHANNEL = "channel: C0PLANTA,"


def with_digests(text: str) -> str:
    return GOOD.replace(CHANNEL, f"{CHANNEL} digests: {text},")


def test_a_site_with_a_channel_has_one_report_a_day_unless_it_says_otherwise(tmp_path: Path) -> None:
    [usual] = load(tmp_path, GOOD).digests

    assert (usual.recipient, usual.site, usual.period, usual.zone) == (
        "C0PLANTA",
        "plant-a",
        DigestPeriod.DAY,
        "Europe/Berlin",
    )
    assert usual.schedule == parse_schedule("daily 07:00")
    assert load(tmp_path, with_digests("[]")).digests == ()
    assert load(tmp_path, GOOD.replace(CHANNEL, "")).digests == ()


def test_reports_are_written_in_a_few_words_or_in_full(tmp_path: Path) -> None:
    text = with_digests("[weekdays 06:30, weekly mon 07:30, {schedule: weekly 08:00, form: short, channel: C0OPS}]")

    daily, weekly, short = load(tmp_path, text).digests

    assert (daily.period, daily.schedule) == (DigestPeriod.DAY, parse_schedule("weekdays 06:30"))
    assert (weekly.period, weekly.schedule) == (DigestPeriod.WEEK, parse_schedule("mon 07:30"))
    assert (short.recipient, short.form, short.schedule) == ("C0OPS", DigestForm.SHORT, parse_schedule("mon 08:00"))


@pytest.mark.parametrize(
    ("digests", "said"),
    [
        pytest.param("[sometimes]", '"sometimes" is not a digest: write "daily 07:00"', id="no schedule"),
        pytest.param("[hourly]", '"hourly" is not a digest', id="every hour"),
        pytest.param('["cron 0 7,19 * * *"]', '"cron 0 7,19 * * *" is not a digest', id="twice a day"),
        pytest.param("[on demand]", '"on demand" is not a digest', id="never by itself"),
        pytest.param(
            "[daily 07:00, daily 09:00]", "two of these digests have the same channel and period", id="two a day"
        ),
        pytest.param("[{schedule: daily 07:00, from: short}]", "did you mean form?", id="a misspelt key"),
        pytest.param("[{schedule: daily 07:00, channel: '#plant'}]", "is not a channel id", id="a channel's name"),
    ],
)
def test_a_mistake_in_a_report_is_named(digests: str, said: str, tmp_path: Path) -> None:
    assert any(said in problem for problem in problems_of(tmp_path, with_digests(digests)))


def test_a_report_without_a_channel_is_a_mistake(tmp_path: Path) -> None:
    text = with_digests("daily 07:00").replace(CHANNEL, "")

    assert any("needs a channel" in problem for problem in problems_of(tmp_path, text))


def test_overdue_is_of_the_site_unless_a_device_says_otherwise(tmp_path: Path) -> None:
    text = GOOD.replace(CHANNEL, f"{CHANNEL} overdue: 3d,")

    usual = load(tmp_path, text).to_inventory()
    own = load(tmp_path, text.replace("credential: lab}", "credential: lab, overdue: 12h}")).to_inventory()

    assert usual.overdue_after(usual.devices["core-sw1"]) == timedelta(days=3)
    assert own.overdue_after(own.devices["core-sw1"]) == timedelta(hours=12)


def test_the_heartbeats_url_comes_from_the_file_or_the_environment_and_is_a_secret(tmp_path: Path) -> None:
    url = "https://hc.example/ping/0123456789"

    written = load(tmp_path, GOOD + f"heartbeat: {{url: '{url}'}}\n")
    named = load(tmp_path, GOOD + "heartbeat: {url: env:BEAT, every: 1m}\n", {**SECRETS, "BEAT": url})

    for settings in (written, named):
        assert settings.secrets.heartbeat.get_secret_value() == url
        assert url not in repr(settings.secrets)
    assert named.file.heartbeat is not None
    assert named.file.heartbeat.every == timedelta(minutes=1)


@pytest.mark.parametrize("url", ["env:BEAT", "ftp://hc.example", "''"])
def test_a_heartbeat_that_cannot_be_sent_is_a_mistake(url: str, tmp_path: Path) -> None:
    found = problems_of(tmp_path, GOOD + f"heartbeat: {{url: {url}}}\n")

    assert any("BEAT" in problem or "must begin with https://" in problem for problem in found)
