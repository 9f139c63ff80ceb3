"""Modals: opened while their trigger lives, filled in anew while somebody types, and answered when they are sent."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from commands.forms import NOT_SAVED, Entries, FieldErrors
from commands.input.straightening import straighten
from domain.errors import LastgoodError, NotAllowed, SlackTrouble
from notifications.delivery.errors import SlackRefusal, asked
from notifications.rendering.form_fields import PREFIX, entered, field_errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from commands.denials import Denials
    from commands.forms import Forms
    from commands.request import Form, Option
    from domain.access.people import Person

    Admitted = Callable[[str, frozenset[str]], Awaitable[Person]]

T = TypeVar("T")

log = logging.getLogger(__name__)

_ANSWERED_BY_MESSAGE = "The answer is in the conversation. Close this window to see it."

FORM_ACK_TIMEOUT = timedelta(seconds=2, milliseconds=300)  # Slack waits three seconds for the answer to a form
FORM_OPEN_TIMEOUT = timedelta(seconds=1)  # a trigger lives for three
FORM_UPDATE_TIMEOUT = timedelta(seconds=20)  # for one update of an open form
MAX_OPEN_FORMS = 1_000  # forms whose latest state is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledModal:
    """A modal as Slack sends it: who is at it, and what was entered so far."""

    user: str
    teams: frozenset[str]
    view: str  # its id
    hash: str  # of the state that the person saw
    callback: str
    at: str  # when it was done, by Slack's clock
    entries: Entries
    blocks: tuple[Mapping[str, Any], ...] = ()


def from_view(body: Mapping[str, Any]) -> FilledModal:
    """What somebody entered, from a ``view_submission`` or from ``block_actions`` inside a modal."""
    view, user = body["view"], body["user"]
    actions = body.get("actions") or [{}]
    memory = str(view.get("private_metadata") or "")
    return FilledModal(
        user=str(user["id"]),
        teams=frozenset(str(one) for one in ((body.get("team") or {}).get("id"), user.get("team_id")) if one),
        view=str(view["id"]),
        hash=str(view.get("hash") or ""),
        callback=str(view.get("callback_id") or ""),
        at=str(actions[0].get("action_ts") or ""),
        entries=Entries(values=entered((view.get("state") or {}).get("values") or {}, typed=straighten), memory=memory),
        blocks=tuple(view.get("blocks") or ()),
    )


@dataclass(slots=True)
class _Open:
    """An open form: its latest state at Slack, and the latest thing that was entered into it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    hash: str = ""
    latest: str = ""


