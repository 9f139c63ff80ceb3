"""What the templates show of configurations: diffs and whole texts, short ones inline, long ones as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from notifications.rendering import limits
from notifications.rendering.escaping import ELLIPSIS, length
from notifications.rendering.units import changed, plural

if TYPE_CHECKING:
    from domain.runs.run import Run
    from notifications.previews import ConfigDiff
    from notifications.rendering.renderer import Context

MAX_GLANCE: Final = 1_200  # characters of the first changed lines in the post of a run
_LONG_LINE: Final = 300  # characters: what is longer would leave no room for the lines beside it


def is_short(text: str) -> bool:
    """Whether ``text`` is shown inside a message instead of as a file."""
    return len(text) <= limits.INLINE_DIFF and length(text) <= limits.INLINE_DIFF


def first_lines(text: str, most: int = limits.INLINE_DIFF) -> str:
    """As many lines of ``text`` as fit into ``most`` characters; of an endless line its beginning."""
    kept: list[str] = []
    room = most
    for line in text.split("\n", most)[:most]:
        shown = line if len(line) <= _LONG_LINE else line[:_LONG_LINE] + ELLIPSIS
        room -= length(shown) + 1
        if room < 0:
            break
        kept.append(shown)
    return "\n".join(kept).rstrip("\n")


@dataclass(frozen=True, slots=True)
class Glance:
    """What the post of a run shows of its change, without a click."""

    sentence: str = ""  # what kind of change it is
    text: str = ""  # its first lines

    @classmethod
    def of(cls, change: ConfigDiff, *, shows_config: bool) -> Glance:
        """A glance at ``change``; without ``shows_config`` no line of a configuration is in it."""
        sentence = f"Changed: {change.subjects}." if change.subjects else ""
        return cls(sentence, first_lines(change.glance, MAX_GLANCE) if shows_config else "")


@dataclass(frozen=True, slots=True)
class SameChange:
    """One change that several devices made."""

    devices: tuple[str, ...]
    lines: int  # removed and added

    @property
    def words(self) -> str:
        """``The same 3 lines on 40 devices``."""
        return f"The same {plural(self.lines, 'line')} on {plural(len(self.devices), 'device')}"


def diff(device: str, change: ConfigDiff, *, before: int | None, after: int, command: str = "") -> Context:
    """The context of ``diff``: a summary line, and the diff or its beginning."""
    shown = change.text.rstrip("\n") if is_short(change.text) else first_lines(change.text)
    left_out = change.text.count("\n") - shown.count("\n") if not is_short(change.text) else 0
    return {
        "device": device,
        "versions": f"version {before} → {after}" if before else f"version {after}, the first one",
        "summary": _summary(change),
        "text": shown,
        "left_out": plural(left_out, "more line") if left_out > 0 else "",
        "review": None,
        "buttons": (),
        "command": command,
    }


def _summary(change: ConfigDiff) -> str:
    """How much changed. A value of a secret that was replaced is no line that changed: what it was stays unseen."""
    if not change.is_change:
        return "no difference"
    lines = (0, 0) if change.only_secrets else (change.added, change.removed)
    words = changed(*lines, change.secrets_changed)
    return f"{words}: {change.subjects}" if change.subjects else words


def link_only_run(run: Run, change: ConfigDiff) -> Context:
    """The context of ``link_only`` for a modified run."""
    versions = f"version {run.base_version} → {run.version}"
    look = f"diff {run.device} {run.base_version}..{run.version}"
    return link_only(run.device, change, site=run.site, versions=versions, look=look)


def link_only(
    device: str, change: ConfigDiff | None, *, site: str, versions: str, look: str, command: str = ""
) -> Context:
    """The context of ``link_only``: how much changed and where to look, for a site that shows no configuration.

    Args:
        device: its name.
        change: how much changed; None: a whole configuration was asked for.
        site: key of the site, which names its repository.
        versions: which ones it is about: ``version 3 → 4``.
        look: what shows it on the command line, without the program's name: ``diff core-sw1 3..4``.
        command: what was typed.
    """
    return {
        "device": device,
        "site": site,
        "versions": versions,
        "summary": _summary(change) if change else "",
        "look": f"lastgood {look}",
        "command": command,
    }


def diff_file(device: str, change: ConfigDiff, *, before: int | None, after: int) -> dict[str, object]:
    """The content of a FILE message: the whole diff, coloured by Slack."""
    name = f"{device}-v{before or 0}-v{after}.diff"
    title = f"{device}: version {before or 0} → {after}, {_summary(change)}"
    alt = f"Diff of the configuration of {device}, version {before or 0} to {after}"
    return {"filename": name, "title": title, "text": change.text, "snippet_type": "diff", "alt": alt}


def show(device: str, text: str, *, version: int, facts: Context, command: str = "") -> Context:
    """The context of ``show``: a configuration or its beginning.

    ``facts`` holds ``captured_at``, ``last_checked_at`` and ``author`` of the version.
    """
    shown = text.strip("\n") if is_short(text) else first_lines(text)
    left_out = text.count("\n") - shown.count("\n") if not is_short(text) else 0
    return {
        "device": device,
        "version": version,
        "captured_at": facts["captured_at"],
        "last_checked_at": facts["last_checked_at"],
        "author": facts["author"],
        "lines": plural(len(text.splitlines()), "line"),
        "text": shown,
        "left_out": plural(left_out, "more line") if left_out > 0 else "",
        "command": command,
    }


def show_file(device: str, text: str, *, version: int) -> dict[str, object]:
    """The content of a FILE message: a whole configuration, secrets masked."""
    alt = f"Configuration of {device}, version {version}, secrets masked"
    return {
        "filename": f"{device}-v{version}.txt",
        "title": f"{device}: version {version}, secrets masked",
        "text": text,
        "snippet_type": "text",
        "alt": alt,
    }
