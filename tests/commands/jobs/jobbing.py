"""Jobs in the plants, and what stands in an answer about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from commands.input.quoting import action_words
from domain.jobs.job import JobFields, JobKind
from domain.jobs.schedules import OnDemand
from domain.jobs.spoken import parse_schedule
from storage.jobs.jobs import add_job, jobs_called
from tests.commands.plants import PLANT_A

if TYPE_CHECKING:
    from commands.request import Reply
    from domain.inventory.declared import Site
    from domain.jobs.job import Job
    from tests.commands.plants import Plant


async def made(plant: Plant, name: str, **facts: Any) -> Job:  # noqa: ANN401 - fields of a job
    site: Site = facts.pop("at", PLANT_A)
    fields = {"kind": JobKind.SITE, "site": site.key, "device": None, "schedule": OnDemand()} | facts
    return await add_job(JobFields(name=name, **fields), zone=site.timezone, by="U0OPER", now=plant.clock.now())


async def the_job(name: str) -> Job:
    [found] = await jobs_called(name, {"plant-a"})
    return found


@pytest.fixture
async def sixty(plant: Plant) -> list[str]:
    """Sixty jobs at Plant A, one at Plant B."""
    names = [f"job {number:02}" for number in range(60)]
    for number, name in enumerate(names):
        await made(plant, name, schedule=parse_schedule(f"daily {number % 24:02}:{number:02}"))
    await made(plant, "hidden", at=plant.services.inventory.sites["plant-b"])
    return names


NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)  # a Monday, noon in Berlin


def column(reply: Reply, number: int) -> list[str]:
    return [row[number]["text"] for row in reply.context["rows"]]


def control(page: Reply, text: str) -> Any:  # noqa: ANN401 - a button, if there is one
    return next((one for one in page.context["buttons"] if getattr(one, "text", "") == text), None)


async def press(plant: Plant, page: Reply, text: str) -> Reply:
    button = control(page, text)
    return await plant.ask_words(action_words(button.action, button.value))
