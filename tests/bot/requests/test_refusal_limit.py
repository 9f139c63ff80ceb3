"""Whoever goes on being refused is told once more, and then not answered for a while."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.refusal_limit import MAX_REFUSALS, REFUSAL_WINDOW, Answer, RefusalLimit
from tests.support.clock import MovedClock


async def test_the_last_refusal_says_so_and_the_silence_ends() -> None:
    clock = MovedClock()
    refusal_limit = RefusalLimit(clock)

    answers = [refusal_limit.refused("U0A") for _ in range(MAX_REFUSALS + 5)]
    others = refusal_limit.refused("U0B")
    await clock.advance(REFUSAL_WINDOW)

    assert answers == [*[Answer.REFUSAL] * (MAX_REFUSALS - 1), Answer.LAST_WORDS, *[Answer.SILENCE] * 5]
    assert others is Answer.REFUSAL
    assert refusal_limit.refused("U0A") is Answer.REFUSAL


async def test_a_refusal_now_and_then_is_answered_for_ever() -> None:
    clock = MovedClock()
    refusal_limit = RefusalLimit(clock)
    answers = []

    for _ in range(MAX_REFUSALS * 3):
        answers.append(refusal_limit.refused("U0A"))
        await clock.advance(REFUSAL_WINDOW / (MAX_REFUSALS - 1) + timedelta(seconds=1))

    assert set(answers) == {Answer.REFUSAL}
