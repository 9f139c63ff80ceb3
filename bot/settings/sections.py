"""The parts of ``app.yaml``, each as a frozen model: a misspelt key is an error, never a default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.settings.credentials import CredentialNames, CredentialSection, VaultSection
from bot.settings.digests import Digests, HeartbeatSection
from bot.settings.masking import MaskingSection
from bot.settings.nearest import unknown
from bot.settings.routes import ChannelId, RouteSection
from bot.settings.section_base import Duration, Section, listed, matches
from bot.settings.zones import read_zone
from domain.roles import Role


def _zone(value: object) -> object:
    return read_zone(value) if isinstance(value, str) else value


def _sites(value: object) -> object:
    return None if value == "*" else listed(value)


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
PersonId = Annotated[
    str,
    matches(r"[UW][A-Z0-9]{2,30}", "is not a person's id: it begins with U (in Slack: profile, More, Copy member ID)"),
]
PrincipalId = Annotated[
    str,
    matches(
        r"[UWSCG][A-Z0-9]{2,30}",
        "is neither a person's id (U...) nor a user group's (S...) nor a private channel's (C...)",
    ),
]
SiteKey = Annotated[
    str,
    matches(
        r"[a-z0-9][a-z0-9._-]{0,62}",
        "is not a site's key: it starts with a lower-case letter or digit; then also dots, dashes and underscores",
    ),
]
DeviceName = Annotated[
    str,
    matches(
        r"[^\W_][^\s/\\`<>&*\x00-\x1f]{0,99}",
        "is not a device's name: it starts with a letter or digit and has no spaces, / \\ ` < > & or *",
    ),
]
AgentName = Annotated[
    str,
    matches(
        r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}",
        "is not an agent's name: it starts with a letter or digit; then also dashes and underscores",
    ),
]
Port = Annotated[int, Field(ge=1, le=65535)]


class SlackSection(Section):
    """The ``slack:`` part."""

    mode: Literal["socket", "http"] = "socket"
    api_url: Annotated[str, matches(r"https?://\S+/", "must begin with http:// or https:// and end with /")] = (
        "https://slack.com/api/"
    )
    command: Annotated[str, matches(r"/[a-z0-9_-]{1,31}", "is not a slash command such as /backup")] = "/backup"
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


class OutgoingSection(Section):
    """The ``outgoing:`` part: how calls leave the company's network."""

    proxy: Annotated[
        str, matches(r"(https?://\S+|env:[A-Za-z_][A-Za-z0-9_]*)?", "must begin with http://, https:// or env:")
    ] = ""  # empty: as HTTPS_PROXY and NO_PROXY in the environment say
    no_proxy: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()  # hosts and domains that are reached directly
    ca: Path | None = None  # the company's certificates, beside the public ones


class LogSection(Section):
    """The ``log:`` part."""

    format: Literal["auto", "json", "console"] = "auto"  # auto: console on a terminal, JSON otherwise
    level: Literal["info", "warning", "error"] = "info"


_ROLES = frozenset(role.word for role in Role if role is not Role.OWNER)


def _role(value: str) -> str:
    if value not in _ROLES:
        raise ValueError(unknown("role", value, _ROLES))
    return value


RoleWord = Annotated[str, AfterValidator(_role)]
Principals = Annotated[frozenset[PrincipalId], BeforeValidator(listed)]


class SiteLimitsSection(Section):
    """What the devices of a site may take, unless they say otherwise themselves."""

    silence: Duration | None = None  # within a command; None: as the platform says


class SiteSection(Section):
    """One site."""

    name: str = ""  # empty: its key
    timezone: Zone = ZoneInfo("UTC")
    channel: ChannelId | None = None
    access: dict[RoleWord, Principals] = {}
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 25
    limits: SiteLimitsSection = SiteLimitsSection()
    link_only: bool = False  # no line of a configuration in Slack
    ignore_secret_changes: bool = False  # a new value of a secret is no change
    routes: list[RouteSection] | None = None  # None: its channel hears the usual
    fallback: ChannelId | None = None
    reminder: Duration | None = None
    digests: Digests = None  # None: one a day, to the channel if there is one
    overdue: Duration = timedelta(days=7)  # without a good backup, and people are told


class AgentSection(Section):
    """One agent."""

    sites: Annotated[frozenset[str] | None, BeforeValidator(_sites)] = None  # None: all, written "*"
    concurrency: Annotated[int, Field(ge=1, le=2000)] = 50


class JumpSection(Section):
    """The machine through which a device is reached."""

    host: str
    port: Port = 22
    credential: str
    algorithms: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()


class LimitsSection(Section):
    """A run's two clocks, and how long its device may be silent."""

    waiting: Duration = timedelta(minutes=30)
    running: Duration = timedelta(minutes=5)
    silence: Duration | None = None  # within a command; None: as the site says


class DeviceSection(Section):
    """One device."""

    site: str
    host: str
    port: Port = 22
    platform: str
    credential: CredentialNames  # tried in this order
    algorithms: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    jump: JumpSection | None = None
    commands: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    only: Principals | None = None  # restricted: it exists for these and for owners alone
    limits: LimitsSection = LimitsSection()
    overdue: Duration | None = None  # as its site


class SecretSettings(Section):
    """What comes from the environment alone; shown as stars wherever it is printed."""

    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    proxy: SecretStr = SecretStr("")  # its URL may hold a password
    heartbeat: SecretStr = SecretStr("")  # the URL: whoever knows it can say that we are alive

    def values(self) -> tuple[str, ...]:
        """The secrets themselves, for whoever must keep them out of a log."""
        every = (self.bot_token, self.app_token, self.signing_secret, self.proxy, self.heartbeat)
        return tuple(one.get_secret_value() for one in every if one.get_secret_value())


class File(Section):
    """All of ``app.yaml``, as it is written."""

    slack: SlackSection = SlackSection()
    database: Annotated[
        str,
        matches(r"(sqlite://.+|postgres://.+)", "is not a database: write sqlite://FILE or postgres://USER@HOST/NAME"),
    ] = "sqlite://data/lastgood.db"
    archive: Path = Path("data/archive")
    queue: Literal["local"] = "local"
    platforms: Path | None = None  # a folder of the user's own platform files
    http: HttpSection = HttpSection()
    outgoing: OutgoingSection = OutgoingSection()
    log: LogSection = LogSection()
    heartbeat: HeartbeatSection | None = None
    credentials: dict[str, CredentialSection] = {}
    vault: VaultSection | None = None
    masking: Annotated[tuple[MaskingSection, ...], Field(max_length=100)] = ()
    sites: dict[SiteKey, SiteSection] = {}
    agents: dict[AgentName, AgentSection] = {"local": AgentSection()}
    devices: dict[DeviceName, DeviceSection] = {}


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - YAML may hold anything
    """``value`` without keys that were left empty: an empty key means its default."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value
