"""Everything there is to be seen.

To add to it: yield an ``Entry`` from one of the modules below, with a context that the product made. What a command
answers needs one line in ``talks.py``: what is typed, and by whom; a form that it opens comes with it. Text that
people or devices write also goes into ``hostile.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.gallery import talks
from demo.gallery.drawing import drawn
from demo.gallery.subjects import (
    alerts,
    batches,
    choices,
    configs,
    digests,
    events,
    graphs,
    homes,
    hostile,
    jobs,
    lists,
    notices,
    records,
    runs,
)
from notifications.rendering.renderer import Renderer

if TYPE_CHECKING:
    from demo.gallery.entries import Entry


async def catalogue() -> list[Entry]:
    """All entries, those that belong together beside each other. Opens a database for a moment: one per process."""
    made = [
        entry
        for part in (runs, batches, events, configs, lists, graphs, digests, notices, alerts)
        for entry in part.entries()
    ]
    made += [entry async for entry in talks.entries()]
    made += [entry async for entry in jobs.entries()]
    made += [entry async for entry in records.entries()]
    made += [entry async for entry in choices.entries()]
    made += homes.entries()
    made += hostile.entries()
    groups = list(dict.fromkeys(entry.group for entry in made))
    return sorted(made, key=lambda entry: groups.index(entry.group))


async def pictures() -> list[dict[str, Any]]:
    """What the page draws: all entries, rendered."""
    renderer = Renderer()
    return [drawn(entry, renderer).as_json() for entry in await catalogue()]
