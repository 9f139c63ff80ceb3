"""Devices and sites by the names that people type, each person seeing only what exists for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from rapidfuzz import fuzz, process

from commands.input.quoting import MAX_WORD, loose, quote, shown
from commands.request import Option
from domain.errors import UnknownName
from domain.inventory.declared import Device, Site
from domain.roles import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.access.access import Access
    from domain.access.people import Person

MAX_OPTIONS = 100  # Slack's limit for the answer to an option request
MAX_LABEL = 75  # characters of an option's text and description
ENOUGH_ALIKE = 70  # of 100, by rapidfuzz
GUESSES = 3

Target = Device | Site
Choice = TypeVar("Choice")


class Catalogue:
    """Finds devices and sites. What a person may not see is not found, in the same words as what is not there."""

    def __init__(self, access: Access, *, lister: str) -> None:
        self._access = access
        self._inventory = access.inventory
        self._lister = lister  # the command line that lists devices
        self._loose = {name: loose(name) for name in self._inventory.devices}
        self._devices = _grouped((self._loose[device.name], device) for device in self._inventory.devices.values())
        self._sites = _grouped(
            (name, site) for site in self._inventory.sites.values() for name in {loose(site.key), loose(site.name)}
        )

    def device(self, person: Person, words: Sequence[str]) -> Device:
        """The device that ``words`` name.

        Raises:
            UnknownName: there is none that this person may see; carries the nearest visible names.
        """
        text = _without("device:", " ".join(words))
        found = self._visible_devices(person, text)
        if len(found) == 1:
            return found[0]
        raise self._unknown(person, "device", text, found, words)

    def target(self, person: Person, words: Sequence[str]) -> Target:
        """The device, or else the site, that ``words`` name; ``site:NAME`` and ``device:NAME`` choose.

        Raises:
            UnknownName: there is none that this person may see; carries the nearest visible names.
        """
        text = " ".join(words)
        found = self._targets(person, text)
        if len(found) == 1:
            return found[0]
        raise self._unknown(person, "device or site", text, found, words)

    def has_device(self, person: Person, words: Sequence[str]) -> bool:
        """Whether ``words`` name exactly one device that this person may see."""
        return len(self._visible_devices(person, " ".join(words))) == 1

    def has_target(self, person: Person, words: Sequence[str]) -> bool:
        """Whether ``words`` name exactly one device or site that this person may see."""
        return len(self._targets(person, " ".join(words))) == 1

    def word(self, person: Person, target: Target) -> str:
        """What ``person`` types to mean ``target`` and nothing else."""
        if isinstance(target, Device):
            return target.name
        return f"site:{target.key}" if self._exact_device(person, target.key) else target.key

    def site_called(self, person: Person, name: str) -> Site | None:
        """The one visible site of this name, key or channel."""
        found = self._visible_sites(person, name)
        return found[0] if len(found) == 1 else None

    def device_options(self, person: Person, action: Action, typed: str) -> list[Option]:
        """The devices that ``person`` may do ``action`` with, best matches of ``typed`` first."""
        return [self._device_option(one) for one in self._ranked(typed, self._usable_devices(person, action))]

    def target_options(self, person: Person, action: Action, typed: str) -> list[Option]:
        """Sites and devices that ``person`` may do ``action`` with, best matches of ``typed`` first."""
        sites = [site for site in self._access.visible_sites(person) if self._access.may(person, action, site.key)]
        hidden = self._access.hidden_devices(person)
        keyed: list[tuple[str, Target]] = [(loose(f"{site.key} {site.name}"), site) for site in sites]
        keyed += self._usable_devices(person, action)
        return [
            self._site_option(one, hidden) if isinstance(one, Site) else self._device_option(one)
            for one in self._ranked(typed, keyed)
        ]

    def site_options(self, person: Person, action: Action, typed: str) -> list[Option]:
        """The sites where ``person`` may do ``action``, by their keys."""
        sites = [site for site in self._access.visible_sites(person) if self._access.may(person, action, site.key)]
        found = best([(loose(f"{site.key} {site.name}"), site) for site in sites if len(site.key) <= MAX_WORD], typed)
        hidden = self._access.hidden_devices(person)
        return [replace(self._site_option(site, hidden), value=site.key) for site in found]

    def plain_device_options(self, person: Person, action: Action, typed: str) -> list[Option]:
        """The devices that ``person`` may do ``action`` with, by their names as they are."""
        found = best(
            [(name, one) for name, one in self._usable_devices(person, action) if len(_name(one)) <= MAX_WORD], typed
        )
        return [replace(self._device_option(one), value=_name(one)) for one in found]

    def _targets(self, person: Person, text: str) -> Sequence[Target]:
        exact: Sequence[Target] = self._exact_device(person, text) or self._exact_site(person, text)
        if exact or not text.casefold().startswith(("site:", "device:")):
            return exact or self._visible_devices(person, text) or self._visible_sites(person, text)
        kind, _, name = text.partition(":")
        return self._visible_sites(person, name) if kind.casefold() == "site" else self._visible_devices(person, name)

    def _visible_devices(self, person: Person, text: str) -> Sequence[Device]:
        alike = (one for one in self._devices.get(loose(text), ()) if self._access.sees(person, one.site, one.name))
        return self._exact_device(person, text) or tuple(alike)

    def _visible_sites(self, person: Person, text: str) -> Sequence[Site]:
        alike = (one for one in self._sites.get(loose(text), ()) if self._sees(person, one.key))
        return self._exact_site(person, text) or tuple(alike)

    def _exact_device(self, person: Person, name: str) -> Sequence[Device]:
        device = self._inventory.devices.get(name)
        return (device,) if device and self._access.sees(person, device.site, device.name) else ()

    def _exact_site(self, person: Person, name: str) -> Sequence[Site]:
        channel = name[2:-1] if name.startswith("<#") and name.endswith(">") else ""
        site = self._inventory.site_of_channel(channel) if channel else self._inventory.sites.get(name)
        return (site,) if site and self._sees(person, site.key) else ()

    def _sees(self, person: Person, site: str) -> bool:
        return self._access.may(person, Action.SEE, site)

    def _unknown(
        self, person: Person, kind: str, text: str, found: Sequence[Target], words: Sequence[str]
    ) -> UnknownName:
        similar = [_name(one) for one in found[:GUESSES]] or self._guesses(person, kind, text)
        return UnknownName(kind, shown(text), similar=similar, lister=self._lister, words=words)

    def _guesses(self, person: Person, kind: str, text: str) -> list[str]:
        names = {device.name: self._loose[device.name] for device in self._access.visible_devices(person)}
        if "site" in kind:
            names |= {site.key: loose(site.key) for site in self._access.visible_sites(person)}
        found = process.extract(
            loose(text)[:MAX_WORD], names, scorer=fuzz.WRatio, limit=GUESSES, score_cutoff=ENOUGH_ALIKE
        )
        return [name for _, _, name in found]

    def _usable_devices(self, person: Person, action: Action) -> list[tuple[str, Target]]:
        devices = self._access.visible_devices(person)
        allowed = {
            site.key for site in self._access.visible_sites(person) if self._access.may(person, action, site.key)
        }
        return [(self._loose[one.name], one) for one in devices if one.site in allowed]

    def _ranked(self, typed: str, keyed: Sequence[tuple[str, Target]]) -> Sequence[Target]:
        return best([pair for pair in keyed if _fits(pair[1])], typed)

    def _device_option(self, device: Target) -> Option:
        site = self._inventory.sites[device.site] if isinstance(device, Device) else device
        about = f"{site.name} · {device.platform}" if isinstance(device, Device) else site.name
        return Option(text=cut(_name(device)), value=_value(device), description=cut(about))

    def _site_option(self, site: Site, hidden: frozenset[str]) -> Option:
        count = sum(device.name not in hidden for device in self._inventory.by_site[site.key])
        return Option(text=cut(f"{site.name} ({site.key})"), value=_value(site), description=f"Site · {count} devices")


def best(keyed: Sequence[tuple[str, Choice]], typed: str) -> list[Choice]:
    """At most 100 of ``keyed`` (pairs of a loose name and what it names): exact, prefix, inside, alike."""
    wanted = loose(typed)
    if not wanted:
        return [one for _, one in keyed[:MAX_OPTIONS]]
    ranks: tuple[list[Choice], list[Choice], list[Choice]] = ([], [], [])
    others: dict[int, str] = {}
    for at, (name, one) in enumerate(keyed):
        if wanted not in name:
            others[at] = name
            continue
        ranks[0 if name == wanted else 1 if name.startswith(wanted) else 2].append(one)
    found = [one for rank in ranks for one in rank][:MAX_OPTIONS]
    room = MAX_OPTIONS - len(found)
    alike = process.extract(wanted, others if room else {}, scorer=fuzz.WRatio, limit=room, score_cutoff=ENOUGH_ALIKE)
    return found + [keyed[at][1] for _, _, at in alike]


def cut(text: str) -> str:
    """``text`` on one line within the limit of an option's text; never empty."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split()) or "?"
    return line if len(line) <= MAX_LABEL else line[: MAX_LABEL - 1] + "…"


def site_of(target: Target) -> str:
    """The key of the site whose roles count for ``target``."""
    return target.site if isinstance(target, Device) else target.key


def _name(target: Target) -> str:
    return target.name if isinstance(target, Device) else target.key


def _value(target: Target) -> str:
    return quote(target.name) if isinstance(target, Device) else quote(f"site:{target.key}")


def _fits(target: Target) -> bool:
    """Whether Slack takes its value; asked of every name at each keystroke, so the exact length only when in doubt."""
    name = target.name if isinstance(target, Device) else target.key
    return len(name) < MAX_WORD // 2 or len(_value(target)) <= MAX_WORD


def _without(prefix: str, text: str) -> str:
    return text[len(prefix) :] if text.casefold().startswith(prefix) else text


def _grouped(pairs: Iterable[tuple[str, Choice]]) -> Mapping[str, Sequence[Choice]]:
    grouped: defaultdict[str, list[Choice]] = defaultdict(list)
    for name, one in pairs:
        grouped[name].append(one)
    return grouped
