"""What people read about a run that failed."""

from __future__ import annotations

import pytest

from domain.failures import FailureKind, advice_for


@pytest.mark.parametrize(
    ("kind", "facts", "part"),
    [
        (FailureKind.COMMAND_REJECTED, "show tech: % Invalid input", "rejected the command `show tech`. Check"),
        (FailureKind.COMMAND_REJECTED, "show `a` b: no: such", "rejected the command `show a b`. Check"),
        (FailureKind.COMMAND_REJECTED, "", "rejected the command. Check"),
        (FailureKind.INCOMPLETE, "show tech: 12 bytes", "is incomplete, so it was not stored."),
    ],
)
def test_a_rejected_command_is_named_in_the_advice(kind: FailureKind, facts: str, part: str) -> None:
    assert part in advice_for(kind, facts)


@pytest.mark.parametrize("kind", FailureKind)
def test_each_sentence_of_an_advice_is_short(kind: FailureKind) -> None:
    sentences = advice_for(kind).replace("app.yaml", "app_yaml").split(". ")

    assert [one for one in sentences if len(one.split()) > 20] == []
