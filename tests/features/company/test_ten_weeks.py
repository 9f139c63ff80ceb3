"""Ten weeks of a company: every person and channel hears exactly what their choices say, once, whatever goes wrong.

What happens is decided by a seeded chance (``company_script``) and done to the real product (``company_stage``). What
should be heard is told by a model of its own (``company_model``), and compared with what stands in the local Slack.

The ten weeks ask the local Slack without HTTP in between; a week of a small company goes over HTTP, as in production.

``LASTGOOD_TEST_SEED`` takes another chance; ``LASTGOOD_TEST_BUSY`` is the share of nights in which something happens
at a site, and ``LASTGOOD_TEST_DAYS`` how long it all goes on.
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.slack import LocalSlack
from tests.features.company.company import Size, found_company
from tests.features.company.model import Model
from tests.features.company.props import LeapingClock, Showing, Unwatched, direct_client
from tests.features.company.reading import Watcher, read
from tests.features.company.script import START, Change, carry_out, script_of
from tests.features.company.stage import Stage
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.features.company.company import Company
    from tests.features.company.events import Heard

log = logging.getLogger(__name__)

SEED = int(os.environ.get("LASTGOOD_TEST_SEED", "1"))
USUALLY_HEARD = {"failed", "recovered", "modified", "still failing", "digest", "quiet", "answer", "broken"}
SOON = timedelta(minutes=20)  # until what was told stands there, also after an outage


def differences(expected: Mapping[Heard, list[datetime]], heard: Mapping[Heard, list[datetime]]) -> list[str]:
    """Everything that was heard and should not have been, too often, at another time, or not at all."""
    found = []
    for one in {**expected, **heard}:
        should, did = sorted(expected.get(one, [])), sorted(heard.get(one, []))
        if len(should) != len(did) or any(not at <= stood <= at + SOON for at, stood in zip(should, did, strict=True)):
            found.append(f"{min([*should, *did])}: {one}\n    should: {_times(should)}\n    did:    {_times(did)}")
    return sorted(found)


def _times(times: list[datetime]) -> str:
    return ", ".join(f"{one:%m-%d %H:%M:%S}" for one in times) or "not at all"


@pytest.mark.long
@pytest.mark.timeout(2_400)  # some 300,000 rows and 10,000 messages
async def test_ten_weeks_of_a_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days, busy = os.environ.get("LASTGOOD_TEST_DAYS", "70"), os.environ.get("LASTGOOD_TEST_BUSY", "0.08")
    clock = LeapingClock(START)
    async with LocalSlack(clock=clock) as slack:
        monkeypatch.setattr("bot.outgoing.AsyncWebClient", direct_client(slack))
        await _play(Size(days=int(days), busy=float(busy)), slack, clock, tmp_path, monkeypatch)


@pytest.mark.timeout(900)
async def test_a_week_of_a_small_company_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LeapingClock(START)
    async with LocalSlack(clock=clock) as slack:
        size = Size(sites=3, devices=20, people=20, days=8, busy=0.5)
        await _play(size, slack, clock, tmp_path, monkeypatch)


async def _play(
    size: Size, slack: LocalSlack, clock: LeapingClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let it all happen, and compare."""
    monkeypatch.setattr("bot.serving.engine.previews_of", lambda _core: Showing())
    monkeypatch.setattr("bot.serving.engine.ArchiveWatch", Unwatched)  # no texts are stored here
    chance = random.Random(SEED)  # noqa: S311 - nothing is kept secret by it
    company = found_company(size, chance)
    script = script_of(company, size, chance)
    await _prepare(company, slack, folder)
    watcher, model = Watcher(company, slack), Model(company)
    stage = Stage(company, slack, clock, folder)
    await stage.open()
    for event in script:
        if isinstance(event, Change):
            carry_out(company, event)
        await stage.happen(event)
        model.happen(event)
    await stage.finish()
    await stage.stop()
    found = read(slack)
    heard = Counter(one.kind for one, times in found.posts.items() for _ in times)
    runs = sum(len(some) for some in model.runs.values())
    log.info("%s: %s runs, %s starts, %s changes of messages, posts: %s", size, runs, stage.starts, watcher.seen, heard)
    assert watcher.leaks == []
    assert found.odd == []
    assert differences(model.expected(), found.posts) == []
    assert heard.keys() >= USUALLY_HEARD


async def _prepare(company: Company, slack: LocalSlack, folder: Path) -> None:
    """A database with its tables, and everybody in Slack."""
    (folder / "data").mkdir(mode=0o700)
    await migrate_file(folder / "data" / "lastgood.db")
    (folder / "data" / "lastgood.db").chmod(0o600)
    for person in company.people.values():
        slack.add_person(person.id.lower(), id=person.id, tz=person.zone)
    for group, members in company.groups.items():
        slack.add_group(group.lower(), id=group, members=[slack.store.people[one] for one in sorted(members)])
