"""The process that draws: one for many pictures, replaced when it breaks, gone when nobody wants one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.gallery.subjects.graphs import make_graph
from notifications.graphs.drawing_process import CannotDraw, DrawingProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GRAPH = make_graph("7d", good=20).as_json()
PNG = b"\x89PNG"


@pytest.fixture
async def drawing_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DrawingProcess]:
    """An drawing process whose process has not been started."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-its-business")
    one = DrawingProcess(tmp_path / "fonts")
    yield one
    await one.close()


async def test_pictures_come_from_one_process_that_knows_no_secret(drawing_process: DrawingProcess) -> None:
    before = drawing_process.process
    first = await drawing_process.draw(GRAPH)
    process = drawing_process.process

    both = await asyncio.gather(drawing_process.draw(GRAPH), drawing_process.draw(GRAPH))

    assert before is None
    assert process
    assert drawing_process.process == process
    assert {first, *both} == {first}
    assert first.startswith(PNG)
    assert b"xoxb" not in Path(f"/proc/{process}/environ").read_bytes()  # noqa: ASYNC240 - nobody waits for this loop


async def test_killed_process_is_replaced(drawing_process: DrawingProcess) -> None:
    await drawing_process.draw(GRAPH)
    process = drawing_process.process
    assert process
    os.kill(process, signal.SIGKILL)

    with pytest.raises(CannotDraw):
        await drawing_process.draw(GRAPH)
    again = await drawing_process.draw(GRAPH)

    assert again.startswith(PNG)
    assert drawing_process.process != process


async def test_graph_that_cannot_be_drawn_harms_no_other(drawing_process: DrawingProcess) -> None:
    with pytest.raises(CannotDraw):
        await drawing_process.draw({"title": "nothing else"})

    assert (await drawing_process.draw(GRAPH)).startswith(PNG)


async def test_picture_that_takes_too_long_is_given_up(
    drawing_process: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.graphs.drawing_process.DRAWING_TIMEOUT", timedelta(0))

    with pytest.raises(CannotDraw):
        await drawing_process.draw(GRAPH)

    assert drawing_process.process is None


async def test_process_ends_when_nobody_wants_a_picture(tmp_path: Path) -> None:
    drawing_process = DrawingProcess(tmp_path / "fonts", idle=timedelta(0))
    await drawing_process.draw(GRAPH)

    await asyncio.sleep(0.01)  # its rest has run out: the loop only has to notice
    assert drawing_process.process is None
    assert (await drawing_process.draw(GRAPH)).startswith(PNG)
    await drawing_process.close()


async def test_serve_itself_never_loads_what_draws() -> None:
    question = (
        "import sys, bot.serving.serve, bot.cli.main, notifications.graphs.graphs; print('matplotlib' in sys.modules)"
    )
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", question, stdout=asyncio.subprocess.PIPE)

    answer, _ = await asked.communicate()

    assert answer.strip() == b"False"
