"""Jobs by the names that people type. What a person may not see is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from commands.input.catalogue import ENOUGH_ALIKE, GUESSES, MAX_OPTIONS, cut
from commands.input.quoting import MAX_WORD, loose, shown
from commands.lookup.records import visible_sites
from commands.request import Option
from domain.errors import NotNow, UnknownName
from domain.jobs.job import JobQuery
from domain.jobs.readings import in_words
from storage.jobs import jobs
from storage.jobs.lists import jobs_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.job import Job
    from domain.roles import Action

MAX_NAMES_SEARCHED = 2_000  # searched for what is nearest to a name that does not exist
MAX_NAME_WORDS = 12  # of a name


async def job_and_rest(services: Services, person: Person, words: Sequence[str]) -> tuple[Job, tuple[str, ...]]:
    """The job that the first words name, as many of them as belong to its name, and the words after it.

    ``NAME`` is enough where only one visible site has such a job; ``SITE/NAME`` always is.

    Raises:
        UnknownName: there is none that this person may see.
        NotNow: there are several.
    """
    found = await find_job(services, person, words)
    if found is None:
        raise await _unknown(services, person, words)
    return found


async def find_job(services: Services, person: Person, words: Sequence[str]) -> tuple[Job, tuple[str, ...]] | None:
    """The same; None: there is no such job. Raises ``NotNow``: there are several."""
    if words and words[0].startswith("job:"):
        job = await _numbered(services, person, words[0].removeprefix("job:"))
        return (job, tuple(words[1:])) if job else None
    for count in range(min(len(words), MAX_NAME_WORDS), 0, -1):
        found = await _called(services, person, " ".join(words[:count]))
        if len(found) > 1:
            raise _several(found)
        if found:
            return found[0], tuple(words[count:])
    return None


async def job_word(services: Services, person: Person, job: Job) -> str:
    """What ``person`` types to mean ``job`` and nothing else."""
    hidden = services.access.hidden_devices(person)
    alike = await jobs.jobs_called(job.name, visible_sites(services, person), hidden=hidden)
    return job.name if len(alike) < 2 else f"{job.site}/{job.name}"  # noqa: PLR2004 - it and another one


def job_value(job: Job) -> str:
    """The word by which our own buttons mean ``job``: it stays the same when the job is renamed."""
    return f"job:{job.id}"


async def job_options(services: Services, person: Person, action: Action, typed: str) -> list[Option]:
    """The jobs that ``person`` may do ``action`` with, at most 100."""
    access = services.access
    sites = frozenset(site.key for site in access.visible_sites(person) if access.may(person, action, site.key))
    if not sites:
        return []
    hidden = access.hidden_devices(person)
    page = await jobs_page(JobQuery(sites=sites, hidden=hidden, text=loose(typed), limit=MAX_OPTIONS))
    return [
        Option(text=cut(job.name), value=job_value(job), description=cut(_about(services, job))) for job in page.jobs
    ]


def check_there(found: Job | None, job: Job) -> Job:
    """``found``, which storage gave for ``job``.

    Raises:
        NotNow: there is nothing: the job has been deleted.
    """
    if found is None:
        raise NotNow(f"job {job.id} is deleted", advice=f"The job `{shown(job.name)}` has been deleted.")
    return found


def _about(services: Services, job: Job) -> str:
    site = services.inventory.sites.get(job.site)
    return f"{job.device or (site.name if site else job.site)} · {in_words(job.schedule)}"


async def _numbered(services: Services, person: Person, number: str) -> Job | None:
    if not (number.isascii() and number.isdecimal() and len(number) < 19):  # noqa: PLR2004 - digits of 64 bits
        return None
    job = await jobs.job_by_id(int(number))
    return job if job and services.access.sees(person, job.site, job.device) else None


async def _called(services: Services, person: Person, text: str) -> Sequence[Job]:
    sites, hidden = visible_sites(services, person), services.access.hidden_devices(person)
    found = await jobs.jobs_called(text, sites, hidden=hidden)
    place, slash, name = text.partition("/")
    if found or not slash:
        return found
    site = services.catalogue.site_called(person, place.strip())
    return await jobs.jobs_called(name.strip(), {site.key}, hidden=hidden) if site else ()


def _several(found: Sequence[Job]) -> NotNow:
    names = ", ".join(f"`{job.site}/{job.name}`" for job in found[:5])
    return NotNow(f"{len(found)} jobs are named {found[0].name!r}", advice=f"Which one do you mean: {names}?")


async def with_similar_jobs(services: Services, person: Person, error: UnknownName) -> UnknownName:
    """``error``, which says that no device or site is named so, with the jobs that are named alike."""
    typed = loose(" ".join(error.words))[:MAX_WORD]
    found = _alike(typed, await _names(services, person))
    if not found:
        return error
    closest = sorted({*error.similar, *found}, key=lambda name: fuzz.ratio(typed, loose(name)), reverse=True)
    return UnknownName(
        "device, site or job",
        shown(" ".join(error.words)),
        similar=closest[:GUESSES],
        lister=services.typed("devices"),
        words=error.words,
    )


async def _names(services: Services, person: Person) -> dict[str, str]:
    """The names of the jobs that ``person`` may see, and how each is compared."""
    sites, hidden = visible_sites(services, person), services.access.hidden_devices(person)
    page = await jobs_page(JobQuery(sites=sites, hidden=hidden, limit=MAX_NAMES_SEARCHED))
    return {job.name: loose(job.name) for job in page.jobs}


def _alike(typed: str, keyed: dict[str, str]) -> list[str]:
    found = process.extract(typed, keyed, scorer=fuzz.WRatio, limit=GUESSES, score_cutoff=ENOUGH_ALIKE)
    return [name for _, _, name in found]


async def _unknown(services: Services, person: Person, words: Sequence[str]) -> UnknownName:
    named, similar = _nearest(words, await _names(services, person))
    return UnknownName("job", shown(" ".join(named)), similar=similar, lister=services.typed("jobs"), words=named)


def _nearest(words: Sequence[str], keyed: dict[str, str]) -> tuple[Sequence[str], list[str]]:
    """As many of the first words as look most like one of the names, and those names; else all words and none."""
    best_score, best_words, similar = 0.0, words, list[str]()
    for count in range(min(len(words), MAX_NAME_WORDS), 0, -1):
        typed = loose(" ".join(words[:count]))[:MAX_WORD]
        found = _alike(typed, keyed)
        closeness = fuzz.ratio(typed, keyed[found[0]]) if found else 0.0
        if closeness > best_score:
            best_score, best_words, similar = closeness, words[:count], found
    return best_words, similar
