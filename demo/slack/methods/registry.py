"""The table of Web API methods: what each needs and how often it may be called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.slack.state.rates import Rate
    from demo.slack.state.values import Json
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments

    Handler = Callable[[Workspace, Arguments], Json]


class Bearer(StrEnum):
    """Whose token a method takes."""

    BOT = "bot"
    APP = "app"


@dataclass(frozen=True)
class Method:
    """One method. ``scope`` is needed; where the conversation decides it, the handler asks itself."""

    name: str
    handler: Handler
    rate: Rate
    scope: str | None = None
    bearer: Bearer = Bearer.BOT


METHODS: dict[str, Method] = {}


def method(
    name: str, *, rate: Rate, scope: str | None = None, bearer: Bearer = Bearer.BOT
) -> Callable[[Handler], Handler]:
    """Put the function below into the table."""

    def enter(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, rate, scope, bearer)
        return handler

    return enter
