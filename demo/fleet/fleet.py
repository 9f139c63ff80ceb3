"""The fleet: starts devices on free ports of this machine, and ends them all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from demo.fleet import keys
from demo.fleet.device import DEMO_PASSWORD, Device, DeviceOptions
from demo.fleet.faults import Fault
from demo.fleet.jump_host import JumpHost
from demo.fleet.listener import Listener, reset
from demo.fleet.platforms import PLATFORMS
from demo.fleet.server import DeviceConnection, DeviceServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from typing import Unpack

    import asyncssh

    from demo.fleet.device import DeviceFacts


class Fleet:
    """Simulated devices in this process; on leaving, every port and connection is closed.

    async with Fleet() as fleet:
        device = await fleet.add("core-sw1", platform="cisco_ios", lines=200)
    """

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self.devices: dict[str, Device] = {}
        self._host = host
        self._options: dict[tuple[str, bool], asyncssh.SSHServerConnectionOptions] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self._jump_hosts: list[JumpHost] = []
        self._held: list[socket.socket] = []  # accepted, and never answered

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    def __getitem__(self, name: str) -> Device:
        return self.devices[name]

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices.values())

    def __len__(self) -> int:
        return len(self.devices)

    async def add(self, name: str, **facts: Unpack[DeviceFacts]) -> Device:
        """Start a device and return it; ``facts`` are the fields of ``DeviceOptions``.

        Raises:
            ValueError: the name is taken, or there is no such platform.
        """
        options = DeviceOptions(**facts)
        if name in self.devices:
            message = f"there already is a device named {name!r}"
            raise ValueError(message)
        if options.platform not in PLATFORMS:
            message = f"no platform {options.platform!r}; there are {', '.join(sorted(PLATFORMS))}"
            raise ValueError(message)
        device = Device(name, options)
        device.listener = Listener(self._host, lambda connection: self._take(device, connection))
        self.devices[name] = device
        await device.start()
        return device

    async def add_jump_host(self, *, username: str = "jump", password: str = DEMO_PASSWORD) -> JumpHost:
        """Start an SSH server that forwards TCP to this fleet's devices and to nothing else."""
        jump_host = JumpHost(self._host, lambda: {device.port for device in self}, username, password)
        await jump_host.start()
        self._jump_hosts.append(jump_host)
        return jump_host

    async def remove(self, name: str) -> None:
        """End a device for good."""
        device = self.devices.pop(name)
        await device.stop()
        device.listener.give_up()

    async def close(self) -> None:
        """End every device, connection and session."""
        for device in self:
            device.listener.give_up()
        await asyncio.gather(*(device.drop_connections() for device in self))
        await asyncio.gather(*(jump_host.stop() for jump_host in self._jump_hosts))
        for held in self._held:
            held.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, device: Device, connection: socket.socket) -> None:
        """Begin to serve an accepted connection, with the faults that are its lot."""
        faults = device.faults.begin_connection()
        if Fault.REFUSES in faults:
            reset(connection)
        elif Fault.HANGS_AFTER_CONNECT in faults:
            self._held.append(connection)
        else:
            self._serve(device, connection, faults)

    def _serve(self, device: Device, connection: socket.socket, faults: frozenset[Fault]) -> None:
        options = self._options_for(device, faults)
        loop = asyncio.get_running_loop()
        serving = loop.connect_accepted_socket(lambda: DeviceConnection(options, device, faults), connection)
        task: asyncio.Task[object] = loop.create_task(serving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _options_for(self, device: Device, faults: frozenset[Fault]) -> asyncssh.SSHServerConnectionOptions:
        old = Fault.OLD_ALGORITHMS in faults
        key = keys.old_key() if old else device.key
        if Fault.CHANGED_HOST_KEY in faults:
            key = keys.impostor_key()
        wanted = keys.public_form(key), old
        if wanted not in self._options:
            self._options[wanted] = keys.server_options(key, DeviceServer, old_algorithms=old)
        return self._options[wanted]
