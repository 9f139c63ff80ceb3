"""Tables within Slack's limits, and as aligned text where Slack takes none."""

from __future__ import annotations

from typing import Any

from notifications.rendering import limits
from notifications.rendering.escaping import cut, length, plain, printable

Block = dict[str, Any]

_WIDEST = 40  # characters of a column in aligned text


def fit_table(block: Block, *, most: int = limits.TABLE_CHARACTERS) -> Block | None:
    """``block`` with at most 100 rows of 20 columns and ``most`` characters; the first row is its header.

    Rows that do not fit are left out, and a last row says how many. None: not even two rows fit.
    """
    rows = [[_fit_cell(cell) for cell in row[: limits.TABLE_COLUMNS]] for row in block.get("rows", ()) if row]
    if not rows:
        return None
    width = max(len(row) for row in rows)
    even = [row + [_raw("-")] * (width - len(row)) for row in rows]
    kept = _first_rows(even, most)
    settings = block.get("column_settings")
    extra = {"column_settings": settings[:width]} if settings else {}
    return {**block, "rows": kept, **extra} if kept else None


def table_size(block: Block) -> int:
    """The characters of all cells of a table, as its own limit counts them."""
    return sum(_size(row) for row in block["rows"])


def table_as_text(block: Block) -> Block:
    """The table as one preformatted text with aligned columns."""
    rows = [[_words(cell) for cell in row] for row in block.get("rows", ())]
    width = max((len(row) for row in rows), default=0)
    even = [row + [""] * (width - len(row)) for row in rows]
    widths = [max(min(len(row[n]), _WIDEST) for row in even) for n in range(width)]
    lines = ["  ".join(cut(cell, _WIDEST).ljust(widths[n]) for n, cell in enumerate(row)).rstrip() for row in even]
    return preformatted(_whole_lines(lines, limits.RICH_TEXT))


def preformatted(text: str) -> Block:
    """A block that shows ``text`` as it is: the only code display that needs no escaping."""
    part = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": printable(text)}]}
    return {"type": "rich_text", "elements": [part]}


def _whole_lines(lines: list[str], most: int) -> str:
    kept: list[str] = []
    room = most - 30  # for the line that says what was left out
    for line in lines:
        room -= length(line) + 1
        if room < 0:
            return "\n".join([*kept, f"and {len(lines) - len(kept):,} more"])
        kept.append(line)
    return "\n".join(kept)


def _first_rows(rows: list[list[Block]], most: int) -> list[list[Block]]:
    if len(rows) <= limits.TABLE_ROWS and sum(_size(row) for row in rows) <= most:
        return rows
    kept: list[list[Block]] = []
    room = most - _size(_rest_row(len(rows), len(rows[0])))
    for row in rows[: limits.TABLE_ROWS - 1]:
        room -= _size(row)
        if room < 0:
            break
        kept.append(row)
    if len(kept) < 2:  # noqa: PLR2004 - the header and one row
        return []
    return [*kept, _rest_row(len(rows) - len(kept), len(rows[0]))]


def _rest_row(count: int, width: int) -> list[Block]:
    return [_raw(f"and {count:,} more"), *[_raw("-")] * (width - 1)]


def _fit_cell(cell: Block) -> Block:
    if cell.get("type") == "rich_text":
        return cell
    return _raw(cut(plain(cell.get("text", "")), limits.TABLE_CELL) or "-")


def _raw(text: str) -> Block:
    return {"type": "raw_text", "text": text}


def _size(row: list[Block]) -> int:
    return sum(length(_words(cell)) for cell in row)


def _words(cell: Block) -> str:
    inner = cell.get("elements")
    return "".join(_words(one) for one in inner) if inner else plain(cell.get("text") or cell.get("fallback", ""))
