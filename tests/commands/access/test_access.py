"""Giving and taking access in Slack: what admins can do with it, and what they cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from commands.forms import Entries, FieldErrors
from commands.request import Form
from domain.audit import AuditAction, AuditQuery
from domain.roles import Action, Role
from storage.access.audit import audit_page
from storage.access.grants import all_grants
from tests.commands.plants import PEOPLE, Plant, sentence

if TYPE_CHECKING:
    from commands.request import Reply

STRANGER = PEOPLE["stranger"]


def listed(reply: Reply) -> list[tuple[str, str, str]]:
    """Who has which role by whose word, as the answer shows it."""
    return [(row["who"], row["role"], row["by"]) for row in reply.context["rows"]]


async def test_one_sees_the_own_roles_and_what_each_role_may_do(plant: Plant) -> None:
    reply = await plant.ask("access", by="operator")

    rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in reply.context["rows"]}
    assert reply.context["roles"] == [("Plant A", "operator")]
    assert rows["see configurations"] == ["yes", "yes", "yes"]
    assert rows["run backups"] == ["-", "yes", "yes"]
    assert rows["change access"] == ["-", "-", "yes"]
    assert len(rows) == len(Action)


async def test_p2_admin_gives_a_role_that_counts_at_once_and_takes_it_back(plant: Plant) -> None:
    given = await plant.ask("access plant-a add <@U0NOBODY|nobody> operator", by="admin")
    may_run = plant.services.access.may(STRANGER, Action.RUN, "plant-a")
    stored = await all_grants()
    taken = await plant.ask("access plant-a remove <@U0NOBODY>", by="admin")

    assert ("U0NOBODY", "operator", "U0ADMIN") in listed(given)
    assert may_run
    assert [(one.principal, one.role, one.given_by) for one in stored] == [("U0NOBODY", Role.OPERATOR, "U0ADMIN")]
    assert "U0NOBODY" not in str(listed(taken))
    assert plant.services.access.role(STRANGER, "plant-a") is None
    assert await all_grants() == []


async def test_p5_giving_and_taking_stand_in_the_audit_with_the_role_before_and_after(plant: Plant) -> None:
    await plant.ask("access plant-a add <@U0NOBODY> viewer", by="admin")
    await plant.ask("access plant-a add <@U0NOBODY> operator", by="owner")
    await plant.ask("access plant-a remove <@U0NOBODY>", by="admin")

    found = await audit_page(AuditQuery(sites=None))
    assert {one.what for one in found} == {AuditAction.ACCESS_CHANGED}
    assert [(one.actor, dict(one.before), dict(one.after)) for one in reversed(found)] == [
        ("U0ADMIN", {}, {"Role": "viewer"}),
        ("U0OWNER", {"Role": "viewer"}, {"Role": "operator"}),
        ("U0ADMIN", {"Role": "operator"}, {}),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("access plant-a remove <@U0OPER>", "declared in app.yaml", id="a role of app.yaml"),
        pytest.param("access plant-a remove <@U0NOBODY>", "nothing to revoke", id="a role that nobody gave"),
        pytest.param(
            "access plant-a add <@U0NOBODY> owner",
            "is not a role. Give viewer, operator or admin",
            id="more than admin",
        ),
        pytest.param("access plant-a add somebody operator", "Mention a person", id="a bare name"),
        pytest.param("access plant-a add <#C0LOBBY|lobby> viewer", "Anybody can join", id="a public channel"),
        pytest.param("access plant-a grant <@U0NOBODY>", "Give `add`", id="another verb"),
    ],
)
async def test_what_cannot_be_given_or_taken_is_said_and_changes_nothing(plant: Plant, line: str, words: str) -> None:
    plant.directory.problems["C0LOBBY"] = "Anybody can join a public channel."

    reply = await plant.ask(line, by="admin")

    assert reply.template == "refusal"
    assert words in sentence(reply)
    assert await all_grants() == []


@pytest.mark.parametrize("who", ["viewer", "operator"])
async def test_p2_only_admins_give_access(plant: Plant, who: str) -> None:
    reply = await plant.ask("access plant-a add <@U0NOBODY> viewer", by=who)

    assert "You may not change access at Plant A: this needs the role admin." in sentence(reply)
    assert await all_grants() == []


async def test_admin_of_one_site_gives_nothing_at_another(plant: Plant) -> None:
    reply = await plant.ask("access plant-b add <@U0ADMIN> admin", by="admin")

    assert reply.template == "refusal"
    assert await all_grants() == []


async def test_the_last_admin_is_warned_before_leaving_and_may_leave(plant: Plant) -> None:
    site = plant.services.inventory.sites["plant-b"]
    plant.services.inventory.sites["plant-b"] = replace(site, access={})  # type: ignore[index]  # a dict in these tests
    await plant.ask("access plant-b add <@U0OTHER> admin", by="owner")

    asked = await plant.ask("access plant-b remove <@U0OTHER>", by="other_plant")
    still = plant.services.access.role(PEOPLE["other_plant"], "plant-b")
    done = await plant.ask("access plant-b remove <@U0OTHER> yes", by="other_plant")

    assert "has no other admin" in sentence(asked)
    assert still is Role.ADMIN
    assert "revoked" in sentence(done)
    assert done.sites == ()  # nothing of the site in it: it must reach somebody who has just lost access
    assert plant.services.access.role(PEOPLE["other_plant"], "plant-b") is None


def entries(**values: str) -> Entries:
    """The form of Plant A, filled in."""
    return Entries(values={"role": "viewer", **values}, memory="plant-a")


@pytest.mark.parametrize(
    ("field", "principal"),
    [("person", "U0NOBODY"), ("group", "S0NIGHT"), ("channel", "C0PRIVATE")],
)
async def test_form_gives_a_role_to_a_person_a_group_or_a_private_channel(
    plant: Plant, field: str, principal: str
) -> None:
    done = await plant.commands.forms.submit(PEOPLE["admin"], "access", entries(**{field: principal}))

    assert isinstance(done, Form)
    assert done.template == "form_closing"
    assert [(one.principal, one.role) for one in await all_grants()] == [(principal, Role.VIEWER)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({}, "person", id="nobody"),
        pytest.param({"person": "U0NOBODY", "group": "S0NIGHT"}, "person", id="two at once"),
        pytest.param({"group": "U0NOBODY"}, "group", id="a person for a group"),
    ],
)
async def test_form_says_what_is_wrong_at_its_field(plant: Plant, values: dict[str, str], field: str) -> None:
    found = await plant.commands.forms.submit(PEOPLE["admin"], "access", entries(**values))

    assert isinstance(found, FieldErrors)
    assert list(found.sentences) == [field]


async def test_p4_form_opened_before_a_demotion_gives_nothing_after_it(plant: Plant) -> None:
    found = await plant.commands.forms.submit(PEOPLE["operator"], "access", entries(person="U0NOBODY"))

    assert isinstance(found, Form)
    assert "You may not change access" in str(found.context["sentence"])
    assert await all_grants() == []
