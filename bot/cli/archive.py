"""``lastgood archive``: a backup of database and archive that fit together, also while serve is running."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.serving.salt import SALT_FILE
from domain.errors import LastgoodError
from storage.archive import copying
from storage.database.copying import copy_database
from storage.database.opening import StorageError, database
from storage.devices.versions import newest_commits

if TYPE_CHECKING:
    from bot.settings.loading import Settings

MAX_COMPARED_COMMITS = 1000  # of each site, that the copy must hold


async def back_up(settings: Settings, folder: Path) -> bool:
    """Copy database, archive and salt into ``folder``; True: something could not be copied.

    The database first: every version is in the archive before the database names it, so an archive that is copied later
    has all that the copied database names. What it has beyond that is taken in when Lastgood starts on the copy.
    """
    _require_other_folder(settings, folder)
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    async with database(settings.database):  # known before the database is copied, so the copy of the archive has them
        known = {site: await newest_commits(site, limit=MAX_COMPARED_COMMITS) for site in settings.file.sites}
    copied = await asyncio.to_thread(copy_database, settings.database, folder)
    sys.stdout.write(f"✅ database: {copied}\n")
    await asyncio.to_thread(_copy_secrets, settings, folder)
    good = [await asyncio.to_thread(_copy_site, settings, site, folder, commits) for site, commits in known.items()]
    return not all(good)


def _copy_secrets(settings: Settings, folder: Path) -> None:
    copying.copy_key(settings.archive, folder / "archive")
    salt = settings.data / SALT_FILE
    if salt.exists():
        copying.copy_secret(salt, folder / SALT_FILE)


def _require_other_folder(settings: Settings, folder: Path) -> None:
    """A copy over what is being copied would destroy both."""
    own = {settings.data.resolve(), settings.archive.resolve()}
    if settings.database.startswith("sqlite://"):
        own.add(Path(settings.database.removeprefix("sqlite://")).resolve().parent)
    if folder.resolve() in own or (folder / "archive").resolve() in own:
        raise StorageError(
            f"{folder} is where Lastgood keeps its own data",
            advice="Name another folder for the backup, best on another disk.",
        )


def _copy_site(settings: Settings, site: str, folder: Path, commits: list[str]) -> bool:
    target = folder / "archive"
    if not commits and not copying.is_there(settings.archive, site):
        sys.stdout.write(f"✅ {site}: nothing is stored yet\n")
        return True
    try:
        copying.copy_repository(settings.archive, site, target)
        if not copying.holds(target, site, commits):
            sys.stdout.write(f"❌ {site}: versions of it are missing from the archive. `lastgood check` says more\n")
            return False
    except LastgoodError as error:
        sys.stdout.write(f"❌ {site}: {error}\n")
        return False
    sys.stdout.write(f"✅ {site}: {target}\n")
    return True
