"""Configurations and their differences: none, short, long, over the limits; and the files that come along."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, NIGHT, config
from domain.configs.structure.kinds import Structure
from notifications.pages import configs
from notifications.previews import ConfigDiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notifications.rendering.renderer import Context

_TRUNK: Final = f"interface Po7\n switchport trunk allowed vlan {','.join(map(str, range(100, 150)))}\n mtu 9216\n"
_POLICY: Final = """\
config firewall policy
    edit 7
        set name "lab to internet"
        set srcintf "port7"
        set dstintf "wan1"
        set srcaddr "lab"
        set dstaddr "all"
        set action accept
    next
end
"""


def entries() -> Iterator[Entry]:
    """Every diff and every configuration."""
    small = config(40)
    yield _diff("short", _compared(small, small.replace("vlan 101", "vlan 207").replace("desk 003", "printer")))
    yield _diff("nothing but one line more", _compared(small, small.replace("end\n", "ntp server 10.1.0.9\nend\n")))
    yield _diff("no difference", _compared(small, small))
    yield _diff("long", _compared(config(400), config(400).replace("access vlan", "trunk native vlan")))
    yield _diff("tens of thousands of lines", _compared(config(40_000), config(4)))
    yield _diff("one endless line", _compared("a\n", f"banner {'x' * 9_000}\n"))
    yield _diff("longest name", _compared(small, small.replace("desk 003", "printer")), device=LONG_DEVICE)
    yield _diff("a block that moved", _compared(small, _moved(small)))
    yield _diff("a value in a long line", _compared(_TRUNK, _TRUNK.replace(",131,", ",1131,")))
    yield _diff("within nested blocks", _compared(_POLICY, _POLICY.replace("accept", "deny"), Structure.CONFIG_EDIT))
    yield _diff("one value of a secret", _one_secret(small))
    yield _diff(
        "values of secrets that cannot be told apart", ConfigDiff("", 0, 0, secrets_changed=2, only_secrets=True)
    )
    yield _elsewhere("a change", _one_secret(small))
    yield _elsewhere("a whole configuration", None, device=LONG_DEVICE)
    for state, text in {"short": config(20), "long": config(400), "empty": "", "one endless line": "x" * 9_000}.items():
        yield _show(state, text)


def _compared(before: str, after: str, structure: Structure = Structure.INDENT) -> ConfigDiff:
    return ConfigDiff.of(before, after, structure)


def _moved(text: str) -> str:
    """``text`` with the block of its second port below the sixth."""
    start, end, place = (text.index(f"interface Gi1/0/{port}\n") for port in (2, 3, 7))
    return text[:start] + text[end:place] + text[start:end] + text[place:]


def _diff(state: str, found: ConfigDiff, *, device: str = "core-sw1") -> Entry:
    file = {} if configs.is_short(found.text) else configs.diff_file(device, found, before=6, after=7)
    command = f"/backup diff {device} v6..v7"
    context = configs.diff(device, found, before=6, after=7, command=command)
    return Entry(group="Diffs", state=state, template="diff", context=context, asked=command, private=True, file=file)


def _one_secret(text: str) -> ConfigDiff:
    before, after = (f"enable secret 5 <secret {tag}>\n{text}" for tag in ("1a2b", "9f04"))
    return replace(_compared(before, after), secrets_changed=1, only_secrets=True)


def _elsewhere(state: str, found: ConfigDiff | None, device: str = "core-sw1") -> Entry:
    asked = f"/backup {'diff' if found else 'show'} {device}"
    versions, look = (
        ("version 6 → 7", f"diff {device} 6..7") if found else ("version 7", f"restore {device} --version 7")
    )
    context = configs.link_only(device, found, site="plant-a", versions=versions, look=look, command=asked)
    return Entry(
        group="Not shown in Slack", state=state, template="link_only", context=context, asked=asked, private=True
    )


def _show(state: str, text: str) -> Entry:
    facts: Context = {"captured_at": NIGHT, "last_checked_at": NIGHT, "author": "jschmidt"}
    file = {} if configs.is_short(text) else configs.show_file("core-sw1", text, version=7)
    command = "/backup show core-sw1 v7"
    context = configs.show("core-sw1", text, version=7, facts=facts, command=command)
    return Entry(
        group="Configurations", state=state, template="show", context=context, asked=command, private=True, file=file
    )
