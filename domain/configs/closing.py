"""Whether a text closes all that it opens: quotes, blocks, banners, documents. One that broke off within them does not.

Each text is walked through once, from one bracket or quote to the next.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Final


class Syntax(StrEnum):
    """How the blocks of a platform's text open and close; the value is what a platform file says."""

    BRACES = "braces"  # "system {" ... "}"; lines of comments aside
    CONFIG_END = "config-end"  # "config system global" ... "end"
    QUOTES = "quotes"  # texts in quotes, which may go over several lines
    BANNERS = "banners"  # "banner motd ^C" ... "^C", or up to EOF


# Each alternative begins with a letter of its own, and its group stands behind that: so they are found several times as
# fast. A match of "torn" or "odd" begins something that has no end.
_QUOTED: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TORN: Final = r'"(?P<torn>)'
_COMMENT: Final = r"\n[ \t]*+\#[^\n]*+"
_BY_SYNTAX: Final = {
    Syntax.BRACES: rf"""
        {_QUOTED} | {_COMMENT} | \n[ \t]*+/\*(?:.*?\*/|(?P<torn>)) | "(?P<odd>) | \{{(?P<opened>) | \}}(?P<closed>)
    """,
    Syntax.CONFIG_END: rf"""
        {_QUOTED} | {_TORN} | '[^'\n]*+' | \n[ \t]*+(?: config[ ](?P<opened>) | end(?=[ \t]*+(?:\n|\Z))(?P<closed>) )
    """,
    Syntax.QUOTES: rf"{_QUOTED} | {_TORN} | {_COMMENT}",
    Syntax.BANNERS: r"""
        \nbanner[ ][\w-] (?:
            [\w-]{0,40} (?: [ \t]+(?P<mark>\^C|\S).*?(?P=mark) | [ \t]*+\n(?:.*?\n)??EOF(?=[ \t]*+(?:\n|\Z)) )
            | (?P<torn>)
        )
    """,
}
_WALKS: Final = {syntax: re.compile(walk, re.VERBOSE | re.DOTALL) for syntax, walk in _BY_SYNTAX.items()}

_JSON = re.compile(
    r"\s*+(?:\{\s*+(?:[\"}]|/(?:[/*]|\Z)|\Z)|\[\s*+(?:[\"{]|\[\s*+[\"\d\[-]|\Z))"
)  # no section of an INI or TOML file
_JSON_WALK = re.compile(
    rf"{_QUOTED} | {_TORN} | //[^\n]*+ | /\*(?:.*?\*/|(?P<odd>)) | [{{\[](?P<opened>) | [}}\]](?P<closed>)",
    re.VERBOSE | re.DOTALL,
)
_XML = re.compile(
    r"\s*+(?:<(?:\?.*?\?|!--.*?--|![A-Z][^<>]*+)>\s*+)*+<(?P<root>[A-Za-z_][\w.:-]*+)(?=[\s/>])", re.DOTALL
)
_DECLARED = re.compile(r"\s*+<\?xml\b")
_PEM = re.compile(r"^-----(?:(?P<opened>BEGIN)|(?P<closed>END)) [A-Z0-9 ]{1,60}-----$", re.MULTILINE)


def left_open(text: str, syntax: Syntax) -> int | None:
    """Where in ``text`` something begins that does not end, or ends that did not begin; None: all of it is closed.

    Args:
        text: with its lines ended by LF, and one before the first.
        syntax: of its platform.
    """
    return _first_open(_WALKS[syntax], text)


def document_left_open(text: str) -> int | None:
    """The same of a text that by its beginning is JSON or XML, or holds keys and certificates; None of any other."""
    if _JSON.match(text):
        return _first_open(_JSON_WALK, text)
    if found := _XML.match(text):
        is_declared = _DECLARED.match(text)
        return _first_open(_elements(found["root"]), text) if is_declared else _unclosed(found["root"], text)
    if _DECLARED.match(text):
        return 0  # it has no root
    return _first_open(_PEM, text) if "\n-----BEGIN " in text else None


def _elements(root: str) -> re.Pattern[str]:
    """What opens and closes the root of an XML document, which may hold others of its name."""
    name = re.escape(root)
    return re.compile(
        rf"<!--.*?--> | <!\[CDATA\[.*?\]\]> | (?P<torn><!--|<!\[CDATA\[) | <{name}(?=[\s/>])[^<>]*+(?<=/)>"
        rf"| (?P<opened><{name}(?=[\s/>])) | (?P<closed></{name}\s*+>)",
        re.VERBOSE | re.DOTALL,
    )


def _unclosed(root: str, text: str) -> int | None:
    """The same of a file that only looks like XML: "<Directory />" opens an element there too."""
    marks = Counter(found.lastgroup for found in _elements(root).finditer(text))
    is_within_tag = text.rfind("<") > text.rfind(">")
    is_torn = is_within_tag or marks["torn"] or marks["opened"] > marks["closed"]
    return text.rfind("<" if is_within_tag else f"<{root}") if is_torn else None


def _first_open(walk: re.Pattern[str], text: str) -> int | None:
    opened: list[int] = []
    for found in walk.finditer(text):
        match found.lastgroup:
            case "opened":
                opened.append(found.start())
            case "closed" if opened:
                opened.pop()
            case "closed" | "torn" | "odd":
                return found.start()
    return opened[-1] if opened else None
