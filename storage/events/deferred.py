"""What people are not told at once, because they muted it or it is their night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database.statements import fetch, run_for_each, to_columns
from storage.events.events import news_by_id
from storage.tables.events import HeldRow

MOST = 5_000  # pieces of news of one wait that are read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.events.audiences import News, Wait


async def hold(person: str, news: Iterable[int], *, bundle: int, wait: Wait, now: datetime) -> None:
    """Keep these news from ``person`` for now. Those that are held already stay as they are."""
    await run_for_each(_HOLD, [to_columns((person, one, bundle, wait, now)) for one in news])


async def held_in(bundle: int) -> dict[str, frozenset[int]]:
    """Which news of a bundle are held back, by person."""
    found: dict[str, set[int]] = {}
    for row in await HeldRow.filter(bundle=bundle):
        found.setdefault(row.person, set()).add(row.news)
    return {person: frozenset(news) for person, news in found.items()}


async def held_for(person: str, wait: Wait) -> list[News]:
    """What is held back for ``person`` for this reason, in the order in which it came, ``MOST`` at most."""
    rows = await HeldRow.filter(wait=wait, person=person).order_by("news").limit(MOST)
    return await news_by_id(row.news for row in rows)


async def persons_held(wait: Wait) -> list[str]:
    """For whom something is held back for this reason."""
    rows = await fetch("SELECT DISTINCT person FROM held_news WHERE wait = $1 ORDER BY person", to_columns([wait]))
    return [row["person"] for row in rows]


async def let_go(person: str, wait: Wait, *, until: int) -> None:
    """Hold back none of the news up to this one any more: ``person`` has been told of them."""
    await HeldRow.filter(wait=wait, person=person, news__lte=until).delete()


_HOLD = """
INSERT INTO held_news (person, news, bundle, wait, held_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person, news) DO NOTHING
"""
