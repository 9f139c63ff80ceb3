"""What people ask and are answered, through the real commands: answers, pickers, refusals of each kind, help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from demo.gallery.entries import Entry
from demo.gallery.samples import PEOPLE
from demo.gallery.stage import KNOWN_KEY, OTHER_KEY, stage
from domain.failures import FailureKind
from domain.inventory.host_keys import fingerprint
from domain.runs.outcomes import Outcome
from storage.devices.devices import pin_host_key
from storage.runs.runs import unfinished_run_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from commands.request import Reply
    from demo.gallery.stage import Stage
    from domain.runs.run import Run

_MAX_LENGTH: Final = 60  # characters of a line that are repeated above its answer

ANNA, TOM, OLGA, NORA = "Anna, operator", "Tom, viewer", "Olga, owner", "Nora, no access"

REFUSALS = (  # what is typed, by whom; the answer says why not
    ("now core-sw", ANNA),
    ("now kaffeemaschine", ANNA),
    ("now hidden-fw1", ANNA),
    ("now empty", OLGA),
    ("now core-sw1", TOM),
    ("now", TOM),
    ("now", NORA),
    ("devices", NORA),
    ("devices", "Gus, guest"),
    ("devices", "Xaver, another organisation"),
    ("run", NORA),
    ("run 99999", ANNA),
    ("run core-sw1", ANNA),
    ("history core-sw1 yesterday", ANNA),
    ("diff new-sw9", ANNA),
    ("diff edge-rt1", ANNA),
    ("diff core-sw1 v8", ANNA),
    ("diff core-sw1 what", ANNA),
    ("show new-sw9", ANNA),
    ("show core-sw1 2020-01-01", ANNA),
    ("show core-sw1 latest", ANNA),
    ("cancel fw1", ANNA),
    ("cancel #1", ANNA),
    ("cancel #1", TOM),
    ("trust core-sw1", ANNA),
    ("trust fw1", OLGA),
    ("access plant-a", ANNA),
    ("access plant-a add Kim admin", OLGA),
    ("access plant-a remove <@U02ANNA>", OLGA),
    ("now " + "x" * 4_000, ANNA),
)
ANSWERS = (
    ("history", ANNA),
    ("history core-sw1 failed 7d", ANNA),
    ("history plant-a", TOM),
    ("devices", ANNA),
    ("devices zzz", ANNA),
    ("agents", ANNA),
    ("run 2", ANNA),
    ("diff core-sw1", ANNA),
    ("diff core-sw2", ANNA),
    ("show core-sw1", TOM),
    ("show core-sw2", ANNA),
    ("access", ANNA),
    ("access", OLGA),
    ("access plant-a add", OLGA),
    ("access plant-a add <@U05NORA> viewer", OLGA),
    ("access plant-a", OLGA),
    ("help", ANNA),
    ("help diff", ANNA),
    ("help now", ANNA),
    ("bakcup core-sw1", ANNA),
    ("make me a coffee", ANNA),
)
PICKERS = ("now", "cancel", "run", "diff", "show", "graph")


async def entries() -> AsyncIterator[Entry]:
    """Every conversation."""
    async with stage() as at:
        for line, by in REFUSALS:
            yield entry_of("Refusals", line, by, await at.ask(line, by=by))
        for line, by in ANSWERS:
            yield entry_of("Answers", line, by, await at.ask(line, by=by))
        async for entry in _starts(at):
            yield entry
        for name in PICKERS:
            yield await _picker(at, name, ANNA)
        yield await _picker(at, "trust", OLGA)
        async for entry in _trust(at):
            yield entry
        at.dispatcher.broken = True
        yield entry_of("Refusals", "now fw1", ANNA, await at.ask("now fw1", by=ANNA), remark="an internal error")


async def _starts(at: Stage) -> AsyncIterator[Entry]:
    yield entry_of("Runs begun", "now core-sw1", ANNA, await at.ask("now core-sw1", by=ANNA))
    yield entry_of("Refusals", "now core-sw1", ANNA, await at.ask("now core-sw1", by=ANNA), remark="while one is going")
    elsewhere = await at.ask("now core-sw2", by=ANNA, channel="C0GENERAL")
    yield entry_of("Runs begun", "now core-sw2", ANNA, elsewhere, remark="in a channel of others")
    yield entry_of("Runs begun", "now plant-b", ANNA, await at.ask("now plant-b", by=ANNA), remark="a device named so")
    yield entry_of(
        "Runs begun", "now plant-a", ANNA, await at.ask("now site:plant-a", by=ANNA), remark="some going already"
    )
    mentioned = await at.ask("now hidden-fw1", by=OLGA, mention=True)
    yield entry_of("Runs begun", "now hidden-fw1", OLGA, mentioned, remark="by mention")
    going = await at.ask("run 6", by=ANNA)
    yield entry_of("Refusals", "run 6", ANNA, going, remark="while it is going")
    yield entry_of(
        "Refusals", "diff core-sw1 #6", ANNA, await at.ask("diff core-sw1 #6", by=ANNA), remark="while going"
    )
    yield entry_of("Cancelled", "cancel core-sw1", ANNA, await at.ask("cancel core-sw1", by=ANNA))


async def _trust(at: Stage) -> AsyncIterator[Entry]:
    await pin_host_key("edge-rt1", KNOWN_KEY)
    run = await _unfinished(at, "edge-rt1")
    await at.end(run, Outcome.FAILED, reason=FailureKind.HOST_KEY_CHANGED, offered_host_key=OTHER_KEY)
    group = "Host keys"
    shown = fingerprint(OTHER_KEY)
    yield entry_of(group, "trust edge-rt1", OLGA, await at.ask("trust edge-rt1", by=OLGA))
    wrong = await at.ask("trust edge-rt1 SHA256:old", by=OLGA)
    yield entry_of(group, "trust edge-rt1 SHA256:old", OLGA, wrong, remark="another key by now")
    yield entry_of(group, f"trust edge-rt1 {shown}", OLGA, await at.ask(f"trust edge-rt1 {shown}", by=OLGA))


async def _unfinished(at: Stage, device: str) -> Run:
    return await unfinished_run_of(device) or await at.going(device)


async def _picker(at: Stage, name: str, by: str) -> Entry:
    reply = await at.ask(name, by=by)
    found = await at.commands.options(PEOPLE[by], f"pick:{name}", "")
    entry = entry_of("Pickers", name, by, reply)
    return replace(entry, choices=tuple((one.text, one.description) for one in found))


def entry_of(group: str, line: str, by: str, reply: Reply, *, remark: str = "") -> Entry:
    """What ``by`` is answered for ``line``; ``remark`` tells it from the same line at another time."""
    who = by.partition(",")[0]
    shown = line if len(line) < _MAX_LENGTH else f"{line[:_MAX_LENGTH]}…"
    state = f"{shown} ({who}){f', {remark}' if remark else ''}"
    file = {name: getattr(reply.file, name) for name in reply.file.__slots__} if reply.file else {}
    form = reply.form
    return Entry(
        group=group,
        state=state,
        template=form.template if form else reply.template,
        context=form.context if form else reply.context,
        surface="modal" if form else "message",
        asked=f"/backup {shown}  ({by})",
        private=not reply.public,
        file=file,
    )
