"""The agent: the process that talks to devices and does nothing else.

It knows ``domain``, the messages and the SSH engine; Slack, the ORM and Jinja are never in its memory.
"""
