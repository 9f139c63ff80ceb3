"""The documentation says what the program does: its commands run, its lists are complete, its links lead somewhere."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot.settings.loading import Settings
from bot.settings.sections import AgentSection, File, SiteSection
from domain.failures import FailureKind, advice_for
from tests.support.limits_page import has_unit, limits
from tests.support.pages import WRITTEN
from tests.support.serve_fixtures import town, town_clock, town_slack  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.serve_fixtures import Town

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
UNITS = {"days": "d", "hours": "h", "minutes": "m", "seconds": "s"}
ENDS_WITH = {  # exit status by command
    "lastgood manifest": 0,
    "lastgood check": 0,
    "lastgood check --devices": 0,
    "lastgood try core-sw1": 0,
    "lastgood archive backup copies": 0,
}
SYSTEM = {"cd", "curl", "git", "install", "pip", "python3", "rsync", "sqlite3", "systemctl", "useradd"}


def typed(page: Path) -> list[str]:
    """Every line after a ``$`` in the console blocks of ``page``."""
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [line.strip()[2:] for block in blocks for line in block.splitlines() if line.strip().startswith("$ ")]


TYPED = sorted({line for page in DOCS for line in typed(page)})


@pytest.mark.parametrize("kind", FailureKind)
def test_every_reason_is_explained_as_the_message_words_it(kind: FailureKind) -> None:
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")

    row = next((line for line in page.splitlines() if advice_for(kind) in line), "")

    assert row.endswith(f"| {'yes' if kind.is_transient else 'no'} |")


def keys_of(section: type[BaseModel], *above: str) -> Iterator[tuple[str, str]]:
    """Each key that may be written in ``section``, dotted, and its default as the page writes it."""
    for name, field in section.model_fields.items():
        inner, by_name = _section_in(field.annotation)
        where = (*above, name)
        if inner is None:
            yield ".".join(where), _default(field.default)
        else:
            listed = (*above, f"{name}[]") if get_origin(field.annotation) is tuple else where
            yield from keys_of(inner, *listed, *(("KEY" if inner is SiteSection else "NAME",) if by_name else ()))


def _section_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:  # noqa: ANN401 - any annotation
    """The section that a key holds, and whether it holds many of them by name."""
    every = [annotation, *get_args(annotation)]
    found = next((one for one in every if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return found, get_origin(annotation) is dict


def _default(value: object) -> str:
    match value:
        case timedelta():
            unit, count = next(
                (unit, value / timedelta(**{unit: 1})) for unit in UNITS if not value % timedelta(**{unit: 1})
            )
            return f"`{count:g}{UNITS[unit]}`"
        case bool():
            return f"`{str(value).lower()}`"
        case ZoneInfo():
            return f"`{value.key}`"
        case str() | int() | Path() if value != "":
            return f"`{value}`"
    return "required" if value is PydanticUndefined else "none"


SPOKEN = {  # defaults that depend on something
    "sites.KEY.name": "the key",
    "agents.NAME.sites": '`"*"`',
    "sites.KEY.digests": "`daily 07:00`",
    "devices.NAME.overdue": "as its site",
    "masking[].sites": "all",
    "masking[].devices": "all",
    "masking[].platforms": "all",
}


def test_every_key_of_the_settings_has_its_line_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Za-z_.\[\]]+)` \| ([^|]+) \| .+ \|$", page, flags=re.MULTILINE)

    assert dict(rows) == dict(keys_of(File)) | SPOKEN | _environment(rows)
    assert len(rows) == len(dict(rows))
    assert SiteSection().name == ""
    assert AgentSection().sites is None


EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```", (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_settings_is_accepted(example: str, tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(example if "sites:" in example else f"sites: {{plant-a: {{}}}}\n{example}", encoding="utf-8")

    assert Settings.load(path, {}, need_slack=False).file != File()


def _environment(rows: list[tuple[str, str]]) -> dict[str, str]:
    return {key: value for key, value in rows if key.isupper()}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_pages_that_are_written_from_the_code_say_what_the_code_says(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == WRITTEN[page](), "write it anew: make docs"


def test_every_limit_says_what_it_bounds_and_in_what_unit() -> None:
    silent = [f"{one.path.relative_to(ROOT)}: {one.name}" for one in limits() if not one.remark and not has_unit(one)]

    assert silent == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))

    missing = [one for one in targets if "://" not in one and not (page.parent / one).exists()]

    assert missing == []


@pytest.mark.parametrize("line", TYPED)
def test_every_command_in_the_documentation_is_one_that_is_tried_here(line: str) -> None:
    words = [word for word in shlex.split(line) if word != "sudo"]
    program = Path(words[0]).name

    if program == "make":
        subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, check=True, capture_output=True)  # noqa: S603, S607 - a line of our own
    elif program == "lastgood":
        assert line in ENDS_WITH
    else:
        assert program in SYSTEM
        assert not [word for word in words if word.startswith("requirements") and not (ROOT / word).exists()]


async def test_documented_commands_end_as_documented_in_an_installation(town: Town) -> None:  # noqa: F811
    await town.add_device("core-sw1")
    town.write_settings()
    environ = os.environ | town.environ | {"LASTGOOD_CONFIG": str(town.config), "PYTHONPATH": str(ROOT)}

    ended = {}
    for line in ENDS_WITH:
        words = [sys.executable, "-m", "bot", *shlex.split(line)[1:]]
        process = await asyncio.create_subprocess_exec(*words, cwd=town.folder, env=environ, stdout=subprocess.DEVNULL)
        ended[line] = await process.wait()

    assert ended == ENDS_WITH
    assert set(ENDS_WITH) == {line for line in TYPED if line.startswith("lastgood ")}


def test_installing_names_the_builder_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["build-system"]["requires"][0] in (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
