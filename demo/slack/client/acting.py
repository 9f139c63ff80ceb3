"""What people do: type commands, press, choose, type into pickers, submit and close modals."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from demo.slack.blocks.contents import check_options, check_view
from demo.slack.client.entries import NoSuchElement, chosen, complaints, find_element, options_of
from demo.slack.methods.views import pushed, updated
from demo.slack.state.values import Channel, Interaction, Json, Message, Person, Refused, View
from demo.slack.transport import payloads
from demo.slack.transport.replies import reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.state.workspace import Workspace
    from demo.slack.transport.delivery import Ack, Deliveries, EnvelopeType

_PROBLEMS = {"timeout": "operation_timeout"}
_EXTERNAL = ("external_select", "multi_external_select")
_LEAST_QUERY = 3  # characters that Slack waits for unless min_query_length says otherwise


class OptionsFailed(Exception):
    """A picker could not be filled: the person sees an error in place of choices."""


class Acting:
    """A person's hands. Every method waits for the bot's ack and says what the person then sees."""

    def __init__(self, workspace: Workspace, deliveries: Deliveries) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._offered: dict[str, list[Json]] = {}  # options shown last, by person, place and action id

    async def command(self, person: Person, channel: Channel, typed: str) -> Interaction:
        """Type a slash command into a channel, exactly as given."""
        self._present(person)
        channel = self._workspace.store.channels[channel.id]
        if person.id not in channel.members:
            raise NoSuchElement(f"{person.name} is not in {channel.id}")
        if typed.partition(" ")[0] not in self._workspace.identity.commands:
            return Interaction("slash_commands", person, {}, error="unknown_command")
        if "commands" not in self._workspace.identity.scopes:
            return Interaction("slash_commands", person, {}, error="app_missing_action_url")
        escaped = self._escaped(typed) if self._workspace.identity.escape_commands else typed
        payload = payloads.command_payload(self._workspace, person, channel, escaped)
        done = await self._deliver("slash_commands", person, payload)
        return self._answered(done) if done.acked and done.ack else done

    def _answered(self, done: Interaction) -> Interaction:
        key = str(done.payload["response_url"]).rpartition("/")[2]
        try:
            message = reply(self._workspace, self._workspace.response_urls[key], done.ack or {})
        except Refused as refused:
            return replace(done, error=refused.code, rules=refused.rules)
        return replace(done, message=message)

    def _escaped(self, typed: str) -> str:
        people = {one.name: f"<@{one.id}|{one.name}>" for one in self._workspace.store.people.values()}
        channels = {one.name: f"<#{one.id}|{one.name}>" for one in self._workspace.store.channels.values()}
        text = re.sub(r"@([\w.-]+)", lambda match: people.get(match[1], match[0]), typed)
        return re.sub(r"#([\w-]+)", lambda match: channels.get(match[1], match[0]), text)

    async def press(
        self,
        person: Person,
        source: Message | View,
        action_id: str,
        *,
        value: str | None = None,
        block_id: str | None = None,
        entered: Mapping[str, Mapping[str, Json]] | None = None,
    ) -> Interaction:
        """Press a button of a message, a modal or the Home tab, confirming where a confirmation is asked."""
        self._sees(person, source)
        block, element = find_element(source, action_id, block_id=block_id, value=value)
        only = element.get("visible_to_user_ids")
        if only is not None and person.id not in only:
            raise NoSuchElement(f"{action_id} is not shown to {person.name}")
        keys = ("type", "action_id", "text", "value", "style", "url")
        action = {key: element[key] for key in keys if key in element}
        return await self._act(person, source, {**action, "block_id": block["block_id"]}, entered)

    async def select(
        self, person: Person, source: Message | View, action_id: str, choice: object, *, block_id: str | None = None
    ) -> Interaction:
        """Choose in a menu, picker, overflow or checkbox list; an option by its value, a list where many are allowed.

        In a modal the choice is kept; an input that does not dispatch tells the bot nothing, and its interaction has
        no payload.
        """
        self._sees(person, source)
        block, element = find_element(source, action_id, block_id=block_id)
        held = await self._choice(person, source, block, element, choice)
        if isinstance(source, View):
            source = self._enter(source, block["block_id"], action_id, held)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Interaction("entered", person, {}, acked=True)
        action = {**held, "action_id": action_id, "block_id": block["block_id"]}
        return await self._act(person, source, action, {block["block_id"]: {action_id: held}})

    async def _choice(self, person: Person, source: Message | View, block: Json, element: Json, choice: object) -> Json:
        if element["type"] == "overflow":
            return {"type": "overflow", "selected_option": _only(options_of(element), choice)}
        if element["type"] not in _EXTERNAL:
            return chosen(element, choice, options_of(element))
        offered = self._offered.get(_offer_key(person, source, element["action_id"]), [])
        initial = element.get("initial_options") or [element.get("initial_option")]
        offered = [*offered, *(one for one in initial if one)]
        try:
            return chosen(element, choice, offered)
        except NoSuchElement:
            typed = str(choice[0] if isinstance(choice, list | tuple) and choice else choice)
            shown = await self.options(person, source, element["action_id"], typed, block_id=block["block_id"])
            return chosen(element, choice, [*offered, *shown])

    def _enter(self, view: View, block_id: str, action_id: str, held: Json) -> View:
        current = self._workspace.store.views[view.id]
        state = {block: dict(actions) for block, actions in current.state.items()}
        state.setdefault(block_id, {})[action_id] = held
        changed = replace(current, state=state)
        self._workspace.store.put_view(changed)
        return changed

    async def _act(
        self,
        person: Person,
        source: Message | View,
        action: Json,
        entered: Mapping[str, Mapping[str, Json]] | None,
    ) -> Interaction:
        payload = payloads.actions_payload(self._workspace, person, source, action, entered)
        return await self._deliver("interactive", person, payload)

    async def options(
        self, person: Person, source: Message | View, action_id: str, typed: str = "", *, block_id: str | None = None
    ) -> list[Json]:
        """Type into an external select; returns the choices shown, none if too little was typed.

        Raises:
            OptionsFailed: no ack in time, or an answer that Slack cannot show.
        """
        self._sees(person, source)
        block, element = find_element(source, action_id, block_id=block_id)
        if element["type"] not in _EXTERNAL:
            raise NoSuchElement(f"{action_id} is a {element['type']}")
        if len(typed) < element.get("min_query_length", _LEAST_QUERY):
            return []
        request = payloads.suggestion_payload(self._workspace, person, source, block["block_id"], action_id, typed)
        done = await self._deliver("interactive", person, request)
        if done.error:
            raise OptionsFailed(done.error)
        try:
            shown = check_options(done.ack or {})
        except Refused as refused:
            raise OptionsFailed(str(refused)) from refused
        self._offered[_offer_key(person, source, action_id)] = shown
        return shown

    async def submit(self, person: Person, view: View, values: Mapping[str, Any] | None = None) -> Interaction:
        """Fill a modal in and submit it. ``values``: action id or block id, and what to enter there.

        What the client itself refuses (a required field left empty) comes back as ``field_errors`` and error
        ``incomplete``; the bot hears nothing of it. Errors that the bot gives come back as ``field_errors`` too.
        """
        self._sees(person, view)
        for name, value in (values or {}).items():
            await self._fill(person, self._workspace.store.views[view.id], name, value)
        view = self._workspace.store.views[view.id]
        wrong = complaints(view)
        if wrong:
            return Interaction("view_submission", person, {}, error="incomplete", field_errors=wrong)
        done = await self._deliver("interactive", person, payloads.submission_payload(self._workspace, person, view))
        if done.error:
            return done
        try:
            return self._submitted(done, view)
        except Refused as refused:
            return replace(done, error=refused.code, rules=refused.rules)

    async def _fill(self, person: Person, view: View, name: str, value: object) -> None:
        named = [block for block in view.blocks if block["block_id"] == name and isinstance(block.get("element"), dict)]
        action_id = named[0]["element"]["action_id"] if named else name
        block, element = find_element(view, action_id, block_id=name if named else None)
        held = await self._choice(person, view, block, element, value)
        self._enter(view, block["block_id"], action_id, held)

    def _submitted(self, done: Interaction, view: View) -> Interaction:
        answer = done.ack or {}
        action = answer.get("response_action")
        if action == "errors":
            return self._with_errors(done, view, answer)
        if action in ("update", "push"):
            payload = check_view(answer.get("view"), "modal", files=self._workspace.file_exists)
            current = self._workspace.store.views[view.id]
            if action == "update":
                updated(self._workspace, current, payload)
            else:
                pushed(self._workspace, payload, current)
            return done
        if action not in (None, "clear"):
            raise Refused("invalid_response_action", f"there is no response_action {action!r}")
        if answer and action is None:
            raise Refused("invalid_response", "the ack of a submission is empty or has a response_action")
        self._workspace.close_view(view, everything=action == "clear")
        return done

    def _with_errors(self, done: Interaction, view: View, answer: Json) -> Interaction:
        errors = answer.get("errors")
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        good = isinstance(errors, dict) and errors and all(isinstance(text, str) and text for text in errors.values())
        if not good or not isinstance(errors, dict) or set(errors) - inputs:
            raise Refused("invalid_errors", f"errors must name input blocks of the view and say something: {errors!r}")
        return replace(done, error="field_errors", field_errors=errors)

    async def close(self, person: Person, view: View, *, everything: bool = False) -> Interaction:
        """Close a modal; the bot hears of it if the view asks for that."""
        self._sees(person, view)
        everything = everything or view.clear_on_close
        self._workspace.close_view(view, everything=everything)
        if not view.notify_on_close:
            return Interaction("view_closed", person, {}, acked=True)
        payload = payloads.closed_payload(self._workspace, person, view, cleared=everything)
        return await self._deliver("interactive", person, payload)

    async def shortcut(self, person: Person, callback_id: str, message: Message | None = None) -> Interaction:
        """Use a global shortcut, or one on a message."""
        self._present(person)
        payload = payloads.shortcut_payload(self._workspace, person, callback_id, message)
        return await self._deliver("interactive", person, payload)

    async def _deliver(self, kind: EnvelopeType, person: Person, payload: Json) -> Interaction:
        ack: Ack = await self._deliveries.interaction(kind, payload)
        name = str(payload.get("type", kind))
        error = _PROBLEMS.get(ack.problem, "dispatch_failed") if ack.problem else None
        rules = (ack.problem,) if ack.problem else ()
        return Interaction(name, person, payload, not ack.problem, ack.payload, ack.ms, error, rules)

    def _present(self, person: Person) -> None:
        if self._workspace.store.people[person.id].deleted:
            raise NoSuchElement(f"{person.name} is deactivated")

    def _sees(self, person: Person, source: Message | View) -> None:
        self._present(person)
        store = self._workspace.store
        if isinstance(source, View):
            there = source.id in store.stacks.get(person.id, ()) or store.homes.get(person.id) == source.id
        else:
            channel = store.channels[source.channel]
            reads = person.id in channel.members or not channel.private
            there = reads and source.ephemeral_for in (None, person.id) and bool(store.message(channel.id, source.ts))
        if not there:
            raise NoSuchElement(f"{person.name} does not see this (any more)")


def _only(offered: list[Json], choice: object) -> Json:
    for option in offered:
        if option.get("value") == choice:
            return option
    raise NoSuchElement(f"no option {choice!r} in this overflow menu")


def _offer_key(person: Person, source: Message | View, action_id: str) -> str:
    place = source.id if isinstance(source, View) else f"{source.channel}/{source.ts}"
    return f"{person.id} {place} {action_id}"
