"""The agent's memory: what the collector looks at and when, and what goes back to the system."""

from __future__ import annotations

import ctypes
import gc

# New objects, then rounds: a closed session leaves cycles of about 25 kB behind, and at most some hundred of
# them may wait to be collected. Python's own (700, 10, 10) would look for them far too often.
_COLLECT_AFTER = (10_000, 10, 5)


def settle() -> None:
    """Keep the collector from walking what was imported, and from walking too often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def give_back() -> None:
    """Keep nothing of the sessions before; an agent at rest needs no more memory than one that has just started.

    What is free between two things in use stays with the process unless the C library is asked for it; glibc can be.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
