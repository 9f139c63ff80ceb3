"""A Slack of our own on 127.0.0.1: what the demo and every test talk to in place of slack.com.

It is as strict as the real one (``limits``), speaks its Web API, Socket Mode and signed HTTP, lets people act
(``LocalSlack.command``, ``press``, ``submit`` ...), shows what they see, records everything that went by, and goes
wrong on demand (``faults``).

May import: ``domain``, aiohttp. May not import: the rooms it is there to try out.
"""

from demo.slack.client.acting import OptionsFailed
from demo.slack.client.entries import NoSuchElement
from demo.slack.client.mrkdwn import Mention, mentions, pings
from demo.slack.client.plain import plain
from demo.slack.server import LocalSlack
from demo.slack.state.values import Call, Channel, File, Interaction, Message, Person, Refused, Traffic, UserGroup, View
from demo.slack.state.workspace import Identity

__all__ = [
    "Call",
    "Channel",
    "File",
    "Identity",
    "Interaction",
    "LocalSlack",
    "Mention",
    "Message",
    "NoSuchElement",
    "OptionsFailed",
    "Person",
    "Refused",
    "Traffic",
    "UserGroup",
    "View",
    "mentions",
    "pings",
    "plain",
]
