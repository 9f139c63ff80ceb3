"""Carrying out runs: dispatch, the agents, SSH sessions with devices, platform files.

This room turns "run this" into facts: which device answered, what it sent, how long it took. It passes no
judgement on them; ``domain`` does. ``runners.agent`` and what it imports run in a process of their own that
never loads Slack, the ORM or Jinja: they know ``domain`` only.

May import: ``domain``, ``storage``, asyncssh, pydantic, tenacity, yaml.
May not import: ``bot``, ``commands``, ``notifications``, anything of Slack.
"""
