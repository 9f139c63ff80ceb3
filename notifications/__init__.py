"""What people are told: messages, their rendering within Slack's limits, and their delivery.

Facts come in as domain values; templates turn them into blocks; the outbox holds what should stand in Slack; the
deliverer works until it does.

May import: ``domain``, ``storage``, ``templates`` (as data), jinja2, slack_sdk.
May not import: ``bot``, ``commands``, ``runners``.
"""
