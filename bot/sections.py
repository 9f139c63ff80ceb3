"""The parts of ``app.yaml``, each as a frozen model: a misspelt key is an error, never a default."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.nearest import unknown
from domain.access import Role

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise ValueError(f'"{value}" is not a duration: write 30s, 5m, 2h or 1d')
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return value


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in available_timezones():
        raise ValueError(unknown("time zone", value, available_timezones()))
    return ZoneInfo(value)


def _matches(pattern: str, advice: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f'"{value}" {advice}')
        return value

    return AfterValidator(check)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _sites(value: object) -> object:
    return None if value == "*" else _listed(value)


Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_positive)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
ChannelId = Annotated[
    str,
    _matches(
        r"[CG][A-Z0-9]{2,30}",
        "is not a channel id: it begins with C (in Slack: the channel's details, at the very bottom)",
    ),
]
PersonId = Annotated[
    str,
    _matches(r"[UW][A-Z0-9]{2,30}", "is not a person's id: it begins with U (in Slack: profile, More, Copy member ID)"),
]
PrincipalId = Annotated[
    str, _matches(r"[UWS][A-Z0-9]{2,30}", "is neither a person's id (U...) nor a user group's (S...)")
]
SiteKey = Annotated[
    str, _matches(r"[a-z0-9][a-z0-9._-]{0,62}", "is not a site's key: small letters, digits, dots, dashes")
]
DeviceName = Annotated[
    str,
    _matches(r"[^\W_][^\s/\\`<>&*\x00-\x1f]{0,99}", "is not a device's name: no spaces, slashes, `, <, > or &"),
]
AgentName = Annotated[str, _matches(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", "is not an agent's name: letters and digits")]
_SOURCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")


def _source(value: str) -> str:
    if not _SOURCE.fullmatch(value):  # not repeated: it may be the secret itself
        raise ValueError(
            "this is not where a secret may come from: write env:NAME (an environment variable) or file:PATH"
        )
    return value


Source = Annotated[str, AfterValidator(_source)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """Base of every part of ``app.yaml``: read-only, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SlackSection(Section):
    """The ``slack:`` part."""

    mode: Literal["socket", "http"] = "socket"
    api_url: Annotated[str, _matches(r"https?://\S+/", "must begin with http:// or https:// and end with /")] = (
        "https://slack.com/api/"
    )
    command: Annotated[str, _matches(r"/[a-z0-9_-]{1,31}", "is not a slash command such as /backup")] = "/backup"
    owners: frozenset[PersonId] = frozenset()
    allow_guests: bool = False
    allow_external: bool = False


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the highest port there is
        raise ValueError(f'"{value}" is not an address to listen on such as 127.0.0.1:8080')
    return value


class HttpSection(Section):
    """The ``http:`` part: health, metrics, and Slack's requests in http mode."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8080"

    @property
    def host(self) -> str:
        """The address to listen on, without the brackets of an IPv6 one."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0: any free one."""
        return int(self.listen.rpartition(":")[2])


class LogSection(Section):
    """The ``log:`` part."""

    format: Literal["auto", "json", "console"] = "auto"  # auto: console on a terminal, JSON otherwise
    level: Literal["info", "warning", "error"] = "info"


class CredentialSection(Section):
    """How to log in. Holds where each secret is kept, never the secret; only agents resolve it."""

    username: str
    password: Source | None = None
    private_key: Source | None = None  # an OpenSSH private key
    passphrase: Source | None = None  # of the private key
    enable: Source | None = None  # the password of the privileged mode


_ROLES = frozenset(role.word for role in Role if role is not Role.OWNER)


def _role(value: str) -> str:
    if value not in _ROLES:
        raise ValueError(unknown("role", value, _ROLES))
    return value


RoleWord = Annotated[str, AfterValidator(_role)]
Principals = Annotated[frozenset[PrincipalId], BeforeValidator(_listed)]


class SiteSection(Section):
    """One site."""

    name: str = ""  # empty: its key
    timezone: Zone = ZoneInfo("UTC")
    channel: ChannelId | None = None
    access: dict[RoleWord, Principals] = {}
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 25


class AgentSection(Section):
    """One agent."""

    sites: Annotated[frozenset[str] | None, BeforeValidator(_sites)] = None  # None: all, written "*"
    concurrency: Annotated[int, Field(ge=1, le=2000)] = 50


class JumpSection(Section):
    """The machine through which a device is reached."""

    host: str
    port: Port = 22
    credential: str
    algorithms: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()


class LimitsSection(Section):
    """A run's two clocks."""

    waiting: Duration = timedelta(minutes=30)
    running: Duration = timedelta(minutes=5)


class DeviceSection(Section):
    """One device."""

    site: str
    host: str
    port: Port = 22
    platform: str
    credential: str
    algorithms: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    jump: JumpSection | None = None
    commands: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    limits: LimitsSection = LimitsSection()


class Secrets(Section):
    """What comes from the environment alone; shown as stars wherever it is printed."""

    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")

    def values(self) -> tuple[str, ...]:
        """The secrets themselves, for whoever must keep them out of a log."""
        every = (self.bot_token, self.app_token, self.signing_secret)
        return tuple(one.get_secret_value() for one in every if one.get_secret_value())


class File(Section):
    """All of ``app.yaml``, as it is written."""

    slack: SlackSection = SlackSection()
    database: Annotated[
        str,
        _matches(r"(sqlite://.+|postgres://.+)", "is not a database: write sqlite://FILE or postgres://USER@HOST/NAME"),
    ] = "sqlite://data/lastgood.db"
    archive: Path = Path("data/archive")
    queue: Literal["local"] = "local"
    platforms: Path | None = None  # a folder of the user's own platform files
    http: HttpSection = HttpSection()
    log: LogSection = LogSection()
    credentials: dict[str, CredentialSection] = {}
    sites: dict[SiteKey, SiteSection] = {}
    agents: dict[AgentName, AgentSection] = {"local": AgentSection()}
    devices: dict[DeviceName, DeviceSection] = {}


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - YAML may hold anything
    """``value`` without keys that were left empty: an empty key means its default."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value
