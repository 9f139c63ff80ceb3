"""The pages of the documentation that are written from the code: ``make docs`` writes them, a test compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import commands_page, limits_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITTEN: dict[Path, Callable[[], str]] = {
    commands_page.PAGE: commands_page.commands_page,
    limits_page.PAGE: limits_page.limits_page,
}


if __name__ == "__main__":
    for page, write in WRITTEN.items():
        page.write_text(write(), encoding="utf-8")
