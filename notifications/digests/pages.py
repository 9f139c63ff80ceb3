"""What the template of digests shows: the counts first, then what needs somebody, then the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.digests.digests import DigestForm
from domain.digests.periods import short_date
from domain.failures import advice_for
from domain.runs.health import counts_in_words
from domain.runs.outcomes import Outcome, count_bad
from domain.times.zones import zone_or_utc
from notifications.digests.parts import DigestLine, Part
from notifications.rendering.buttons import Button, Menu, MenuEntry, never_button
from notifications.rendering.units import changed, never_words, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from domain.digests.digests import DueDigest
    from domain.digests.periods import Period
    from domain.runs.run import Run
    from notifications.digests.facts import Altered, Facts, Failing
    from notifications.digests.parts import About
    from notifications.rendering.renderer import Context

_ORDER: Final = (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.MODIFIED, Outcome.UP_TO_DATE)
_ALWAYS: Final = frozenset({Outcome.FAILED, Outcome.MODIFIED, Outcome.UP_TO_DATE})  # also a count of nothing
_NAMED: Final = 10  # devices or sites of one list
_AUTHOR: Final = 60  # characters of a name that a device printed
_PUNCTUAL: Final = timedelta(minutes=10)


def digest_page(facts: Facts, about: About, *, form: DigestForm = DigestForm.LONG, late: Sequence[str] = ()) -> Context:
    """The context of ``digest``."""
    is_long = form is DigestForm.LONG
    needed = (_failing(facts, about), _never(facts, about), _overdue(facts, about), _disconnected(facts))
    rest = (_altered(facts, about), _unreviewed(facts, about), _sites(facts, about), _coming(facts, about))
    parts = [part for part in (*needed, *(rest if is_long else (rest[1],))) if part]
    return {
        "title": f"{about.name}, {_days(facts.period)}: {title_counts(facts)}",
        "late": list(late),
        "totals": _totals(facts, is_long=is_long),
        "parts": parts,
        "calm": "" if any(needed) else _calm(facts),
        "buttons": (_history_button("All runs", "all", "", facts, about), _jobs_button(about)),
        "command": " ".join(word for word in (about.slash, "summary", about.site, facts.period.typed) if word),
    }


def nothing_subscribed(slash: str) -> Context:
    """The context of ``digest`` for somebody who subscribes to nothing that still exists for them."""
    words = f"Nothing in your subscriptions exists any more. Change them with `{slash} subscribe`."
    return {
        "title": "Your digest is empty",
        "late": [],
        "totals": [],
        "parts": [],
        "calm": words,
        "buttons": (),
        "command": f"{slash} subscribe",
    }


def late_words(due: DueDigest, now: datetime) -> list[str]:
    """What a digest says that comes late, or after some that were never sent."""
    words: list[str] = []
    if now - due.due_at > _PUNCTUAL:
        at = due.due_at.astimezone(zone_or_utc(due.digest.zone))
        words.append(f"⚠️ Late: this digest was due at {at:%H:%M %Z} on {at:%d %b}. Lastgood could not send it then.")
    if due.missed:
        was = "was" if due.missed == 1 else "were"
        words.append(f"⚠️ {plural(due.missed, 'digest')} before it {was} not sent. The history shows the runs.")
    return words


def title_counts(facts: Facts) -> str:
    """``🔴 2 failed · 🟠 3 modified · 🟢 495 up to date``."""
    if not sum(facts.counts.values()):
        return f"{'🔴 ' if facts.expected else ''}0 runs, {facts.expected:,} expected"
    return _counts(facts.counts)


def _counts(counts: Mapping[Outcome, int]) -> str:
    shown = [
        f"{outcome.chip.split()[0] + ' ' if counts[outcome] else ''}{counts[outcome]:,} {outcome.word.lower()}"
        for outcome in _ORDER
        if counts[outcome] or outcome in _ALWAYS
    ]
    going = sum(count for outcome, count in counts.items() if not outcome.is_final)
    return " · ".join([*shown, *([f"🔵 {going:,} not finished"] if going else [])])


def _days(period: Period) -> str:
    return f"{period.first:%a} {short_date(period.first)}" if period.days == 1 else period.dates


def _totals(facts: Facts, *, is_long: bool) -> list[str]:
    total = sum(facts.counts.values())
    lines = [f"{plural(total, 'run')}, {facts.expected:,} expected by schedule."]
    if not total and facts.expected:
        lines = [f"⚠️ Nothing ran, but the schedules expected {plural(facts.expected, 'run')}."]
    if is_long:
        what = "The day before" if facts.period.days == 1 else f"The {facts.period.days} days before"
        until = "" if facts.is_over else ", up to the same time"
        lines.append(f"{what}{until}: {_counts(facts.before) if any(facts.before.values()) else '0 runs'}")
    if any(facts.muted.values()):
        lines.append(f"🔕 While you had messages muted: {_counts(facts.muted)}")
    return [*lines, *([_backups(facts)] if facts.devices else [])]


def _backups(facts: Facts) -> str:
    """How the devices stand: the counts add up to all of them."""
    return f"{plural(facts.devices, 'device')} now: {', '.join(counts_in_words(facts.health))}."


def _calm(facts: Facts) -> str:
    if not sum(facts.counts.values()):
        return "" if facts.expected else "Nothing ran, and no run was scheduled."
    return "No run failed, and no device is overdue for a backup." if facts.devices else "No run failed."


def _failing(facts: Facts, about: About) -> Part | None:
    if not facts.failing:
        return None
    lines = tuple(_failing_line(one, facts) for one in facts.failing)
    entries = tuple(_run_entry(one.last) for one in facts.failing)
    menu = Menu(placeholder="Open a run…", action="do:run#digest", entries=entries)
    return Part(
        title="🔴 Failed",
        lines=lines,
        more=_more(facts.failing_more, is_cut=facts.is_cut),
        controls=(menu, _history_button("Failed runs", "bad", "bad", facts, about)),
    )


def _failing_line(one: Failing, facts: Facts) -> DigestLine:
    at = _at(one.last.finished_at or one.last.created_at, facts)
    times = f"{one.times} times, last {at}" if one.times > 1 else at
    why = f": {advice_for(one.last.reason).split('. ')[0].rstrip('.')}" if one.last.reason else ""
    kept = f"Last good backup {_at(one.good_at, facts, dated=True)}." if one.good_at else "Never backed up."
    state = "No longer at this site." if one.is_gone else "Good again since." if one.is_good_again else kept
    return DigestLine(name=one.last.device, words=f"{one.last.outcome.word} {times}{why}. {state}")


def _run_entry(run: Run) -> MenuEntry:
    return MenuEntry(text=f"Run {run.id}: {run.device}, {run.outcome.word}", value=f"#{run.id}")


def _never(facts: Facts, about: About) -> Part | None:
    if not facts.never:
        return None
    show = Button(
        text="Show them", action="do:stale#never", value=about.site, label=f"Show old backups of {about.name}"
    )
    return Part(
        title=f"⚠️ {never_words(len(facts.never), facts.devices)}",
        lines=tuple(DigestLine(name=name, words="") for name in facts.never[:_NAMED]),
        more=_more(len(facts.never) - _NAMED),
        controls=(*((never_button(about.site, about.name),) if about.site else ()), show),
    )


def _overdue(facts: Facts, about: About) -> Part | None:
    if not facts.overdue:
        return None
    lines = tuple(
        DigestLine(name=one.device, words=f"last good backup {_at(one.good_at, facts, dated=True)}")
        for one in facts.overdue[:_NAMED]
    )
    button = Button(
        text="Overdue devices", action="do:stale#digest", value=about.site, label=f"Show old backups of {about.name}"
    )
    title = f"⏰ {plural(len(facts.overdue), 'device')} without a good backup for too long"
    return Part(title=title, lines=lines, more=_more(len(facts.overdue) - len(lines)), controls=(button,))


def _disconnected(facts: Facts) -> Part | None:
    lines = tuple(
        DigestLine(
            name=agent.name,
            words=f"disconnected since {_at(agent.disconnected_since, facts, dated=True)}, "
            f"{plural(agent.waiting, 'run')} {'waits' if agent.waiting == 1 else 'wait'}",
        )
        for agent in facts.disconnected
        if agent.disconnected_since
    )
    button = Button(text="Agents", action="do:agents#digest", value="", label="Show all agents and their state")
    return Part(title="⚠️ Disconnected agents", lines=lines[:_NAMED], controls=(button,)) if lines else None


def _altered(facts: Facts, about: About) -> Part | None:
    if not facts.altered:
        return None
    entries = tuple(
        MenuEntry(text=f"Diff of run {one.last.id}: {one.last.device}", value=f"{one.last.device} #{one.last.id}")
        for one in facts.altered
        if one.last.base_version is not None
    )
    menus = (Menu(placeholder="Show a diff…", action="do:diff#digest", entries=entries),) if entries else ()
    return Part(
        title="🟠 Modified",
        lines=tuple(_altered_line(one) for one in facts.altered),
        more=_more(facts.altered_more, is_cut=facts.is_cut),
        controls=(*menus, _history_button("Modified runs", "modified", "modified", facts, about)),
    )


def _altered_line(one: Altered) -> DigestLine:
    times = f", {one.times} times" if one.times > 1 else ""
    who = f", by {one.author[:_AUTHOR]}" if one.author else ""
    return DigestLine(name=one.last.device, words=f"{changed(one.added, one.removed, one.secrets)}{times}{who}")


def _unreviewed(facts: Facts, about: About) -> Part | None:
    if not facts.unreviewed:
        return None
    label = f"Show the unreviewed changes of {about.name}"
    button = Button(text="Review them", action="do:unreviewed#digest", value=about.site, label=label)
    return Part(
        title=f"👀 {plural(facts.unreviewed, 'change')} to review",
        controls=(button,),
    )


def _sites(facts: Facts, about: About) -> Part | None:
    if len(facts.by_site) < 2:  # noqa: PLR2004 - of one site all is said already
        return None
    ordered = sorted(facts.by_site.items(), key=lambda one: (-_bad(one[1]), -one[1][Outcome.MODIFIED], one[0]))
    lines = tuple(
        DigestLine(words=f"{about.sites.get(key, key)}: {_counts(counts)}") for key, counts in ordered[:_NAMED]
    )
    entries = tuple(
        MenuEntry(text=about.sites.get(key, key), value=f"{key} {facts.period.typed}") for key, _ in ordered[:_NAMED]
    )
    menu = Menu(placeholder="Show a site…", action="do:summary#digest", entries=entries)
    more = len(ordered) - len(lines)
    return Part(title="Sites", lines=lines, more=f"and {plural(more, 'more site')}" if more else "", controls=(menu,))


def _bad(counts: Mapping[Outcome, int]) -> int:
    return count_bad(counts)


def _coming(facts: Facts, about: About) -> Part | None:
    lines = tuple(
        DigestLine(
            words=f"{_at(at, facts, dated=True)}: {name}" + ("" if about.site else f", {about.sites.get(site, site)}")
        )
        for name, site, at in facts.coming
    )
    return Part(title="🕑 Coming up", lines=lines) if lines else None


def _history_button(text: str, name: str, outcome: str, facts: Facts, about: About) -> Button:
    site = f"site:{about.site}" if about.site else ""
    words = (site, outcome, facts.period.first.isoformat(), "until", facts.period.last.isoformat())
    value = " ".join(word for word in words if word)
    return Button(text=text, action=f"do:history#{name}", value=value, label=f"{text} of {about.name} in this time")


def _jobs_button(about: About) -> Button:
    return Button(text="Jobs", action="do:jobs#digest", value=about.site, label=f"Show the jobs of {about.name}")


def _more(count: int, *, is_cut: bool = False) -> str:
    return f"and {'at least ' if is_cut else ''}{plural(count, 'more device')}" if count > 0 else ""


def _at(moment: datetime | None, facts: Facts, *, dated: bool = False) -> str:
    """A moment by the clock of the digest; of a digest on one day only the time, unless ``dated``."""
    if moment is None:
        return "never"
    local = moment.astimezone(facts.zone)
    if dated:
        return f"{short_date(local.date(), year=local.year != facts.period.last.year)} {local:%H:%M %Z}"
    return f"{local:%H:%M %Z}" if facts.period.days == 1 else f"{local:%a %H:%M %Z}"
