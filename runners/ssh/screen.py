"""A terminal's screen, as far as a configuration needs it: raw bytes in, the lines they show out.

Carried out: CR, LF, backspace, cursor left, right and to a column, erasing, inserting and deleting within the
line; other escape sequences are swallowed, also when packets cut them in two. What the device printed stays
byte for byte, line ends included; only what was overwritten or erased is gone. Time is linear in the bytes.
"""

from __future__ import annotations

import re

# An erased cell holds NUL, which is never shown: so blanks that wipe a pager's question off are told
# from blanks that belong to the text.
_ERASED = b"\x00"

_TAIL = 512  # bytes of the last line that are looked at for a prompt or a pager
_WIDEST = 4096  # cells: in a longer line nothing is erased or moved, so hostile text cannot cost more than its length
_STRING = rb"[^\x07\x1b]{0,1024}"  # of an operating system command, such as a window title

_SPECIAL = (b"\x1b", b"\x08", b"\x00", b"\x07")
_TOKEN = re.compile(rb"[^\x00\x07\x08\n\r\x1b]+|\n|\r+|\x08+|[\x00\x07]+")
_SEQUENCE = re.compile(
    rb"\x1b(?:\[([0-?]{0,64})[ -/]{0,8}([@-~])"
    rb"|\]" + _STRING + rb"(?:\x07|\x1b\\)"
    rb"|[PX^_]" + _STRING + rb"(?:\x07|\x1b\\)"
    rb"|[ -/]{1,4}[0-~]"
    rb"|([0-OQ-WYZ\\`-~]))"
)
_UNFINISHED = re.compile(
    rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|\]" + _STRING + rb"\x1b?|[PX^_]" + _STRING + rb"\x1b?|[ -/]{0,4})"
)


