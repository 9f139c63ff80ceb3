"""What the tests of access do and look at: answers to one person, messages that are withheld, a device for few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.messages.outbox import Message, MessageKind
from storage.messages import outbox
from tests.support.rows import refusal_of

if TYPE_CHECKING:
    from demo.slack import Channel, Person
    from demo.slack import Message as Shown
    from tests.support.serve_fixtures import Town

HIDDEN = "vault-fw1"


async def private_words(town: Town, person: Person, typed: str, channel: Channel | None = None) -> str:
    """What ``person`` alone is answered to ``typed``."""
    where = channel or town.plant_a
    before = len([one for one in town.slack.messages(where, seen_by=person) if one.ephemeral_for])
    await town.command(person, typed, where)

    def found() -> Shown | None:
        seen = [one for one in town.slack.messages(where, seen_by=person) if one.ephemeral_for]
        return seen[before] if len(seen) > before else None

    return town.slack.plain(await town.until(found))


async def withheld(town: Town, key: str, person: Person) -> str:
    """Put a message of Plant A for ``person`` and return why it did not go out."""
    dm = town.slack.dm(person).id
    content = {"text": "core-sw1 has changed", "blocks": [], "progress": False}
    message = Message(
        key=key, kind=MessageKind.POST, channel=person.id, person=person.id, sites=("plant-a",), content=content
    )
    await outbox.put([message], now=town.clock.now())
    town.serve.engine.deliverer.wake()
    await town.serve.engine.deliverer.settled()
    assert not [one for one in town.slack.messages(dm) if one.text == content["text"]]
    return await refusal_of(key) or ""


async def restricted_town(town: Town) -> None:
    """Anna may see vault-fw1 beside Olga, who owns everything; Vera and Nina may not. It has a past and a job."""
    nina = town.slack.add_person("nina", id="U06NINA")
    town.slack.happenings.joined(nina.id, town.plant_a.id)
    town.settings["sites"]["plant-a"]["access"]["operator"] = [town.anna.id, nina.id]
    for name in ("core-sw1", HIDDEN):
        await town.add_device(name)
    town.settings["devices"][HIDDEN]["only"] = [town.anna.id]
    await town.start(keeps_time=False)


def plain(town: Town, message: Shown) -> str:
    """What a message says, without its marks."""
    return town.slack.plain(message).replace("*", "")
