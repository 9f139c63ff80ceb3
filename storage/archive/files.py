"""Names of files that nothing can break out of, and files that are on the disk before anybody relies on them."""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_NAME = 200  # characters of a file name, which most file systems end at 255
_KEY_BYTES = 32

_libc = ctypes.CDLL(None, use_errno=True)


def file_of(device: str) -> tuple[str, str]:
    """The folder and the file of a device: names that no device name can break out of.

    Letters, digits, hyphen and underscore stay as they are, all else becomes ``%2F`` and so on, also dots. A name
    that is too long for a file ends with its hash; the commit's trailer has it in full.
    """
    hashed = hashlib.sha256(device.encode("utf-8", "surrogatepass")).hexdigest()
    name = safe_name(device)
    if len(name) > MAX_FILE_NAME:
        name = f"{name[: MAX_FILE_NAME - 33]}-{hashed[:32]}"
    return hashed[:2], name


def safe_name(name: str) -> str:
    """``name`` with everything but letters, digits, hyphen and underscore percent-encoded."""
    return quote(name, safe="", errors="surrogatepass").replace(".", "%2E").replace("~", "%7E")


def flush_file_system(path: Path) -> None:
    """Wait until the file system of ``path`` has everything on the disk: one flush for thousands of objects."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if _libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs failed", str(path))
    finally:
        os.close(descriptor)


def flush_file(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept_key(file: Path) -> bytes:
    """The key in ``file``, made when it is first asked for, readable by its owner only.

    Whole or not at all: half a key would make a stranger of every commit.
    """
    if file.exists() and len(key := file.read_bytes()) == _KEY_BYTES:
        return key
    fresh, key = file.with_name(f"{file.name}.new"), secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(key)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.rename(file)
    return key
