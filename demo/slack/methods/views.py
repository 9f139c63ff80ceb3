"""``views.*``: modals and the Home tab."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from demo.slack.blocks import limits
from demo.slack.blocks.contents import check_view
from demo.slack.client.forms_state import initial_state, kept_state
from demo.slack.methods.registry import method
from demo.slack.state.rates import TIER_4
from demo.slack.state.values import Json, Refused
from demo.slack.state.workspace import described
from demo.slack.web.forms import view_form

if TYPE_CHECKING:
    from demo.slack.state.values import View
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


@method("views.open", rate=TIER_4)
def open_view(workspace: Workspace, args: Arguments) -> Json:
    """Open a modal in front of the person whose trigger id this is."""
    trigger_id = _trigger_id(args)
    payload = check_view(args.structure("view"), "modal", files=workspace.file_exists)
    _fresh_external_id(workspace, payload)
    trigger = workspace.take_trigger(trigger_id)
    view = workspace.new_view(payload, trigger.person, channel=trigger.channel)
    return _show(workspace, view, ())


@method("views.push", rate=TIER_4)
def push_view(workspace: Workspace, args: Arguments) -> Json:
    """Put a modal on top of the one that the trigger id came from."""
    trigger_id = _trigger_id(args)
    payload = check_view(args.structure("view"), "modal", files=workspace.file_exists)
    _fresh_external_id(workspace, payload)
    trigger = workspace.take_trigger(trigger_id)
    if trigger.view is None:
        raise Refused("not_found", "this trigger id did not come from a modal")
    return pushed(workspace, payload, workspace.store.views[trigger.view])


def _trigger_id(args: Arguments) -> str:
    pointer = args.text("interactivity_pointer")
    return pointer or args.need("trigger_id")


def pushed(workspace: Workspace, payload: Json, below: View) -> Json:
    """Show a checked modal on top of ``below``.

    Raises:
        Refused: ``push_limit_reached``.
    """
    stack = workspace.store.stacks.get(below.person, ())
    if len(stack) >= limits.STACK:
        raise Refused("push_limit_reached", f"no more than {limits.STACK} modals on top of each other")
    view = workspace.new_view(payload, below.person, channel=below.channel)
    return _show(workspace, replace(view, root_id=below.root_id, previous_id=below.id), stack)


def _show(workspace: Workspace, view: View, below: tuple[str, ...]) -> Json:
    shown = replace(view, state=initial_state(view.blocks))
    workspace.store.put_view(shown)
    workspace.store.set_stack(view.person, (*below, view.id))
    return {"view": view_form(workspace, shown)}


@method("views.update", rate=TIER_4)
def update_view(workspace: Workspace, args: Arguments) -> Json:
    """Change a modal that is open, by its id or external id."""
    view = _found(workspace, args)
    if args.text("hash") and args.text("hash") != view.hash:
        raise Refused("hash_conflict", "the view has changed since this hash was given")
    payload = check_view(args.structure("view"), view.type, files=workspace.file_exists)
    if payload.get("external_id") != view.external_id:
        _fresh_external_id(workspace, payload)
    return {"view": view_form(workspace, updated(workspace, view, payload))}


def _found(workspace: Workspace, args: Arguments) -> View:
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise Refused("invalid_arguments", "one of view_id or external_id is required")
    for view in workspace.store.views.values():
        open_now = view.type == "home" or view.id in workspace.store.stacks.get(view.person, ())
        if open_now and (view.id == view_id or (external_id and view.external_id == external_id)):
            return view
    raise Refused("not_found", "this view is not open")


def updated(workspace: Workspace, view: View, payload: Json) -> View:
    """Put a checked payload in place of what ``view`` shows; entries in unchanged blocks stay."""
    changed = replace(described(view, payload), hash=workspace.new_hash())
    changed = replace(changed, state=kept_state(changed.blocks, view.state))
    workspace.store.put_view(changed)
    return changed


def _fresh_external_id(workspace: Workspace, payload: Json) -> None:
    external_id = payload.get("external_id")
    if external_id and any(view.external_id == external_id for view in workspace.store.views.values()):
        raise Refused("duplicate_external_id", f"another view has external_id {external_id!r}")


@method("views.publish", rate=TIER_4)
def publish(workspace: Workspace, args: Arguments) -> Json:
    """Fill a person's Home tab."""
    person = args.need("user_id")
    if person not in workspace.store.people:
        raise Refused("invalid_arguments", f"there is no user {person!r}")
    payload = check_view(args.structure("view"), "home", files=workspace.file_exists)
    home_id = workspace.store.homes.get(person)
    shown = workspace.store.views.get(home_id) if home_id else None
    if args.text("hash") and (shown is None or args.text("hash") != shown.hash):
        raise Refused("hash_conflict", "the Home tab has changed since this hash was given")
    if shown is not None:
        return {"view": view_form(workspace, updated(workspace, shown, payload))}
    view = workspace.new_view(payload, person)
    view = replace(view, state=initial_state(view.blocks))
    workspace.store.homes[person] = view.id
    workspace.store.put_view(view)
    return {"view": view_form(workspace, view)}
