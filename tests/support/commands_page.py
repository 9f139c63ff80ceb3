"""docs/commands.md, written from the commands."""

from __future__ import annotations

from commands.registry import KINDS
from domain.access.granting import GRANTABLE
from domain.roles import LOWEST_ROLE, Action
from tests.support.house import ROOT

PAGE = ROOT / "docs" / "commands.md"

_HEAD = """\
# What can be asked

Typed in Slack after the slash command (`/backup` unless `slack.command` says otherwise), or after mentioning the bot.
Names may be mistyped: the nearest ones that you may see are offered. Leave a name out and a picker opens. Buttons are
the same commands. Answers are for you alone; a mention in a thread of the site's own channel is answered there, for
everybody.

This page is written by `make docs` from the commands themselves.
"""
_ROLES = """\
## Who may ask

An owner may do everything at every site; `/backup access` shows the same table with your own roles. Who has which role
is told in [app.yaml](configuration.md#sites) and [in Slack](security.md#who-may-see-and-do-what).

| what | viewer | operator | admin | commands |
|---|---|---|---|---|"""


def commands_page() -> str:
    """The text of docs/commands.md."""
    parts = [_HEAD]
    for kind in KINDS:
        examples = "\n".join(f"/backup {example}" for example in kind.examples)
        parts.append(f"## {kind.name}\n\n{kind.summary}.\n\n`/backup {kind.usage}`\n\n```\n{examples}\n```\n")
    return "\n".join([*parts, _ROLES, _role_rows()])


def _role_rows() -> str:
    """What each role may do: a line for each action, and the commands that ask for it."""
    rows = []
    for action in Action:
        asked = ", ".join(f"`{kind.name}`" for kind in KINDS if kind.action is action)
        marks = " | ".join("yes" if role >= LOWEST_ROLE[action] else "-" for role in GRANTABLE)
        rows.append(f"| {action.value} | {marks} | {asked} |")
    return "\n".join([*rows, ""])
