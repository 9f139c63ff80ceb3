"""Forms by name, and the edge where errors become words in them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol

from commands.input.quoting import MAX_WORD
from domain.errors import LastgoodError, NotAllowed, NotNow, UnknownName, UsageError
from domain.jobs.cron import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.denials import Denials
    from commands.request import Form, Option
    from domain.access.access import Access
    from domain.access.people import Person
    from notifications.rendering.form_fields import Entered

log = logging.getLogger(__name__)

REFUSALS = (NotAllowed, NotNow, ScheduleError, UnknownName, UsageError)  # the person's to mend; any other error is ours
NOT_SAVED = "This could not be saved. Your entries are kept. Please try again in a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What a person has entered into a form, as it came back: nothing of it is trusted."""

    values: Mapping[str, Entered] = field(default_factory=lambda: MappingProxyType({}))  # by the names of the fields
    memory: str = ""  # of the form


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong, by the names of the fields. Nothing was done."""

    sentences: Mapping[str, str]


class FormFiller(Protocol):
    """Takes what is entered into one kind of form. Whoever asks is let in already; what they may do is not known."""

    callback: ClassVar[str]

    async def refill(self, person: Person, entries: Entries) -> Form:
        """The form again, answering what was entered so far."""
        ...

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Do what the form asks for: its last page, the form again with a sentence, or what is wrong in it."""
        ...

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in, with ``sentence`` at its top. Looks nothing up and cannot fail."""
        ...

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:
        """What field ``name`` offers for what was typed so far: only what this person may see and use."""
        ...


class Forms:
    """Takes what people enter into forms. Whatever happens, there is a form to show, and nothing entered is lost."""

    def __init__(self, access: Access, denials: Denials, *fillers: FormFiller) -> None:
        self._access = access
        self._denials = denials
        self._fillers = MappingProxyType({one.callback: one for one in fillers})

    def knows(self, callback: str) -> bool:
        """Whether there is such a form."""
        return callback in self._fillers

    async def refill(self, person: Person, callback: str, entries: Entries) -> Form:
        """The form, answering what was entered so far."""
        filler = self._fillers[callback]
        try:
            self._access.admit(person)
            return await filler.refill(person, entries)
        except Exception as error:  # noqa: BLE001 - an edge: whatever happens, the form stays and says it
            await self._denials.note(person, error, tried=_tried(callback))
            return filler.kept(entries, _sentence(error, person, callback))

    async def submit(self, person: Person, callback: str, entries: Entries) -> Form | FieldErrors:
        """Do what the form asks for. A form that is refused or fails stays open with a sentence."""
        filler = self._fillers[callback]
        try:
            self._access.admit(person)
            return await filler.submit(person, entries)
        except Exception as error:  # noqa: BLE001 - an edge: whatever happens, the form stays and says it
            await self._denials.note(person, error, tried=_tried(callback))
            return filler.kept(entries, _sentence(error, person, callback))

    def kept(self, callback: str, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in, with ``sentence`` at its top."""
        return self._fillers[callback].kept(entries, sentence)

    async def options(self, person: Person, callback: str, name: str, typed: str) -> list[Option]:
        """What field ``name`` offers; never raises."""
        filler = self._fillers.get(callback)
        facts = {"form": callback[:50], "field": name[:50], "person": person.id}
        try:
            self._access.admit(person)
            return await filler.options(person, name, typed[:MAX_WORD].strip()) if filler else []
        except NotAllowed as error:
            log.info("options refused", extra=facts | {"error": repr(error)})
            await self._denials.refused(person.id, error, tried=_tried(callback))
        except Exception:
            log.exception("options crashed", extra=facts)
        return []


def _tried(callback: str) -> str:
    return f"the form “{callback[:50]}”"


def _sentence(error: Exception, person: Person, callback: str) -> str:
    facts = {"form": callback, "person": person.id, "error": repr(error)}
    if isinstance(error, REFUSALS):
        log.info("form refused", extra=facts)
        return error.advice
    log.error("form failed", exc_info=error, extra=facts)
    return error.advice if isinstance(error, LastgoodError) else NOT_SAVED
