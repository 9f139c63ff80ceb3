"""One simulated device: what it is, what it holds, and what it has seen."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from demo.fleet import keys
from demo.fleet.configs import Moment, apply_change, dress, generate_config, rotate_secret
from demo.fleet.faults import Fault, FaultPlan, spoil
from demo.fleet.logins import Logins

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    import asyncssh

    from demo.fleet.listener import Listener

DEMO_PASSWORD = "not-a-real-password"  # noqa: S105 - of the demo's devices only
LINUX_CONFIG = "/etc/network/interfaces"
_SHOW_STEP = timedelta(seconds=7)  # how far a device's clock moves from one show to the next, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOptions:
    """How a device is made. ``enable_password`` None: the user is privileged at once."""

    platform: str = "cisco_ios"
    username: str = "backup"
    password: str = DEMO_PASSWORD
    enable_password: str | None = None
    config: bytes | None = None  # None: generated
    lines: int = 300  # of the generated configuration, roughly
    seed: int = 1
    delay: timedelta = timedelta(0)  # before each answer
    banner: str = ""  # sent by SSH before the log-in
    motd: str = ""  # shown after it
    own_key: bool = False  # a host key of its own instead of the shared one
    keyboard_interactive: bool = False  # offered instead of plain passwords
    files: Mapping[str, bytes] = field(default_factory=dict)  # linux: beside the configuration file
    outputs: Mapping[str, bytes] = field(default_factory=dict)  # linux: what a command prints


class DeviceFacts(TypedDict, total=False):
    """The fields of ``DeviceOptions``, for callers that pass them on."""

    platform: str
    username: str
    password: str
    enable_password: str | None
    config: bytes | None
    lines: int
    seed: int
    delay: timedelta
    banner: str
    motd: str
    own_key: bool
    keyboard_interactive: bool
    files: Mapping[str, bytes]
    outputs: Mapping[str, bytes]


class Device:
    """A device of the fleet, in the tests' hands. ``Fleet.add`` makes it."""

    listener: Listener

    def __init__(self, name: str, options: DeviceOptions) -> None:
        self.name = name
        self.host = "127.0.0.1"
        self.platform = options.platform
        self.username = options.username
        self.password = options.password
        self.enable_password = options.enable_password
        self.delay = options.delay
        self.banner = options.banner
        self.motd = options.motd
        self.keyboard_interactive = options.keyboard_interactive
        self.files = dict(options.files)
        self.outputs = dict(options.outputs)
        self.is_on = False
        self.logins = Logins()
        self.commands: list[str] = []  # each line received, in order; never an answer to a password question
        self.sessions = 0  # open SSH connections that have logged in
        self.max_sessions_seen = 0
        self.shows = 0  # how often its configuration was printed
        self.wire = b""  # the last print as it went out, line ends and all
        self.faults = FaultPlan()
        self.key = keys.new_key() if options.own_key else keys.shared_key()
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._changed = Moment(datetime.now(UTC), "admin")
        self._changes = 0
        self._exact = False
        self._printed: bytes | None = None
        body = options.config
        self._body = body if body is not None else self._generate(lines=options.lines, seed=options.seed)

    def _generate(self, *, lines: int, seed: int) -> bytes:
        return generate_config(self.platform, lines=lines, seed=seed, hostname=self.name)

    @property
    def port(self) -> int:
        """Its port: the same through stop and start."""
        return self.listener.port

    @property
    def host_key(self) -> str:
        """The public host key that it shows, in OpenSSH form."""
        return keys.public_form(self.key)

    @property
    def config(self) -> bytes:
        """Exactly what the configuration command printed last, lines ended by LF.

        Before the first show, and after each change, what it would print now.
        """
        if self._printed is None:
            self._printed = self._dressed()
        return self._printed

    @property
    def fault(self) -> Fault | None:
        """The fault that stands for every coming connection; setting it ends the others."""
        return min(self.faults.standing, default=None)

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self.set_faults([fault] if fault else [])

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Let every coming connection have all of ``faults``; none: behave well, also on the next ones."""
        self.faults.standing = frozenset(faults)
        if not self.faults.standing:
            self.faults.forget_next()
        self._follow_refusal()

    def fail_next(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next ``times`` connections have ``fault``."""
        self.faults.add_next(fault, times=times)

    def set_config(self, config: bytes, *, exact: bool = False) -> None:
        """Replace the configuration. ``exact`` leaves out the moving lines that the platform adds."""
        self._body, self._exact, self._printed = config, exact, None
        self._changed = Moment(datetime.now(UTC), "admin")

    def change(self, what: str = "", *, by: str = "admin") -> str:
        """Change the configuration a little, the way a person does, and return the lines added or removed.

        Args:
            what: ``add vlan N``, ``remove vlan N``, ``describe TEXT`` (an interface), ``add line TEXT`` or
                ``remove line TEXT``. Empty: one more VLAN each time.
            by: the person the device names as the author, where the platform names one.

        Raises:
            ValueError: ``what`` is none of these, or there is nothing of the kind to remove.
        """
        self._changes += 1
        what = what or f"add vlan {100 + self._changes}"
        self._body, changed = apply_change(self.platform, self._body, what)
        self._changed, self._printed = Moment(datetime.now(UTC), by), None
        return changed

    def rotate_secret(self) -> None:
        """Replace the value of one secret and nothing else."""
        self._body = rotate_secret(self.platform, self._body, secrets.token_hex(8))
        self._printed = None

    def replace_host_key(self) -> str:
        """Show a new host key from the next connection on, and return its public form."""
        self.key = keys.new_key()
        return self.host_key

    def print_config(self, faults: Iterable[Fault] = (), *, hide: re.Pattern[bytes] | None = None) -> bytes:
        """Print the configuration once, without what ``hide`` finds: the moving lines move. Lines end with LF."""
        self.shows += 1
        text = self._dressed()
        self._printed = spoil(hide.sub(b"", text) if hide else text, faults, hostname=self.name)
        return self._printed

    def _dressed(self) -> bytes:
        if self._exact:
            return self._body
        now = Moment(datetime.now(UTC) + self.shows * _SHOW_STEP, self.username)
        return dress(self.platform, self._body, now=now, changed=self._changed, hostname=self.name)

    def note_log_in(self) -> None:
        """Count a session that has begun."""
        self.sessions += 1
        self.max_sessions_seen = max(self.sessions, self.max_sessions_seen)

    def note_log_out(self) -> None:
        """Count a session that has ended."""
        self.sessions -= 1

    async def stop(self) -> None:
        """Switch it off: connections break, the port refuses."""
        self.is_on = False
        self._follow_refusal()
        await self.drop_connections()

    async def start(self) -> None:
        """Switch it on, on the same port as before."""
        self.is_on = True
        self._follow_refusal()

    async def drop_connections(self) -> None:
        """Break every connection, as a restart does."""
        connections = list(self.connections)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))

    def _follow_refusal(self) -> None:
        """The port refuses while the device is off or REFUSES stands."""
        if self.is_on and Fault.REFUSES not in self.faults.standing:
            self.listener.open()
        else:
            self.listener.close()
