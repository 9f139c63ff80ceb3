"""How far an attempt came before it failed, from what its session noted: in words, masked and bounded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from domain.configs.screens import last_lines, shown_lines
from domain.failures import FailureKind
from domain.runs.evidence import Evidence, Step, short

if TYPE_CHECKING:
    from collections.abc import Collection

    from domain.configs.platforms import Platform
    from runners.ssh.transcript import Transcript

# Of these an attempt dies while it waits; in any other what it waited for has come, and was not what it ought to be.
_WAITED: Final = frozenset(
    {
        FailureKind.NO_PROMPT,
        FailureKind.SILENT,
        FailureKind.CONNECTION_LOST,
        FailureKind.TOO_LARGE,
        FailureKind.RUNNING_LIMIT,
        FailureKind.CANCELLED,
        FailureKind.INTERNAL,
    }
)


def evidence_of(transcript: Transcript, kind: FailureKind, platform: Platform, *, secrets: Collection[str]) -> Evidence:
    """What there is to show of an attempt.

    Args:
        transcript: of the attempt.
        kind: what ended it.
        platform: of the device, with the user's own rules for what is masked.
        secrets: what was sent to log in: it never stands in the evidence.
    """
    command = transcript.commands[-1] if transcript.commands else ""
    step = _step(transcript, command, platform)
    is_waiting = kind in _WAITED
    lines = transcript.last_lines() if is_waiting else _answer(transcript)
    return Evidence(
        step=step,
        command=short(tellable(command, platform, secrets=secrets)),
        received=transcript.received,
        awaited=short(tellable(_awaited(step, transcript, platform), platform, secrets=secrets)) if is_waiting else "",
        screen=last_lines(lines, platform, os.urandom(16), secrets=secrets),
    )


def tellable(text: str, platform: Platform, *, secrets: Collection[str]) -> str:
    """A short ``text`` about a device as one line without secrets: a device may give back whatever it was sent."""
    lines = shown_lines(text.split("\n"), platform, os.urandom(16), secrets=secrets)
    return " ".join(" ".join(lines).split())


def _step(transcript: Transcript, command: str, platform: Platform) -> Step:
    """How far the session of ``transcript`` has come."""
    if not transcript.is_open:
        return Step.CONNECTING
    if platform.use_exec or command in platform.config:
        return Step.CONFIG
    if not transcript.prompt:
        return Step.FIRST_PROMPT
    enable = platform.enable
    if enable and enable.send in transcript.commands and enable.when.search(transcript.prompt):
        return Step.ENABLE
    return Step.PREPARING


def _answer(transcript: Transcript) -> list[str]:
    """The last lines without the prompts that the device has shown behind its answer."""
    lines = transcript.last_lines()
    while lines and lines[-1].strip() in {transcript.prompt.strip(), ""}:
        lines.pop()
    return lines


def _awaited(step: Step, transcript: Transcript, platform: Platform) -> str:
    if step is Step.CONNECTING:
        return ""
    if step is Step.FIRST_PROMPT:
        return f"a prompt such as {platform.prompt.pattern}"
    if platform.use_exec:
        return "the end of the command"
    if step is Step.ENABLE:
        return "a prompt or a question for the password"
    return f"the prompt {transcript.prompt.strip()}"
