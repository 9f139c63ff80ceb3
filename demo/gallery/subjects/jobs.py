"""Jobs: lists, cards, and their form through the real filler: blank, filled in, wrong, outdated, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commands.forms import Entries, FieldErrors
from commands.request import Form
from demo.gallery.entries import Entry
from demo.gallery.samples import PEOPLE
from demo.gallery.stage import stage
from demo.gallery.talks import ANNA, NORA, OLGA, TOM, entry_of
from notifications.rendering.form_fields import field_errors
from notifications.rendering.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from demo.gallery.stage import Stage

FORMS = "Forms of jobs"
REFUSED = (
    ("add core-sw1 daily 02:00", TOM),
    ("add", NORA),
    ("add core-sw1 sometimes", ANNA),
    ("add core-sw1 cron 99 * * * *", ANNA),
    ("add hidden-fw1 daily 02:00", ANNA),
    ("jobs somewhere", ANNA),
    ("job nightly", ANNA),
    ("edit nightly", ANNA),
    ("pause nightly", ANNA),
    ("delete nightly", ANNA),
    ("stale never", ANNA),
)
DONE = (  # in this order: each answer follows from those before it
    ("add core-sw1 daily 02:00", ANNA),
    ("add core-sw1 daily 02:00 ", ANNA),
    ("add plant-a weekdays 01:30 as nightly", ANNA),
    ("add core-sw2 on demand as before-changes", ANNA),
    ("add edge-rt1 cron 0 2 * * 1-5 as odd hours", ANNA),
    ("jobs", ANNA),
    ("jobs plant-a night", TOM),
    ("job nightly", ANNA),
    ("job nightly", TOM),
    ("edit nightly at 03:15", ANNA),
    ("pause nightly until 2026-06-01", ANNA),
    ("pause nightly ", ANNA),
    ("job nightly ", ANNA),
    ("resume nightly", ANNA),
    ("now nightly", ANNA),
    ("delete before-changes", ANNA),
    ("stale", ANNA),
    ("stale 1", ANNA),
    ("history core-sw1 manual", ANNA),
)
FILLED: Mapping[str, Any] = {
    "kind": "device",
    "device": "core-sw1",
    "name": "every night",
    "pattern": "daily",
    "at": "02:00",
    "weekends": ("on",),
    "waiting": "",
    "running": "",
    "retries": "",
    "missed": "make_up",
    "enabled": ("on",),
}
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "every day": {},
    "on some days": {"pattern": "days", "days": ("mon", "thu"), "at": "22:15"},
    "by a cron line": {"pattern": "cron", "cron": "0 2 * * 1-5"},
    "by a wrong cron line": {"pattern": "cron", "cron": "0 2 * * 1-5 66"},
    "on demand": {"pattern": "on_demand"},
    "for a site": {"kind": "site", "site": "plant-a"},
}
WRONG: Mapping[str, Mapping[str, Any]] = {
    "nothing entered": {"device": "", "name": ""},
    "no day chosen": {"pattern": "days", "days": ()},
    "limits that cannot be": {"waiting": "soon", "running": "900h", "retries": "-1"},
    "a name that is taken": {"name": "nightly"},
}


async def entries() -> AsyncIterator[Entry]:
    """Everything about jobs."""
    async with stage() as at:
        yield entry_of("Jobs", "jobs", ANNA, await at.ask("jobs", by=ANNA), remark="none yet")
        for line, by in REFUSED:
            yield entry_of("Refusals", line, by, await at.ask(line, by=by))
        for number, (line, by) in enumerate(DONE, start=1):
            yield entry_of("Jobs", line.strip(), by, await at.ask(line, by=by), remark=f"step {number}")
        async for entry in _forms(at):
            yield entry
        for name in ("edit", "pause", "resume", "delete", "job"):
            yield entry_of("Pickers", name, ANNA, await at.ask(name, by=ANNA))
        yield await _many(at)


async def _forms(at: Stage) -> AsyncIterator[Entry]:
    blank = (await at.ask("add", by=ANNA)).form
    for line, by in (("add", ANNA), ("add core-sw1", ANNA), ("edit nightly", OLGA)):
        yield entry_of(FORMS, line, by, await at.ask(line, by=by))
    if blank is None:
        return
    person = PEOPLE[ANNA]
    for state, changed in VARIANTS.items():
        found = await at.commands.forms.refill(person, blank.callback, _entered(blank, changed))
        yield _form(state, found)
    for state, changed in WRONG.items():
        entered = _entered(blank, changed)
        shown = await at.commands.forms.refill(person, blank.callback, entered)
        yield _form(f"wrong: {state}", shown, await at.commands.forms.submit(person, blank.callback, entered))
    yield _form("while the database is away", at.commands.forms.kept(blank.callback, _entered(blank, {}), _AWAY))
    yield _form("saved", await at.commands.forms.submit(person, blank.callback, _entered(blank, {})))
    async for entry in _outdated(at):
        yield entry
    moment = {"title": "Lastgood", "line": "One moment, please."}
    yield Entry(group=FORMS, state="while it is being made", template="form_message", context=moment, surface="modal")


_AWAY = "This could not be saved. Your entries are kept. Please try again in a minute."


async def _outdated(at: Stage) -> AsyncIterator[Entry]:
    opened = (await at.ask("edit nightly", by=ANNA)).form
    await at.ask("edit nightly at 04:45", by=OLGA)
    if opened is None:
        return
    changed = {"kind": "site", "site": "plant-a", "name": "nightly", "at": "01:00"}
    entered = Entries(values={**FILLED, **changed}, memory=opened.memory)
    yield _form(
        "changed by somebody else meanwhile", await at.commands.forms.submit(PEOPLE[ANNA], opened.callback, entered)
    )


async def _many(at: Stage) -> Entry:
    for number in range(30):
        await at.ask(f"add fw1 daily 0{number % 8}:{number + 10} as job {number} of {'many ' * 8}", by=ANNA)
    return entry_of("Jobs", "jobs", ANNA, await at.ask("jobs", by=ANNA), remark="many")


def _entered(form: Form, changed: Mapping[str, Any]) -> Entries:
    return Entries(values={**FILLED, **changed}, memory=form.memory)


def _form(state: str, form: Form | FieldErrors, found: Form | FieldErrors | None = None) -> Entry:
    """A form; with ``found`` the errors that a submission met."""
    if not isinstance(form, Form):
        raise TypeError(f"no form but errors: {form.sentences}")
    errors: Mapping[str, str] = {}
    if isinstance(found, FieldErrors):
        view = Renderer().view(form.template, form.context, callback="gallery", metadata="")
        errors = field_errors(view["blocks"], found.sentences)
    return Entry(group=FORMS, state=state, template=form.template, context=form.context, surface="modal", errors=errors)
