"""A sample of a room's mutants, the same for the same seed whatever else changes in the room."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.support.mutants.faults import places_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tests.support.mutants.faults import Name, Place, Source


@dataclass(frozen=True, slots=True)
class Sample:
    """Mutants that were drawn."""

    tried: tuple[Place, ...]
    aside: tuple[Place, ...]  # equal programs


def draw(sources: Iterable[Source], *, seed: int, size: int | None, equal: Collection[Name]) -> Sample:
    """``size`` mutants of ``sources``, each another program; no size: all of them."""
    tried: list[Place] = []
    aside: list[Place] = []
    for place in _different(sources, seed):
        if size is not None and len(tried) + len(aside) >= size:
            break
        (aside if place.name in equal else tried).append(place)
    return Sample(tuple(tried), tuple(aside))


def _different(sources: Iterable[Source], seed: int) -> Iterator[Place]:
    """The places in their order of the seed, each program once: two operators can make the same one."""
    seen: set[tuple[str, str]] = set()
    for place in sorted((one for source in sources for one in places_in(source)), key=lambda one: _lot(one, seed)):
        program = place.program
        if program is not None and (key := (str(place.source.path), program)) not in seen:
            seen.add(key)
            yield place


def _lot(place: Place, seed: int) -> bytes:
    drawn = f"{seed} {place.source.path} {place.operator} {place.occurrence}"
    return sha256(drawn.encode()).digest()
