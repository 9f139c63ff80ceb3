"""All commands by name, and the edge where errors become words."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from commands.access.form import AccessForm
from commands.access.show import ShowAccess
from commands.access.trust import Trust
from commands.backups.cancel import CancelRun
from commands.backups.diff import Diff
from commands.backups.history import History
from commands.backups.now import Now
from commands.backups.run import RunDetails
from commands.backups.show import Show
from commands.forms import REFUSALS, Forms
from commands.help import Help
from commands.input.corrections import corrections
from commands.input.quoting import MAX_WORD, MAX_WORDS
from commands.jobs.add import Add
from commands.jobs.delete import Delete
from commands.jobs.edit import Edit
from commands.jobs.form import JobForm
from commands.jobs.list import Jobs
from commands.jobs.pause import Pause
from commands.jobs.resume import Resume
from commands.jobs.show import ShowJob
from commands.lookup.kinds import PickingCommand
from commands.records.audit import Audit
from commands.records.export import Export
from commands.request import Reply, Surface
from commands.reviews.form import ReviewForm
from commands.reviews.review import ReviewChange
from commands.reviews.unreviewed import Unreviewed
from commands.status.agents import Agents
from commands.status.devices import Devices
from commands.status.graph import ShowGraph
from commands.status.stale import Stale
from commands.status.summary import Summary
from commands.subscriptions.form import SubscribeForm
from commands.subscriptions.list import Subscriptions, Unsubscribe
from commands.subscriptions.mute import Mute, Unmute
from commands.subscriptions.route_form import RouteForm
from commands.subscriptions.routes import Routes
from commands.subscriptions.subscribe import Subscribe
from domain.errors import LastgoodError, NotAllowed, UnknownName, UsageError
from domain.messages.places import answer_is_public
from notifications.pages import answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.denials import Denials
    from commands.lookup.kinds import AnyCommand
    from commands.request import Option, Request
    from commands.services import Services
    from domain.access.people import Person
    from notifications.rendering.buttons import Button

log = logging.getLogger(__name__)

_TOPICS = {  # as ``help`` lists them
    "Backups and versions": (Now, CancelRun, RunDetails, History, Diff, Show),
    "Jobs": (Jobs, ShowJob, Add, Edit, Pause, Resume, Delete),
    "Status": (Summary, ShowGraph, Devices, Stale, Agents),
    "Reviews, access, records": (ReviewChange, Unreviewed, Trust, ShowAccess, Audit, Export),
    "Notifications": (Subscribe, Unsubscribe, Subscriptions, Mute, Unmute, Routes),
}
_ASKED = tuple(kind for kinds in _TOPICS.values() for kind in kinds)
_WITH_FORMS = frozenset({ShowAccess.name, Add.name, Edit.name, Subscribe.name, Routes.name, ReviewChange.name})
_UNSURE = "Slack does not say just now which groups and channels you belong to. Try again in a minute."
KINDS = (*_ASKED, Help)  # every command there is, also for whoever only describes them


class Commands:
    """Answers everything that people ask."""

    def __init__(self, services: Services) -> None:
        self._services = services
        fillers = (
            JobForm(services),
            SubscribeForm(services),
            RouteForm(services),
            ReviewForm(services),
            AccessForm(services),
        )
        self.forms = Forms(services.access, services.denials, *fillers)
        topics = {topic: tuple(kind(services) for kind in kinds) for topic, kinds in _TOPICS.items()}
        self._help = Help(services, topics)
        self.by_name: Mapping[str, AnyCommand] = MappingProxyType({one.name: one for one in self._help.commands})

    @property
    def usage_hint(self) -> str:
        """What Slack shows beside the slash command while it is typed."""
        return " · ".join(one.usage for one in self.by_name.values())

    def opens_forms(self, words: Sequence[str]) -> bool:
        """Whether what was typed may be answered by a form."""
        rest = self._without_slash(tuple(words))
        return bool(rest) and rest[0].casefold() in _WITH_FORMS

    async def answer(self, request: Request) -> Reply:
        """Answer ``request``, whose words begin with the command's name. Whatever happens, there is a reply."""
        request = replace(request, words=self._without_slash(request.words))
        name = request.words[0].casefold() if request.words else "help"
        facts = {
            "command": name if name in self.by_name else "unknown",
            "person": request.person.id,
            "correlation": request.id,
            "surface": request.surface.value,
        }
        try:
            reply = await self._answer(name, request)
        except REFUSALS as error:
            log.info("request refused", extra=facts | {"error": repr(error)})
            await self.denials.note(request.person, error, tried=self._tried(name), correlation=request.id)
            meant = corrections(error, (name, *request.words[1:]), slash=self._services.slash)
            denied = isinstance(error, NotAllowed)
            advice = f"{error.advice} {_UNSURE}" if request.person.unknown and _may_be_access(error) else error.advice
            return replace(refusal(advice, buttons=meant), is_denial=denied)
        except LastgoodError as error:
            log.exception("request failed", extra=facts)
            return refusal(error.advice, correlation=request.id)
        except Exception:
            log.exception("command crashed", extra=facts)
            return refusal(LastgoodError.advice, correlation=request.id)
        log.info("request answered", extra=facts | {"template": reply.template})
        return reply

    @property
    def denials(self) -> Denials:
        """Where denied tries are noted; the doors before this one note theirs there too."""
        return self._services.denials

    async def options(self, person: Person, action_id: str, typed: str) -> list[Option]:
        """What the picker ``action_id`` offers ``person`` for what was typed so far; never raises."""
        command = self.by_name.get(action_id.partition("#")[0].removeprefix("pick:"))
        if not isinstance(command, PickingCommand):
            return []
        facts = {"picker": action_id[:50], "person": person.id}
        try:
            self._services.access.admit(person)
            return await command.options(person, typed[:MAX_WORD].strip())
        except NotAllowed as error:
            log.info("options refused", extra=facts | {"error": repr(error)})
            await self.denials.refused(person.id, error, tried=self._tried(command.name))
        except Exception:
            log.exception("options crashed", extra=facts)
        return []

    async def _answer(self, name: str, request: Request) -> Reply:
        self._services.access.admit(request.person)
        command = self.by_name.get(name)
        if command is None:
            return self._help.unknown(name)
        words = request.words[1:]
        _check_size(words, command, self._services)
        reply = await command.handle(replace(request, words=words))
        return replace(reply, public=self._is_public(reply, request))

    def _tried(self, name: str) -> str:
        """What was asked for, in words of ours: what people type may hold anything."""
        return self._services.typed(name) if name in self.by_name else "an unknown command"

    def _without_slash(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """People copy a whole command line into a mention."""
        return words[1:] if words[:1] == (self._services.slash,) else words

    def _is_public(self, reply: Reply, request: Request) -> bool:
        if reply.for_asker_alone or len(reply.sites) != 1 or reply.devices:
            return False
        site = self._services.inventory.sites.get(reply.sites[0])
        return answer_is_public(
            request.place,
            site_channel=site.channel if site else None,
            mentioned=request.surface is Surface.MENTION,
        )


def refusal(advice: str, *, correlation: str = "", buttons: Sequence[Button] = ()) -> Reply:
    """An answer that says why not; ``correlation`` is what the person can quote when it is our fault."""
    quotable = f" Tell an owner of Lastgood and quote `{correlation}`." if correlation else ""
    return Reply(template="refusal", context=answers.refusal(advice + quotable, buttons=buttons))


def _may_be_access(error: Exception) -> bool:
    """Whether it is said to those who lack access: the same words whether the thing exists or not."""
    return isinstance(error, NotAllowed | UnknownName)


def _check_size(words: tuple[str, ...], command: AnyCommand, services: Services) -> None:
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD for word in words):
        raise UsageError("This command is too long", usage=f"{services.slash} {command.usage}")
