"""From a template and its context to a message that Slack accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.runs.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping


import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from domain.access.access import mention
from notifications.rendering import escaping, limits, units
from notifications.rendering.block_limits import fit, fit_text, fit_view
from notifications.rendering.element_limits import plain_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.runs.outcomes import Outcome

Context = dict[str, object]  # what a template is given: names, and values that it may print


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shows. ``text`` is its notification, its search text and what a screen reader says."""

    text: str
    blocks: list[dict[str, Any]]

    def as_payload(self) -> dict[str, Any]:
        """The content as an outbox message holds it."""
        return {"text": self.text, "blocks": self.blocks}


class Renderer:
    """Renders ``templates/*/*.json.j2``. A name that a template misses is an error, never an empty place."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FunctionLoader(_source),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - JSON, not HTML: tojson quotes, mrkdwn escapes
            trim_blocks=True,
        )
        self._environment.filters |= {
            "advice": escaping.advice,
            "chip": _chip,
            "clock": units.clock,
            "code": escaping.code,
            "duration": units.duration,
            "mrkdwn": escaping.mrkdwn,
            "person": units.person,
            "plain": escaping.plain,
            "plural": units.plural,
            "principal": mention,
            "when": units.when,
            "with_mentions": escaping.with_mentions,
        }

    def render(self, template: str, context: Mapping[str, object]) -> Content:
        """The message ``template`` shows for ``context``, within every limit of Slack.

        Raises:
            jinja2.TemplateError: there is no such template, or it asks for what the context has not.
        """
        found = self._filled(template, context)
        return Content(fit_text(found["text"]), fit(found["blocks"]))

    def home(self, template: str, context: Mapping[str, object]) -> dict[str, Any]:
        """The Home tab that ``template`` shows for ``context``, within every limit of Slack.

        Raises:
            jinja2.TemplateError: there is no such template, or it asks for what the context has not.
        """
        found = self._filled(template, context)
        return {"type": "home", "blocks": fit_view(found["blocks"])}

    def view(self, template: str, context: Mapping[str, object], *, callback: str, metadata: str) -> dict[str, Any]:
        """The modal that ``template`` shows for ``context``, within every limit of Slack.

        Args:
            template: its name.
            context: what it shows.
            callback: names what takes the answers.
            metadata: comes back with each answer, at most 3,000 characters.

        Raises:
            jinja2.TemplateError: there is no such template, or it asks for what the context has not.
        """
        found = self._filled(template, context)
        close = "Cancel" if "submit" in found else "Close"
        words = {"title": found["title"], "close": close, **({"submit": found["submit"]} if "submit" in found else {})}
        return {
            "type": "modal",
            "callback_id": callback,
            "private_metadata": metadata,
            "blocks": fit_view(found["blocks"]),
            **{name: plain_object(text, limits.VIEW_TITLE) for name, text in words.items()},
        }

    def _filled(self, template: str, context: Mapping[str, object]) -> dict[str, Any]:
        filled: dict[str, Any] = json.loads(self._environment.get_template(f"{template}.json.j2").render(context))
        return filled


def _source(name: str) -> str | None:
    """The text of a template: its name is unique, whichever folder of ``templates/`` holds it."""
    top = files("templates")
    for folder in (top, *(one for one in top.iterdir() if one.is_dir())):
        template = folder.joinpath(name)
        if template.is_file():
            return template.read_text("utf-8")
    return None


def _chip(outcome: Outcome) -> str:
    return outcome.chip
