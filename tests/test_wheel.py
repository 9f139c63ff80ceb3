"""The wheel carries all that production needs, and nothing else."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "commands", "domain", "notifications", "runners", "storage", "templates")
KINDS = (".py", ".j2", ".yaml")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    [built] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return Path(built)


def test_wheel_holds_every_module_template_platform_and_migration_and_no_demo(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in KINDS
    }

    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}

    assert held == wanted
    assert {
        "templates/backups/run.json.j2",
        "runners/platforms/cisco_ios.yaml",
        "storage/migrations/0001_initial.py",
    } <= held


def test_wheel_says_how_it_is_started_and_under_which_licence(wheel: Path) -> None:
    scripts = ConfigParser()

    with ZipFile(wheel) as opened:
        [entry] = [name for name in opened.namelist() if name.endswith("entry_points.txt")]
        [licence] = [name for name in opened.namelist() if name.endswith("LICENSE")]
        scripts.read_string(opened.read(entry).decode())
        text = opened.read(licence)

    assert dict(scripts["console_scripts"]) == {"lastgood": "bot.cli.main:main"}
    assert text == (ROOT / "LICENSE").read_bytes()
