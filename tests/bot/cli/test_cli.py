"""The command line as a process: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.serve_fixtures import Town

ROOT = Path(__file__).parents[3]
GIVES_UP = 120  # seconds: a last resort


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    out: bytes
    err: str


async def start(*words: str, environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *words),
        cwd=ROOT,
        env={**inherited, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def lastgood(*words: str, environ: Mapping[str, str] | None = None) -> Ended:
    process = await start(*words, environ=environ or {})
    async with asyncio.timeout(GIVES_UP):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out, err.decode())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("serve",), "SLACK_BOT_TOKEN is not set in the environment", id="a missing secret"),
        pytest.param(("history", "-c", "nowhere.yaml"), "no such file", id="no settings"),
        pytest.param(("backup",), "No such command", id="an unknown command"),
        pytest.param(("run",), "Missing argument", id="no target"),
        pytest.param(("export", "everything"), '"everything" cannot be exported', id="an unknown list"),
        pytest.param(("export", "history", "--format", "xml"), '"xml" is not an export format', id="an unknown form"),
    ],
)
async def test_wrong_usage_and_wrong_settings_end_with_2_and_a_sentence(words: tuple[str, ...], says: str) -> None:
    ended = await lastgood(*words)

    assert ended.status == 2
    assert says in ended.err
    assert "Traceback" not in ended.err


async def test_the_manifest_is_made_from_commands_and_listeners() -> None:
    ended = await lastgood("manifest")

    manifest = yaml.safe_load(ended.out)
    command = manifest["features"]["slash_commands"][0]
    assert ended.status == 0
    assert (command["command"], command["usage_hint"].startswith("now DEVICE|SITE")) == ("/backup", True)
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert {"commands", "chat:write", "files:write", "users:read"} <= set(manifest["oauth_config"]["scopes"]["bot"])
    assert "app_mention" in manifest["settings"]["event_subscriptions"]["bot_events"]


async def test_in_http_mode_the_manifest_names_where_slack_must_call(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("slack: {mode: http, command: /save}\n", encoding="utf-8")

    ended = await lastgood("manifest", "--config", str(tmp_path / "app.yaml"))

    manifest = yaml.safe_load(ended.out)
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/events")
    assert manifest["features"]["slash_commands"][0]["command"] == "/save"
    assert manifest["settings"]["socket_mode_enabled"] is False


async def test_a_device_is_backed_up_changed_compared_exported_and_restored_without_slack(
    town: Town, tmp_path: Path
) -> None:
    device = await town.add_device("core-sw1")
    town.write_settings()
    config = ("--config", str(town.config))

    first = await lastgood("run", "core-sw1", *config)
    device.change("describe printer room")
    second = await lastgood("run", "plant-a", *config)
    history = await lastgood("history", "core-sw1", *config)
    diff = await lastgood("diff", "core-sw1", *config)
    exported = await lastgood("export", "history", *config, "--output", str(tmp_path / "runs.csv"))
    lines = await lastgood("export", "history", *config, "--format", "jsonl")
    state = await lastgood("export", "devices", "core-sw1", *config, "--format", "jsonl")
    nothing = await lastgood("export", "audit", *config)
    restored = await lastgood("restore", "core-sw1", *config, "--output", str(tmp_path / "restored"))
    again = await lastgood("restore", "core-sw1", *config, "--output", str(tmp_path / "restored"))

    ends = (first, second, history, diff, exported, lines, state, nothing, restored)
    assert [one.status for one in ends] == [0] * 9, [one.err for one in ends]
    assert b"first version stored" in first.out
    assert b"Modified" in second.out
    assert "agent lost" not in first.err + second.err
    assert '"state": "good"' in state.out.decode()
    assert history.out.decode().count("core-sw1") == 2
    assert diff.out.decode().startswith("core-sw1 v1..v2: +")
    assert " @@ interface GigabitEthernet1/0/1\n" in diff.out.decode()
    rows = list(csv.DictReader((tmp_path / "runs.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["outcome"] for row in rows] == ["Modified", "Up to Date"]
    assert [json.loads(line)["version"] for line in lines.out.splitlines()] == [2, 1]
    assert (nothing.out, nothing.err) == (b"", "Nothing matches.\n")
    assert (tmp_path / "restored").stat().st_size > 1000
    assert (again.status, "already exists" in again.err) == (2, True)


async def test_a_run_that_fails_ends_with_1_and_its_reason(town: Town) -> None:
    device = await town.add_device("core-sw1", retries=0)
    await device.stop()
    town.write_settings()

    ended = await lastgood("run", "core-sw1", "--config", str(town.config))

    assert ended.status == 1
    assert "The connection was refused" in ended.out.decode()


async def test_while_serve_runs_the_command_line_reads_but_does_not_write(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await town.final("core-sw1")
    config = ("--config", str(town.config))

    refused = await lastgood("run", "core-sw1", *config)
    restored = await lastgood("restore", "core-sw1", *config)

    assert refused.status == 1
    assert "Another Lastgood already uses this database" in refused.err
    assert (restored.status, len(restored.out) > 1000) == (0, True)


async def test_check_names_what_is_wrong_and_passes_when_nothing_is(town: Town) -> None:
    device = await town.add_device("core-sw1")
    town.write_settings()
    words = ("check", "--devices", "--config", str(town.config))

    good = await lastgood(*words, environ=town.environ)
    await device.stop()
    bad = await lastgood(*words, environ=town.environ)

    assert (good.status, "core-sw1: logged in" in good.out.decode()) == (0, True), good
    assert (bad.status, "core-sw1: The connection was refused" in bad.out.decode()) == (1, True), bad


async def test_sigterm_stops_serve_cleanly_with_the_run_that_was_in_progress_carried_to_its_end(town: Town) -> None:
    await town.add_device("core-sw1", delay=timedelta(seconds=1))
    town.write_settings()
    process = await start("serve", "--config", str(town.config), environ=town.environ)
    try:
        await town.slack.connected(timeout=GIVES_UP)
        done = await town.command(town.anna, "/backup now core-sw1")
        await town.until(
            lambda: any("In Progress" in town.slack.plain(one) for one in town.slack.messages(town.plant_a))
        )

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(GIVES_UP):
            _, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    logged = [json.loads(line) for line in err.decode().splitlines()]
    assert done.acked
    assert process.returncode == 0, err.decode()
    assert [one for one in logged if one["level"] in {"error", "critical"}] == []
    history = await lastgood("history", "--config", str(town.config))
    assert "Up to Date" in history.out.decode()
    assert town.slack.refused == []


AGENT = """
import sys
sys.argv = ["lastgood", "agent", "--name", "local", "--socket", "/nowhere/at/all", "--config", "app.yaml"]
from bot.cli.main import main
try:
    main()
except SystemExit as end:
    rooms = {name.partition(".")[0] for name in sys.modules}
    print(end.code, sorted(rooms & {"slack_bolt", "slack_sdk", "tortoise", "jinja2", "pygit2", "storage",
                                    "notifications", "commands", "aiohttp", "matplotlib", "asyncssh"}))
"""


async def test_an_agent_never_has_slack_the_orm_or_templates_in_its_memory() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", AGENT, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )

    out, _ = await process.communicate()

    assert out.decode().strip() == "1 ['asyncssh']"
