"""What Slack sends to the bot: commands, actions, option requests, submissions, shortcuts and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.slack.client.forms_state import initial_state
from demo.slack.state.values import Json, Message, View
from demo.slack.web.forms import message_form, view_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.state.values import Channel, Person
    from demo.slack.state.workspace import Workspace

TOKEN = "local-verification-token"  # noqa: S105 - Slack's old verification token, which nothing checks


def command_payload(workspace: Workspace, person: Person, channel: Channel, typed: str) -> Json:
    """A slash command: the text exactly as typed after the command's name."""
    name, _, text = typed.partition(" ")
    return {
        "token": TOKEN,
        "team_id": workspace.identity.team,
        "team_domain": workspace.identity.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.identity.app,
        "is_enterprise_install": "false",
        "response_url": workspace.issue_response_url(person, channel.id),
        "trigger_id": workspace.issue_trigger(person, channel=channel.id),
    }


def _channel_name(channel: Channel) -> str:
    if channel.kind == "im":
        return "directmessage"
    return "privategroup" if channel.private else channel.name


def interaction(workspace: Workspace, kind: str, person: Person, **more: object) -> Json:
    """The frame that all interactions share."""
    return {
        "type": kind,
        "token": TOKEN,
        "api_app_id": workspace.identity.app,
        "team": {"id": workspace.identity.team, "domain": workspace.identity.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        **more,
    }


def place_of(workspace: Workspace, source: Message | View) -> Json:
    """Where an action happened: the container, and the message or view around it; ephemerals have no message."""
    if isinstance(source, View):
        view = workspace.store.views.get(source.id, source)
        return {"container": {"type": "view", "view_id": view.id}, "view": view_form(workspace, view)}
    channel = workspace.store.channels[source.channel]
    ephemeral = source.ephemeral_for is not None
    container = {
        "type": "message",
        "message_ts": source.ts,
        "channel_id": source.channel,
        "is_ephemeral": ephemeral,
    }
    if source.thread_ts:
        container["thread_ts"] = source.thread_ts
    place: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
    if not ephemeral:
        place["message"] = message_form(workspace, workspace.store.message(source.channel, source.ts) or source)
    return place


def actions_payload(
    workspace: Workspace,
    person: Person,
    source: Message | View,
    action: Json,
    entered: Mapping[str, Mapping[str, Json]] | None = None,
) -> Json:
    """One action on a message or in a view. ``entered`` is what the person has put into a message's inputs."""
    stamped = {**action, "action_ts": workspace.store.next_ts()}
    payload = interaction(workspace, "block_actions", person, **place_of(workspace, source), actions=[stamped])
    if isinstance(source, View):
        inside = source.id if source.type == "modal" else None
        payload["trigger_id"] = workspace.issue_trigger(person, view=inside, channel=source.channel)
        return payload
    state = initial_state(source.blocks)
    for block_id, actions in (entered or {}).items():
        state.setdefault(block_id, {}).update(actions)
    payload["state"] = {"values": state}
    payload["trigger_id"] = workspace.issue_trigger(person, channel=source.channel)
    payload["response_url"] = workspace.issue_response_url(person, source.channel, source.ts)
    return payload


def suggestion_payload(
    workspace: Workspace, person: Person, source: Message | View, block_id: str, action_id: str, typed: str
) -> Json:
    """An option request: what a person has typed into an external select so far."""
    where = place_of(workspace, source)
    words = {"action_id": action_id, "block_id": block_id, "value": typed}
    return interaction(workspace, "block_suggestion", person, **where, **words)


def submission_payload(workspace: Workspace, person: Person, view: View) -> Json:
    """A modal's submission."""
    trigger = workspace.issue_trigger(person, view=view.id, channel=view.channel)
    urls = _response_urls(workspace, person, view)
    form = view_form(workspace, view)
    return interaction(workspace, "view_submission", person, trigger_id=trigger, view=form, response_urls=urls)


def _response_urls(workspace: Workspace, person: Person, view: View) -> list[Json]:
    urls = []
    for block in view.blocks:
        element = block.get("element") or {}
        entry = view.state.get(block["block_id"], {}).get(element.get("action_id", ""), {})
        chosen = entry.get("selected_conversation") or entry.get("selected_channel")
        if element.get("response_url_enabled") and chosen in workspace.store.channels:
            url = workspace.issue_response_url(person, chosen)
            where = {"block_id": block["block_id"], "action_id": element["action_id"]}
            urls.append({**where, "channel_id": chosen, "response_url": url})
    return urls


def closed_payload(workspace: Workspace, person: Person, view: View, *, cleared: bool) -> Json:
    """A modal was closed by its person."""
    return interaction(workspace, "view_closed", person, view=view_form(workspace, view), is_cleared=cleared)


def shortcut_payload(workspace: Workspace, person: Person, callback_id: str, message: Message | None) -> Json:
    """A global shortcut, or one on a message."""
    stamp = workspace.store.next_ts()
    common = {"callback_id": callback_id, "action_ts": stamp}
    if message is None:
        return interaction(workspace, "shortcut", person, trigger_id=workspace.issue_trigger(person), **common)
    channel = workspace.store.channels[message.channel]
    return interaction(
        workspace,
        "message_action",
        person,
        **common,
        trigger_id=workspace.issue_trigger(person, channel=channel.id),
        response_url=workspace.issue_response_url(person, channel.id, message.ts),
        channel={"id": channel.id, "name": _channel_name(channel)},
        message_ts=message.ts,
        message=message_form(workspace, message),
    )


def event_payload(workspace: Workspace, event: Json, *, ext_shared: bool = False) -> Json:
    """An event in its envelope."""
    identity = workspace.identity
    authorization = {
        "enterprise_id": None,
        "team_id": identity.team,
        "user_id": identity.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": TOKEN,
        "team_id": identity.team,
        "context_team_id": identity.team,
        "context_enterprise_id": None,
        "api_app_id": identity.app,
        "event": {**event, "event_ts": event.get("event_ts") or workspace.store.next_ts()},
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": ext_shared,
        "event_context": workspace.new_id("4-"),
    }
