"""The walls between the rooms, as a table that is run: widen a row only in a change of its own that says why.

``python -m pytest tests/test_walls.py`` prints the house: rooms, folders, and their doors.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import house
from tests.support.house import ROOT, imported_roots, sources

if TYPE_CHECKING:
    from pathlib import Path

MOST_DOORS = 15  # files and folders in one folder: as many as a newcomer takes in at a look
MOST_FUNCTION_LINES = 50
MOST_FILE_LINES = 300

# Files of tests that are longer than that: each wants to be taken apart, and none may join them.
LONG_TESTS = {
    "tests/bot/requests/test_listeners.py",
    "tests/bot/requests/test_modals.py",
    "tests/commands/plants.py",
    "tests/demo/fleet/test_faults.py",
    "tests/features/access/test_masking.py",
    "tests/features/jobs/test_jobs.py",
    "tests/features/jobs/test_schedules.py",
    "tests/features/kills/test_kills.py",
    "tests/features/notifications/test_digests.py",
    "tests/features/notifications/test_events.py",
    "tests/notifications/delivery/test_deliverer.py",
    "tests/page/test_page_modals.py",
    "tests/runners/dispatch/test_dispatch.py",
    "tests/runners/dispatch/test_due_jobs.py",
    "tests/runners/dispatch/test_time_limits.py",
    "tests/runners/ssh/test_odd_devices.py",
    "tests/runners/ssh/test_why_no_connection.py",
    "tests/storage/archive/test_archive.py",
    "tests/storage/messages/test_outbox.py",
}

# Two classes of one name, and why.
ALIKE = {
    "Dispatcher": "commands.services says what commands need of the one in runners",
    "EventPublisher": "commands.services says what commands need of the one in notifications",
    "Previews": "commands.services says what commands need of the one in notifications",
    "Migration": "the ORM finds it by this name in each file of storage/migrations",
}

# Read passwords from a keyring and from Vault. Only an agent with such a credential loads them, when it needs them.
SECRET_KEEPERS = {"keyring", "hvac", "requests"}

MAY_IMPORT: dict[str, set[str]] = {
    "domain": {"apscheduler"},  # arithmetic of schedules: pure functions
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
AGENT_SIDE = ("agent", "ssh", "wire", "platforms")
AGENT_MAY_IMPORT = {
    *("domain", "runners", "asyncssh", "pydantic", "tenacity", "yaml", "cryptography"),
    *SECRET_KEEPERS,
}


def strays(files: list[Path], allowed: set[str]) -> dict[str, set[str]]:
    """What each of ``files`` imports beyond ``allowed`` and the standard library."""
    known = allowed | sys.stdlib_module_names
    found = {str(source.relative_to(ROOT)): imported_roots(source) - known for source in files}
    return {name: extra for name, extra in found.items() if extra}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_what_its_row_allows(room: str) -> None:
    assert sources(room)
    assert strays(sources(room), MAY_IMPORT[room] | {room}) == {}


@pytest.mark.parametrize("part", AGENT_SIDE)
def test_agent_knows_neither_slack_nor_the_database(part: str) -> None:
    assert sources("runners", part)
    assert strays(sources("runners", part), AGENT_MAY_IMPORT) == {}


@pytest.mark.parametrize("part", AGENT_SIDE)
def test_agent_imports_only_folders_of_its_own_side(part: str) -> None:
    own = tuple(f"runners.{side}" for side in AGENT_SIDE)

    others = {
        name: beyond
        for name, wanted in house.imports().items()
        if name.startswith(f"runners.{part}.")
        and (beyond := [one for one in wanted if one.startswith("runners.") and not one.startswith(own)])
    }

    assert others == {}


def test_only_two_modules_of_the_agent_read_keyrings_and_vaults_and_serve_never_loads_them() -> None:
    readers = {
        str(source.relative_to(ROOT))
        for room in MAY_IMPORT
        for source in sources(room)
        if imported_roots(source) & SECRET_KEEPERS
    }
    question = (
        f"import sys, bot.serving.serve, bot.cli.check; print([one for one in {SECRET_KEEPERS} if one in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words

    assert readers == {"runners/agent/secrets/keyring.py", "runners/agent/secrets/vault_calls.py"}
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("room", [*MAY_IMPORT, "templates"])
def test_production_never_needs_the_demo_the_tests_or_the_bench(room: str) -> None:
    found = {
        str(source.relative_to(ROOT)) for source in sources(room) if imported_roots(source) & {"demo", "tests", "bench"}
    }

    assert found == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    assert house.circle() == []


def test_no_two_folders_of_a_room_import_each_other() -> None:
    arrows = house.folder_imports()

    assert {(one, other) for one, other in arrows if (other, one) in arrows} == set()


def test_no_folder_has_more_doors_than_one_look_takes_in() -> None:
    crowded = {
        str(folder.relative_to(ROOT)): len(house.doors(folder))
        for folder in house.folders(*house.ROOMS, *house.BESIDE)
        if len(house.doors(folder)) > MOST_DOORS
    }

    assert crowded == {}


def test_no_two_classes_of_the_rooms_have_the_same_name() -> None:
    found = {name: files for name, files in house.public_classes().items() if len(files) > 1}

    assert {name: files for name, files in found.items() if name not in ALIKE} == {}
    assert ALIKE.keys() <= found.keys(), "no longer alike: take it out of ALIKE"


def test_no_function_is_longer_than_one_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {name}": size
        for path in house.written(*house.ROOMS, *house.ABOVE)
        for name, size in house.functions(path)
        if size > MOST_FUNCTION_LINES
    }

    assert long == {}


def test_no_file_is_longer_than_one_subject() -> None:
    long = {
        str(path.relative_to(ROOT))
        for path in house.written(*house.ROOMS, *house.ABOVE)
        if house.length(path) > MOST_FILE_LINES
    }

    assert long - LONG_TESTS == set()
    assert LONG_TESTS - long == set(), "short enough now: take it out of LONG_TESTS"


def test_the_house_is_printed_for_whoever_asks(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = house.drawing()

    with capsys.disabled():
        print(f"\n{drawn}")  # noqa: T201 - it is there to be read

    assert all(f"{room}/ (" in drawn for room in house.ROOMS)
