"""What the watch over the archive finds reaches the owners, also when it could not be told at once."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from domain.inventory.declared import Inventory
from runners.supervision import archive_watch
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from domain.events.alerts import ArchiveDamaged


class PutBack:
    """An archive that put one branch back, and says so once."""

    set_aside: MappingProxyType[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        self._put_back = frozenset({"plant-a"})

    async def look_after(self) -> None:
        """Nothing to do."""

    def take_put_back(self) -> frozenset[str]:
        """What was put back since it was last asked."""
        found, self._put_back = self._put_back, frozenset()
        return found


@pytest.fixture
def nothing_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database whose texts are all there."""

    async def nothing(*_: object, **__: object) -> Any:  # noqa: ANN401 - an empty answer of any kind
        return {}

    unharmed = SimpleNamespace(checked_next=nothing, missing_counts=nothing, devices_without_newest=nothing)
    monkeypatch.setattr(archive_watch, "missing", unharmed)


@pytest.mark.usefixtures("nothing_missing")
async def test_what_could_not_be_told_is_told_at_the_next_look_and_then_no_more() -> None:
    told: list[ArchiveDamaged] = []
    trouble = [TimeoutError("the database does not answer")]

    async def tell(alert: ArchiveDamaged) -> None:
        if trouble:
            raise trouble.pop()
        told.append(alert)

    empty = Inventory(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))
    watch = archive_watch.ArchiveWatch(PutBack(), inventory=empty, clock=MovedClock(), tell=tell)  # type: ignore[arg-type] # all of an archive that it asks

    with pytest.raises(TimeoutError):
        await watch.tick()
    for _ in range(2):
        await watch.tick()

    assert [one.put_back for one in told] == [("plant-a",)]
