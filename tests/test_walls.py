"""The walls between the rooms, as a table that is run: widen a row only in a change of its own that says why."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Read passwords from a keyring and from Vault. Only an agent with such a credential loads them, when it needs them.
SECRET_KEEPERS = {"keyring", "hvac", "requests"}

MAY_IMPORT: dict[str, set[str]] = {
    "domain": {"apscheduler", "cron_descriptor"},  # arithmetic of schedules, and cron lines in words: pure functions
    "storage": {"domain", "tortoise", "pygit2", "aiosqlite"},  # the last: SQLite opened so that it reads times in C
    "runners": {"domain", "storage", "asyncssh", "pydantic", "tenacity", "yaml", *SECRET_KEEPERS},
    "notifications": {
        *("domain", "storage", "templates", "jinja2", "markupsafe", "slack_sdk", "aiohttp"),
        "matplotlib",  # pictures of runs; its parts are loaded in a process of their own
    },
    "commands": {"domain", "storage", "runners", "notifications", "rapidfuzz"},
    "bot": {
        *("domain", "storage", "runners", "notifications", "commands"),
        *("slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "prometheus_client", "pydantic", "rapidfuzz"),
        *("re2", "rich", "structlog", "typer", "yaml", "websockets"),
    },
}

# What runs in the agent's process: it must start without the ORM, git, Slack and Jinja in memory.
AGENT_SIDE = ("agent", "ssh", "frames.py", "messages.py", "platform_files.py")
AGENT_MAY_IMPORT = {
    *("domain", "runners", "asyncssh", "pydantic", "tenacity", "yaml", "cryptography"),
    *SECRET_KEEPERS,
}


def imported_roots(source: Path) -> set[str]:
    """Top-level names of everything that ``source`` imports, wherever the import stands."""
    roots: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
    return roots


def sources(*parts: str) -> list[Path]:
    """The Python files of a room, or of a part of one."""
    place = ROOT.joinpath(*parts)
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_what_its_row_allows(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room} | sys.stdlib_module_names

    strays = {
        str(source.relative_to(ROOT)): extra for source in sources(room) if (extra := imported_roots(source) - allowed)
    }

    assert sources(room)
    assert strays == {}


@pytest.mark.parametrize("part", AGENT_SIDE)
def test_agent_knows_neither_slack_nor_the_database(part: str) -> None:
    allowed = AGENT_MAY_IMPORT | sys.stdlib_module_names

    strays = {
        str(source.relative_to(ROOT)): extra
        for source in sources("runners", part)
        if (extra := imported_roots(source) - allowed)
    }

    assert sources("runners", part)
    assert strays == {}


def test_only_two_modules_of_the_agent_read_keyrings_and_vaults_and_serve_never_loads_them() -> None:
    readers = {
        str(source.relative_to(ROOT))
        for room in MAY_IMPORT
        for source in sources(room)
        if imported_roots(source) & SECRET_KEEPERS
    }
    question = f"import sys, bot.serve, bot.checking; print([one for one in {SECRET_KEEPERS} if one in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words

    assert readers == {"runners/agent/keyrings.py", "runners/agent/vault_calls.py"}
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("room", [*MAY_IMPORT, "templates"])
def test_production_never_needs_the_demo_the_tests_or_the_bench(room: str) -> None:
    strays = {
        str(source.relative_to(ROOT)) for source in sources(room) if imported_roots(source) & {"demo", "tests", "bench"}
    }

    assert strays == set()