class Screen:
    """The lines shown so far: those ended, and the one that the cursor is in."""

    def __init__(self) -> None:
        self._ended = bytearray()
        self._line = bytearray()
        self._column = 0
        self._returns = 0  # carriage returns since the last byte shown
        self._rest = b""  # an escape sequence whose end has not come yet
        self._covered = False  # a pager's question was just taken away, and nothing has come since

    def feed(self, data: bytes) -> None:
        """Carry out what the device sent."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        if self._is_plain(data):
            self._append(data)
            return
        position = 0
        while position < len(data):
            position = self._carry_out(data, position)

    @property
    def tail(self) -> str:
        """The end of the line that the cursor is in, as text: what a prompt or a pager is looked for in."""
        shown = self._line[-_TAIL:].rstrip(_ERASED).replace(_ERASED, b" ")
        return shown.decode("utf-8", "replace")

    @property
    def ended_tail(self) -> str:
        """The end of the lines ended since the last ``take``, as text."""
        return self._ended[-4 * _TAIL :].decode("utf-8", "replace")

    @property
    def has_ended_lines(self) -> bool:
        """Whether any line was ended since the last ``take``."""
        return bool(self._ended)

    def take(self) -> bytes:
        """The lines ended since the last time, byte for byte; the line of the cursor stays."""
        taken = bytes(self._ended)
        self._ended.clear()
        return taken

    def cover_line(self) -> None:
        """Take away the line of the cursor: a pager's question that is about to be answered."""
        start = max(len(self._line) - _WIDEST, 0)  # a question at each byte of an endless line must not cost its length
        self._line[start:] = _ERASED * (len(self._line) - start)
        self._covered = True

    def _is_plain(self, data: bytes) -> bool:
        """Whether ``data`` only goes on where the screen is: most packets of a configuration do."""
        if self._returns or self._covered or self._column != len(self._line) or self._line.endswith(_ERASED):
            return False
        if any(byte in data for byte in _SPECIAL):
            return False
        return data.count(b"\r") == data.count(b"\r\n")

    def _append(self, data: bytes) -> None:
        end = data.rfind(b"\n") + 1
        if end:
            self._end_line()
            self._ended += data[:end]
            data = data[end:]
        self._line += data
        self._column = len(self._line)

    def _carry_out(self, data: bytes, position: int) -> int:
        """Carry out the token at ``position`` and return the position after it."""
        match = _TOKEN.match(data, position)
        if match is None:
            return self._escape(data, position)
        token = match[0]
        kind = token[:1]
        if kind == b"\n":
            self._feed_line()
        elif kind == b"\r":
            self._return(len(token))
        elif kind == b"\b":
            self._move(self._here() - len(token))
        elif kind not in b"\x00\x07":
            self._show(token)
        return match.end()

    def _return(self, count: int) -> None:
        """Carriage returns stand before a line's end, unless the first one goes back over what was wiped off."""
        line = self._line
        is_wiped = line.endswith(_ERASED) and len(line) <= _WIDEST and not line.strip(_ERASED)
        if is_wiped and self._column and not self._returns and not self._covered:
            self._column = 0
            count -= 1
        self._returns += count

    def _here(self) -> int:
        """The cursor's column, carriage returns carried out."""
        return 0 if self._returns else self._column

    def _move(self, column: int) -> None:
        self._returns = 0
        self._covered = False
        self._column = min(max(column, 0), max(_WIDEST, len(self._line)))

    def _feed_line(self) -> None:
        if self._covered and self._returns <= 1:  # the pager ended its own line, which is none of the text
            self._line.clear()
        else:
            self._end_line()
            self._ended += b"\r" * self._returns + b"\n"
        self._returns = self._column = 0
        self._covered = False

    def _end_line(self) -> None:
        self._ended += self._line.rstrip(_ERASED).replace(_ERASED, b" ")
        self._line.clear()

    def _show(self, text: bytes) -> None:
        column = self._here()
        self._move(column)
        line = self._line
        if column > len(line):
            line += _ERASED * (column - len(line))
        self._column = column + len(text)
        if column < len(line) or line.endswith(_ERASED):
            column, text = self._write_over(column, text)
        line[column : column + len(text)] = text

    def _write_over(self, column: int, text: bytes) -> tuple[int, bytes]:
        """Write ``text`` over the cells that are in use; what is left of it, and where it goes.

        Blanks over old cells erase them. The first other byte behind everything in use starts afresh: the
        erased cells that follow are dropped, and from there on blanks are text again.
        """
        line = self._line
        used = len(line.rstrip(_ERASED)) if len(line) <= _WIDEST else len(line)
        over = max(used - column, 0)
        line[column : column + len(text[:over])] = text[:over].replace(b" ", _ERASED)
        column, text = column + len(text[:over]), text[over:]
        blanks = len(text) - len(text.lstrip(b" "))
        if len(line) > _WIDEST or line.strip(_ERASED):
            blanks = min(blanks, max(len(line) - column, 0))
        line[column : column + blanks] = _ERASED * blanks
        column, text = column + blanks, text[blanks:]
        if text:
            del line[column:]
        return column, text

    def _escape(self, data: bytes, position: int) -> int:
        match = _SEQUENCE.match(data, position)
        if match is None:
            if _UNFINISHED.fullmatch(data, position):
                self._rest = data[position:]
                return len(data)
            return position + 1
        parameters, final, letter = match.groups()
        if final:
            self._control(final, parameters)
        elif letter == b"E":
            self._returns += 1
            self._feed_line()
        return match.end()

    def _control(self, final: bytes, parameters: bytes) -> None:
        first = parameters.split(b";")[0]
        count = int(first[:4]) if first.isdigit() else 0
        here = self._here()
        if final == b"C":
            self._move(here + max(count, 1))
        elif final == b"D":
            self._move(here - max(count, 1))
        elif final in b"G`":
            self._move(max(count, 1) - 1)
        elif final in b"Hf":
            column = parameters.partition(b";")[2]
            self._move(int(column[:4]) - 1 if column.isdigit() else 0)
        elif len(self._line) <= _WIDEST:
            self._erase(final, count, here)

    def _erase(self, final: bytes, count: int, here: int) -> None:
        """Erase (K, J, X), delete (P) or insert (@) cells of the line."""
        line = self._line
        cells = max(count, 1)
        if final in b"KJ" and count == 0:
            del line[here:]
        elif final in b"KJ":
            end = len(line) if count > 1 else min(here + 1, len(line))
            line[:end] = _ERASED * end
        elif final == b"X":
            end = min(here + cells, len(line))
            line[here:end] = _ERASED * max(end - here, 0)
        elif final == b"P":
            del line[here : here + cells]
        elif final == b"@" and here < len(line):
            line[here:here] = _ERASED * min(cells, _WIDEST)
        self._covered = False
