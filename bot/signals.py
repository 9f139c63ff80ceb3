"""Signals: which of them stop a process of Lastgood, and which it only notes."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from functools import partial

log = logging.getLogger(__name__)

_STOPPING = (signal.SIGTERM, signal.SIGINT)
_HARMLESS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)  # left alone, each of them ends a process


def ignore_harmless_signals() -> None:
    """From the first moment of a process on, before there is a log: a terminal that is closed ends nothing."""
    for one in _HARMLESS:
        signal.signal(one, signal.SIG_IGN)


def note_harmless_signals() -> None:
    """Say in the log what became of them: who sends SIGHUP expects the settings to be read anew."""
    loop = asyncio.get_running_loop()
    for one in _HARMLESS:
        loop.add_signal_handler(one, partial(_note, one.name))


def stop_on_signals() -> asyncio.Event:
    """Set by the first signal that stops; a second one ends the process at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def asked() -> None:
        stop.set()
        for one in _STOPPING:
            with suppress(ValueError):
                loop.remove_signal_handler(one)

    for one in _STOPPING:
        loop.add_signal_handler(one, asked)
    note_harmless_signals()
    return stop


def _note(name: str) -> None:
    log.info("signal ignored: to read app.yaml again, restart serve", extra={"signal": name})
