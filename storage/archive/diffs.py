"""Two texts compared, in C: 20 KB take a fifth of a millisecond, so only large ones need a thread."""

from __future__ import annotations

import re

import pygit2
from pygit2.enums import DiffOption

from domain.configs.versions import TextDiff


def diff_texts(before: str, after: str, *, context: int = 3) -> TextDiff:
    """What changed from ``before`` to ``after``.

    Hunks have no heading: git would guess one from what begins a line. Where a block of lines could have been added
    at several places, the one with the least indentation before it is chosen.

    Args:
        before: the older text.
        after: the newer text.
        context: unchanged lines to keep around each change.
    """
    # libgit2 keeps pointers into both: they have to outlive the patch.
    old, new = before.encode("utf-8", "replace"), after.encode("utf-8", "replace")
    patch = pygit2.Patch.create_from(old, new, flag=_OPTIONS, context_lines=context, interhunk_lines=0)
    _, added, removed = patch.line_stats
    hunks = _HEADERS.sub(b"", patch.data, count=1)
    text = _GUESSES.sub(rb"\1", hunks).decode("utf-8", "replace")
    del patch, old, new
    return TextDiff(text=text, added=added, removed=removed)


_OPTIONS = DiffOption.FORCE_TEXT | DiffOption.INDENT_HEURISTIC
_GUESSES = re.compile(rb"^(@@ -[\d,]+ \+[\d,]+ @@)[^\n]+", re.MULTILINE)
_HEADERS = re.compile(rb"\A.*?^(?=@@ )|\A(?!.*^@@ ).*\Z", re.DOTALL | re.MULTILINE)
