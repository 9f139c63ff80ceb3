"""What is rightly signed and yet incomplete: refused in a word. A fault of ours keeps its traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# What looking into a structure raises that is not the expected one.
MISSHAPEN = (LookupError, TypeError, AttributeError, ValueError)
_OURS = ("bot", "commands", "domain", "notifications", "runners", "storage")


class NotUnderstood(LastgoodError):
    """Slack signed it, and something that belongs there is missing from it or is something else."""


@contextmanager
def reading() -> Iterator[None]:
    """Look into what came, and do nothing else: what goes wrong here is no fault of ours.

    Raises:
        NotUnderstood: something is not where Slack puts it.
    """
    try:
        yield
    except MISSHAPEN as error:
        raise NotUnderstood(repr(error)) from None


def is_incomplete(error: BaseException, after: TracebackType | None) -> bool:
    """Whether ``error`` says that a delivery is incomplete: we said so, or Slack's library did before asking us.

    ``after`` is the traceback from the first frame that may be ours on.
    """
    return isinstance(error, NotUnderstood) or (isinstance(error, MISSHAPEN) and not _has_ours(after))


def _has_ours(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        if str(traceback.tb_frame.f_globals.get("__name__")).split(".")[0] in _OURS:
            return True
        traceback = traceback.tb_next
    return False
