"""``auth.test``, ``users.*``, ``usergroups.*`` and ``team.info``: who is who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.slack.methods.registry import method
from demo.slack.state.rates import SPECIAL, TIER_2, TIER_3, TIER_4
from demo.slack.state.values import Json, Refused
from demo.slack.web.forms import group_form, user_form
from demo.slack.web.pages import page

if TYPE_CHECKING:
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


@method("auth.test", rate=SPECIAL)
def auth_test(workspace: Workspace, _args: Arguments) -> Json:
    """Whose token this is."""
    identity = workspace.identity
    return {
        "url": f"https://{identity.domain}.slack.com/",
        "team": identity.domain,
        "user": identity.bot_name,
        "team_id": identity.team,
        "user_id": identity.bot_user,
        "bot_id": identity.bot,
        "is_enterprise_install": False,
    }


@method("team.info", scope="team:read", rate=TIER_3)
def team_info(workspace: Workspace, _args: Arguments) -> Json:
    """The workspace."""
    identity = workspace.identity
    return {"team": {"id": identity.team, "name": "Local", "domain": identity.domain, "email_domain": ""}}


@method("users.info", scope="users:read", rate=TIER_4)
def users_info(workspace: Workspace, args: Arguments) -> Json:
    """One person."""
    person = workspace.store.people.get(args.need("user"))
    if person is None:
        raise Refused("user_not_found", f"there is no user {args.text('user')!r}")
    return {"user": user_form(workspace, person)}


@method("users.list", scope="users:read", rate=TIER_2)
def users_list(workspace: Workspace, args: Arguments) -> Json:
    """Everybody of this workspace, by pages."""
    people = [one for one in workspace.store.people.values() if one.team_id == workspace.identity.team]
    return page([user_form(workspace, one) for one in people], args, key="members", default=200)


@method("usergroups.list", scope="usergroups:read", rate=TIER_2)
def groups_list(workspace: Workspace, args: Arguments) -> Json:
    """The user groups."""
    everything = args.flag("include_disabled")
    shown = [group_form(one) for one in workspace.store.groups.values() if everything or not one.deleted]
    if not args.flag("include_users"):
        for form in shown:
            del form["users"]
    return {"usergroups": shown}


@method("usergroups.users.list", scope="usergroups:read", rate=TIER_2)
def group_users(workspace: Workspace, args: Arguments) -> Json:
    """The members of one user group."""
    group = workspace.store.groups.get(args.need("usergroup"))
    if group is None or (group.deleted and not args.flag("include_disabled")):
        raise Refused("no_such_subteam", f"there is no user group {args.text('usergroup')!r}")
    return {"users": list(group.members)}
