"""A file that was announced and has not been completed yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass
class Upload:
    """An upload that has been announced: the file id is known, the bytes may not have come yet."""

    file: str
    name: str
    length: int  # bytes
    issued: datetime
    snippet_type: str | None
    alt_txt: str
    content: bytes | None = None
    completed: bool = False
