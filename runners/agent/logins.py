"""Several credentials for one device, in order: each refused one brings an account nearer to a lock-out.

The next one is tried only when the device refused the one before. Nothing that a device refused is said to it
again in the same run, and the one that worked last comes first in the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import LoginRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from runners.agent.secrets.credentials import Credentials
    from runners.ssh.login import Login

T = TypeVar("T")

# Trouble that comes only behind a log-in: the credential was the right one all the same.
_BEHIND_LOGIN = frozenset(
    {
        FailureKind.PASSWORD_EXPIRED,
        FailureKind.ENABLE,
        FailureKind.NO_PROMPT,
        FailureKind.SILENT,
        FailureKind.INCOMPLETE,
        FailureKind.SUSPECT,
        FailureKind.TOO_LARGE,
        FailureKind.COMMAND_REJECTED,
    }
)


@dataclass(slots=True)
class Refused:
    """What a device has refused in one run."""

    _by_name: dict[str, Login] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The credentials, in the order in which they were tried."""
        return tuple(self._by_name)

    def add(self, name: str, login: Login) -> None:
        """Remember until the run ends that the device did not take ``login``."""
        self._by_name[name] = login

    def left_of(self, login: Login) -> Login | None:
        """``login`` without what was refused for its user already; None: nothing is left to try."""
        same = [one for one in self._by_name.values() if one.username == login.username]
        if login.password in {one.password for one in same}:
            login = replace(login, password=None, enable=login.enable or login.password)
        if login.key and any(login.key == one.key for one in same):
            login = replace(login, key=None)
        if login.agent_socket in {one.agent_socket for one in same}:
            login = replace(login, agent_socket=None)
        return login if login.password or login.key or login.agent_socket else None


@dataclass(slots=True)
class LogIns:
    """Logs in to devices with what they may take."""

    credentials: Credentials
    _worked: dict[str, str] = field(default_factory=dict)  # device -> the credential that it took last

    def last(self, device: str) -> str | None:
        """The credential that ``device`` took last."""
        return self._worked.get(device)

    async def each(
        self, device: str, names: Iterable[str], refused: Refused, use: Callable[[Login], Awaitable[T]]
    ) -> T:
        """What ``use`` gives with the first credential that ``device`` takes.

        Args:
            device: its name.
            names: of credentials, in order; the one that worked last goes first.
            refused: what the device refused earlier in this run; what it refuses now is added.
            use: logs in; ``LoginRefused`` leads to the next credential, any other trouble ends the search.

        Raises:
            DeviceError: as ``use`` and ``Credentials.login``; AUTHENTICATION when all were refused.
        """
        names = tuple(names)
        for name in sorted(names, key=lambda one: one != self._worked.get(device)):
            login = None if name in refused.names else refused.left_of(await self.credentials.login(name))
            if login is None:
                continue
            try:
                result = await use(login)
            except LoginRefused:
                refused.add(name, login)
                if len(names) == 1:
                    raise
            except DeviceError as error:
                if error.kind in _BEHIND_LOGIN:
                    self._worked[device] = name
                raise
            else:
                self._worked[device] = name
                return result
        raise _none_left(refused)


def _none_left(refused: Refused) -> DeviceError:
    return DeviceError(FailureKind.AUTHENTICATION, f"refused: {', '.join(refused.names)}")
