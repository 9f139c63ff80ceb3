"""Rich text: its four kinds of section and the runs of text inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks import limits
from demo.slack.blocks.elements import CONVERSATION, USER
from demo.slack.blocks.rules import Shape, anything, array, boolean, by_type, choice, integer, pattern, string, url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.blocks.rules import Rule, Sheet

_MANY: Final = 10_000  # runs and sections have no published bound; the characters of a message bind first


def _style(*names: str) -> Shape:
    return Shape({}, dict.fromkeys(names, boolean))


_TEXT_STYLE = _style("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_MENTION_STYLE = _style("bold", "italic", "strike", "highlight", "client_highlight", "unlink")
_LINK_SCHEMES: Final = ("http", "https", "mailto", "slack", "tel")

_RUNS: Final[Mapping[str, Rule]] = {
    "text": Shape({"type": anything, "text": string(counted=True)}, {"style": _TEXT_STYLE}),
    "link": Shape(
        {"type": anything, "url": url(limits.URL, schemes=_LINK_SCHEMES)},
        {"text": string(counted=True), "unsafe": boolean, "style": _TEXT_STYLE},
    ),
    "user": Shape({"type": anything, "user_id": USER}, {"style": _MENTION_STYLE}),
    "channel": Shape({"type": anything, "channel_id": CONVERSATION}, {"style": _MENTION_STYLE}),
    "usergroup": Shape(
        {"type": anything, "usergroup_id": pattern(r"S[A-Z0-9]+", "a user group id")}, {"style": _MENTION_STYLE}
    ),
    "team": Shape({"type": anything, "team_id": string(32)}, {"style": _MENTION_STYLE}),
    "emoji": Shape(
        {"type": anything, "name": string(100)},
        {"unicode": string(64), "skin_tone": integer(1, 6), "style": _TEXT_STYLE},
    ),
    "date": Shape(
        {"type": anything, "timestamp": integer(0, 9_999_999_999), "format": string(200)},
        {"url": url(limits.URL), "fallback": string(), "style": _TEXT_STYLE},
    ),
    "broadcast": Shape({"type": anything, "range": choice("here", "channel", "everyone")}, {"style": _MENTION_STYLE}),
    "color": Shape({"type": anything, "value": pattern(r"#[0-9A-Fa-f]{6}", "a colour such as #1a2b3c")}, {}),
}
_RUN = by_type(_RUNS, what="rich text run")
_RUN_LIST = array(_RUN, most=_MANY, least=0)
_CODE = array(by_type(_RUNS, ("text", "link"), what="rich text run"), most=_MANY)
_SECTION = Shape({"type": anything, "elements": _RUN_LIST})

_SECTIONS: Final[Mapping[str, Rule]] = {
    "rich_text_section": _SECTION,
    "rich_text_list": Shape(
        {
            "type": anything,
            "style": choice("bullet", "ordered"),
            "elements": array(by_type({"rich_text_section": _SECTION}, what="list item"), most=_MANY),
        },
        {"indent": integer(0, 8), "offset": integer(0, 1_000_000), "border": integer(0, 1)},
    ),
    "rich_text_preformatted": Shape(
        {"type": anything, "elements": _CODE}, {"border": integer(0, 1), "language": string(50)}
    ),
    "rich_text_quote": Shape({"type": anything, "elements": _RUN_LIST}, {"border": integer(0, 1)}),
}
RICH_TEXT_ELEMENTS: Final = array(by_type(_SECTIONS, what="rich text section"), most=_MANY)
RICH_TEXT_VALUE: Final = Shape(
    {"type": choice("rich_text"), "elements": RICH_TEXT_ELEMENTS}, {"block_id": string(limits.ID)}
)


def rich_text_words(value: Mapping[str, Any]) -> str:
    """All words of a rich text block in one string, for counting and for reading."""
    return "".join(_words(one) for one in value.get("elements", []) if isinstance(one, dict))


def _words(part: Mapping[str, Any]) -> str:
    inner = part.get("elements")
    if isinstance(inner, list):
        return "".join(_words(one) for one in inner if isinstance(one, dict))
    if part.get("type") == "date":
        return str(part.get("fallback", part.get("timestamp", "")))
    return str(part.get("text", ""))


def table_cell(value: object, at: str, sheet: Sheet) -> None:
    """A cell of a table: its characters count twice, for the message and for its tables."""
    before = sheet.characters
    _CELL(value, at, sheet)
    sheet.table_characters += sheet.characters - before


def _raw_number(value: object, at: str, sheet: Sheet) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.note("must be a number", at)
        return


_CELL: Final = by_type(
    {
        "raw_text": Shape({"type": anything, "text": string(counted=True)}),
        "raw_number": Shape(
            {"type": anything, "value": _raw_number, "text": string(counted=True)},
        ),
        "rich_text": RICH_TEXT_VALUE,
    },
    what="table cell",
)
