"""Results come in: judged, archived, and written down as the one end of their run.

A version is in the archive before the database says that it exists. A kill between the two leaves a commit
that recovery takes in, so a run never says "stored" of something that is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.inventory.masking_rules import rules_for
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd, StoredVersion
from runners.results.evaluation import ArrivedCapture, ChangeCount, Evaluation, Evaluator, count_changes
from runners.results.stored_texts import StoredTexts
from runners.state.database_retry import DATABASE_RETRY_TIMEOUT, patiently
from runners.state.run_ends import begun_at, end_of_failure, ended, jump_keys
from runners.wire.messages import Captured, Failed
from storage.archive.archive import ArchiveError, NewVersion
from storage.devices import versions as version_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from domain.configs.platforms import Platform
    from domain.inventory.declared import Endpoint
    from domain.runs.run import Run
    from runners.dispatch.parts import Parts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """An agent's last word about a run, and when it came."""

    message: Captured | Failed
    received_at: datetime


class Intake:
    """Turns results into ends, many at a time."""

    def __init__(self, parts: Parts, *, refusal_limit: timedelta = DATABASE_RETRY_TIMEOUT) -> None:
        self._refusal_limit = refusal_limit  # with the database, when ends are written down
        self._owed: dict[int, RunEnd] = {}  # stored, and not written down yet: their runs stay as if arriving
        self._queue = parts.queue
        self._recorder = parts.recorder
        self._inventory = parts.inventory
        self._platforms = parts.platforms
        self._archive = parts.archive
        self._texts = StoredTexts(parts.archive, parts.clock)
        self._clock = parts.clock
        self._causes = parts.causes
        self._evaluate = Evaluator()

    async def take_in(self, results: Sequence[Result]) -> list[Run]:
        """Write down how these runs ended; returns the runs that ended by it.

        A result of a run that has ended already, or a second one of the same run, is dropped: it counts once.
        """
        fresh = self._fresh(results)
        try:
            ends = [self._failed(run, result) for run, result in fresh if isinstance(result.message, Failed)]
            ends = await self._causes.explain(ends, self._clock.now())
            ends += await self._captured([pair for pair in fresh if isinstance(pair[1].message, Captured)])
        except Exception:  # an edge: one batch that cannot be handled must not end the taking in
            log.exception("results could not be taken in", extra={"runs": [run.id for run, _ in fresh]})
            now = self._clock.now()
            ends = [ended(run, FailureKind.INTERNAL, now) for run, _ in fresh]
        return await self._write_down(ends)

    async def write_down_owed(self) -> list[Run]:
        """Try again to write down ends whose versions are in the archive already: no other end would be true."""
        return await self._one_by_one(list(self._owed.values()))

    def _fresh(self, results: Sequence[Result]) -> list[tuple[Run, Result]]:
        fresh: dict[int, tuple[Run, Result]] = {}
        for result in results:
            run = self._queue.find(result.message.run)
            if run is None or run.id in fresh or run.id not in self._queue.arriving:
                log.info("result dropped: its run has ended", extra={"run": result.message.run})
                continue
            fresh[run.id] = (run, result)
        return list(fresh.values())

    def _failed(self, run: Run, result: Result) -> RunEnd:
        assert isinstance(result.message, Failed)  # noqa: S101 - told apart by take_in
        wish, jump = self._queue.wishes.find(run.id), self._jump_of(run)
        return end_of_failure(run, result.message, wish=wish, at=result.received_at, jump=jump)

    def _jump_of(self, run: Run) -> Endpoint | None:
        device = self._inventory.devices.get(run.device)
        return device.jump if device else None

    async def _captured(self, pairs: Sequence[tuple[Run, Result]]) -> list[RunEnd]:
        if not pairs:
            return []
        devices = [run.device for run, _ in pairs]
        states, closed = await self._texts.states(devices)
        captures = [
            ArrivedCapture(
                run=run,
                message=result.message,
                received_at=result.received_at,
                platform=self._rules(run.device),
                state=states.get(run.device),
                jump=self._jump_of(run),
                commands=self._inventory.devices[run.device].commands,
            )
            for run, result in pairs
            if isinstance(result.message, Captured)
        ]
        evaluated = await asyncio.to_thread(self._evaluate.evaluate, captures)
        evaluated = [_unstorable(one) if one.capture.run.site in closed else one for one in evaluated]
        ends = [_end(one) for one in evaluated if not one.is_new_version]
        return ends + await self._store([one for one in evaluated if one.is_new_version])

    def _rules(self, device: str) -> Platform:
        rules = rules_for(device, self._inventory, self._platforms)
        assert rules is not None, device  # noqa: S101 - nothing is sent to a device that is not declared
        return rules

    async def _store(self, evaluated: Sequence[Evaluation]) -> list[RunEnd]:
        by_site: dict[str, list[Evaluation]] = defaultdict(list)
        for one in evaluated:
            by_site[one.capture.run.site].append(one)
        return [end for site, ones in by_site.items() for end in await self._store_at(site, ones)]

    async def _store_at(self, site: str, evaluated: Sequence[Evaluation]) -> list[RunEnd]:
        evaluated = await self._numbered(evaluated)  # all that may fail comes before: what is stored has to get its end
        counts = await self._counts(evaluated)
        changed = [(one, count) for one, count in zip(evaluated, counts, strict=True) if not _is_same(count)]
        ends = [_end(_same(one)) for one, count in zip(evaluated, counts, strict=True) if _is_same(count)]
        return ends + await self._store_changed(site, changed)

    async def _store_changed(self, site: str, changed: Sequence[tuple[Evaluation, ChangeCount | None]]) -> list[RunEnd]:
        if not changed:
            return []
        new = [_new_version(one) for one, _ in changed]
        try:
            commits = await self._archive.store(site, new)
        except ArchiveError as error:
            if len(changed) > 1:  # one that cannot be stored must not fail the others
                return [end for one in changed for end in await self._store_changed(site, [one])]
            log.error("version could not be stored", extra={"run": new[0].run, "error": str(error)})  # noqa: TRY400 - the archive's own facts are enough
            return [_end(one, reason=FailureKind.ARCHIVE) for one, _ in changed]
        return [_stored(one, commit, count) for (one, count), commit in zip(changed, commits, strict=True)]

    async def _numbered(self, evaluated: Sequence[Evaluation]) -> list[Evaluation]:
        """With the numbers that are taken: a device that was at another site before has versions there."""
        devices = [one.capture.run.device for one in evaluated]
        newest = await patiently(lambda: version_store.newest_versions(devices))
        taken = {name: version.number for name, version in newest.items()}
        return [replace(one, taken=taken.get(one.capture.run.device, 0)) for one in evaluated]

    async def _counts(self, evaluated: Sequence[Evaluation]) -> list[ChangeCount | None]:
        """How much changed; None for a baseline, and for a version whose predecessor cannot be read."""
        bases = [(one.capture.run.device, one.base) for one in evaluated if one.base]
        before = await patiently(lambda: version_store.versions_numbered(bases))
        by_site: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in before:
            by_site[one.site].append((one.commit, one.device))
        earlier: dict[str, bytes] = {}
        for site, wanted in by_site.items():
            earlier |= await self._earlier_texts(site, wanted)
        return await asyncio.to_thread(_count_each, evaluated, earlier)

    async def _earlier_texts(self, site: str, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
        try:
            texts = await self._archive.read_all(site, wanted)
        except ArchiveError as error:
            if len(wanted) > 1:
                apart = [await self._earlier_texts(site, [one]) for one in wanted]
                return {device: text for found in apart for device, text in found.items()}
            log.warning("lines could not be counted", extra={"devices": wanted, "error": str(error)})
            return {}
        return {device: text for (_, device), text in zip(wanted, texts, strict=True)}

    async def _write_down(self, ends: Sequence[RunEnd]) -> list[Run]:
        try:
            return await patiently(lambda: self._finish(ends), at_most=self._refusal_limit)
        except Exception:  # an edge: see above
            log.exception("ends could not be written down", extra={"runs": [end.run for end in ends]})
            return await self._one_by_one(ends)

    async def _finish(self, ends: Sequence[RunEnd]) -> list[Run]:
        over = await self._recorder.end(ends)
        for end in ends:
            self._queue.arriving.drop(end.run)
            self._owed.pop(end.run, None)
        return over

    async def _one_by_one(self, ends: Sequence[RunEnd]) -> list[Run]:
        """What the database refuses even now is owed to it if its version is stored; else the clocks will end it."""
        over: list[Run] = []
        for end in ends:
            try:
                over += await self._finish([end])
            except Exception:
                log.exception("run could not be ended", extra={"run": end.run})
                if end.stored:
                    self._owed[end.run] = end
                else:
                    self._queue.arriving.drop(end.run)
        return over


def _count_each(evaluated: Sequence[Evaluation], earlier: Mapping[str, bytes]) -> list[ChangeCount | None]:
    return [_count(one, earlier.get(one.capture.run.device)) for one in evaluated]


def _count(one: Evaluation, before: bytes | None) -> ChangeCount | None:
    if before is None:
        return None
    return count_changes(before, one.capture.message.text, one.capture.platform)


def _is_same(count: ChangeCount | None) -> bool:
    return count is not None and count.is_nothing


def _unstorable(one: Evaluation) -> Evaluation:
    """Nobody can tell whether the text that it was compared with is there."""
    return replace(one, outcome=Outcome.FAILED, reason=FailureKind.ARCHIVE) if one.outcome.is_good else one


def _same(one: Evaluation) -> Evaluation:
    """Its fingerprint differs from the stored one only because the rules are others than on that day."""
    return replace(one, outcome=Outcome.UP_TO_DATE)


def _stored(one: Evaluation, commit: str, count: ChangeCount | None) -> RunEnd:
    run, text = one.capture.run, one.capture.message.text
    counted = count or ChangeCount()
    version = StoredVersion(
        device=run.device,
        site=run.site,
        number=one.number,
        commit=commit,
        run=run.id,
        captured_at=one.capture.received_at,
        size=len(text),
        digest=one.digest,
        author=one.author,
        added=counted.added,
        removed=counted.removed,
        secrets_changed=counted.secrets,
    )
    return _end(one, stored=version)


def _new_version(one: Evaluation) -> NewVersion:
    run = one.capture.run
    return NewVersion(
        device=run.device,
        site=run.site,
        text=one.capture.message.text,
        number=one.number,
        run=run.id,
        captured_at=one.capture.received_at,
        digest=one.digest,
        reason=f"{run.trigger.value}, smaller size accepted" if run.accept_smaller else run.trigger.value,
        person=run.asked_by,
        job=str(run.job) if run.job else None,
        author=one.author,
        own_words=one.capture.message.own_words,
    )


def _end(one: Evaluation, *, stored: StoredVersion | None = None, reason: FailureKind | None = None) -> RunEnd:
    reason = reason or one.reason
    message = one.capture.message
    return RunEnd(
        run=one.capture.run.id,
        outcome=Outcome.FAILED if reason else one.outcome,
        at=one.capture.received_at,
        agent=message.agent,
        attempts=message.attempts,
        started_at=begun_at(one.capture.run, message, one.capture.received_at),
        reason=reason,
        facts=one.facts,
        evidence=one.evidence,
        base_version=one.base,
        version=stored.number if stored else one.base,
        stored=stored,
        host_key=message.host_key,
        jump=jump_keys(message, one.capture.jump),
    )
