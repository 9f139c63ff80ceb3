"""What the template of alerts shows."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from domain.runs.timeouts import in_words
from notifications.rendering.buttons import Button, never_button
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.events.alerts import AgentBack, AgentDisconnected, ArchiveDamaged, DevicesOverdue, QueueOverrun
    from domain.inventory.declared import Site
    from notifications.rendering.renderer import Context

_NAMED: Final = 10  # devices or jobs that a sentence names
_AGENTS: Final = Button(text="Agents", action="do:agents", value="", label="Show all agents and their state")


def queue_overrun(alert: QueueOverrun, site: Site) -> Context:
    """The context of ``alert`` for a queue that outlived the next slot of its jobs."""
    count = len(alert.devices)
    was = "was" if count == 1 else "were"
    lines = [
        f"{plural(count, 'run')} {was} still waiting when the next one was due: {_named(alert.devices)}.",
        *([f"{'Job' if len(alert.jobs) == 1 else 'Jobs'}: {_named(alert.jobs)}."] if alert.jobs else []),
        "Raise `concurrency` of the agent or the site, add an agent, or run the job less often.",
    ]
    jobs = Button(text="Jobs", action="do:jobs", value=site.key, label=f"Show the jobs of {site.name}")
    return _context("⚠️", f"{site.name}: backups cannot keep up with their schedule", lines, (_AGENTS, jobs))


def agent_disconnected(alert: AgentDisconnected, sites: Sequence[Site]) -> Context:
    """The context of ``alert`` for a disconnected agent; only what waits at ``sites`` is named."""
    waiting = {site.name: alert.waiting.get(site.key, ()) for site in sites}
    lines = [
        f"{plural(len(devices), 'run')} of {name} {'is' if len(devices) == 1 else 'are'} waiting for it: "
        f"{_named(devices)}."
        for name, devices in waiting.items()
        if devices
    ]
    lines = lines or [f"No run of {_named([site.name for site in sites])} is waiting for it."]
    title = f"Agent {alert.agent} has been disconnected since {_at(alert.since, sites)}"
    return _context("⚠️", title, [*lines, "Is it running, and can it reach Lastgood?"], (_AGENTS,))


def agent_back(alert: AgentBack, sites: Sequence[Site]) -> Context:
    """The context of ``alert`` for an agent that has reconnected."""
    away = f"It was disconnected for {in_words(alert.back_at - alert.since)}, since {_at(alert.since, sites)}."
    return _context("✅", f"Agent {alert.agent} has reconnected", [f"{away} Waiting runs continue."], ())


def app_refused(since: datetime, code: str) -> Context:
    """The context of ``alert`` for the time in which Slack refused the app; it is read when that is over."""
    lines = [
        f"It began at {since.astimezone(UTC):%H:%M UTC on %d %b}. Slack's reason was `{code}`.",
        "Slack accepts Lastgood again. Waiting messages are being sent now, and none is lost.",
        "Find the reason in the app's settings at Slack, and in the docs under `When Slack refuses`.",
    ]
    return _context("⚠️", "Slack refused Lastgood for a while", lines, ())


def secret_held_back(devices: Sequence[str], key: str) -> Context:
    """The context of ``alert`` for a message that was not sent because a secret stood in it."""
    lines = [
        f"It was about {_named(devices)}. Nobody has seen it.",
        f"The log lists it as `{key}`, without the secret.",
        "This is a bug in Lastgood or a gap in a masking rule. Please file a bug. The device needs no change.",
    ]
    return _context("⚠️", "A message was withheld because it contained a secret", lines, ())


def devices_overdue(alert: DevicesOverdue, site: Site) -> Context:
    """The context of ``alert`` for devices without a good backup for too long."""
    count, never = len(alert.devices), sum(one.good_at is None for one in alert.devices)
    lines = [
        f"`{one.device}`: {f'last good backup {_at(one.good_at, [site])}' if one.good_at else 'never backed up'}."
        for one in alert.devices[:_NAMED]
    ]
    if count > _NAMED:
        lines.append(f"And {count - _NAMED:,} more.")
    lines.append("This alert comes once. Digests list the devices until they have a good backup.")
    title = f"{site.name}: {_overdue_words(never, count - never)}"
    first = alert.devices[0].device
    buttons = (
        *((never_button(site.key, site.name),) if never else ()),
        Button(text="Overdue devices", action="do:stale", value=site.key, label=f"Show the devices of {site.name}"),
        Button(text="Last runs", action="do:history", value=first, label=f"Show the last runs of {first}"),
    )
    return _context("⏰", title, lines, buttons)


def _overdue_words(never: int, old: int) -> str:
    """Those that were never backed up, and those that were long ago: the counts are of different devices."""
    parts = [f"{plural(never, 'device')} never backed up"] if never else []
    parts += [f"{plural(old, 'device')} without a good backup for too long"] if old else []
    return ", ".join(parts)


def channel_shared(site: Site) -> Context:
    """The context of the alert for a site whose channel others than the workspace's own people read."""
    lines = [
        "Lastgood no longer posts configuration text there: no diffs and no files.",
        "Failures and changes are still announced there. Diffs go to whoever asks, in a direct message.",
        "Give the site another channel in app.yaml, or stop sharing this one.",
    ]
    return _context("⚠️", f"{site.name}: its channel is shared with another organisation", lines, ())


def archive_damaged(alert: ArchiveDamaged, sites: Sequence[Site]) -> Context:
    """The context of ``alert`` for an archive that has lost something, or that somebody has changed."""
    names = {site.key: site.name for site in sites}
    lost = [f"{names[key]}: the text of {plural(count, 'version')} is missing." for key, count in alert.missing.items()]
    if len(lost) > _NAMED:
        lost[_NAMED:] = [f"And {len(lost) - _NAMED:,} more sites."]
    if alert.without_text:
        was = "device has" if alert.without_text == 1 else "devices have"
        lost.append(f"{alert.without_text:,} {was} no current backup now. The next run stores each again.")
    if alert.set_aside:
        shown = _named([names[key] for key in alert.set_aside])
        lost.append(f"The repository of {shown} cannot be used. Backups there fail. Other sites continue.")
    if alert.put_back:
        shown = _named([names[key] for key in alert.put_back])
        lost.append(f"Somebody had moved the branch of {shown}. It is back at the newest version.")
    lost.append("`lastgood check` and the log name the details. Restore the archive from its backup if you have one.")
    return _context("⚠️", "The archive was changed or damaged", lost, ())


def _context(sign: str, title: str, lines: Sequence[str], buttons: Sequence[Button]) -> Context:
    return {"sign": sign, "title": title, "lines": list(lines), "buttons": tuple(buttons)}


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _at(moment: datetime, sites: Sequence[Site]) -> str:
    """The time by the clock of the first site, with its zone."""
    local = moment.astimezone(sites[0].timezone)
    return f"{local:%H:%M %Z} on {local:%d %b}"
