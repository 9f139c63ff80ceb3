"""Who may do what through which door: every command by mention and by click, every form, everything that is shown.

What is expected is read from the table of roles, ``domain.access.access.LOWEST_ROLE``, and from what commands say.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest

import commands
from commands.forms import Entries, FieldErrors
from commands.request import Surface
from demo.gallery import catalogue, drawn
from demo.slack.blocks.contents import blocks_within, elements_within
from domain.audit import AuditQuery
from domain.jobs.drafts import ON_DEMAND
from domain.jobs.job import MissedPolicy
from domain.roles import LOWEST_ROLE, Action, Role
from notifications.rendering.renderer import Renderer
from storage.access.audit import audit_page
from tests.commands.access.test_roles import BY_SITE, FOR_EVERYBODY, OF_SITES, PICKERS, ROWS, furnished, plant, words
from tests.commands.plants import PEOPLE, SHUT_OUT, Plant, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.request import Form
    from domain.audit import AuditEntry
    from notifications.rendering.form_fields import Entered

__all__ = ["furnished", "plant", "words"]

ROLES = {"viewer": Role.VIEWER, "operator": Role.OPERATOR, "admin": Role.ADMIN, "owner": Role.OWNER}
DOORS = (Surface.MENTION, Surface.BUTTON, Surface.SELECT)  # tests/commands/access/test_roles.py has what is typed
CASES = [(name, who, door) for name in ROWS for who in ROLES for door in DOORS]
MAKE_UP = MissedPolicy.MAKE_UP.value
LINKS = ("link", "url")  # followed by the browser: nothing of ours answers

# Each form: what it takes, and what is entered into it at Plant A; memory that needs a run has its number.
FORMS: dict[str, tuple[Action, dict[str, Entered], str]] = {
    "job": (Action.EDIT, {"device": "core-sw1", "name": "fresh", "pattern": ON_DEMAND, "missed": MAKE_UP}, ""),
    "subscribe": (Action.SUBSCRIBE, {"what": "device:core-sw1", "at_once": ("failed",)}, "0 "),
    "route": (Action.ROUTES, {"site": "plant-a", "channel": "C0PLANTA", "events": ("failed",), "active": ("on",)}, ""),
    "access": (Action.GRANT, {"person": "U0NEW", "role": "viewer"}, "plant-a"),
    "review": (Action.REVIEW, {"note": "CHG0012345"}, "{ended} core-sw1"),
}
FIELDS = {("job", "device"): Action.EDIT, ("job", "site"): Action.EDIT, ("subscribe", "what"): Action.SUBSCRIBE}
FIELDS |= {("route", "site"): Action.ROUTES}


def may(who: str, action: Action | None) -> bool:
    """What the table says."""
    return who in ROLES and (action is None or ROLES[who] >= LOWEST_ROLE[action])


async def denied() -> list[AuditEntry]:
    """The denied tries in the audit."""
    return [one for one in await audit_page(AuditQuery(sites=None, limit=100)) if one.denied]


def shown_elements() -> Iterator[tuple[str, str]]:
    """Type and action id of every interactive element that the gallery shows."""
    renderer = Renderer()
    for entry in asyncio.run(catalogue()):
        for block in blocks_within(drawn(entry, renderer).blocks):
            for element in elements_within(block):
                yield str(element["type"]), str(element.get("action_id") or "")


def test_every_element_that_is_shown_leads_to_a_command_with_a_row_or_to_a_form() -> None:
    elements = set(shown_elements())
    known = {*ROWS, *FOR_EVERYBODY, *BY_SITE}
    fields = {f"form:{name}" for _, values, _ in FORMS.values() for name in values}

    buttons = {action.partition("#")[0].removeprefix("do:") for _, action in elements if action.startswith("do:")}
    pickers = {action.removeprefix("pick:") for _, action in elements if action.startswith("pick:")}
    rest = {action for _, action in elements if not action.startswith(("do:", "pick:", "form:"))}
    searched = {action for kind, action in elements if kind == "external_select" and action.startswith("form:")}
    assert buttons - known == set()
    assert pickers <= {*PICKERS, *OF_SITES}
    assert {one for one in rest if not one.startswith(LINKS)} == set()
    assert searched == {f"form:{name}" for _, name in FIELDS}
    assert fields <= {action for _, action in elements}


def test_every_form_has_a_row() -> None:
    modules = [import_module(one.name) for one in walk_packages(commands.__path__, "commands.")]

    assert {module.CALLBACK for module in modules if hasattr(module, "CALLBACK")} == set(FORMS)


def test_rows_say_what_commands_say_of_themselves(plant: Plant) -> None:
    for name, (_, answered, _) in ROWS.items():
        action = plant.commands.by_name[name].action
        assert {who for who in ROLES if may(who, action)} == {who for who in answered if who in ROLES}, name


@pytest.mark.parametrize(("name", "who", "door"), CASES, ids=[f"{name} by {who}, {door}" for name, who, door in CASES])
async def test_every_door_answers_as_the_table_says(
    plant: Plant, words: dict[str, str], name: str, who: str, door: Surface
) -> None:
    action = plant.commands.by_name[name].action
    assert action

    reply = await plant.ask(f"{name} {words[name]}", by=who, surface=door)

    assert reply.is_denial != may(who, action)
    if reply.is_denial:
        role = LOWEST_ROLE[action].word
        assert f"You may not {action.value} at Plant A: this needs the role {role}." in sentence(reply)
        assert "<@U0ADMIN>" in sentence(reply)
        assert (reply.public, reply.file, reply.form) == (False, None, None)
        [entry] = await denied()
        assert (entry.actor, entry.site, entry.target) == (PEOPLE[who].id, "plant-a", f"/backup {name}")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("who", PEOPLE)
async def test_form_that_somebody_opened_with_more_rights_asks_again_when_it_is_filled_in_and_sent(
    plant: Plant, words: dict[str, str], name: str, who: str
) -> None:
    action, values, memory = FORMS[name]
    entries = Entries(values=values, memory=memory.format(ended=words["run"]))
    forms, person = plant.commands.forms, PEOPLE[who]

    filled = await forms.refill(person, name, entries)
    sent = await forms.submit(person, name, entries)

    assert is_saved(sent) == may(who, action)
    if who in ROLES and not may(who, action):
        role = LOWEST_ROLE[action].word
        for form in (filled, sent):
            assert f"You may not {action.value} at Plant A: this needs the role {role}." in words_of(form)
        assert {(one.actor, one.site, one.target) for one in await denied()} == {
            (person.id, "plant-a", f"the form “{name}”")
        }
    if who in SHUT_OUT:
        assert "does not answer" in words_of(filled)
        assert "does not answer" in words_of(sent)


@pytest.mark.parametrize(("form", "field"), FIELDS)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.usefixtures("words")
async def test_lists_in_forms_offer_only_what_the_person_may_use(plant: Plant, form: str, field: str, who: str) -> None:
    offered = str(await plant.commands.forms.options(PEOPLE[who], form, field, ""))

    assert ("core-sw" in offered or "plant-a" in offered) == may(who, FIELDS[form, field])
    assert ("hidden-fw" in offered or "plant-b" in offered) == (who in ("owner", "other_plant"))


def is_saved(sent: Form | FieldErrors) -> bool:
    """Whether it was done: the last page of each form says so, and asks nothing."""
    if isinstance(sent, FieldErrors):
        return False
    return sent.template == "form_closing" or sent.context.get("review") is not None


def words_of(sent: Form | FieldErrors) -> str:
    """All that a form says."""
    return str(sent.sentences) if isinstance(sent, FieldErrors) else str(dict(sent.context))
