"""The messages: one Jinja template for each, rendered to Slack's blocks by ``notifications``."""
