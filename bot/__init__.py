"""The shell: reads the settings, wires the rooms together, listens to Slack, starts and stops.

This is the one place that wires, and the only room that knows Slack's listener library.

May import: every room, slack_bolt, slack_sdk, aiohttp, apscheduler, pydantic, yaml, structlog, typer, rich.
"""
