"""The last look at a message before it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from domain.configs.leaks import Secrets
from domain.errors import SlackTrouble
from domain.messages.outbox import Message, MessageKind, Quote
from domain.runs.steps import StoredVersion
from notifications.delivery.leak_guard import LeakGuard
from notifications.rendering.renderer import Renderer
from storage.archive.archive import ArchiveError
from storage.database.opening import database
from storage.devices.versions import insert_versions
from storage.messages import outbox
from tests.notifications.conftest import OpenGate
from tests.notifications.values import NOON
from tests.support.clock import MovedClock
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.configs.versions import Version

SECRET = "Zq7x9Kw"
ASKED = Message(
    key="answer:1",
    kind=MessageKind.EPHEMERAL,
    channel="C0PLANTA",
    person="U02ANNA",
    content={"text": f"it is {SECRET}", "blocks": []},
    sites=("plant-a",),
    shows_config=True,
    quotes=(Quote("core-sw1", 1),),
)


@dataclass
class Archived:
    """Versions of which each holds the one secret."""

    error: Exception | None = None
    link_only: bool = False
    asked: list[int] = field(default_factory=list)

    async def secrets(self, device: str, version: Version) -> Secrets:  # noqa: ARG002 - the same for all
        """The secret, or the error set by the test."""
        self.asked.append(version.number)
        if self.error:
            raise self.error
        return Secrets.of([SECRET], shown="hostname core-sw1")

    def is_link_only(self, device: str, site: str | None = None) -> bool:  # noqa: ARG002 - the same for all
        """As the test says."""
        return self.link_only


@pytest.fixture
async def _stored(tmp_path: Path) -> AsyncIterator[None]:
    """Two versions of one device."""
    await migrate_file(tmp_path / "lastgood.db")
    async with database(f"sqlite:///{tmp_path / 'lastgood.db'}"):
        await insert_versions(
            [
                StoredVersion(
                    device="core-sw1",
                    site="plant-a",
                    number=number,
                    commit=str(number),
                    run=number,
                    captured_at=NOON,
                    size=1,
                    digest="",
                )
                for number in (1, 2)
            ]
        )
        yield


def guard(texts: Archived, gate: OpenGate | None = None) -> LeakGuard:
    """A guard behind an open gate, with two owners."""
    owners = ("U0OLGA", "U0OTTO")
    return LeakGuard(gate or OpenGate(), texts, renderer=Renderer(), clock=MovedClock(NOON), owners=owners)


@pytest.mark.usefixtures("_stored")
async def test_secret_in_a_message_holds_it_back_tells_owners_and_the_asker_and_keeps_nothing_c4() -> None:
    await outbox.put([ASKED], now=NOON)

    verdict = await guard(Archived()).verdict(ASKED)

    assert verdict == "a secret stands in it"
    waiting = {one.message.key: one.message for one in await outbox.due(NOON)}
    assert set(waiting) == {"answer:1", "answer:1:held", "leak:answer:1:U0OLGA", "leak:answer:1:U0OTTO"}
    assert waiting["answer:1"].content == {}
    assert (waiting["answer:1:held"].person, waiting["answer:1:held"].kind) == ("U02ANNA", MessageKind.EPHEMERAL)
    assert SECRET not in repr(waiting)
    assert "core-sw1" in str(waiting["leak:answer:1:U0OLGA"].content)


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize(
    ("message", "texts", "verdict"),
    [
        pytest.param(replace(ASKED, content={"text": "it is <secret 1a2b>"}), Archived(), None, id="masked"),
        pytest.param(replace(ASKED, quotes=()), Archived(), "it holds a configuration, and nobody said which", id="?"),
        pytest.param(
            replace(ASKED, quotes=(Quote("core-sw1", 9),)),
            Archived(),
            "it holds a configuration that is stored no longer",
            id="purged",
        ),
        pytest.param(ASKED, Archived(link_only=True), "its site shows no configuration in Slack", id="link-only"),
        pytest.param(
            replace(ASKED, shows_config=False, quotes=(Quote("core-sw1"),)),
            Archived(),
            "a secret stands in it",
            id="facts",
        ),
        pytest.param(
            replace(ASKED, shows_config=False, quotes=(Quote("new-sw1"),)), Archived(), None, id="nothing stored yet"
        ),
        pytest.param(replace(ASKED, shows_config=False, quotes=()), Archived(), None, id="no text of a device"),
        pytest.param(
            replace(ASKED, shows_config=False, quotes=(Quote("core-sw1"),)),
            Archived(error=ArchiveError("the disk is gone")),
            None,
            id="a failed run is told although the archive is broken",
        ),
    ],
)
async def test_message_leaves_only_if_it_can_be_looked_through_c4(
    message: Message, texts: Archived, verdict: str | None
) -> None:
    assert await guard(texts).verdict(message) == verdict


@pytest.mark.usefixtures("_stored")
async def test_configuration_waits_while_the_archive_cannot_be_read_c4() -> None:
    with pytest.raises(SlackTrouble):
        await guard(Archived(error=ArchiveError("the disk is gone"))).verdict(ASKED)


@pytest.mark.usefixtures("_stored")
async def test_access_is_asked_first_and_nothing_is_read_for_whoever_may_not_see_it_p3() -> None:
    texts = Archived()

    assert await guard(texts, OpenGate(reason="U02ANNA may not see plant-a")).verdict(ASKED) is not None
    assert texts.asked == []


@pytest.mark.usefixtures("_stored")
async def test_words_of_a_run_are_looked_through_for_secrets_of_the_newest_version_c4() -> None:
    texts = Archived()

    await guard(texts).verdict(replace(ASKED, shows_config=False, quotes=(Quote("core-sw1"),)))

    assert texts.asked == [2]
