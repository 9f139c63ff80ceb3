"""Settings: parsed once, at the door. Below it nothing reads a file or an environment variable.

Every mistake is reported at once, each with its line and path, so that one round of mending is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError

from bot.settings.digests import USUAL
from bot.settings.problems import problems_of
from bot.settings.references import reference_problems
from bot.settings.sections import (
    AgentSection,
    DeviceSection,
    File,
    JumpSection,
    SecretSettings,
    SiteSection,
    without_nulls,
)
from bot.settings.yaml_file import read_yaml
from domain.access.access import Access
from domain.configs.platforms import usual_silence
from domain.digests.digests import DigestFields
from domain.errors import SettingsError
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.roles import Role
from domain.subscriptions.routes import RouteFields
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from domain.configs.patterns import OwnRule
    from domain.configs.platforms import Platform

_SLACK_APP = "https://api.slack.com/apps"

# Variable, how its value begins, in which mode it is needed, and where to get it.
_SECRETS = (
    ("bot_token", "SLACK_BOT_TOKEN", "xoxb-", ("socket", "http"), "OAuth & Permissions, Bot User OAuth Token"),
    ("app_token", "SLACK_APP_TOKEN", "xapp-", ("socket",), "Basic Information, App-Level Tokens (connections:write)"),
    ("signing_secret", "SLACK_SIGNING_SECRET", "", ("http",), "Basic Information, App Credentials, Signing Secret"),
)


@dataclass(frozen=True)
class Settings:
    """All that was declared, with paths made absolute and every reference known to hold."""

    path: Path  # of app.yaml; what is relative in it is relative to its folder
    file: File
    secrets: SecretSettings
    platforms: Mapping[str, Platform]

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str], *, need_slack: bool = True) -> Settings:
        """Read and check ``path``.

        Args:
            path: the settings file, usually ``app.yaml``.
            environ: the environment, from which the secrets are taken.
            need_slack: whether a missing Slack secret is a mistake. Agents and offline commands need none.

        Raises:
            SettingsError: something is wrong; ``problems`` holds everything that is.
        """
        document = read_yaml(path)
        problems = list(document.problems)
        data = {} if document.data is None else document.data
        file, found = _parse(without_nulls(data))
        platforms = _platforms(path, data, problems)
        found += reference_problems(data, platforms)
        found.sort(key=lambda one: document.line(one[0]))
        problems += [document.problem(where, words) for where, words in found]
        problems += _missing_secrets(environ, _mode(data)) if need_slack else []
        problems += _missing_heartbeat(file, environ) if need_slack else []
        problems += _missing_proxy(file, environ)
        if problems or file is None:
            raise SettingsError(problems)
        return cls(path.absolute(), file, _secrets(environ, file), MappingProxyType(platforms))

    def to_inventory(self) -> Inventory:
        """What is declared, as the rooms below know it."""
        return Inventory(
            sites=MappingProxyType({key: _to_site(key, one) for key, one in self.file.sites.items()}),
            devices=MappingProxyType({name: self._to_device(name, one) for name, one in self.file.devices.items()}),
            agents=MappingProxyType({name: _to_agent(name, one) for name, one in self.file.agents.items()}),
            masking=self.masking,
        )

    def _to_device(self, name: str, one: DeviceSection) -> Device:
        of_site, platform = self.file.sites[one.site].limits.silence, self.platforms[one.platform]
        silence = one.limits.silence or of_site or usual_silence(platform, one.limits.running)
        return _to_device(name, one, silence)

    def access(self, inventory: Inventory) -> Access:
        """Who may do what, by the grants of this file."""
        slack = self.file.slack
        return Access(inventory, slack.owners, allow_guests=slack.allow_guests, allow_external=slack.allow_external)

    @cached_property
    def digests(self) -> tuple[DigestFields, ...]:
        """The digests to channels that this file declares; a site with a channel has one a day unless it says no."""
        return tuple(
            DigestFields(
                recipient=one.channel or site.channel or "",
                site=key,
                period=one.period,
                schedule=one.parsed,
                zone=str(site.timezone),
                form=one.form,
            )
            for key, site in self.file.sites.items()
            for one in ((USUAL if site.channel else ()) if site.digests is None else site.digests)
        )

    @cached_property
    def masking(self) -> tuple[OwnRule, ...]:
        """The masking rules of this file."""
        return tuple(one.to_rule() for one in self.file.masking)

    @property
    def serve_only_variables(self) -> frozenset[str]:
        """Variables of the environment that app.yaml names and that are no agent's business."""
        url = self.file.heartbeat.url if self.file.heartbeat else ""
        return frozenset({url[4:]} if url.startswith("env:") else ())

    @property
    def folder(self) -> Path:
        """Where app.yaml is: relative paths begin here."""
        return self.path.parent

    @property
    def archive(self) -> Path:
        """The folder of the git repositories, absolute."""
        return self.folder / self.file.archive

    @property
    def database(self) -> str:
        """The database's URL, with an absolute path if it is a file."""
        scheme, _, rest = self.file.database.partition("://")
        return f"sqlite://{self.folder / rest}" if scheme == "sqlite" and rest != ":memory:" else self.file.database

    @property
    def company_ca(self) -> Path | None:
        """The file of the company's certificates, absolute; None: the public ones are enough."""
        return self.folder / self.file.outgoing.ca if self.file.outgoing.ca else None

    @property
    def database_file(self) -> Path | None:
        """The file of the database; None: it is in none."""
        scheme, _, rest = self.database.partition("://")
        return Path(rest) if scheme == "sqlite" and rest != ":memory:" else None

    @property
    def data(self) -> Path:
        """The folder for what belongs to this installation and to neither database nor archive."""
        return self.archive.parent


