"""Short answers that no command gives by itself: they depend on where it was asked, or on what delivery met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.gallery.entries import Entry
from demo.gallery.samples import ANNA
from notifications.pages import answers
from storage.archive.archive import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator


def entries() -> Iterator[Entry]:
    """Every notice."""
    group = "Where an answer stands"
    not_invited = answers.not_invited("C0PLANTA")
    yield Entry(group=group, state="not in the site's channel", template="not_invited", context=not_invited)
    broken = answers.notice(f"The diff is not available. {ArchiveError('no such commit').advice}")
    yield Entry(group="Diffs", state="the archive is damaged", template="notice", context=broken)
    for where, channel in {"here": "", "in the site's channel": "C0PLANTA", "in a direct message": ANNA}.items():
        context = answers.started("/backup now core-sw1", sentence="Run 4711 of `core-sw1` is queued.", place=channel)
        yield Entry(
            group="Runs begun", state=f"its message stands {where}", template="started", context=context, private=True
        )
