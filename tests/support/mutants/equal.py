"""Mutants set aside by name: programs that no test can tell from the true one, each with the reason."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.mutants.faults import Name

FILE = Path(__file__).with_name("equal.yaml")


def set_aside(room: str, *, file: Path = FILE) -> dict[Name, str]:
    """The mutants of ``room`` that are equal programs, and why each is."""
    entries = yaml.safe_load(file.read_text()).get(room) or ()
    return {Name(entry["where"] or "", entry["line"], entry["becomes"]): entry["why"] for entry in entries}
