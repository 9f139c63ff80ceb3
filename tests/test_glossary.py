"""One thing, one word: the glossary leads to the code, and words that were given up stay away."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.house import ROOMS, ROOT, sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \| `(?P<where>[^`|]+)` \|$", re.MULTILINE)

# The field's word, and the file that somebody who looks for it must find.
QUESTIONS = {
    "retry": "runners/agent/attempts.py",
    "backoff": "notifications/delivery/deliverer.py",
    "recipients": "notifications/events/recipients.py",
    "subscription": "domain/subscriptions/subscriptions.py",
    "retention": "bot/serving/timetable.py",
    "rate limits": "notifications/delivery/rate_limits.py",
    "time limit of a picker": "bot/requests/handler.py",
    "digest counts": "notifications/digests/facts.py",
    "suspect capture": "domain/configs/texts.py",
    "missed slot": "domain/jobs/slots.py",
}

# Parts of names that were given up for a word of the glossary.
RETIRED_PARTS = {
    *("news", "herald", "newsroom", "aims", "hearing", "attendance", "ledger", "feeder", "feeding", "losses"),
    *("judging", "judged", "clockwork", "patience", "stumble", "stumbles", "stumbled", "artist", "reception"),
    *("desk", "apology", "newsrooms", "heralding"),
}
# Whole names that were given up: the word itself has other uses.
RETIRED_NAMES = {
    *("Watch", "watches", "Bell", "Way", "Hop", "Door", "Waits", "waits", "bundle", "Bundle", "Readers"),
    *(
        "_AT_ONCE",
        "AT_ONCE",
        "_MOST",
        "MOST",
        "_LONGEST",
        "LONGEST",
        "GAP",
        "choices_of",
        "logging_in",
        "opening_reply",
    ),
}
RETIRED_IN_SENTENCES = re.compile(
    r"\b(news|heralds?|newsroom|clockwork|attendance|ledger|apology|stumbl\w+|scheduled reports?)\b", re.IGNORECASE
)
# Words that people do not read in messages, forms, errors and these pages.
RETIRED_FOR_READERS = re.compile(
    r"\b(hears?|heard|stumbl\w+|news|we know|I know|Longest (wait|run)|in trouble)\b"
    r"|\b[Aa]gents?\b[^.:]* silent\b|\bsilent agents?\b"
)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer(GLOSSARY.read_text(encoding="utf-8")))


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["term"]))
def test_each_term_leads_to_a_file_that_uses_its_word(row: re.Match[str]) -> None:
    path = ROOT / row["where"]

    assert path.is_file()
    assert _uses(path, row["term"]), f"{row['where']} does not say {row['term']!r}"


def test_terms_stand_once_and_in_order() -> None:
    terms = [row["term"] for row in rows()]

    assert terms == sorted(set(terms))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_word_of_the_field_leads_to_one_file(question: str) -> None:
    """The word stands in the first lines of one file, or beside one limit, and nowhere else."""
    found = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sources(room)
        if "migrations" not in path.parts and _announces(path, question)
    }

    assert found == {QUESTIONS[question]}


def test_no_name_uses_a_word_that_was_given_up() -> None:
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for room in (*ROOMS, "demo", "bench")
        for path in sources(room)
        if "migrations" not in path.parts
        for name in _names(path)
        if name in RETIRED_NAMES or RETIRED_PARTS & set(_parts(name))
    }

    assert strays == set()


def test_no_sentence_uses_a_word_that_was_given_up() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("templates/**/*.j2"), ROOT / "app.yaml"]
    texts = {path: path.read_text(encoding="utf-8") for path in pages if path != GLOSSARY}
    code = {
        path: "\n".join(_sentences(path)) for room in ROOMS for path in sources(room) if "migrations" not in path.parts
    }

    strays = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in (texts | code).items()
        for match in RETIRED_IN_SENTENCES.finditer(text)
    }

    assert strays == set()


def test_no_message_uses_a_word_that_was_given_up_for_readers() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("templates/**/*.j2")]
    texts = {path: path.read_text(encoding="utf-8") for path in pages if path != GLOSSARY}
    code = {
        path: "\n".join(_messages(path)) for room in ROOMS for path in sources(room) if "migrations" not in path.parts
    }

    strays = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in (texts | code).items()
        for match in RETIRED_FOR_READERS.finditer(text)
    }

    assert strays == set()


def test_the_white_circle_stands_for_pending_alone() -> None:
    pages = [
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("templates/**/*.j2"),
        *(path for room in ROOMS for path in sources(room)),
    ]

    found = {path for path in pages if "\N{MEDIUM WHITE CIRCLE}" in path.read_text(encoding="utf-8")}

    assert found == {ROOT / "domain" / "runs" / "outcomes.py"}


def _uses(path: Path, term: str) -> bool:
    text = path.read_text(encoding="utf-8").lower() + path.stem.replace("_", " ")
    return all(word.rstrip("s")[:6] in text for word in re.split(r"\W+", term.lower()))


def _announces(path: Path, question: str) -> bool:
    """Whether a file says in its first lines, or beside one of its limits, that ``question`` is answered there."""
    text = path.read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
    limits = " ".join(re.findall(r"^[A-Z_]+ = .*# (.*)", text, flags=re.MULTILINE))
    return re.search(rf"\b{re.escape(question)}\b", f"{first} {limits}", flags=re.IGNORECASE) is not None


def _names(path: Path) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def _messages(path: Path) -> Iterator[str]:
    """The texts of a file that people may read: all but docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, scopes) and node.body]
    docs = {id(one.value) for one in first if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _sentences(path: Path) -> Iterator[str]:
    """Every text in a file: docstrings, messages, comments."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    yield from re.findall(r"#.*", source)
