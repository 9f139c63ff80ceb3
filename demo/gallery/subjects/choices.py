"""What people choose to hear: the form of subscriptions, what one gets, mutes; through the real commands."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from commands.forms import Entries, FieldErrors
from commands.request import Form
from demo.gallery.entries import Entry
from demo.gallery.samples import NIGHT, PEOPLE
from demo.gallery.stage import stage
from demo.gallery.talks import ANNA, NORA, OLGA, TOM, entry_of
from domain.digests.digests import Digest, DigestPeriod
from domain.jobs.schedules import Daily
from domain.subscriptions.routes import Route, RouteFields, RouteHealth
from domain.subscriptions.subscriptions import Profile, Subscription, SubscriptionScope
from notifications.pages import subscription_forms, subscriptions
from notifications.pages.subscription_forms import Filled
from notifications.rendering.escaping import mrkdwn
from notifications.rendering.form_fields import Choice, field_errors
from notifications.rendering.renderer import Renderer
from storage.subscriptions.routes import note_health, sync_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from demo.gallery.stage import Stage
    from notifications.rendering.renderer import Context

GROUP = "Subscriptions"
FORMS = "Forms of subscriptions"
REFUSED = (
    ("subscribe core-sw1 sometimes", ANNA),
    ("subscribe hidden-fw1 failed", ANNA),
    ("subscribe", NORA),
    ("unsubscribe core-sw2", ANNA),
    ("mute sometime", ANNA),
)
DONE = (  # in this order: each answer follows from those before it
    ("subscriptions", ANNA),
    ("subscribe core-sw1 both", ANNA),
    ("subscribe site:plant-a failed daily 07:00", ANNA),
    ("subscribe edge-rt1 nothing weekly mon 07:30", ANNA),
    ("unsubscribe fw1", ANNA),
    ("subscriptions ", ANNA),
    ("unsubscribe core-sw1", ANNA),
    ("mute", ANNA),
    ("mute 2h", ANNA),
    ("subscriptions  ", ANNA),
    ("unmute", ANNA),
    ("unmute ", ANNA),
    ("unsubscribe", TOM),
)
ROUTES = (
    ("routes", TOM),
    ("routes plant-a add <#C0NET> failed,overdue", OLGA),
    ("routes plant-a", OLGA),
    ("routes off 2", OLGA),
    ("routes change 2", OLGA),
    ("routes test 2", OLGA),
    ("routes remove 1", OLGA),
    ("routes plant-a add <#C0X> sometimes", OLGA),
    ("routes off 2", ANNA),
    ("routes", TOM),
)
FILLED: Mapping[str, Any] = {
    "what": "site:plant-a",
    "at_once": ("failed", "modified"),
    "new": ("on",),
    "digests": ("daily", "weekly"),
    "at": "06:45",
    "day": "mon",
    "form": "short",
    "quiet_from": "22:00",
    "quiet_to": "06:00",
    "twice": (),
}
WRONG: Mapping[str, Mapping[str, Any]] = {
    "nothing chosen": {"what": ""},
    "half of the quiet hours": {"quiet_to": ""},
}
_AWAY = "This could not be saved. Your entries are kept. Please try again in a minute."


async def entries() -> AsyncIterator[Entry]:
    """Everything about subscriptions."""
    async with stage() as at:
        for line, by in REFUSED:
            yield entry_of("Refusals", line, by, await at.ask(line, by=by))
        for number, (line, by) in enumerate(DONE, start=1):
            yield entry_of(GROUP, line.strip(), by, await at.ask(line, by=by), remark=f"step {number}")
        async for entry in _forms(at):
            yield entry
        async for entry in _routes(at):
            yield entry


async def _routes(at: Stage) -> AsyncIterator[Entry]:
    for number, (line, by) in enumerate(ROUTES, start=1):
        yield entry_of("Channel routes", line, by, await at.ask(line, by=by), remark=f"step {number}")
        if number == 1:
            await sync_routes([RouteFields(site="plant-a", channel="C0PLANTA")])
        await note_health("C0NET", RouteHealth.BAD, trouble="is_archived", now=NIGHT)
    entered = Entries(values={"site": "plant-a", "channel": "", "events": ()})
    found = await at.commands.forms.submit(PEOPLE[OLGA], "route", entered)
    yield _form("a route, wrong", await at.commands.forms.refill(PEOPLE[OLGA], "route", entered), found)


async def _forms(at: Stage) -> AsyncIterator[Entry]:
    for line in ("subscribe", "subscribe core-sw2"):
        yield entry_of(FORMS, line, ANNA, await at.ask(line, by=ANNA))
    person, forms = PEOPLE[ANNA], at.commands.forms
    shown = await forms.refill(person, "subscribe", Entries(values=FILLED))
    yield _form("filled in", shown)
    for state, changed in WRONG.items():
        entered = Entries(values={**FILLED, **changed})
        yield _form(
            f"wrong: {state}",
            await forms.refill(person, "subscribe", entered),
            await forms.submit(person, "subscribe", entered),
        )
    yield _form("while the database is away", forms.kept("subscribe", Entries(values=FILLED), _AWAY))
    saved = await forms.submit(person, "subscribe", Entries(values=FILLED))
    if isinstance(saved, Form):
        yield _form("saved", saved)


def hostile_messages(text: str) -> Mapping[str, Context]:
    """What people choose, with ``text`` wherever it can hold some."""
    subscription = Subscription(
        person=text, scope=SubscriptionScope.DEVICE, target=text, site=text, id=1, created_at=NIGHT
    )
    digest = Digest(
        recipient=text, site=None, period=DigestPeriod.DAY, schedule=Daily(time(7), weekends=True), zone=text, id=1
    )
    route = Route(id=1, site=text, channel="C0PLANTA", health=RouteHealth.BAD, trouble=text)
    profile = Profile(person=text, quiet_from=time(22), quiet_to=time(6), zone=text)
    return {
        "subscriptions": subscriptions.subscriptions_page(
            [(subscription, text)] * 3, [digest], profile, now=NIGHT, channels=[mrkdwn(text)], command=text
        ),
        "routes": subscriptions.routes(
            [(route, text)] * 3, about=text, may_change=True, add="add", command=text, sentence=text
        ),
    }


def hostile_forms(text: str) -> Mapping[str, Context]:
    """The form of choices, with ``text`` wherever it can hold some."""
    chosen = Choice(text=text, value=text)
    return {"choice_form": subscription_forms.subscribe_form(Filled(values={}), chosen=chosen, sentence=text)}


def _form(state: str, form: Form, found: Form | FieldErrors | None = None) -> Entry:
    """A form; with ``found`` the errors that a submission met."""
    errors: Mapping[str, str] = {}
    if isinstance(found, FieldErrors):
        view = Renderer().view(form.template, form.context, callback="gallery", metadata="")
        errors = field_errors(view["blocks"], found.sentences)
    return Entry(group=FORMS, state=state, template=form.template, context=form.context, surface="modal", errors=errors)