class Modals:
    """Shows forms in Slack and takes their answers. Nothing here raises."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        forms: Forms,
        denials: Denials,
        admitted: Admitted,
        view: Callable[..., dict[str, Any]],
    ) -> None:
        """``admitted`` is that of the door, ``view`` that of the renderer."""
        self._client = client
        self._forms = forms
        self._denials = denials
        self._admitted = admitted
        self._view = view
        self._open: dict[str, _Open] = {}

    def knows(self, callback: str) -> bool:
        """Whether it is one of our forms."""
        return self._forms.knows(callback)

    async def open(self, trigger: str, form: Form) -> bool:
        """Open ``form`` in front of whoever's trigger this is; False: Slack did not."""
        try:
            await asked("views.open", self._client.views_open(trigger_id=trigger, view=self._shown(form)))
        except LastgoodError as error:
            log.warning("form not opened", extra={"error": repr(error)})
            return False
        return True

    async def meanwhile(self, trigger: str, work: Coroutine[Any, Any, T]) -> tuple[T, str | None]:
        """Do ``work``; if it takes long, open a window that says to wait while the trigger still lives.

        Returns:
            What came of the work, and the id of that window: None if there is none.
        """
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=FORM_OPEN_TIMEOUT.total_seconds())
            window = None if done else await self._open_waiting(trigger)
            return await task, window
        finally:
            task.cancel()

    async def _open_waiting(self, trigger: str) -> str | None:
        try:
            answer = await asked(
                "views.open", self._client.views_open(trigger_id=trigger, view=self._closing("One moment…"))
            )
        except LastgoodError as error:
            log.warning("waiting form not opened", extra={"error": repr(error)})
            return None
        return str(answer["view"]["id"])

    async def fill(self, view: str, form: Form | None, *, instead: str = _ANSWERED_BY_MESSAGE) -> bool:
        """Put ``form`` into the window that says to wait; without one, say ``instead`` there."""
        shown = self._shown(form) if form else self._closing(instead)
        try:
            await asked("views.update", self._client.views_update(view_id=view, view=shown))
        except LastgoodError as error:
            log.warning("waiting form not filled", extra={"error": repr(error)})
            return False
        return True

    async def changed(self, filled: FilledModal) -> None:
        """Answer what somebody has just entered. What is overtaken by a later entry is left out."""
        state = self._remembered(filled.view)
        state.latest = max(state.latest, filled.at)
        try:
            async with asyncio.timeout(FORM_UPDATE_TIMEOUT.total_seconds()), state.lock:
                if filled.at == state.latest:
                    await self._update(filled, state)
        except SlackRefusal as error:
            log.info("form not updated", extra={"error": str(error)})  # closed, sent, or changed meanwhile
        except Exception:
            log.exception("form could not be updated")

    async def submitted(self, filled: FilledModal) -> dict[str, Any]:
        """What to answer when somebody sends the form, within the time that Slack gives."""
        try:
            async with asyncio.timeout(FORM_ACK_TIMEOUT.total_seconds()):
                return self._answer(await self._submit(filled), filled)
        except Exception as error:
            log.exception("form could not be taken")
            sentence = error.advice if isinstance(error, SlackTrouble) else NOT_SAVED
            return self.not_taken(filled, sentence)

    def not_taken(self, filled: FilledModal, sentence: str) -> dict[str, Any]:
        """What to answer when nothing was done with a form: it stays, with ``sentence``."""
        return self._updated(self._forms.kept(filled.callback, filled.entries, sentence))

    async def options(self, person: Person, view: Mapping[str, Any], action_id: str, typed: str) -> list[Option]:
        """What a field of the open form ``view`` offers this person."""
        callback = str(view.get("callback_id") or "")
        return await self._forms.options(person, callback, action_id.removeprefix(PREFIX), typed)

    async def _update(self, filled: FilledModal, state: _Open) -> None:
        try:
            person = await self._admitted(filled.user, filled.teams)
            form = await self._forms.refill(person, filled.callback, filled.entries)
        except (NotAllowed, SlackTrouble) as error:
            await self._note(filled, error)
            form = self._forms.kept(filled.callback, filled.entries, error.advice)
        known = state.hash or filled.hash
        answer = await asked(
            "views.update", self._client.views_update(view_id=filled.view, hash=known, view=self._shown(form))
        )
        state.hash = str(answer["view"]["hash"])

    async def _submit(self, filled: FilledModal) -> Form | FieldErrors:
        try:
            person = await self._admitted(filled.user, filled.teams)
        except NotAllowed as error:
            await self._note(filled, error)
            return self._forms.kept(filled.callback, filled.entries, error.advice)
        return await self._forms.submit(person, filled.callback, filled.entries)

    async def _note(self, filled: FilledModal, error: Exception) -> None:
        if isinstance(error, NotAllowed):
            await self._denials.refused(filled.user, error, tried="a form")

    def _answer(self, found: Form | FieldErrors, filled: FilledModal) -> dict[str, Any]:
        if isinstance(found, FieldErrors):
            errors = field_errors([dict(block) for block in filled.blocks], found.sentences)
            return {"response_action": "errors", "errors": errors}
        return self._updated(found)

    def _updated(self, form: Form) -> dict[str, Any]:
        return {"response_action": "update", "view": self._shown(form)}

    def _shown(self, form: Form) -> dict[str, Any]:
        return self._view(form.template, form.context, callback=form.callback, metadata=form.memory)

    def _closing(self, line: str) -> dict[str, Any]:
        return self._view("form_message", {"title": "Lastgood", "line": line}, callback="none", metadata="")

    def _remembered(self, view: str) -> _Open:
        while len(self._open) >= MAX_OPEN_FORMS:
            del self._open[next(iter(self._open))]
        state = self._open.pop(view, None) or _Open()
        self._open[view] = state  # the last one to be forgotten
        return state
