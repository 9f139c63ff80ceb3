"""Faults by hand: what can be made to go wrong with Slack and with the devices, one button each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from demo.page.values import BadRequest, Json, words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from demo.fleet import Device, Fleet
    from demo.slack import LocalSlack

OUTAGE = timedelta(seconds=10)
SLOW = timedelta(seconds=3)  # before each answer of a slow device
RETRY_AFTER = 3  # seconds
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True)
class Button:
    """One thing to press, and what then happens, in a sentence."""

    name: str
    label: str
    what: str


SLACK = (
    Button("rate_limit", "Rate limit", f"The next 3 messages are refused: 429, wait {RETRY_AFTER} s."),
    Button("outage", "Outage", f"For {OUTAGE.seconds} s no call goes through and the connections are cut."),
    Button("lost_response", "Lost response", "The next message is posted, but the bot gets no answer."),
    Button("duplicate", "Duplicate event", "The next command, click and event are each delivered twice."),
    Button("refresh", "Socket refresh", "Slack asks for a new connection, as it does every few hours."),
    Button("clear", "All well again", "No more faults of Slack's."),
)
FLEET = (
    Button("change", "Change its configuration", "Somebody edits it: the next backup finds a difference."),
    Button("down", "Take it down", "It is switched off: nobody answers."),
    Button("up", "Bring it up", "It is switched on again."),
    Button("slow", "Make it slow", f"It takes {SLOW.seconds} s for each answer."),
    Button("host_key", "Change its host key", "It shows another SSH key, as after a replacement or an attack."),
    Button("well", "All well again", "On, quick, and without faults. A changed host key stays changed."),
)


class Mishaps:
    """Carries out what the buttons say.

    Args:
        slack: whose faults these are.
        fleet: the devices, if there are any.
        declare: makes the bot know a device that was added; without it none can be added.
    """

    def __init__(
        self, slack: LocalSlack, fleet: Fleet | None, declare: Callable[[Device], Awaitable[None]] | None
    ) -> None:
        self._slack = slack
        self._fleet = fleet
        self._declare = declare
        self._slow_buttons: dict[str, Callable[[], Awaitable[None]]] = {
            "outage": lambda: slack.faults.outage(OUTAGE),
            "refresh": slack.sockets.refresh,
        }

    def offered(self) -> Json:
        """The buttons there are."""
        fleet = FLEET if self._fleet is not None else ()
        return {
            "slack": [vars(one) for one in SLACK],
            "fleet": [vars(one) for one in fleet],
            "can_add": self._declare is not None,
        }

    def status(self) -> Json:
        """What is wrong, or will be, right now."""
        faults = self._slack.faults
        left = [f"{one.kind.replace('_', ' ')}: {one.times - one.happened} left" for one in faults.pending if one.times]
        waiting = [line for line in left if not line.endswith(": 0 left")]
        waiting += [
            f"duplicate {kind.replace('_', ' ')}: {times} left" for kind, times in faults.duplicates.items() if times
        ]
        return {
            "slack": ["outage", *waiting] if faults.in_outage else waiting,
            "connections": self._slack.sockets.connected,
            "devices": [_device_form(one) for one in self._fleet or ()],
        }

    async def press(self, request: Json) -> Json:
        """Press a button: ``button``, and ``device`` for one of the fleet's."""
        button = words(request, "button")
        if "device" not in request:
            await self._of_slack(button)
            return {"said": ""}
        if button == "add":
            return {"said": await self._add(words(request, "device"))}
        return {"said": await self._of_device(button, self._device(words(request, "device")))}

    async def _of_slack(self, button: str) -> None:
        faults = self._slack.faults
        if button in self._slow_buttons:
            await self._slow_buttons[button]()
        elif button == "rate_limit":
            faults.rate_limit("chat.*", retry_after=RETRY_AFTER, times=3)
        elif button == "lost_response":
            faults.drop("chat.postMessage", after_effect=True)
        elif button == "duplicate":
            for kind in ("slash_commands", "interactive", "events_api"):
                faults.duplicate(kind)
        elif button == "clear":
            faults.clear()
        else:
            raise BadRequest(f"there is no button {button}")

    def _device(self, name: str) -> Device:
        if self._fleet is None or name not in self._fleet.devices:
            raise BadRequest(f"there is no device {name}")
        return self._fleet[name]

    async def _of_device(self, button: str, device: Device) -> str:
        if button == "change":
            return device.change(by="anna")
        if button == "host_key":
            device.replace_host_key()
            return "It shows a new host key from now on."
        if button == "slow":
            device.delay = SLOW
        elif button == "down":
            await device.stop()
        elif button == "up":
            await device.start()
        elif button == "well":
            device.set_faults(())
            device.delay = timedelta(0)
            await device.start()
        else:
            raise BadRequest(f"there is no button {button}")
        return ""

    async def _add(self, name: str) -> str:
        if self._fleet is None or self._declare is None:
            raise BadRequest("no device can be added here")
        if not _NAME.fullmatch(name):
            raise BadRequest("a name has small letters, digits and hyphens, such as core-sw2")
        if name in self._fleet.devices:
            raise BadRequest(f"there already is a device {name}")
        await self._declare(await self._fleet.add(name, platform="cisco_ios", seed=len(self._fleet), lines=120))
        return f"{name} is in the rack and in app.yaml."


def _device_form(device: Device) -> Json:
    return {
        "name": device.name,
        "platform": device.platform,
        "on": device.is_on,
        "slow": device.delay > timedelta(0),
        "sessions": device.sessions,
    }
