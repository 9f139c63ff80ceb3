"""Who may do what: every role against every action, sources that add up, devices that exist for few."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from domain.access.access import Access, mention
from domain.access.granting import granted_at, leaves_no_admin, principal_of, role_called, role_table
from domain.access.grants import Grant, GrantBook
from domain.access.people import Person
from domain.errors import NotAllowed
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.roles import Action, Role

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TABLE = """
see configurations        viewer operator admin owner
subscribe to messages     viewer operator admin owner
run backups                      operator admin owner
add or change jobs               operator admin owner
cancel runs                      operator admin owner
review changes                   operator admin owner
accept host keys                          admin owner
change routes                  admin owner
change access                             admin owner
read the audit                            admin owner
"""
MAY = {line[:26].strip(): set(line[26:].split()) for line in TABLE.strip().splitlines()}
PEOPLE = {role.word: Person(id=f"U0{role.name}", team="T1") for role in Role}


def grant(principal: str, role: Role, site: str = "plant-a") -> Grant:
    """What Olga gave."""
    return Grant(site=site, principal=principal, role=role, given_by="U0OLGA", given_at=NOON)


def device(name: str, *only: str) -> Device:
    """A device of Plant A, restricted if somebody is named."""
    endpoint = Endpoint(host="192.0.2.1")
    return Device(name=name, site="plant-a", platform="cisco_ios", endpoint=endpoint, only=frozenset(only) or None)


def access(*devices: Device, book: GrantBook | None = None) -> Access:
    """Plant A, whose admin, operator and viewer app.yaml names."""
    granted: dict[Role, frozenset[str]] = {
        role: frozenset({f"U0{role.name}"}) for role in Role if role is not Role.OWNER
    }
    site = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"), access=MappingProxyType(granted))
    named = MappingProxyType({one.name: one for one in devices})
    inventory = Inventory(MappingProxyType({"plant-a": site}), named, MappingProxyType({}))
    return Access(inventory, frozenset({"U0OWNER"}), book=book or GrantBook())


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", Action)
def test_p2_each_role_may_do_what_the_table_says_and_nothing_else(who: str, action: Action) -> None:
    assert access().may(PEOPLE[who], action, "plant-a") == (who in MAY[action.value])


def test_p2_the_table_that_people_read_is_the_one_that_decides() -> None:
    roles = ("viewer", "operator", "admin")

    assert {words: {role for role, may in zip(roles, row, strict=True) if may} for words, row in role_table()} == {
        words: may - {"owner"} for words, may in MAY.items()
    }


@pytest.mark.parametrize("action", Action)
def test_p2_whoever_has_no_role_may_do_nothing_and_hears_nothing(action: Action) -> None:
    with pytest.raises(NotAllowed, match="may not see plant-a") as refused:
        access().require(Person(id="U0NOBODY", team="T1"), action, "plant-a")

    assert refused.value.advice == "You have no access to that."


@pytest.mark.parametrize(
    "kind", [{"is_guest": True}, {"is_external": True}, {"is_bot": True}, {"is_deactivated": True}], ids=str
)
@pytest.mark.parametrize("who", ["viewer", "admin", "owner"])
def test_guests_strangers_bots_and_leavers_have_no_role_whatever_they_were_given(
    kind: dict[str, bool], who: str
) -> None:
    person = Person(id=f"U0{who.upper()}", team="T1", **kind)  # type: ignore[arg-type]  # flags

    assert access().role(person, "plant-a") is None


@pytest.mark.parametrize("principal", ["U0VIEWER", "S0NIGHT", "C0CREW"])
def test_p1_sources_add_up_and_the_highest_role_counts(principal: str) -> None:
    book = GrantBook([grant(principal, Role.OPERATOR)])
    person = Person(id="U0VIEWER", team="T1", groups=frozenset({"S0NIGHT"}), channels=frozenset({"C0CREW"}))

    before, after = access().role(person, "plant-a"), access(book=book).role(person, "plant-a")

    assert (before, after) == (Role.VIEWER, Role.OPERATOR)
    assert access(book=GrantBook([grant(principal, Role.OPERATOR, "plant-b")])).role(person, "plant-a") is Role.VIEWER


def test_a_grant_of_a_site_that_is_not_declared_is_none() -> None:
    book = GrantBook([grant("U0NOBODY", Role.ADMIN, "gone")])

    assert access(book=book).role(Person(id="U0NOBODY", team="T1"), "gone") is None


def test_the_book_takes_over_the_last_word_of_each_principal() -> None:
    book = GrantBook([grant("U0NEW", Role.VIEWER)])
    who = Person(id="U0NEW", team="T1")
    asked = access(book=book)
    first = asked.role(who, "plant-a")

    book.put(grant("U0NEW", Role.ADMIN))
    second = asked.role(who, "plant-a")
    book.drop("plant-a", "U0NEW")

    assert (first, second, asked.role(who, "plant-a")) == (Role.VIEWER, Role.ADMIN, None)
    assert asked.principals == {"U0VIEWER", "U0OPERATOR", "U0ADMIN"}


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        pytest.param(PEOPLE["owner"], True, id="owner"),
        pytest.param(PEOPLE["viewer"], True, id="named"),
        pytest.param(PEOPLE["admin"], False, id="admin who is not named"),
        pytest.param(Person(id="U0OPERATOR", team="T1", groups=frozenset({"S0VAULT"})), True, id="by group"),
        pytest.param(Person(id="U0OPERATOR", team="T1", channels=frozenset({"C0VAULT"})), True, id="by channel"),
        pytest.param(Person(id="U0NEW", team="T1", groups=frozenset({"S0VAULT"})), False, id="without a role"),
    ],
)
def test_p3_restricted_device_exists_for_those_named_who_have_a_role(person: Person, sees: bool) -> None:  # noqa: FBT001 - pytest hands it over by its name
    asked = access(device("core-sw1"), device("vault-fw1", "U0VIEWER", "S0VAULT", "C0VAULT"))

    assert asked.sees(person, "plant-a", "vault-fw1") == sees
    assert ("vault-fw1" in {one.name for one in asked.visible_devices(person)}) == sees
    assert asked.restricted_devices() == {"vault-fw1"}
    assert asked.restricted_among(["core-sw1", "vault-fw1"]) == ("vault-fw1",)


def test_p3_sealed_device_stays_hidden_from_all_but_owners_until_it_is_declared_open() -> None:
    sealed = access(device("core-sw1"), book=GrantBook(sealed=["vault-fw1", "core-sw1"]))

    assert sealed.hidden_devices(PEOPLE["admin"]) == {"vault-fw1"}
    assert sealed.hidden_devices(PEOPLE["owner"]) == frozenset()
    assert sealed.restricted_devices() == {"vault-fw1"}


def test_p3_refusal_of_a_restricted_device_is_that_of_one_that_is_not_there() -> None:
    with pytest.raises(NotAllowed) as refused:
        access(device("vault-fw1", "U0VIEWER")).require(PEOPLE["admin"], Action.RUN, "plant-a", "vault-fw1")

    assert refused.value.advice == "You have no access to that."


def test_refusal_names_who_can_grant_but_no_channel() -> None:
    book = GrantBook([grant("C0CREW", Role.ADMIN), grant("S0LEADS", Role.ADMIN)])

    with pytest.raises(NotAllowed) as refused:
        access(book=book).require(PEOPLE["viewer"], Action.RUN, "plant-a")

    assert "<@U0ADMIN>" in refused.value.advice
    assert "<!subteam^S0LEADS>" in refused.value.advice
    assert "C0CREW" not in refused.value.advice


@pytest.mark.parametrize(
    ("word", "principal"),
    [
        ("<@U02ANNA>", "U02ANNA"),
        ("<@W02ANNA|anna>", "W02ANNA"),
        ("<!subteam^S03TEAM|@team>", "S03TEAM"),
        ("<#C0CREW|>", "C0CREW"),
        ("S03TEAM", "S03TEAM"),
        ("@anna", None),
        ("anna", None),
        ("<!channel>", None),
        ("<@U02ANNA> <@U03TOM>", None),
        ("B0APP", None),
    ],
)
def test_who_is_meant_is_read_from_mentions_and_ids(word: str, principal: str | None) -> None:
    assert principal_of(word) == principal


def test_roles_that_can_be_given_end_with_admin() -> None:
    assert [role_called(word) for word in ("Viewer", "operator", "ADMIN", "owner", "king")] == [
        Role.VIEWER,
        Role.OPERATOR,
        Role.ADMIN,
        None,
        None,
    ]


def test_grants_are_listed_from_both_sources_the_highest_first() -> None:
    found = granted_at(access(book=GrantBook([grant("S0LEADS", Role.ADMIN), grant("U0NEW", Role.VIEWER)])), "plant-a")

    assert [(one.principal, one.grant is None) for one in found] == [
        ("U0ADMIN", True),
        ("S0LEADS", False),
        ("U0OPERATOR", True),
        ("U0VIEWER", True),
        ("U0NEW", False),
    ]


def test_the_last_admin_is_known_as_such() -> None:
    bare = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"))
    inventory = Inventory(MappingProxyType({"plant-a": bare}), MappingProxyType({}), MappingProxyType({}))
    alone = Access(inventory, frozenset(), book=GrantBook([grant("U0ONE", Role.ADMIN)]))
    several = Access(inventory, frozenset(), book=GrantBook([grant("U0ONE", Role.ADMIN), grant("S0TWO", Role.ADMIN)]))

    assert leaves_no_admin(alone, "plant-a", "U0ONE")
    assert not leaves_no_admin(several, "plant-a", "U0ONE")
    assert not leaves_no_admin(alone, "plant-a", "U0OTHER")
    assert not leaves_no_admin(access(book=GrantBook([grant("U0ONE", Role.ADMIN)])), "plant-a", "U0ONE")


@pytest.mark.parametrize(
    ("allowed", "kind", "role"),
    [
        ({"allow_guests": True}, {"is_guest": True}, Role.VIEWER),
        ({"allow_guests": True}, {"is_external": True}, None),
        ({"allow_external": True}, {"is_external": True}, Role.VIEWER),
        ({"allow_external": True}, {"is_guest": True}, None),
        ({"allow_guests": True, "allow_external": True}, {"is_bot": True}, None),
        ({"allow_guests": True, "allow_external": True}, {"is_deactivated": True}, None),
    ],
    ids=str,
)
def test_guests_and_strangers_have_their_roles_where_the_settings_let_them_in(
    allowed: dict[str, bool], kind: dict[str, bool], role: Role | None
) -> None:
    person = Person(id="U0VIEWER", team="T1", **kind)  # type: ignore[arg-type]  # flags
    asked = replace(access(), **allowed)  # type: ignore[arg-type]  # flags

    assert asked.role(person, "plant-a") is role
    with nullcontext() if role else pytest.raises(NotAllowed, match="refused"):
        asked.admit(person)


def test_owners_see_every_device_and_others_only_what_they_are_named_for() -> None:
    asked = access(device("fw1", "U0VIEWER"), book=GrantBook(sealed=["gone"]))

    assert not asked.is_hidden(PEOPLE["owner"], "gone")
    assert asked.is_hidden(PEOPLE["admin"], "gone")
    assert asked.is_hidden(PEOPLE["admin"], "fw1")
    assert not asked.is_hidden(PEOPLE["viewer"], "fw1")
    assert not asked.is_hidden(PEOPLE["admin"], "never-heard-of")


def test_whoever_may_see_a_device_is_told_which_role_is_missing_for_it() -> None:
    with pytest.raises(NotAllowed) as refused:
        access(device("fw1", "U0VIEWER")).require(PEOPLE["viewer"], Action.RUN, "plant-a", "fw1")

    assert "You may not run backups at Plant A: this needs the role operator." in refused.value.advice
    assert (refused.value.site, refused.value.device) == ("plant-a", "fw1")


def test_at_most_five_are_named_who_can_grant_and_without_any_whoever_keeps_the_settings() -> None:
    many = access(book=GrantBook([grant(f"U1{number}", Role.ADMIN) for number in range(9)]))
    nobody = replace(access(), owners=frozenset(), inventory=replace(access().inventory, sites=_without_admin()))

    for asked, words, mentions in ((many, "<@U0ADMIN>", 5), (nobody, "Whoever maintains app.yaml can grant it.", 0)):
        with pytest.raises(NotAllowed) as refused:
            asked.require(PEOPLE["viewer"], Action.RUN, "plant-a")
        assert words in refused.value.advice
        assert refused.value.advice.count("<@") == mentions


def _without_admin() -> MappingProxyType[str, Site]:
    viewers = MappingProxyType({Role.VIEWER: frozenset({"U0VIEWER"})})
    return MappingProxyType({"plant-a": Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"), access=viewers)})


@pytest.mark.parametrize(
    ("principal", "shown"),
    [("U1", "<@U1>"), ("W1", "<@W1>"), ("S1", "<!subteam^S1>"), ("C1", "<#C1>"), ("G1", "<#G1>")],
)
def test_everybody_is_mentioned_as_slack_does(principal: str, shown: str) -> None:
    assert mention(principal) == shown


def test_a_higher_role_may_what_a_lower_one_may() -> None:
    assert [role.word for role in sorted(Role)] == ["viewer", "operator", "admin", "owner"]
    assert all(MAY[action.value] >= {"admin", "owner"} for action in Action)