def _parse(data: object) -> tuple[File | None, list[tuple[tuple[str, ...], str]]]:
    try:
        return File.model_validate(data), []
    except ValidationError as error:
        return None, problems_of(error, File)


def _platforms(path: Path, data: object, problems: list[str]) -> dict[str, Platform]:
    own = data.get("platforms") if isinstance(data, dict) else None
    try:
        return load_platforms(path.absolute().parent / own if isinstance(own, str) else None)
    except SettingsError as error:
        problems += error.problems
        return {}


def _mode(data: object) -> str:
    """The mode as it is written, so that missing secrets are named in the same round as other mistakes."""
    slack = data.get("slack") if isinstance(data, dict) else None
    mode = slack.get("mode") if isinstance(slack, dict) else None
    return mode if mode in ("socket", "http") else "socket"


def _missing_secrets(environ: Mapping[str, str], mode: str) -> list[str]:
    problems = []
    for _, variable, prefix, modes, place in _SECRETS:
        value = environ.get(variable, "")
        if not value and mode in modes:
            problems.append(f"{variable} is not set in the environment. Get it at {_SLACK_APP}: {place}")
        elif value and not value.startswith(prefix):
            problems.append(
                f"{variable} does not begin with {prefix}: is it a different token? See {_SLACK_APP}: {place}"
            )
    return problems


def _missing_heartbeat(file: File | None, environ: Mapping[str, str]) -> list[str]:
    url = file.heartbeat.url if file and file.heartbeat else ""
    if not url.startswith("env:") or environ.get(url[4:], "").startswith(("https://", "http://")):
        return []
    return [f"heartbeat.url names the environment variable {url[4:]}, but it is not set to a URL"]


def _missing_proxy(file: File | None, environ: Mapping[str, str]) -> list[str]:
    proxy = file.outgoing.proxy if file else ""
    if not proxy.startswith("env:") or environ.get(proxy[4:], "").startswith(("https://", "http://")):
        return []
    return [f"outgoing.proxy names the environment variable {proxy[4:]}, but it is not set to a URL"]


def _from_environment(value: str, environ: Mapping[str, str]) -> str:
    return environ.get(value[4:], "") if value.startswith("env:") else value


def _secrets(environ: Mapping[str, str], file: File) -> SecretSettings:
    url = file.heartbeat.url if file.heartbeat else ""
    known = {field: environ.get(variable, "") for field, variable, *_ in _SECRETS}
    known["heartbeat"] = _from_environment(url, environ)
    known["proxy"] = _from_environment(file.outgoing.proxy, environ)
    return SecretSettings(**{field: SecretStr(value) for field, value in known.items()})


def _to_site(key: str, one: SiteSection) -> Site:
    return Site(
        key=key,
        name=one.name or key,
        timezone=one.timezone,
        channel=one.channel,
        access=MappingProxyType({Role[word.upper()]: ids for word, ids in one.access.items()}),
        concurrency=one.concurrency,
        link_only=one.link_only,
        ignore_secret_changes=one.ignore_secret_changes,
        reminder=one.reminder,
        overdue=one.overdue,
        routes=_routes(key, one),
        fallback=one.fallback,
    )


def _routes(key: str, one: SiteSection) -> tuple[RouteFields, ...]:
    """What is declared of them, or else that the site's own channel hears the usual."""
    if one.routes is None:
        return (RouteFields(site=key, channel=one.channel),) if one.channel else ()
    return tuple(RouteFields(site=key, channel=route.channel, events=route.events) for route in one.routes)


def _to_agent(name: str, one: AgentSection) -> Agent:
    return Agent(name=name, sites=one.sites, concurrency=one.concurrency)


def _to_endpoint(one: DeviceSection | JumpSection) -> Endpoint:
    names = (one.credential,) if isinstance(one, JumpSection) else one.credential
    return Endpoint(host=one.host, port=one.port, credentials=names, algorithms=one.algorithms)


def _to_device(name: str, one: DeviceSection, silence: timedelta) -> Device:
    return Device(
        name=name,
        site=one.site,
        platform=one.platform,
        endpoint=_to_endpoint(one),
        jump=_to_endpoint(one.jump) if one.jump else None,
        commands=one.commands,
        waiting_limit=one.limits.waiting,
        running_limit=one.limits.running,
        silence_limit=silence,
        retries=one.retries,
        only=one.only,
        overdue=one.overdue,
    )
