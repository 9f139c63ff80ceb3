"""Texts leave the archive with their secrets masked, and a diff stays the same picture."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.configs.versions import Version
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from notifications.previews import Previews
from runners.platforms.reading import load_platforms
from storage.archive.archive import Archive, ArchiveError, NewVersion
from tests.notifications.values import NOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SITE = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"))
SWITCH = Device(name="core-sw1", site="plant-a", platform="cisco_ios", endpoint=Endpoint(host="10.1.0.1"))
INVENTORY = Inventory(MappingProxyType({"plant-a": SITE}), MappingProxyType({"core-sw1": SWITCH}), MappingProxyType({}))


def config(*, hostname: str = "core-sw1", community: str = "Kr0k0d1l", uptime: str = "06:00:00") -> bytes:
    lines = [
        f"! Last configuration change at {uptime} UTC Mon Mar 2 2026 by anna",
        f"hostname {hostname}",
        f"snmp-server community {community} RO",
        "end",
    ]
    return "\r\n".join(lines).encode() + b"\r\n"


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    opened = Archive(tmp_path / "archive")
    await opened.open(["plant-a"])
    yield opened
    await opened.close()


@pytest.fixture
def previews(archive: Archive) -> Previews:
    return Previews(archive, platforms=load_platforms(None), inventory=INVENTORY, salt=b"salt")


async def stored(archive: Archive, number: int, text: bytes, *, own_words: tuple[tuple[int, int], ...] = ()) -> Version:
    new = NewVersion(
        device="core-sw1",
        site="plant-a",
        text=text,
        number=number,
        run=number,
        captured_at=NOON,
        digest=str(number),
        reason="manual",
        person="U02ANNA",
        job=None,
        author=None,
        own_words=own_words,
    )
    [commit] = await archive.store("plant-a", [new])
    return Version(
        device="core-sw1",
        site="plant-a",
        number=number,
        commit=commit,
        run=number,
        captured_at=NOON,
        last_checked_at=NOON,
        valid_until=None,
        size=len(text),
        digest=str(number),
    )


async def test_d1_diff_is_the_same_after_later_versions(archive: Archive, previews: Previews) -> None:
    first = await stored(archive, 1, config())
    second = await stored(archive, 2, config(hostname="core-sw2", uptime="07:00:00"))
    on_the_day = await previews.diff("core-sw1", first, second)
    for number in (3, 4, 5):
        await stored(archive, number, config(hostname=f"core-sw{number}"))

    later = await previews.diff("core-sw1", first, second)

    assert later == on_the_day
    assert (later.added, later.removed) == (1, 1)
    assert "-hostname core-sw1\n+hostname core-sw2" in later.text


async def test_c4_secret_is_masked_and_its_change_still_shows(archive: Archive, previews: Previews) -> None:
    first = await stored(archive, 1, config())
    second = await stored(archive, 2, config(community="N1lpferd"))

    found = await previews.diff("core-sw1", first, second)
    text = await previews.masked_text("core-sw1", second)

    assert (found.added, found.removed) == (1, 1)
    for shown in (found.text, text):
        assert "N1lpferd" not in shown
        assert "Kr0k0d1l" not in shown
    assert "<secret " in text
    assert "\r" not in text


async def test_c4_words_of_a_device_that_is_no_longer_declared_are_masked_too(previews: Previews) -> None:
    facts = previews.masked("gone-sw9", "snmp-server community Kr0k0d1l RO")

    assert "Kr0k0d1l" not in facts


async def test_lines_of_a_baseline_are_counted(archive: Archive, previews: Previews) -> None:
    version = await stored(archive, 1, config())

    assert await previews.line_count("core-sw1", version) == 4


PASTS = ["core-sw1 (plant-a)", "core-sw1 (plant-a 2)", "core-sw1 (plant-a 17)"]


@pytest.mark.parametrize("past", PASTS)
async def test_p3_text_of_a_sealed_past_is_read_by_its_new_name_and_masked_as_before(
    archive: Archive, previews: Previews, past: str
) -> None:
    note = b"banner motd ^ask Blue-Lamp-41 or Grey52^\r\n"
    words = tuple((at, at + len(word)) for word in (b"Blue-Lamp-41", b"Grey52") for at in [note.index(word)])
    first = await stored(archive, 1, note + config(), own_words=words)
    second = await stored(archive, 2, note + config(community="N1lpferd"), own_words=words)

    text = await previews.masked_text(past, second)
    found = await previews.diff(past, first, second)
    looked_for = await previews.secrets(past, second)

    assert (await archive.read_marked("plant-a", second.commit, past)).own_words == ("Blue-Lamp-41", "Grey52")
    for shown in (text, found.text):
        assert [word for word in ("Blue-Lamp-41", "Grey52", "N1lpferd", "Kr0k0d1l") if word in shown] == []
    assert re.search(r"^banner motd \^ask <secret \w{4}> or <secret \w{4}>\^$", text, re.MULTILINE)
    assert (found.added, found.removed) == (1, 1)
    assert looked_for.are_in({"text": "it is N1lpferd"})
    assert looked_for.are_in({"text": "it is Blue-Lamp-41"})


@pytest.mark.parametrize("other", ["core-sw1 (plant-b)", "core-sw1 (plant-a x)", "core-sw11 (plant-a)", "(plant-a)"])
async def test_p3_no_other_name_leads_to_a_sealed_text(archive: Archive, previews: Previews, other: str) -> None:
    version = await stored(archive, 1, config())

    with pytest.raises(ArchiveError):
        await previews.masked_text(other, version)
