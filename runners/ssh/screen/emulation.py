"""One line as a terminal shows it: what prompts, echoes and pagers' questions are looked for in.

Carried out: carriage return, backspace, cursor left, right and to a column, erasing, inserting and deleting
within the line; other escape sequences are passed over. Nothing of this touches what is stored.
"""

from __future__ import annotations

import re

_MAX_COLUMNS = 4096  # cells: the cursor goes no further
_STRING = rb"[^\x07\x1b]{0,1024}"  # of an operating system command, such as a window title

_CONTROL = re.compile(rb"[\x00\x07\x08\n\r\x1b]")
_TOKEN = re.compile(
    rb"(?P<text>[^\x00\x07\x08\n\r\x1b]+)"
    rb"|(?P<move>\r|\x08)"
    rb"|\x1b\[(?P<parameters>[0-?]{0,64})[ -/]{0,8}(?P<final>[@-~])"
    rb"|\x1b\]" + _STRING + rb"(?:\x07|\x1b\\|\x1b?\Z)"
    rb"|\x1b[PX^_]" + _STRING + rb"(?:\x1b\\|\x07|\x1b?\Z)"
    rb"|\x1b\[[0-?]{0,64}[ -/]{0,8}\Z"
    rb"|\x1b[ -/]{0,4}(?:[0-Z\\^-~]|\Z)"
)


class Drawn:
    """The cells of one line, where in the bytes each was printed, and the cursor's column."""

    def __init__(self, raw: bytes) -> None:
        self.cells = bytearray()
        self.column = 0
        self._at: list[int] | None = None
        if is_plain(raw):
            self.cells += raw
            self.column = len(raw)
            return
        self._at = []
        for token in _TOKEN.finditer(raw):
            self._carry_out(token)

    @property
    def text(self) -> bytes:
        """What is seen up to the cursor, and behind it if anything stands there; blanks before the cursor count."""
        return bytes(self.cells[: max(self.column, len(self.cells.rstrip()))])

    def offset(self, column: int) -> int:
        """Where in the bytes the cell of ``column`` was printed."""
        return column if self._at is None else self._at[column]

    def _carry_out(self, token: re.Match[bytes]) -> None:
        if token["text"]:
            self._print(token["text"], token.start())
        elif token["move"]:
            self.column = max(self.column - 1, 0) if token["move"] == b"\b" else 0
        elif token["final"]:
            self._control(token["final"], token["parameters"])

    def _print(self, text: bytes, start: int) -> None:
        at = self._places()
        gap = self.column - len(self.cells)
        if gap > 0:
            self.cells += b" " * gap
            at += [start] * gap
        end = self.column + len(text)
        self.cells[self.column : end] = text
        at[self.column : end] = range(start, start + len(text))
        self.column = end

    def _control(self, final: bytes, parameters: bytes) -> None:
        count = number(parameters)
        if final in b"CDG`Hf":
            self.column = min(max(moved(self.column, final, parameters), 0), max(_MAX_COLUMNS, len(self.cells)))
        elif final in b"KJ" and count == 0:
            self._cut(self.column, len(self.cells))
        elif final in b"KJ":
            self._erase(0, len(self.cells) if count > 1 else self.column + 1)
        elif final == b"X":
            self._erase(self.column, self.column + max(count, 1))
        elif final == b"P":
            self._cut(self.column, self.column + max(count, 1))
        elif final == b"@" and self.column < len(self.cells):
            self._insert(min(max(count, 1), _MAX_COLUMNS - min(_MAX_COLUMNS, len(self.cells))))

    def _erase(self, start: int, end: int) -> None:
        end = min(end, len(self.cells))
        self.cells[start:end] = b" " * max(end - start, 0)

    def _cut(self, start: int, end: int) -> None:
        del self.cells[start:end]
        del self._places()[start:end]

    def _insert(self, count: int) -> None:
        at = self._places()
        self.cells[self.column : self.column] = b" " * count
        at[self.column : self.column] = [at[self.column]] * count

    def _places(self) -> list[int]:
        if self._at is None:
            self._at = list(range(len(self.cells)))
        return self._at


def is_plain(raw: bytes) -> bool:
    """Whether a terminal shows ``raw`` as it is."""
    return _CONTROL.search(raw) is None


def shown(line: bytes) -> str:
    """The text that a terminal shows of ``line``, whose own line end is passed over."""
    return Drawn(line.rstrip(b"\r\n")).text.decode("utf-8", "replace")


def number(parameters: bytes) -> int:
    """The first parameter of a control sequence; 0 where there is none."""
    first = parameters.split(b";")[0]
    return int(first[:4]) if first.isdigit() else 0


def moved(column: int, final: bytes, parameters: bytes) -> int:
    """The column that the cursor goes to, by a control sequence that moves it; it may lie left of the line."""
    count = number(parameters)
    if final == b"C":
        return column + max(count, 1)
    if final == b"D":
        return column - max(count, 1)
    if final in b"G`":
        return max(count, 1) - 1
    last = parameters.partition(b";")[2]
    return max(number(last), 1) - 1
