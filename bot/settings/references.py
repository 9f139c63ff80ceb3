"""Names in app.yaml that point to other parts of it: each must be there.

Works on the plain data, so that these mistakes are found in the same round as misspelt keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.settings.nearest import unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from domain.configs.platforms import Platform

Problem = tuple[tuple[str, ...], str]

_WAYS_IN = ("password", "private_key", "agent_socket")


def reference_problems(data: object, platforms: Mapping[str, Platform]) -> list[Problem]:
    """Every reference that leads nowhere, and every name that leads to two places."""
    if not isinstance(data, dict):
        return []
    return [
        *_of_credentials(data),
        *_of_vault(data),
        *_of_devices(data, platforms),
        *_of_agents(data),
        *_of_sites(data),
        *_of_masking(data, platforms),
    ]


def _part(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _of_credentials(data: Mapping[str, Any]) -> Iterator[Problem]:
    for name, one in _part(data, "credentials").items():
        if not isinstance(one, dict):
            continue
        at = ("credentials", name)
        if not any(one.get(endpoint) for endpoint in _WAYS_IN):
            yield at, f"has nothing to log in with: give one of {', '.join(_WAYS_IN)}"
        if one.get("passphrase") and not one.get("private_key"):
            yield (*at, "passphrase"), "needs a private_key"
        for key, source in one.items():
            if str(source).startswith("vault:") and not _part(data, "vault"):
                yield (*at, key), "says vault:, but app.yaml has no vault section with its address"


def _of_vault(data: Mapping[str, Any]) -> Iterator[Problem]:
    vault = _part(data, "vault")
    has_role = [key for key in ("role_id", "secret_id") if vault.get(key)]
    if vault and bool(vault.get("token")) == bool(has_role):
        yield ("vault",), "give either token, or role_id and secret_id"
    elif len(has_role) == 1:
        yield ("vault",), "role_id and secret_id are needed together"


def _of_devices(data: Mapping[str, Any], platforms: Mapping[str, Platform]) -> Iterator[Problem]:
    sites, credentials = _part(data, "sites"), _part(data, "credentials")
    for name, device in _part(data, "devices").items():
        if name in sites:
            yield ("devices", name), "a site has this name too: names of devices and sites must differ"
        if not isinstance(device, dict):
            continue
        at = ("devices", name)
        yield from _known("site", device, at, sites)
        yield from _known_credentials(device, at, credentials)
        if platforms:  # empty: they could not be read, which is reported already
            yield from _known("platform", device, at, platforms)
            yield from _commands(device, at, platforms)
        if isinstance(device.get("jump"), dict):
            yield from _known("credential", device["jump"], (*at, "jump"), credentials)


def _known(kind: str, holder: Mapping[str, Any], at: tuple[str, ...], known: Collection[str]) -> Iterator[Problem]:
    name = holder.get(kind)
    if isinstance(name, str) and name not in known:
        yield (*at, kind), unknown(kind, name, known)


def _known_credentials(
    device: Mapping[str, Any], at: tuple[str, ...], credentials: Collection[str]
) -> Iterator[Problem]:
    """One name, or several in order."""
    names = device.get("credential")
    if not isinstance(names, list):
        yield from _known("credential", device, at, credentials)
        return
    for index, name in enumerate(names):
        if isinstance(name, str) and name not in credentials:
            yield (*at, "credential", str(index)), unknown("credential", name, credentials)


def _commands(device: Mapping[str, Any], at: tuple[str, ...], platforms: Mapping[str, Platform]) -> Iterator[Problem]:
    platform = platforms.get(str(device.get("platform")))
    if platform and platform.files and not platform.config and not device.get("commands"):
        yield (*at, "commands"), f"platform {platform.name} needs a list of files and commands to keep"


def _of_agents(data: Mapping[str, Any]) -> Iterator[Problem]:
    sites = _part(data, "sites")
    for name, agent in _part(data, "agents").items():
        served = agent.get("sites") if isinstance(agent, dict) else None
        served = [served] if isinstance(served, str) else served
        for index, site in enumerate(served if isinstance(served, list) else []):
            if isinstance(site, str) and site != "*" and site not in sites:
                yield ("agents", name, "sites", str(index)), unknown("site", site, sites)


def _of_sites(data: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, site in _part(data, "sites").items():
        channel = site.get("channel") if isinstance(site, dict) else None
        yield from _of_digests(key, site)
        if not isinstance(channel, str):
            continue
        if channel in seen:
            yield ("sites", key, "channel"), f"is already the channel of site {seen[channel]}: each site needs its own"
        seen.setdefault(channel, key)


def _of_digests(key: str, site: object) -> Iterator[Problem]:
    """A digest needs a channel to stand in."""
    digests = site.get("digests") if isinstance(site, dict) else None
    if isinstance(site, dict) and digests and not site.get("channel"):
        for index, one in enumerate(digests if isinstance(digests, list) else [digests]):
            if not (isinstance(one, dict) and one.get("channel")):
                yield ("sites", key, "digests", str(index)), "needs a channel: the site has none of its own"


def _of_masking(data: Mapping[str, Any], platforms: Mapping[str, Platform]) -> Iterator[Problem]:
    known = {"sites": _part(data, "sites"), "devices": _part(data, "devices"), "platforms": platforms}
    rules = data.get("masking")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        for key, names in known.items():
            for name in _listed(rule.get(key)) if isinstance(rule, dict) and names else ():
                if name not in names:
                    yield ("masking", str(index), key), unknown(key.removesuffix("s"), name, names)


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []
