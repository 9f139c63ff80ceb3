"""Logging: one line for each thing that happened, without any secret in it.

Libraries log through the standard library, so everything passes the one formatter below, which blackens
tokens at the very end, wherever in a line they came from.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.settings.sections import LogSection

_TOKENS = re.compile(
    r"xox[a-z](?:\.[a-z]+)?-[\w.-]{8,}"  # bot, user, refresh tokens
    r"|xapp-[\w-]{8,}"
    r"|(?<=/)(?:commands|actions|services|app)/T\w+/\S+"  # response URLs are as good as a token while they live
    r"|(?<=ticket=)[\w-]+"  # of a Socket Mode address
    r"|(?<=://)[^/@\s:]+:[^@\s]+(?=@)"  # user and password of a URL
)
_BLACK = "[redacted]"
_SHORTEST = 6  # characters; shorter values would blacken ordinary words

# Never below these levels: at DEBUG they print message bodies, SSH packets and SQL with its values.
_QUIET = {
    "slack_sdk": logging.INFO,
    "slack_bolt": logging.INFO,
    "bot.bolt": logging.ERROR,  # warns at each start that the client's token is not used for authorising
    "asyncssh": logging.WARNING,
    "websockets": logging.WARNING,
    "aiohttp": logging.WARNING,
    "apscheduler": logging.WARNING,
    "tortoise": logging.WARNING,
    "asyncio": logging.WARNING,
}


def set_up_logging(settings: LogSection, *, secrets: Iterable[str] = ()) -> None:
    """Send every log line to standard error, in the form of ``log.format``, with ``secrets`` blackened."""
    as_json = settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(blackening_formatter(as_json=as_json, secrets=secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))


def blackening_formatter(*, as_json: bool, secrets: Iterable[str] = ()) -> logging.Formatter:
    """A formatter whose lines hold neither anything shaped like a token nor any of ``secrets``."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_text = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # the default one prints local variables: passwords too
    )
    last = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)] if as_json else [as_text]
    )
    return _Blackening(
        secrets,
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


class _Blackening(structlog.stdlib.ProcessorFormatter):
    def __init__(self, secrets: Iterable[str], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type] # processors and chain, passed on as they are
        known = sorted((re.escape(one) for one in secrets if len(one) >= _SHORTEST), key=len, reverse=True)
        self._black = re.compile("|".join([*known, _TOKENS.pattern]))

    def format(self, record: logging.LogRecord) -> str:
        return self._black.sub(_BLACK, super().format(record))
