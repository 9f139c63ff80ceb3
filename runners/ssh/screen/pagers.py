"""Pages turned while a command printed: which words were the pager's, and what they leave behind.

A pager is known by what it does, and it does the same each time. So what belongs to it is what all its questions
share; what only some of them have around them is the text's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import Drawn
from runners.ssh.screen.wipes import PageReply, Wipe, Words, read_wipe

if TYPE_CHECKING:
    from collections.abc import Sequence

_IN_FRONT = re.compile(rb"(?:\r|\x1b\[[0-9;]*m)+\Z")  # a return to the line's start, colours
_BEHIND = re.compile(rb"(?: |\x1b\[[0-9;]*m)+\Z")
# What may follow a wipe and belong to it as well; blanks never, for lines of a configuration begin with them.
_MORE_WIPING = re.compile(rb"[\r\x08\x00\x07]|\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b[78=>]")
_LINE_END = re.compile(rb"\r*\n")
_UNCERTAIN = "it cannot be told what is the pager's and what the text's"
_CONTROL = re.compile(rb"(?<![\r\x08])(?:\r(?![\r\n])|\x08|\x1b)")  # where a wipe may begin
_MAX_QUESTION_BYTES = 160  # bytes in which a question that was overlooked is looked for
_DIGITS = re.compile(rb"\d+")


@dataclass(frozen=True, slots=True)
class Page:
    """One answered question; a wiped one is already gone from the text at ``offset``, another still stands there."""

    offset: int
    question: bytes
    is_wiped: bool
    is_alone: bool  # on its line
    is_exact: bool = False  # it is certain where it began


@dataclass(frozen=True, slots=True)
class Question:
    """A pager's words at the cursor, as they stand in the bytes of its line."""

    drawn: Drawn
    end: int  # bytes of the line when it was read
    words: Words

    @property
    def start(self) -> int:
        """Where in the bytes it begins, if no wipe says more."""
        return 0 if self.words.is_alone else self.drawn.offset(self.words.before)

    def read(self, line: bytes) -> Wipe | PageReply:
        """How it was wiped off by what came behind it in ``line``."""
        return read_wipe(self.words, line[self.end :])

    def start_in(self, line: bytes, lead: int) -> int:
        """Where it began, ``lead`` cells in front of its words."""
        start = self.drawn.offset(self.words.before - lead)
        own = _IN_FRONT.search(line[:start])
        return own.start() if own else start


def question_at(line: bytes, pager: re.Pattern[str]) -> Question | None:
    """The question of a pager that ends at the cursor, which stands at the end of ``line``."""
    drawn = Drawn(line)
    seen = drawn.text
    match = pager.search(seen.decode("utf-8", "surrogateescape"))
    if match is None:
        return None
    column = len(match.string[: match.start()].encode("utf-8", "surrogateescape"))
    cells = seen[column:]
    lead = seen[:column]

    def is_question(part: bytes) -> bool:
        found = pager.search(part.decode("utf-8", "surrogateescape"))
        return found is not None and found.start() == 0

    words = Words(cells, len(lead), len(lead) - len(lead.rstrip(b" ")), is_question)
    return Question(drawn, len(line), words)


def same_words(question: bytes, other: bytes) -> bool:
    """Whether two questions differ in their numbers at most."""
    return _DIGITS.sub(b"0", question) == _DIGITS.sub(b"0", other)


def settled(
    text: bytes,
    pages: Sequence[Page],
    pager: re.Pattern[str] | None,
    *,
    typed_ahead: int = 0,
    is_unhurried: bool = False,
) -> tuple[bytes, str]:
    """``text`` as the device meant it, and what makes that doubtful.

    Args:
        text: the lines ended, with questions in it that were answered and not wiped off.
        pages: all that were answered.
        pager: what a question looks like.
        typed_ahead: our blanks that the device had not read before its prompt: no pager took them.
        is_unhurried: whether each question was given long enough to go on by itself.
    """
    if not pages or pager is None:
        return text, ""
    unwiped = [page for page in pages if not page.is_wiped]
    if len(unwiped) < len(pages):
        meant, is_certain = _given_back(text, [page for page in pages if page.is_wiped])
        is_certain = is_certain and not unwiped and not typed_ahead
    elif typed_ahead == len(unwiped):
        meant, is_certain = text, is_unhurried and not any(_is_blank_at(text, page) for page in unwiped)
    else:
        meant, is_certain = _without(text, unwiped, pager)
        is_certain = is_certain and is_unhurried and not typed_ahead
    return meant, "" if is_certain and not _is_any_left(meant, pager) else _UNCERTAIN


