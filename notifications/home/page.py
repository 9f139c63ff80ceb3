"""The Home tab: what is wrong now, what is going on and what comes next, at the sites of one person.

The tab is a list of sections. To add one: let ``home_facts`` find what it shows, and write it in
``notifications.home.sections``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.roles import Action
from notifications.home import sections as parts

if TYPE_CHECKING:
    from domain.access.access import Access
    from notifications.home.facts import HomeFacts
    from notifications.rendering.buttons import Button
    from notifications.rendering.renderer import Context


def home_context(facts: HomeFacts, access: Access, *, slash: str) -> Context:
    """The context of ``home``."""
    sections = [
        parts.failing(facts),
        parts.never(facts, access),
        parts.stale(facts, access),
        parts.to_review(facts),
        parts.running(facts, access),
        parts.upcoming(facts),
        parts.subscriptions(facts),
        parts.own_sites(facts, access),
    ]
    shown = [section for section in sections if section]
    return {
        "slash": slash,
        "advice": "",
        "sections": shown if facts.sites else [],
        "buttons": _buttons(facts, access),
        "at": facts.now,
    }


def no_home(advice: str, *, slash: str) -> Context:
    """The context of ``home`` for whoever may see nothing, or while nobody can tell who it is."""
    return {"slash": slash, "advice": advice, "sections": [], "buttons": (), "at": None}


def _buttons(facts: HomeFacts, access: Access) -> tuple[Button, ...]:
    may_add = any(access.may(facts.person, Action.EDIT, site.key) for site in facts.sites)
    return (*((parts.ADD,) if may_add else ()), *((parts.JOBS, parts.GRAPHS, parts.HELP) if facts.sites else ()))
