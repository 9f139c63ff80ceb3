"""A message as readable text, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks.rich_text import rich_text_words
from demo.slack.client.mrkdwn import readable
from demo.slack.state.values import Json, Message, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_STATUS: Final = {"pending": "○", "in_progress": "◐", "complete": "●", "error": "✗"}
_RULE: Final = "─" * 40
_GAP: Final = 2  # columns between the cells of a table


def plain(shown: Message | View, names: Mapping[str, str] | None = None) -> str:
    """The blocks of a message or view as lines of text, or its text if it has none.

    Args:
        shown: what to write out.
        names: what to write for the ids of people, channels and groups.
    """
    lines = [line for block in shown.blocks for line in block_lines(block, names or {})]
    if not lines and isinstance(shown, Message):
        return readable(shown.text, names)
    return "\n".join(lines)


def block_lines(block: Json, names: Mapping[str, str]) -> list[str]:
    """One block as lines of text."""
    draw = _DRAW.get(block["type"])
    text = draw(block, names) if draw else f"({block['type']})"
    return [line.rstrip() for line in text.splitlines()]


def _text(part: Any, names: Mapping[str, str]) -> str:  # noqa: ANN401 - a text object, a string, or nothing
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    words = str(part.get("text", ""))
    return readable(words, names) if part.get("type") == "mrkdwn" else words


def _section(block: Json, names: Mapping[str, str]) -> str:
    parts = [_text(block.get("text"), names), *(_text(one, names) for one in block.get("fields", ()))]
    accessory = block.get("accessory")
    if accessory:
        parts.append(_element(accessory, names))
    return "\n".join(part for part in parts if part)


def _element(element: Json, names: Mapping[str, str]) -> str:
    if element["type"] == "image":
        return f"[image: {element['alt_text']}]"
    if element["type"] == "overflow":
        return "[⋮ " + " | ".join(_text(one["text"], names) for one in element["options"]) + "]"
    label = _text(element.get("text"), names) or _text(element.get("placeholder"), names) or element["type"]
    mark = "▾ " if element["type"].endswith("select") else ""
    return f"[{mark}{label}]"


def _elements(block: Json, names: Mapping[str, str]) -> str:
    parts = block.get("elements", ())
    return "  ".join(
        _text(one, names) if "text" in one and one["type"] in _TEXTS else _element(one, names) for one in parts
    )


_TEXTS: Final = ("plain_text", "mrkdwn")


def _rich_text(block: Json, names: Mapping[str, str]) -> str:
    return "\n".join(_rich_part(part, names) for part in block["elements"])


def _rich_part(part: Json, names: Mapping[str, str]) -> str:
    if part["type"] == "rich_text_list":
        return "\n".join(f"• {_runs(one['elements'], names)}" for one in part["elements"])
    words = _runs(part["elements"], names)
    if part["type"] == "rich_text_section":
        return words
    edge = "│ " if part["type"] == "rich_text_preformatted" else "> "
    return "\n".join(f"{edge}{line}" for line in words.splitlines())


def _runs(runs: Iterable[Json], names: Mapping[str, str]) -> str:
    return "".join(_run(one, names) for one in runs)


def _run(run: Json, names: Mapping[str, str]) -> str:
    for key, mark in (("user_id", "@"), ("channel_id", "#"), ("usergroup_id", "@")):
        if key in run:
            return mark + names.get(run[key], run[key])
    if run["type"] == "broadcast":
        return f"@{run['range']}"
    if run["type"] == "emoji":
        return f":{run['name']}:"
    if run["type"] == "date":
        return str(run.get("fallback", run["timestamp"]))
    return str(run.get("text") or run.get("url") or run.get("value", ""))


def _table(block: Json, _names: Mapping[str, str]) -> str:
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    columns = max(len(row) for row in rows)
    widths = [max(len(row[place]) for row in rows if place < len(row)) for place in range(columns)]
    drawn = ["".join(cell.ljust(widths[place] + _GAP) for place, cell in enumerate(row)) for row in rows]
    caption = [block["caption"]] if "caption" in block else []
    return "\n".join([*caption, *drawn])


def _cell(cell: Json) -> str:
    if cell["type"] == "rich_text":
        return rich_text_words(cell)
    return str(cell.get("text", cell.get("value", "")))


def _input(block: Json, names: Mapping[str, str]) -> str:
    hint = _text(block.get("hint"), names)
    return f"{_text(block['label'], names)}: {_element(block['element'], names)}" + (f"\n  {hint}" if hint else "")


def _task(block: Json, _names: Mapping[str, str]) -> str:
    parts = [f"{_STATUS[block['status']]} {block['title']}"]
    parts += [f"    {rich_text_words(block[key])}" for key in ("details", "output") if key in block]
    return "\n".join(parts)


def _plan(block: Json, names: Mapping[str, str]) -> str:
    return "\n".join([block["title"], *(_task(one, names) for one in block.get("tasks", ()))])


def _container(block: Json, names: Mapping[str, str]) -> str:
    title = _text(block.get("title"), names) or rich_text_words(block.get("rich_text_title", {}))
    inner = [f"  {line}" for child in block["child_blocks"] for line in block_lines(child, names)]
    return "\n".join([title, *inner])


def _card(block: Json, names: Mapping[str, str]) -> str:
    parts = [_text(block.get(key), names) for key in ("title", "subtitle", "body")]
    parts += [_element(one, names) for one in block.get("actions", ())]
    return "\n".join(part for part in parts if part)


def _chart(block: Json, _names: Mapping[str, str]) -> str:
    chart = block["chart"]
    series = chart.get("series") or [{"name": block["title"], "data": chart["segments"]}]
    drawn = [f"{one['name']}: " + ", ".join(f"{p['label']} {p['value']}" for p in one["data"]) for one in series]
    return "\n".join([block["title"], *drawn])


_DRAW: Final[dict[str, Callable[[Json, Mapping[str, str]], str]]] = {
    "section": _section,
    "header": lambda block, names: _text(block["text"], names),
    "divider": lambda _block, _names: _RULE,
    "image": lambda block, _names: f"[image: {block['alt_text']}]",
    "context": _elements,
    "actions": _elements,
    "context_actions": _elements,
    "rich_text": _rich_text,
    "markdown": lambda block, _names: str(block["text"]),
    "table": _table,
    "data_table": _table,
    "data_visualization": _chart,
    "input": _input,
    "task_card": _task,
    "plan": _plan,
    "alert": lambda block, names: f"! {_text(block['text'], names)}",
    "container": _container,
    "card": _card,
    "carousel": lambda block, names: "\n".join(_card(one, names) for one in block["elements"]),
}
