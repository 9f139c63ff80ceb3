"""The fleet in a process of its own: one JSON line in, one JSON line out.

Each request names what to ``do`` and, for most, the ``device``; an ``id`` comes back in the answer. Texts of
configurations travel as base64, since they need not be UTF-8. An answer has ``ok`` true with the facts, or
``ok`` false with an ``error``.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.fleet.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from demo.fleet.device import Device
    from demo.fleet.fleet import Fleet

Facts = dict[str, Any]  # JSON objects, as they come and go


class Control:
    """Carries out requests on a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._deeds: Mapping[str, Callable[[Facts], Awaitable[Facts]]] = {
            "add": self._add,
            "change": self._change,
            "config": self._config,
            "delay": self._delay,
            "fault": self._fault,
            "inventory": self._inventory,
            "remove": self._remove,
            "replace_host_key": self._replace_host_key,
            "rotate_secret": self._rotate_secret,
            "set_config": self._set_config,
            "start": self._start,
            "status": self._status,
            "stop": self._stop,
        }

    async def answer(self, line: str) -> str:
        """The answer to one request, as one line of JSON. A wrong request is answered, never raised."""
        request: Facts = {}
        answer: Facts
        try:
            request = _parsed(line)
            answer = {"ok": True} | await self._deeds[request["do"]](request)
        except (KeyError, TypeError, ValueError) as error:
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        if "id" in request:
            answer["id"] = request["id"]
        return json.dumps(answer)

    def _device(self, request: Facts) -> Device:
        return self._fleet[request["device"]]

    async def _add(self, request: Facts) -> Facts:
        facts = {key: value for key, value in request.items() if key not in {"do", "id", "device"}}
        if "delay" in facts:
            facts["delay"] = timedelta(seconds=facts["delay"])
        if "config" in facts:
            facts["config"] = base64.b64decode(facts["config"])
        return card(await self._fleet.add(request["device"], **facts))

    async def _change(self, request: Facts) -> Facts:
        changed = self._device(request).change(request.get("what", ""), by=request.get("by", "admin"))
        return {"changed": changed}

    async def _config(self, request: Facts) -> Facts:
        device = self._device(request)
        return {"config": _packed(device.config), "wire": _packed(device.wire)}

    async def _delay(self, request: Facts) -> Facts:
        self._device(request).delay = timedelta(seconds=request["seconds"])
        return {}

    async def _fault(self, request: Facts) -> Facts:
        """``fault`` null: behave well. With ``times``: the next so many connections only."""
        device, name = self._device(request), request["fault"]
        if name is not None and "times" in request:
            device.fail_next(Fault(name), times=request["times"])
        else:
            device.fault = Fault(name) if name is not None else None
        return {}

    async def _inventory(self, _request: Facts) -> Facts:
        return inventory(self._fleet)

    async def _remove(self, request: Facts) -> Facts:
        await self._fleet.remove(request["device"])
        return {}

    async def _replace_host_key(self, request: Facts) -> Facts:
        return {"host_key": self._device(request).replace_host_key()}

    async def _rotate_secret(self, request: Facts) -> Facts:
        self._device(request).rotate_secret()
        return {}

    async def _set_config(self, request: Facts) -> Facts:
        config = base64.b64decode(request["config"])
        self._device(request).set_config(config, exact=request.get("exact", False))
        return {}

    async def _start(self, request: Facts) -> Facts:
        await self._device(request).start()
        return {}

    async def _status(self, request: Facts) -> Facts:
        device = self._device(request)
        return {
            "commands": device.commands,
            "connections": device.logins.connections,
            "attempts": device.logins.attempts,
            "refused": device.logins.refused,
            "sessions": device.sessions,
            "max_sessions_seen": device.max_sessions_seen,
            "shows": device.shows,
        }

    async def _stop(self, request: Facts) -> Facts:
        await self._device(request).stop()
        return {}


def card(device: Device) -> Facts:
    """What someone needs to reach a device, without its password."""
    return {
        "name": device.name,
        "host": device.host,
        "port": device.port,
        "platform": device.platform,
        "username": device.username,
        "host_key": device.host_key,
    }


def inventory(fleet: Fleet) -> Facts:
    """All devices' cards."""
    return {"devices": [card(device) for device in fleet]}


def _parsed(line: str) -> Facts:
    request = json.loads(line)
    if not isinstance(request, dict):
        message = "a request is a JSON object"
        raise TypeError(message)
    return request


def _packed(text: bytes) -> str:
    return base64.b64encode(text).decode()
