"""Libraries that block: they hold up neither the event loop nor, when they hang, the end of the process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from runners.agent.secrets.worker_threads import Threads

ROOT = Path(__file__).parents[3]

HANGING = """
import asyncio, threading
from datetime import timedelta
from runners.agent.secrets.worker_threads import Threads


async def ask():
    try:
        await Threads("test", limit=timedelta(milliseconds=50)).call(threading.Event().wait)
    except TimeoutError:
        print("given up", threading.active_count())


asyncio.run(ask())
"""


async def test_threads_that_hang_keep_their_places_and_those_that_end_give_them_back() -> None:
    threads = Threads("test", limit=timedelta(milliseconds=50))
    ends = threading.Event()
    before = threading.active_count()

    hung = await asyncio.gather(*(threads.call(ends.wait) for _ in range(20)), return_exceptions=True)
    most = threading.active_count() - before
    ends.set()
    free = Threads("test", limit=timedelta(seconds=30))
    answers = await asyncio.gather(*(free.call(lambda: "answer") for _ in range(20)))

    assert {type(one) for one in hung} == {TimeoutError}
    assert most == 8
    assert answers == ["answer"] * 20


def test_process_ends_though_a_thread_hangs() -> None:
    words = [sys.executable, "-c", HANGING]

    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)  # noqa: S603 - fixed words

    assert ended.stdout.strip() == "given up 2"
