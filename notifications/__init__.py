"""Telling people: rendering templates within Slack's limits, masking, the outbox and its delivery.

May import: ``domain``, ``storage``, jinja2, slack_sdk.
May not import: ``bot``, ``commands``, ``runners``.
"""
