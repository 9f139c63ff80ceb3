"""The documentation says what the program does: its commands run, its lists are complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.failures import FailureKind, advice_for

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("kind", FailureKind)
def test_every_reason_is_explained_as_the_message_words_it(kind: FailureKind) -> None:
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")

    row = next((line for line in page.splitlines() if advice_for(kind) in line), "")

    assert row.endswith(f"| {'yes' if kind.is_transient else 'no'} |")
