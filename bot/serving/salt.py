"""The salt of this installation: makes marks of masked secrets useless to whoever wants to guess them."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SALT_FILE = "salt"
_BYTES = 32


def installation_salt(folder: Path) -> bytes:
    """The salt kept in ``folder``, made at the first start and readable by its owner only.

    Raises:
        SettingsError: it cannot be read or written.
    """
    file = folder / SALT_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _write(file, secrets.token_bytes(_BYTES))
        return file.read_bytes()
    except OSError as error:
        raise SettingsError([f"archive: {file} cannot be kept: {error.strerror}"]) from error


def _write(file: Path, salt: bytes) -> None:
    """Whole or not at all: a file half written would change every mark at the next start."""
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(salt)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.rename(file)
