"""Making finished blocks valid, whatever text went into them: Slack refuses a whole message for one field too long."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from notifications.rendering import limits
from notifications.rendering.element_limits import fit_element, plain_object
from notifications.rendering.escaping import cut, length, printable
from notifications.rendering.tables import fit_table, table_as_text, table_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

log = logging.getLogger(__name__)

Block = dict[str, Any]

_LEAST: Final = 120  # characters: no block is cut below this when a message is too long as a whole
_NOTE_ROOM: Final = 60  # characters kept for the line that says what was left out
_NOT_TEXT: Final = frozenset({"type", "action_id", "block_id", "style", "value", "image_url", "url", "language"})


def fit_text(text: str, most: int = limits.TEXT) -> str:
    """``text`` beside blocks: never empty, within ``most`` characters and what chat.update takes of bytes."""
    fitted = cut(printable(text).strip(), most)
    while (size := len(fitted.encode())) > limits.TEXT_BYTES:
        fitted = cut(fitted, min(length(fitted) - 1, length(fitted) * limits.TEXT_BYTES // size))
    return fitted or "Lastgood"


def fit(blocks: Sequence[Block], *, most: int = limits.BLOCKS, share: float = 1.0) -> list[Block]:
    """``blocks`` as a message takes them: texts cut, surplus dropped with a line that says so, ids unique.

    ``share`` is the part of a message's characters that they may have.
    """
    fitted = _few_enough(_fitted_each(blocks), most)
    room = limits.BLOCKS_CHARACTERS - limits.BLOCK_CHARACTERS * len(fitted)
    return _finished(fitted, int(room * share))


def fit_view(blocks: Sequence[Block]) -> list[Block]:
    """``blocks`` as a modal or the Home tab takes them."""
    return _finished(_few_enough(_fitted_each(blocks), limits.HOME_BLOCKS), limits.VIEW_CHARACTERS)


def _fitted_each(blocks: Sequence[Block]) -> list[Block]:
    return _one_table([part for block in blocks for part in _fit_block(block)])


def _finished(blocks: list[Block], room: int) -> list[Block]:
    fitted = _short_enough(blocks, room)
    _make_ids_unique(fitted)
    return fitted


def simpler(blocks: Sequence[Block]) -> list[Block]:
    """``blocks`` without the newer kinds, for a surface that refused them: tables become aligned text."""
    return fit([table_as_text(block) if block.get("type") == "table" else block for block in blocks])


def characters(part: object) -> int:
    """What ``part`` adds to the total that Slack allows a message, counted rather too high."""
    if isinstance(part, str):
        return length(part)
    if isinstance(part, list):
        return sum(characters(one) for one in part)
    if isinstance(part, dict):
        return sum(characters(one) for key, one in part.items() if key not in _NOT_TEXT)
    return 0


def _fit_block(block: Block) -> list[Block]:
    fitter = _FITTERS.get(str(block.get("type")))
    if fitter is None:
        log.warning("block of a kind unknown to fitting left out", extra={"block": str(block.get("type"))})
        return []
    fitted = fitter(block)
    return [fitted] if fitted else []


def _fit_section(block: Block) -> Block | None:
    text = _text_object(block.get("text"), limits.SECTION_TEXT)
    fields = [one for field in block.get("fields", ()) if (one := _text_object(field, limits.SECTION_FIELD))]
    accessory = fit_element(block["accessory"]) if block.get("accessory") else None
    parts = {"text": text, "fields": fields[: limits.SECTION_FIELDS], "accessory": accessory}
    fitted = {**block, **parts}
    kept = {key: value for key, value in fitted.items() if value or key not in parts}
    return kept if text or fields else None


def _fit_header(block: Block) -> Block | None:
    text = _text_object(block.get("text"), limits.HEADER)
    return {**block, "text": text} if text else None


def _fit_context(block: Block) -> Block | None:
    found = [one for element in block.get("elements", ()) if (one := _context_part(element))]
    if len(found) > limits.CONTEXT_ELEMENTS:
        left_out = len(found) - limits.CONTEXT_ELEMENTS + 1
        found = [*found[: limits.CONTEXT_ELEMENTS - 1], _mrkdwn(f"and {left_out:,} more")]
    return {**block, "elements": found} if found else None


def _context_part(element: Block) -> Block | None:
    if element.get("type") == "image":
        return {**element, "alt_text": cut(element.get("alt_text") or "picture", limits.IMAGE_ALT)}
    return _text_object(element, limits.CONTEXT_TEXT)


def _fit_actions(block: Block) -> Block | None:
    found = [one for element in block.get("elements", ()) if (one := fit_element(element))]
    return {**block, "elements": found[: limits.ACTIONS]} if found else None


def _fit_input(block: Block) -> Block | None:
    element = fit_element(block["element"])
    if element is None:
        return None
    fitted = {**block, "element": element, "label": plain_object(block["label"]["text"], limits.INPUT_LABEL)}
    if block.get("hint"):
        fitted["hint"] = plain_object(block["hint"]["text"], limits.INPUT_HINT)
    return fitted


def _fit_divider(block: Block) -> Block:
    return block


def _fit_image(block: Block) -> Block | None:
    if length(str(block.get("image_url", ""))) > limits.IMAGE_URL:
        return None
    return {**block, "alt_text": cut(block.get("alt_text") or "picture", limits.IMAGE_ALT)}


def _fit_rich_text(block: Block) -> Block | None:
    found = [one for element in block.get("elements", ()) if (one := _rich_part(element))]
    return {**block, "elements": found} if found else None


def _rich_part(part: Block) -> Block | None:
    """A section, list, quote or preformatted part of rich text, its runs without empty ones."""
    found: list[Block] = []
    for element in part.get("elements", ()):
        if "elements" in element:
            inner = _rich_part(element)
            found += [inner] if inner else []
        elif element.get("type") == "text":
            text = cut(printable(element.get("text", "")), limits.RICH_TEXT)
            found += [{**element, "text": text}] if text else []
        else:
            found.append(element)
    return {**part, "elements": found} if found else None


_FITTERS: Final[dict[str, Callable[[Block], Block | None]]] = {
    "section": _fit_section,
    "header": _fit_header,
    "context": _fit_context,
    "actions": _fit_actions,
    "divider": _fit_divider,
    "input": _fit_input,
    "image": _fit_image,
    "rich_text": _fit_rich_text,
    "table": fit_table,
}


def _text_object(text: Block | None, most: int) -> Block | None:
    if not text:
        return None
    words = cut(printable(str(text.get("text", ""))), most)
    if not words.strip():
        return None
    # Left to itself Slack makes links of what looks like an address, a channel or a name.
    extra: Block = {"verbatim": True} if text.get("type") == "mrkdwn" else {"emoji": bool(text.get("emoji", False))}
    return {**text, "text": words, **extra}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _one_table(blocks: list[Block]) -> list[Block]:
    """A message takes one table: further ones become text."""
    seen = False
    kept: list[Block] = []
    for block in blocks:
        surplus = block["type"] == "table" and seen
        kept += _fit_block(table_as_text(block)) if surplus else [block]
        seen = seen or block["type"] == "table"
    return kept


def _few_enough(blocks: list[Block], most: int) -> list[Block]:
    """What is over is left out before the buttons at the end."""
    if len(blocks) <= most:
        return blocks
    tail = blocks[-1:] if blocks[-1]["type"] == "actions" else []
    room = most - 1 - len(tail)
    left_out = len(blocks) - room - len(tail)
    return [*blocks[:room], _note(f"and {left_out:,} more"), *tail]


def _short_enough(blocks: list[Block], room: int) -> list[Block]:
    """At most ``room`` characters over all: the longest block is cut first."""
    room -= _NOTE_ROOM
    sizes = [characters(block) for block in blocks]
    while (over := sum(sizes) - room) > 0:
        place = max((n for n, block in enumerate(blocks)), key=lambda n: (blocks[n]["type"] != "actions", sizes[n]))
        smaller = _shrunk(blocks[place], max(sizes[place] - over, _LEAST))
        blocks[place : place + 1] = [smaller] if smaller else []
        sizes[place : place + 1] = [characters(smaller)] if smaller else []
    return blocks


def _shrunk(block: Block, most: int) -> Block | None:
    """``block`` within ``most`` characters; None: it cannot be cut that far and is left out."""
    before = characters(block)
    share = most / before
    smaller: Block | None = {**block}
    if block["type"] == "table":
        smaller = fit_table(block, most=int(table_size(block) * share))
    else:
        for parent, key in list(_texts_in(smaller)):
            parent[key] = cut(parent[key], max(int(length(parent[key]) * share) - 1, 1))
    return smaller if smaller and characters(smaller) < before else None


def _texts_in(part: Any) -> Iterator[tuple[Block, str]]:  # noqa: ANN401 - any part of a block
    """Every place that holds shown text, in copies made on the way: fitted blocks may be shared."""
    if isinstance(part, list):
        for place, one in enumerate(part):
            part[place] = {**one} if isinstance(one, dict) else one
            yield from _texts_in(part[place])
    if not isinstance(part, dict):
        return
    for key, value in part.items():
        if key == "text" and isinstance(value, str):
            yield part, key
        elif isinstance(value, dict | list):
            part[key] = {**value} if isinstance(value, dict) else [*value]
            yield from _texts_in(part[key])


def _make_ids_unique(blocks: list[Block]) -> None:
    """Give every id that came twice a number; what stands before the ``#`` tells what an action does."""
    for kind in ("block_id", "action_id"):
        seen: set[str] = set()
        for holder in _holders(blocks, kind):
            holder[kind] = _unused(holder[kind][: limits.ID], seen)
            seen.add(holder[kind])


def _holders(part: object, kind: str) -> Iterator[Block]:
    if isinstance(part, list):
        for one in part:
            yield from _holders(one, kind)
    if isinstance(part, dict):
        if part.get(kind):
            yield part
        for one in part.values():
            yield from _holders(one, kind)


def _unused(name: str, seen: set[str]) -> str:
    stem, number = name.partition("#")[0], 2
    while name in seen:
        name = f"{stem[: limits.ID - 12]}#{number}"
        number += 1
    return name
