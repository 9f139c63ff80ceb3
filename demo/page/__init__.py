"""The page: a local Slack in the browser, with its faults and the fleet's under a person's hand.

``Page`` attaches itself to a running ``LocalSlack``. What is to be seen and done goes over one WebSocket; the files
in ``static`` are plain HTML, CSS and JavaScript modules and ask no other host for anything.

May import: ``demo.slack``, ``demo.fleet``, aiohttp. May not import: the rooms it is there to try out.
"""

from demo.page.page import Page
from demo.page.values import SlashCommand, slash_commands

__all__ = ["Page", "SlashCommand", "slash_commands"]
