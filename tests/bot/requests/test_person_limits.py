"""Whoever goes on being refused is told once more, and then not answered for a while."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.person_limits import MAX_REFUSALS, REFUSAL_WINDOW, Answer, PersonLimits
from tests.support.clock import MovedClock


async def test_the_last_refusal_says_so_and_the_silence_ends() -> None:
    clock = MovedClock()
    limit = PersonLimits(clock).refusals

    answers = [limit.counted("U0A") for _ in range(MAX_REFUSALS + 5)]
    others = limit.counted("U0B")
    await clock.advance(REFUSAL_WINDOW)

    assert answers == [*[Answer.USUAL] * (MAX_REFUSALS - 1), Answer.LAST_WORDS, *[Answer.SILENCE] * 5]
    assert others is Answer.USUAL
    assert limit.counted("U0A") is Answer.USUAL


async def test_a_refusal_now_and_then_is_answered_for_ever() -> None:
    clock = MovedClock()
    limit = PersonLimits(clock).refusals
    answers = []

    for _ in range(MAX_REFUSALS * 3):
        answers.append(limit.counted("U0A"))
        await clock.advance(REFUSAL_WINDOW / (MAX_REFUSALS - 1) + timedelta(seconds=1))

    assert set(answers) == {Answer.USUAL}
