"""Our own sentences: none that is told among a device's words looks like a secret, and is masked like one."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from domain.configs.masking import mask
from domain.failures import FailureKind, advice_for
from domain.runs.evidence import Step
from runners.platforms.reading import load_platforms
from tests.support.house import ROOMS, ROOT, sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLATFORMS = load_platforms()
SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}")
STATEMENT = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE)\b")  # of SQL
PLACEHOLDERS = ["core-sw1", "/etc/motd", "7"]  # what may stand where a sentence has a place for it

# Files whose sentences are never told among a device's words. Whoever adds one has looked at where they go.
NEVER_MASKED = {
    "bot/cli/offline.py": "rows of a table",
    "bot/cli/run.py": "counts of an outcome",
    "bot/settings/credentials.py": "mistakes in app.yaml, printed at the start",
    "bot/settings/masking.py": "mistakes in app.yaml, printed at the start",
    "bot/settings/sections.py": "mistakes in app.yaml, printed at the start",
    "bot/slack/connection.py": "a token that Slack rejects, printed at the start",
    "bot/slack/identity.py": "what Slack lacks, printed at the start",
    "commands/access/trust.py": "answers to a command",
    "domain/configs/secret_words.py": "words of devices, no sentences",
    "domain/messages/refusals.py": "codes of Slack, no sentences",
    "domain/failures.py": "advice, which stands beside the facts",
    "notifications/delivery/leak_guard.py": "lines of the log",
    "notifications/rendering/units.py": "counts of changes",
}


@pytest.mark.parametrize("room", ROOMS)
def test_sentence_that_may_be_told_among_a_devices_words_is_not_masked(room: str) -> None:
    changed = {
        f"{path.relative_to(ROOT)}: {sentence}"
        for path in sources(room)
        if str(path.relative_to(ROOT)) not in NEVER_MASKED and "migrations" not in path.parts
        for sentence in _sentences(path)
        if _is_masked(sentence)
    }

    assert changed == set()


@pytest.mark.parametrize("name", NEVER_MASKED)
def test_file_that_needs_no_exemption_has_none(name: str) -> None:
    assert any(_is_masked(sentence) for sentence in _sentences(ROOT / name))


@pytest.mark.parametrize("step", Step)
def test_how_far_a_run_came_is_told_as_it_is(step: Step) -> None:
    assert not _is_masked(step.words)


@pytest.mark.parametrize("kind", FailureKind)
def test_advice_names_the_command_of_a_device_and_nothing_else_that_came_from_it(kind: FailureKind) -> None:
    facts = "show running-config: the password is Zq7x9Kw"

    assert "Zq7x9Kw" not in advice_for(kind, facts)
    assert ("show running-config" in advice_for(kind, facts)) == (kind is FailureKind.COMMAND_REJECTED)


def _is_masked(sentence: str) -> bool:
    return any(mask(sentence, platform, b"salt").text != sentence for platform in PLATFORMS.values())


def _sentences(path: Path) -> Iterator[str]:
    """The texts of a file that are sentences, docstrings aside, with something in their places."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, scopes) and node.body]
    aside = {id(one.value) for one in first if isinstance(one, ast.Expr)}
    aside |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) not in aside and isinstance(node, ast.Constant | ast.JoinedStr):
            yield from (text for text in _filled(node) if SENTENCE.search(text) and not STATEMENT.search(text))


def _filled(node: ast.Constant | ast.JoinedStr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    fixed = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    return ["".join(place if part is None else str(part) for part in fixed) for place in PLACEHOLDERS]
