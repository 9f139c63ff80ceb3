"""The words of a command line: how people type them, and how we write them back."""

from __future__ import annotations

import re

from commands.input.straightening import straighten

MAX_TEXT = 4_000  # characters of a command line; what is longer than that fails the limits below anyway
MAX_WORDS = 20  # words of a command line
MAX_WORD = 150  # characters; also Slack's limit for the value of an option

_WORD = re.compile(
    r"""(?P<token> <[@\#!]?[^<>\s][^<>]*> )
      | "(?P<double> [^"]* )" (?=\s|$)
      | '(?P<single> [^']* )' (?=\s|$)
      | `(?P<code> [^`]* )` (?=\s|$)
      | (?P<bare> \S+ )""",
    re.VERBOSE,
)
_BOLD = re.compile(r"([*~])(?P<text>[^*~\s]*\w[^*~\s]*)\1")
_TOKEN = re.compile(r"<(?P<what>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_QUOTES = str.maketrans("", "", "\"'`")
_WHOLE = re.compile(r"```(?P<block>.+)```|`(?P<code>[^`]+)`|(?P<mark>[*_~])(?P<text>\S|\S.*\S)(?P=mark)", re.DOTALL)
_LENGTH_SHOWN = 60  # characters of a name that somebody typed, in our answer


def split_words(text: str) -> tuple[str, ...]:
    """Split a command line as Slack sends it, with ``&amp; &lt; &gt;`` for ``& < >``.

    Quoted words may hold blanks. A person or channel stays as ``<@U1>`` or ``<#C1>`` without its label; a link
    that Slack made of a name becomes the name again. Any text gives words: nothing is refused here.
    """
    return tuple(_plain(found) for found in _WORD.finditer(unwrapped(straighten(text[:MAX_TEXT]))))


def unwrapped(text: str) -> str:
    """``text`` without the marks of code, bold, italics, strike-through or a quotation that it stands in as a whole."""
    inner = text.strip()
    while True:
        bare = inner.removeprefix("&gt;").lstrip()
        found = _WHOLE.fullmatch(bare)
        if found and not (found["mark"] and found["mark"] in found["text"]):
            bare = next(filter(None, (found["block"], found["code"], found["text"]))).strip()
        if bare == inner:
            return inner
        inner = bare


def action_words(action_id: str, value: str) -> tuple[str, ...]:
    """The words that a pressed button (``do:run#123``) or a chosen option (``pick:now``) stands for.

    ``value`` is ours, written by ``quote``: Slack neither escapes nor decorates it.
    """
    name = action_id.partition("#")[0].partition(":")[2]
    return (name, *(_unquoted(found) for found in _WORD.finditer(value)))


def quote(word: str) -> str:
    """Write ``word`` so that it is read back as one word."""
    if word and not re.search(r"\s", word) and word[0] not in "\"'`<":
        return word
    fitting = (mark for mark in "\"'`" if mark not in word)
    mark = next(fitting, None)
    return f"{mark}{word}{mark}" if mark else f'"{word.translate(_QUOTES)}"'


def loose(name: str) -> str:
    """The form in which names are compared when no exact one fits: any case, any dashes, no quotes."""
    return " ".join(straighten(name).translate(_QUOTES).casefold().split())


def shown(text: str) -> str:
    """What somebody typed, made safe to repeat: short, on one line, without marks that mean something to Slack."""
    cleaned = "".join(char if char.isprintable() and char not in "<>`" else " " for char in text)
    short = " ".join(cleaned.split()) or "?"
    return short if len(short) <= _LENGTH_SHOWN else short[: _LENGTH_SHOWN - 1] + "…"


def _plain(found: re.Match[str]) -> str:
    if found["token"] is None:
        return _unescape(_unquoted(found) if found["bare"] is None else _unmarked(found["bare"]))
    token = _TOKEN.fullmatch(found["token"])
    if token is None or token["what"][:1] in "@#!":
        return f"<{token['what']}>" if token else _unescape(found["token"])
    return _unescape(token["label"] or token["what"])


def _unquoted(found: re.Match[str]) -> str:
    groups = (found["double"], found["single"], found["code"])
    return next((inner for inner in groups if inner is not None), found[0])


def _unmarked(word: str) -> str:
    """A bare word without the marks that make it bold or struck through."""
    found = _BOLD.fullmatch(word)
    return found["text"] if found else word


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
