"""What must be true after any kill, read from the outside: the tables, the commits, the messages."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pygit2

from domain.runs.outcomes import Outcome
from storage.archive.files import file_of
from tests.support.serve_process import Works, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from demo.slack import Message
    from tests.support.books import Row

UNFINISHED = ("pending", "in_progress")
STORED = ("up_to_date", "modified")  # the archive holds what this run read


async def lies(works: Works, site: str) -> list[str]:
    """Everything about ``site`` that is not as it must be; empty: all is well."""
    runs = await works.books.rows(f"SELECT * FROM run WHERE site = '{site}' ORDER BY id")  # noqa: S608 - of tests
    versions = await works.books.rows(f"SELECT * FROM version WHERE site = '{site}' ORDER BY id")  # noqa: S608
    commits = works.commits(site)
    found = [
        *_of_runs(works, site, runs),
        *_of_outcomes(runs, versions),
        *_of_commits(versions, commits),
        *_of_texts(works, site, runs, commits),
        *_of_messages(works, site, runs),
    ]
    return found + await _of_git(works, site)


async def outcomes(works: Works, site: str) -> Counter[str]:
    """How the runs of ``site`` ended: outcomes, for failed ones their reasons."""
    runs = await works.books.rows(f"SELECT outcome, reason FROM run WHERE site = '{site}'")  # noqa: S608 - of tests
    return Counter(run["reason"] or run["outcome"] for run in runs)


def _of_runs(works: Works, site: str, runs: list[Row]) -> Iterator[str]:
    """Every batch has one run for each device, and all have ended."""
    for batch, members in _by(runs, "batch_id").items():
        devices = Counter(run["device"] for run in members)
        if devices != Counter(named(site, device) for device in works.devices):
            yield f"batch {batch}: not one run for each device: {devices}"
    yield from (f"run {run['id']} is {run['outcome']}" for run in runs if run["outcome"] in UNFINISHED)


def _of_outcomes(runs: list[Row], versions: list[Row]) -> Iterator[str]:
    """A run says that it stored a version exactly when there is a version of it, in the right place."""
    made = {version["run"]: version for version in versions}
    for run in runs:
        version = made.get(run["id"])
        base = run["base_version"] or 0
        should = run["outcome"] == "modified" or (run["outcome"] == "up_to_date" and not base)
        if should != (version is not None):
            yield f"run {run['id']} is {run['outcome']} {run['reason']}, its version is {version}"
        elif version and (version["number"], version["device"]) != (base + 1, run["device"]):
            yield f"run {run['id']} after version {base} made {version['device']} v{version['number']}"


def _of_commits(versions: list[Row], commits: list[pygit2.Commit]) -> Iterator[str]:
    """The archive and the database tell the same versions, of the same runs."""
    told = [_trailers(commit) for commit in commits]
    in_git = Counter((one["commit"], int(one["Run"]), one["Device"], int(one["Version"])) for one in told)
    known = Counter((one["commit"], one["run"], one["device"], one["number"]) for one in versions)
    yield from (f"only in git: {one}" for one in in_git - known)
    yield from (f"only in the database: {one}" for one in known - in_git)


def _of_texts(works: Works, site: str, runs: list[Row], commits: list[pygit2.Commit]) -> Iterator[str]:
    """Each device's newest text is byte for byte what the device printed; a run that failed has left the one before."""
    if not commits:
        return
    stored = {_trailers(commit)["Device"] for commit in commits}
    last = {run["device"]: run["outcome"] for run in runs}
    for device in works.fleet:
        name = named(site, device.name)
        printed = device.wire if last[name] in STORED else works.before.get(device.name, device.wire)
        if name in stored and commits[-1].tree["/".join(file_of(name))].peel(pygit2.Blob).data != printed:
            yield f"{name}: what is stored is not what the device printed"


def _of_messages(works: Works, site: str, runs: list[Row]) -> Iterator[str]:
    """No message stands twice, and each batch's shows how its runs ended."""
    every = works.keyed()
    keys = Counter(key for key, _ in every)
    yield from (f"{key} stands {count} times in Slack" for key, count in keys.items() if count > 1)
    by_key = dict(every)
    for batch, members in _by(runs, "batch_id").items():
        message = by_key.get(f"batch:{batch}")
        if message is None:
            yield f"batch {batch} of {site} was not told"
        else:
            yield from _of_batch_message(works.slack.plain(message), message, members)


def _of_batch_message(shown: str, message: Message, members: list[Row]) -> Iterator[str]:
    counted = Counter(Outcome(run["outcome"]) for run in members)
    wanted = [f"{outcome.chip} {count}" for outcome, count in counted.items()]
    wanted.append("is done")
    yield from (f"the batch's message does not say {words!r}: {shown[:400]}" for words in wanted if words not in shown)
    if Outcome.PENDING.chip in shown or Outcome.IN_PROGRESS.chip in shown:
        yield f"a chip is stuck in {message.ts}: {shown[:400]}"


async def _of_git(works: Works, site: str) -> list[str]:
    """Git itself finds nothing wrong with the repository."""
    if not works.archive(site).exists():
        return []
    process = await asyncio.create_subprocess_exec(
        *("git", "-c", "safe.directory=*", "-C", str(works.archive(site)), "fsck", "--strict", "--no-dangling"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return [f"git fsck: {said.decode()}"] if said.strip() or process.returncode else []


def _trailers(commit: pygit2.Commit) -> Mapping[str, str]:
    lines = commit.message.rpartition("\n\n")[2].splitlines()
    told = dict(line.removeprefix("Lastgood-").split(": ", 1) for line in lines)
    return {**told, "commit": str(commit.id)}


def _by(rows: list[Row], column: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found
