"""The gallery is complete, and everything in it is valid, harmless and readable without its blocks."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from demo.gallery import Entry, catalogue, drawn
from demo.gallery.subjects.hostile import TEXTS
from domain.failures import FailureKind, advice_for
from domain.runs.outcomes import Outcome
from notifications.rendering import limits
from notifications.rendering.escaping import length
from notifications.rendering.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.gallery import Drawing

# A message of ours that mentions somebody on purpose: whoever asked, cancelled, or can grant what is missing.
OUR_PEOPLE = frozenset({"U02ANNA", "U01OWNER", "U03TOM", "U05NORA"})
NO_HOSTILE_TEXT = frozenset({"not_invited"})  # holds nothing that people or devices write


@pytest.fixture(scope="module")
def drawings() -> Sequence[Drawing]:
    """Every entry, rendered."""
    renderer = Renderer()
    return [drawn(entry, renderer) for entry in asyncio.run(catalogue())]


def templates() -> set[str]:
    shelves = [shelf for shelf in files("templates").iterdir() if shelf.is_dir()]
    names = [one.name for shelf in shelves for one in shelf.iterdir() if one.name.endswith(".json.j2")]
    return {name.removesuffix(".json.j2") for name in names}


def test_every_template_has_an_entry(drawings: Sequence[Drawing]) -> None:
    shown = {drawing.entry.template for drawing in drawings}

    assert templates() - shown == set(), "templates without an entry in demo/gallery: see catalogue.py"


def test_every_message_is_tried_with_every_hostile_text(drawings: Sequence[Drawing]) -> None:
    messages = {one.entry.template for one in drawings if one.entry.surface == "message"} - NO_HOSTILE_TEXT

    tried = {(one.entry.group, one.entry.template) for one in drawings}

    assert {(named, name) for named in TEXTS for name in messages if (f"Hostile: {named}", name) not in tried} == set()


def test_every_outcome_and_every_reason_is_shown(drawings: Sequence[Drawing]) -> None:
    runs = "\n".join(json.dumps(one.blocks, ensure_ascii=False) for one in drawings if one.entry.template == "run")

    assert [outcome for outcome in Outcome if outcome.chip not in runs] == []
    unseen = [kind for kind in FailureKind if advice_for(kind).partition("`")[0].strip() not in runs]
    assert unseen == [FailureKind.CANCELLED], "a cancelled run names who cancelled it instead"


def test_names_of_entries_are_unlike(drawings: Sequence[Drawing]) -> None:
    names = Counter(drawing.entry.name for drawing in drawings)

    assert [name for name, count in names.items() if count > 1] == []


def test_every_entry_keeps_slacks_rules(drawings: Sequence[Drawing]) -> None:
    for drawing in drawings:
        drawing.check()


def test_nobody_is_pinged_by_what_others_wrote(drawings: Sequence[Drawing]) -> None:
    pinged = {one.entry.name: one.mentions for one in drawings if {m.target for m in one.mentions} - OUR_PEOPLE}

    assert pinged == {}
    assert [one.entry.name for one in drawings if one.entry.group.startswith("Hostile") and one.mentions] == []


def test_every_message_has_a_text_for_notifications_and_readers(drawings: Sequence[Drawing]) -> None:
    messages = [one for one in drawings if one.entry.surface == "message"]

    assert [one.entry.name for one in messages if not 0 < length(one.text.strip()) <= limits.TEXT] == []


def test_every_button_says_what_it_acts_on(drawings: Sequence[Drawing]) -> None:
    nameless = [
        (one.entry.name, element["text"]["text"])
        for one in drawings
        for block in one.blocks
        for element in block.get("elements", ())
        if element.get("type") == "button" and not element.get("accessibility_label")
    ]

    assert nameless == []


def test_an_entry_that_breaks_a_rule_is_told() -> None:
    entry = Entry(group="x", state="y", template="notice", context={"sentence": "hello", "command": "", "buttons": ()})
    drawing = drawn(entry, Renderer())
    drawing.blocks[0]["text"]["text"] = "x" * 3_001

    with pytest.raises(Exception, match="invalid_blocks"):
        drawing.check()
