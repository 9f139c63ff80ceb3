"""What kind of device it is, as data: how it prompts, pages, prints its configuration, and what moves in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.configs.structure.kinds import Structure

if TYPE_CHECKING:
    import re

    from domain.configs.closing import Syntax
    from domain.configs.patterns import Expression


_SILENCE = timedelta(seconds=30)
_SILENT_SHARE = 10  # of the running limit: who lets a backup run for long has a device that takes its time


@dataclass(frozen=True, slots=True)
class Enable:
    """How to reach the level that the configuration command needs."""

    when: re.Pattern[str]  # found in the prompt: the level must be raised
    send: str
    ask: re.Pattern[str]  # found in the answer: the enable password is wanted


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Something that stands between log-in and the first prompt: answered with ``send``, or it ends the run."""

    see: re.Pattern[str]
    send: str | None  # None: fail as an expired password


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform file, read and checked by ``runners.platforms.reading``.

    A pattern of ``foreign`` and ``holes`` that begins a line is compiled with the end of the line before it.
    ``volatile`` and ``secrets`` are each one compiled alternation over many lines (``re.MULTILINE``): 28
    patterns tried one by one cost fifty times as much. A match of ``secrets`` keeps its first non-empty
    group and masks the rest.
    """

    name: str  # cisco_ios
    title: str  # Cisco IOS and IOS-XE
    prompt: re.Pattern[str]  # matched against the last line of the screen
    config: tuple[str, ...]  # the commands whose output is the configuration, in order
    use_exec: bool = False  # one exec channel per command instead of a shell
    paging_off: tuple[str, ...] = ()
    pager: re.Pattern[str] | None = None
    enable: Enable | None = None
    interrupts: tuple[Interrupt, ...] = ()
    end: re.Pattern[str] | None = None  # last line of a complete configuration; None: only the prompt proves it
    must: tuple[re.Pattern[str], ...] = ()  # each is found in every whole configuration
    foreign: tuple[re.Pattern[str], ...] = ()  # found in the texts of other platforms that would pass for one
    holes: tuple[re.Pattern[str], ...] = ()  # stands in the place of a part that could not be printed
    free_text: tuple[re.Pattern[str], ...] = ()  # what people may write as they like, over several lines: a banner
    shortest: int = 4  # lines that are no comments of the smallest configuration that is believed
    syntax: Syntax | None = None  # how its blocks open and close: a text that leaves one open broke off
    unfinished: tuple[re.Pattern[str], ...] = ()  # found in a last line that was cut off
    errors: tuple[re.Pattern[str], ...] = ()
    noise: re.Pattern[str] | None = None  # begins a log line that fell into the output: left out of what is stored
    volatile: re.Pattern[str] | None = None  # found in a line: the line is left out when comparing
    salted: re.Pattern[str] | None = None  # shown differently each time: first group kept, the rest left out likewise
    joins: re.Pattern[str] | None = None  # removed before comparing: where a long line was wrapped
    secrets: tuple[Expression, ...] = ()
    author: re.Pattern[str] | None = None  # group "who": the person the device itself names
    logout: str = "exit"
    enter: str = "\n"  # what the key Enter sends
    silence: timedelta | None = None  # how long it may say nothing within a command; None: as usual
    login_suffix: str = ""  # appended to the user name, such as RouterOS's terminal options
    ignore_secret_changes: bool = False  # a new value of a secret is no change: the device shows it anew each time
    structure: Structure = Structure.INDENT  # what encloses a line of its texts
    files: bool = False  # a list of files and commands per device (linux)


def usual_silence(platform: Platform, running_limit: timedelta) -> timedelta:
    """How long a device may say nothing within a command where neither it nor its site has a setting for it."""
    return platform.silence or max(_SILENCE, running_limit / _SILENT_SHARE)
