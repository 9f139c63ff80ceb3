"""What holds where a value says nothing of it: nothing is shown, vouched for or let in unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.access.access import Access
from domain.access.people import Person
from domain.digests.digests import Digest, DigestPeriod, DueDigest
from domain.events.transitions import Trouble
from domain.inventory.declared import Inventory
from domain.jobs.job import JobQuery
from domain.jobs.schedules import OnDemand
from domain.messages.outbox import Message, MessageKind
from domain.runs.queries import RunQuery
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import StoredVersion
from domain.subscriptions.subscriptions import Subscription, SubscriptionScope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITES = frozenset({"plant-a"})


def test_a_page_holds_ten_the_newest_first() -> None:
    assert (RunQuery(sites=SITES).limit, RunQuery(sites=SITES).ascending) == (10, False)
    assert JobQuery(sites=SITES).limit == 10


def test_nobody_vouches_for_a_smaller_configuration_unasked() -> None:
    run = NewRun(
        device="sw1",
        site="plant-a",
        trigger=Trigger.MANUAL,
        created_at=NOON,
        waiting_limit=timedelta(minutes=1),
        running_limit=timedelta(minutes=1),
    )

    assert run.accept_smaller is False


def test_a_message_shows_no_configuration_unless_it_says_so() -> None:
    assert Message(key="k", kind=MessageKind.POST, channel="C1", content={}).shows_config is False


def test_guests_and_strangers_stay_outside_unless_the_settings_say_otherwise() -> None:
    access = Access(Inventory({}, {}, {}), frozenset())
    person = Person(id="U1", team="T1")

    assert (access.allow_guests, access.allow_external) == (False, False)
    assert (person.is_guest, person.is_external, person.is_bot, person.is_deactivated) == (False,) * 4


def test_a_person_is_known_by_the_own_id_and_all_that_grants_something() -> None:
    anna = Person(id="U1", team="T1", groups=frozenset({"S2"}), channels=frozenset({"C3"}))

    assert anna.principals == {"U1", "S2", "C3"}


def test_what_is_new_counts_nothing_yet() -> None:
    version = StoredVersion(
        device="sw1", site="plant-a", number=1, commit="c", run=1, captured_at=NOON, size=1, digest="d"
    )
    digest = Digest(id=1, recipient="U1", site=None, period=DigestPeriod.DAY, schedule=OnDemand(), zone="UTC")

    assert (version.added, version.removed, version.secrets_changed) == (0, 0, 0)
    assert (DueDigest(digest=digest, due_at=NOON).missed, DueDigest(digest=digest, due_at=NOON).tries) == (0, 0)
    assert not Trouble(is_bad=True, since=NOON, told_at=NOON).is_flapping


def test_a_subscription_tells_of_failures_alone_and_of_new_devices_too() -> None:
    subscription = Subscription(
        id=1, person="U1", scope=SubscriptionScope.SITE, target="plant-a", site="plant-a", created_at=NOON
    )

    assert (subscription.failed, subscription.modified, subscription.and_new, subscription.silent) == (
        True,
        False,
        True,
        False,
    )