def _is_any_left(text: bytes, pager: re.Pattern[str]) -> bool:
    """Whether a question that was wiped off is left: gone before it was seen, by an answer meant for another one."""
    for control in _CONTROL.finditer(text):
        end = control.start()
        line = text[max(text.rfind(b"\n", 0, end) + 1, end - _MAX_QUESTION_BYTES) : end]
        question = question_at(line, pager) if line else None
        if question and isinstance(read_wipe(question.words, text[end : end + _MAX_QUESTION_BYTES]), Wipe):
            return True
    return False


def _bare(question: bytes) -> bytes:
    return _BEHIND.sub(b"", question)


def _is_blank_at(text: bytes, page: Page) -> bool:
    """Whether a blank follows the question: the text's own, or ours that the device showed at once."""
    end = page.offset + len(page.question)
    return text[end : end + 1] == b" "


def _given_back(text: bytes, wiped: Sequence[Page]) -> tuple[bytes, bool]:
    """``text`` with what was taken for the pager's and is the text's; and whether that is certain."""
    questions = [_bare(page.question) for page in wiped]
    words = min(questions, key=lambda question: len(_DIGITS.sub(b"0", question)))
    followers = [_more_wiping(text, page.offset) for page in wiped if page.offset < len(text)]
    more = b"".join(_shared(followers))
    is_certain = (len(followers) > 1 or not more) and _begins_for_certain(words, wiped)
    if not more and all(question == words for question in questions):
        return text, is_certain
    parts: list[bytes] = []
    end = len(text)
    for page, question in zip(reversed(wiped), reversed(questions), strict=True):
        parts += [text[page.offset + len(more) : end], _excess(question, words)]
        end = min(page.offset, end)
    parts.append(text[:end])
    return b"".join(reversed(parts)), is_certain


def _begins_for_certain(words: bytes, wiped: Sequence[Page]) -> bool:
    """Blanks or colours in the middle of a line may be the text's, if all that is seen of the pager stands there."""
    if words[:1] not in (b" ", b"\r", b"\x1b") or any(page.is_alone for page in wiped):
        return True
    return words[:1] == b" " and any(page.is_exact for page in wiped)


def _without(text: bytes, unwiped: Sequence[Page], pager: re.Pattern[str]) -> tuple[bytes, bool]:
    """``text`` without questions that were never wiped off, and whether they were all the lines of their kind."""
    kept: list[bytes] = []
    done = 0
    for page in unwiped:
        end = _LINE_END.match(text, page.offset + len(page.question))
        if end is None or not page.is_alone or not same_words(page.question, unwiped[0].question):
            return text, False
        kept.append(text[done : page.offset])
        done = end.end()
    kept.append(text[done:])
    left = b"".join(kept)
    return left, not any(question_at(line.rstrip(b"\r"), pager) for line in left.split(b"\n"))


def _more_wiping(text: bytes, offset: int) -> list[bytes]:
    found: list[bytes] = []
    while match := _MORE_WIPING.match(text, offset):
        found.append(match[0])
        offset = match.end()
    if found and found[-1] == b"\r" and text[offset : offset + 1] == b"\n":
        found.pop()
    return found


def _shared(beginnings: Sequence[list[bytes]]) -> list[bytes]:
    """The tokens that all ``beginnings`` have in common."""
    if not beginnings:
        return []
    first, *others = beginnings
    alike = takewhile(lambda at: all(other[at : at + 1] == [first[at]] for other in others), range(len(first)))
    return [first[at] for at in alike]


def _excess(question: bytes, words: bytes) -> bytes:
    """What stands in front of the pager's words in ``question``."""
    for start in range(len(question)):
        if same_words(question[start:], words):
            return question[:start]
    return b""
