"""The pages of the documentation that are written from the code: ``make docs`` writes them, a test compares."""

from __future__ import annotations

from pathlib import Path

from commands.registry import KINDS

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"

_HEAD = """\
# What can be asked

Typed in Slack after the slash command (`/backup` unless `slack.command` says otherwise), or after mentioning the bot.
Names may be mistyped: the nearest ones that you may see are offered. Leave a name out and a picker opens. Buttons are
the same commands. Answers are for you alone; a mention in a thread of the site's own channel is answered there, for
everybody.

This page is written by `make docs` from the commands themselves.
"""


def commands_page() -> str:
    """The text of docs/commands.md."""
    parts = [_HEAD]
    for kind in KINDS:
        examples = "\n".join(f"/backup {example}" for example in kind.examples)
        parts.append(f"## {kind.name}\n\n{kind.summary}.\n\n`/backup {kind.usage}`\n\n```\n{examples}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
