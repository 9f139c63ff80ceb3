"""After each feature: is a password, a token or a device's secret anywhere where it must not be?"""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from domain.configs import texts
from domain.configs.masking import mask
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Iterator

    from tests.support.serve_fixtures import Town

PLATFORMS = load_platforms(None)
_LONG_ENOUGH = 8  # characters: a shorter value is found by chance


@dataclass
class Seeds:
    """Secrets of a test's own.

    ``of_devices`` stand in configurations: the archive, and nothing else, holds them. ``of_people`` open something:
    not even the archive may hold them, unless a device shows one of them itself and they are of both.
    """

    of_devices: list[str] = field(default_factory=list)
    of_people: list[str] = field(default_factory=list)


def leaks(town: Town, seeds: Seeds, temp_folder: Path, records: Iterable[logging.LogRecord], written: str) -> list[str]:
    """Where something secret stands that must not stand there; ``written`` is what the processes printed."""
    keys = [*seeds.of_people, *town.environ.values(), *(device.password for device in town.fleet)]
    values = {*seeds.of_devices, *_of_configs(town)}
    logged = "\n".join(str(vars(record)) + record.getMessage() for record in records)
    places = {"Slack": town.slack.everything_sent(), "log": logged, "output": written, "processes": command_lines()}
    found = [f"{place}: {secret}" for place, text in places.items() for secret in (*keys, *values) if secret in text]
    for path, content in _files(town.folder / "data", temp_folder):
        archived = [key for key in keys if key not in seeds.of_devices]
        wanted = archived if "archive" in path.parts else (*keys, *values)
        found += [f"{path}: {secret}" for secret in wanted if secret.encode() in content]
    return found


def command_lines() -> str:
    """How every process of this machine was called: anybody on it may read that."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            lines.append(path.read_text(errors="replace").replace("\0", " "))
    return "\n".join(lines)


def _of_configs(town: Town) -> Iterator[str]:
    """The secrets in what each device shows now, by the rules of its platform."""
    for device in town.fleet:
        text = texts.decode(device.config)
        for secret in mask(text, PLATFORMS[device.platform], b"").secrets:
            if len(secret) >= _LONG_ENOUGH:
                yield secret


def _files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below ``folders``; what git has packed is unpacked."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                with suppress(zlib.error):
                    content = zlib.decompress(content)
                yield path, content
