"""Secrets on other lines than the word that tells of them: lists, blocks of YAML, values on a line of their own, netrc.

Part of the general net: a text is in lower case, and what is found is looked at once, from the word on.
"""

from __future__ import annotations

import re
from typing import Final

from domain.configs.secret_words import is_public, is_readable

Place = tuple[int, int]  # where a secret begins and ends

_BEFORE: Final = 60  # characters in front of a word that are looked at
_NETRC_BEFORE: Final = 200
_READABLE: Final = 1_000  # characters of a value that tell whether it may be read
_STARTS: Final = (
    "pass",
    "secret",
    "token",
    "key",
    "psk",
    "community",
    "authtok",
)  # of words whose value may come later

_OPENING = re.compile(
    r"""
    \\?["']? \]? [ \t]*+ (?: => | [:=] ) (?:
        (?P<list> [ \t]*+ \[ | \s*+ \[ (?=\s*+["']) )
      | (?P<text> [ \t]*+ (?P<quotes>\"{3}|'{3}) )
      | (?P<block> [ \t]++ (?:[&!][\w.:/-]*+[ \t]++){0,2} [|>][-+\d]{0,3} [ \t\r]*+ (?:\#[^\n]*+)? \n )
      | (?P<later> [ \t\r]*+ (?:\#[^\n]*+)? \n )
    )
    """,
    re.VERBOSE,
)
_ELEMENT = re.compile(
    r"""
    [\s,]*+ (?:\#[^\n]*+\n\s*+)?+ (?:
        " ([^"\\\n]*+ (?:\\.[^"\\\n]*+)*+) " | ' ([^'\n]*+) ' | ([^\s,\[\]{}"'\#]++)
    ) (?=\s*+(?:\#[^\n]*+\s*+)?+(?:[,\]]|\Z))
    """,
    re.VERBOSE,
)
_LIST_END = re.compile(
    r"[\s,]*+(?:\#[^\n]*+\s*+)?+(?:\](?=[\s,;})\]\#]|\Z)|[{\[]|\Z)"
)  # or a list of other things, or it was cut off
_ITEM = re.compile(r"[ \t]*+-[ \t]++(?P<value>[^\r\n]*[^\s])[ \t\r]*+(?:\n|\Z)")
_STRING = re.compile(r"\s*+\"(?P<value>[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+)\"(?!\s*+:)")
_INDENT = re.compile(r"[ \t]*+(?:-[ \t]++)*+")
_PAIR = re.compile(
    r"[\"']?[\w./-]{1,80}[\"']?[ \t]*[:=](?:\s|\Z)|[{\[&*!#]|<[\w/!]|-[ \t]"
)  # no value: it begins something else
_PUBLIC_KEY = re.compile(r"[\"']?(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+ aaaa")
_BEGIN: Final = "-----begin "
_NETRC = re.compile(r"(?:\A|\s)(?:(?:login|machine|account)[ \t\r\n]+\S+|default)\s+\Z")
_NETRC_VALUE = re.compile(r"[ \t\r]*\n\s*(?P<value>\S+)")


def spread(low: str, kind: str, start: int, end: int) -> list[Place] | None:
    """The secrets of a list, or of the lines below the word of ``kind`` that stands from ``start`` to ``end``.

    None: it has no list and no lines below; if there is a value, it stands behind the word.
    """
    before = low[max(low.rfind("\n", 0, start) + 1, start - _BEFORE) : start]
    opened = _OPENING.match(low, end)
    if opened is None:
        return _of_netrc(low, start, end) if kind in {"password", "passwd"} else None
    if is_public(kind, before) or not (opened["block"] or opened["text"] or kind.startswith(_STARTS)):
        return None
    at = opened.end()
    if opened["text"]:
        end = low.find(opened["quotes"], at)
        return _filled(low, at, end if end >= 0 else len(low))
    if opened["list"]:
        return _elements(low, kind, at)
    column = len(_INDENT.match(low, low.rfind("\n", 0, start) + 1)[0])  # type: ignore[index] # it matches nothing too
    if opened["block"]:
        return _block(low, at, column)
    return _items(low, kind, at, column) or _value(low, kind, at, column)


def _elements(low: str, kind: str, at: int) -> list[Place] | None:
    """Those of a list in brackets, on however many lines; None: it is a value that has brackets in it.

    A list has none if all in it are words of the language.
    """
    found: list[Place] = []
    while element := _ELEMENT.match(low, at):
        found.append(element.span(element.lastindex or 0))
        at = element.end()
    if not _LIST_END.match(low, at):
        return None
    return found if any(not _may_be_read(low, kind, *one) for one in found) else []


def _block(low: str, at: int, column: int) -> list[Place]:
    """All lines that are indented deeper than ``column``; a block in PEM is known by itself."""
    end = _deeper(low, at, column, pairs_too=True)
    return _filled(low, at, end)


def _items(low: str, kind: str, at: int, column: int) -> list[Place]:
    """Those of a list of YAML, one a line."""
    found: list[Place] = []
    while (item := _ITEM.match(low, at)) and low.index("-", at) - at >= column and not _PAIR.match(item["value"]):
        if not _may_be_read(low, kind, *item.span("value")):
            found.append(_unquoted(low, *item.span("value")))
        at = item.end()
    return found


def _value(low: str, kind: str, at: int, column: int) -> list[Place]:
    """The value on the next line: in quotes, or indented deeper than ``column`` and no pair of its own."""
    if string := _STRING.match(low, at):
        return [] if _may_be_read(low, kind, *string.span("value")) else [string.span("value")]
    found = _filled(low, at, _deeper(low, at, column, pairs_too=False))
    return [one for one in found if not _may_be_read(low, kind, *one)]


def _deeper(low: str, at: int, column: int, *, pairs_too: bool) -> int:
    """Where the lines end that are indented deeper than ``column``."""
    end = at
    while at < len(low):
        line_end = low.find("\n", at)
        line_end = len(low) if line_end < 0 else line_end
        line = low[at:line_end]
        text = line.lstrip(" \t")
        if text.strip() and (len(line) - len(text) <= column or (not pairs_too and _PAIR.match(text))):
            break
        at = line_end + 1
        end = line_end if text.strip() else end
    return end


def _of_netrc(low: str, start: int, end: int) -> list[Place] | None:
    """The value on the line below its word: in a netrc any blank parts words, a line's end too."""
    value = _NETRC_VALUE.match(low, end)
    return [value.span("value")] if value and _NETRC.search(low[max(0, start - _NETRC_BEFORE) : start]) else None


def _filled(low: str, start: int, end: int) -> list[Place]:
    inner = low[start:end]
    text = inner.strip()
    begin = start + len(inner) - len(inner.lstrip())
    return [(begin, begin + len(text))] if text and not text.startswith(_BEGIN) else []


def _unquoted(low: str, start: int, end: int) -> Place:
    is_quoted = end - start > 1 and low[start] == low[end - 1] and low[start] in "\"'"
    return (start + 1, end - 1) if is_quoted else (start, end)


def _may_be_read(low: str, kind: str, start: int, end: int) -> bool:
    start, end = _unquoted(low, start, end)
    value = low[start : min(end, start + _READABLE)]
    if start == end or value.startswith(_BEGIN) or _PUBLIC_KEY.match(value):
        return True
    return is_readable(kind, value, "", "", certain=True)
