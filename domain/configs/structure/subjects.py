"""What kind of thing changed, counted by the structure: two interfaces, one access list."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.configs.structure.kinds import Structure
from domain.configs.structure.outlines import COMMAND_MARK, says_something, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.configs.structure.hunks import Hunk, LineRun
    from domain.configs.structure.outlines import Outline

MAX_COUNTED: Final = 2_000  # changed lines; of a larger change nobody wants to read what kind it is
MAX_KINDS: Final = 4  # kinds that are named in one sentence
_BETWEEN: Final = " / "

# What the path of a line begins with that is about one of a kind; the group says about which one.
_NAMED: Final = (
    ("interface", "interfaces", r"interface (\S.*?)(?= / |$)|interfaces / (.+?)(?= / |$)"),
    ("interface", "interfaces", r"set interfaces (\S+-\S+|\S+ \S+)|config system interface / edit (\S+)"),
    ("interface", "interfaces", r"/interface\b.*? (?:default-)?name=(\S+)|(?:auto|iface) (\S+)"),
    ("VLAN", "VLANs", r"vlan (\S+)|vlans / (.+?)(?= / |$)|set vlans (\S+)"),
    ("ACL", "ACLs", r"ip(?:v6)? access-list (?:(?:extended|standard) )?(\S+)|access-list (\S+)"),
    ("firewall filter", "firewall filters", r"(?:set )?firewall\b.*?\bfilter (\S+)"),
    ("firewall rule", "firewall rules", r"config firewall policy / edit (\S+)"),
    ("address object", "address objects", r"config firewall (?:address|addrgrp)6? / edit (.+?)(?= / |$)"),
    ("route", "routes", r"config router static6? / edit (\S+)"),
    ("routing process", "routing processes", r"router (\S+(?: \S+)?)(?= / |$)|(?:set )?protocols(?: / | )(\S+)"),
    ("route map", "route maps", r"route-map (\S+)"),
    ("policy", "policies", r"(?:policy|class)-map (.+?)(?= / |$)"),
    ("user", "users", r"username (\S+)|config system admin / edit (\S+)"),
    ("user", "users", r"(?:set )?system(?: / | )login(?: / | )user (\S+)"),
    ("banner", "banners", r"banner (\S+)"),
)
# The same where each line is one of its kind and has no name: what is removed and added at once has changed.
_UNNAMED: Final = (
    ("route", "routes", r"(ip(?:v6)? route .+|/ip(?:v6)? route / .+)"),
    ("firewall rule", "firewall rules", r"(/ip(?:v6)? firewall [a-z]+ / .+)"),
    ("interface", "interfaces", r"(/interface\b.* / .+)"),
)
_Kind = tuple[str, str]  # of one, and of several
_RULES: Final = tuple(
    ((one, several), re.compile(pattern), is_named)
    for table, is_named in ((_NAMED, True), (_UNNAMED, False))
    for one, several, pattern in table
)


@dataclass(slots=True)
class _Count:
    """What was found of a change so far."""

    names: dict[_Kind, set[str]] = field(default_factory=dict)
    lines: dict[_Kind, Counter[bool]] = field(default_factory=dict)  # added or not
    other: Counter[bool] = field(default_factory=Counter)

    def add(self, path: str, *, is_added: bool) -> None:
        for kind, pattern, is_named in _RULES:
            if found := pattern.match(path):
                if is_named:
                    self.names.setdefault(kind, set()).add(found[found.lastindex or 0])
                else:
                    self.lines.setdefault(kind, Counter())[is_added] += 1
                return
        self.other[is_added] += 1

    def words(self) -> str:
        """``2 interfaces, 1 ACL and 3 other lines``; empty where no kind is known."""
        totals = Counter({kind: len(names) for kind, names in self.names.items()})
        totals.update({kind: max(lines.values()) for kind, lines in self.lines.items()})
        told = [f"{count:,} {kind[count > 1]}" for kind, count in totals.most_common(MAX_KINDS)]
        if not told:
            return ""
        rest = max(self.other.values(), default=0)
        more = " and more" if len(totals) > MAX_KINDS else f" and {rest:,} other line{'s' * (rest > 1)}" if rest else ""
        return ", ".join(told) + more


def subjects(diff: Sequence[str], hunks: Sequence[Hunk], older: Outline, newer: Outline) -> str:
    """What kinds of things the changed lines are about, in words of ours alone; empty: nobody can tell."""
    runs = [run for hunk in hunks for run in hunk.runs]
    if sum(run.count for run in runs) > MAX_COUNTED:
        return ""
    count = _Count()
    for run in runs:
        outline = newer if run.is_added else older
        for index in _telling(diff, run):
            count.add(_path(outline, index), is_added=run.is_added)
    return count.words()


def _telling(diff: Sequence[str], run: LineRun) -> list[int]:
    return [run.first + place for place in range(run.count) if says_something(diff[run.at + place][1:])]


def _path(outline: Outline, index: int) -> str:
    """The names of what encloses a line, and its own; without the file in which it stands."""
    own = title(outline.lines[index])
    if outline.structure is Structure.SET_LINES:
        return own
    parents = outline.parents(index)
    if parents and outline.lines[parents[0]].startswith(COMMAND_MARK):
        parents = parents[1:]
    return _BETWEEN.join([*(title(outline.lines[parent]) for parent in parents), own])
