"""What a captured configuration is worth: to be refused, known already, or a new version.

Runs in a thread: a large configuration takes tens of milliseconds.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.configs import texts
from domain.configs.masking import secret_change
from domain.configs.own_words import marked
from domain.configs.proof import flaw_of
from domain.configs.screens import last_lines, shown_lines
from domain.failures import FailureKind
from domain.runs.evidence import Evidence, Step, short
from domain.runs.outcomes import Outcome, compare_outcome
from runners.ssh.transcript import MAX_SCREEN_KEPT, shown
from storage.archive.archive import diff_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.configs.platforms import Platform
    from domain.configs.versions import DeviceState
    from domain.inventory.declared import Endpoint
    from domain.runs.run import Run
    from runners.wire.messages import Captured


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedCapture:
    """What an agent brought home, with all that is needed to judge it."""

    run: Run
    message: Captured
    received_at: datetime
    platform: Platform
    state: DeviceState | None  # None: nothing is known of the device yet
    jump: Endpoint | None = None  # through which it was reached
    commands: tuple[str, ...] = ()  # the device's own ones, where its platform has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A capture and what it is worth."""

    capture: ArrivedCapture
    outcome: Outcome
    digest: str = ""
    reason: FailureKind | None = None
    facts: str = ""
    evidence: Evidence | None = None  # of a text that is refused
    author: str | None = None
    taken: int = 0  # the highest number that a version of the device has, at whatever site

    @property
    def base(self) -> int | None:
        """The number of the version that it was compared with: the newest of its site. None: it is a baseline there."""
        state = self.capture.state
        return state.version if state and state.site == self.capture.run.site else None

    @property
    def number(self) -> int:
        """The number that it gets if it is stored."""
        return max(self.taken, self.base or 0) + 1

    @property
    def is_new_version(self) -> bool:
        """Whether it is to be stored."""
        return self.outcome is Outcome.MODIFIED or (self.outcome.is_good and self.base is None)


class Evaluator:
    """Compares captures with what is known.

    Remembers of each device the fingerprint of the last text that it found complete: the same bytes again
    need no cleaning, which is what costs.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, str]] = {}

    def evaluate(self, captures: Sequence[ArrivedCapture]) -> list[Evaluation]:
        """Judge each capture, in order."""
        return [self._evaluate(capture) for capture in captures]

    def _evaluate(self, capture: ArrivedCapture) -> Evaluation:
        raw = capture.message.text
        state = capture.state if capture.state and capture.state.site == capture.run.site else None
        before = state.size if state and not capture.run.accept_smaller else None
        if texts.is_suspect(len(raw), before):
            facts = f"The device sent {len(raw)} bytes. The last version has {before}."
            return _refused(capture, FailureKind.SUSPECT, facts)
        fingerprint = hashlib.blake2b(raw, digest_size=20).digest()
        known, digest = self._known.get(capture.run.device, (b"", ""))
        if known != fingerprint:
            if flaw := None if capture.platform.files else flaw_of(raw, capture.platform):
                return _refused(capture, flaw.kind, flaw.note)
            digest = texts.digest(texts.comparable(raw, capture.platform))
            self._known[capture.run.device] = (fingerprint, digest)
        outcome = compare_outcome(before=state.digest if state else None, now=digest)
        return Evaluation(capture=capture, outcome=outcome, digest=digest, author=texts.author(raw, capture.platform))


def _refused(capture: ArrivedCapture, kind: FailureKind, facts: str) -> Evaluation:
    """The agent took the text for good, so that it is for us to keep what shows why it is none."""
    return Evaluation(capture=capture, outcome=Outcome.FAILED, reason=kind, facts=facts, evidence=_evidence_of(capture))


def _evidence_of(capture: ArrivedCapture) -> Evidence:
    stored, salt = marked(capture.message.text, capture.message.own_words), os.urandom(16)
    command = (capture.platform.config or capture.commands or ("",))[-1]
    told = shown_lines([command], capture.platform, salt, secrets=stored.own_words)
    lines = shown(stored.raw[-MAX_SCREEN_KEPT:])[len(stored.raw) > MAX_SCREEN_KEPT :]
    return Evidence(
        step=Step.CONFIG,
        command=short(" ".join(told)),
        received=len(stored.raw),
        screen=last_lines(lines, capture.platform, salt, secrets=stored.own_words),
    )


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """How much changed, not counting what moves by itself. Values of secrets alone make no changed lines."""

    added: int = 0  # lines
    removed: int = 0  # lines
    secrets: int = 0  # values

    @property
    def is_nothing(self) -> bool:
        """Whether by the rules of today both texts are the same."""
        return not (self.added or self.removed or self.secrets)


def count_changes(before: bytes, after: bytes, platform: Platform) -> ChangeCount:
    """Compare two captures of one device by the rules of today."""
    old, new = texts.comparable(before, platform), texts.comparable(after, platform)
    if old == new:
        return ChangeCount()
    secrets = secret_change(old, new, platform)
    if secrets.is_all:
        return ChangeCount(secrets=secrets.count)
    found = diff_texts(old, new, context=0)
    return ChangeCount(found.added, found.removed, secrets.count)
