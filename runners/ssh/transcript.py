"""What was said between us and a device: kept while it is said, looked at when it led nowhere.

The one of every run is bounded to a few screens. ``Recording`` keeps all of it, for a person who wants to see it.
Bytes are kept as they came: nothing here may be shown before ``domain.configs.screens`` has been over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from domain.configs.texts import decode

MAX_SCREEN_KEPT = 8192  # bytes: some screens, so that the beginning of a key that fills one is still there

_ERASES = re.compile(rb"\x1b\[[0-?]*K")
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)?|[ -/]{0,4}[0-~])?"
)
_ERASE = b"\x7f"  # stands for "erase to the end of the line" while lines are drawn
_UNSEEN = "\ufffd"


class Transcript:
    """How far a session has come: written by the session itself, as it sends and hears."""

    def __init__(self) -> None:
        self.is_open = False  # a session was granted
        self.prompt = ""  # of the device, as learned
        self.commands: list[str] = []  # lines sent, the newest last; few are
        self.received = 0  # bytes since the last of them
        self.pages = 0  # questions of a pager that were answered
        self._tail = bytearray()
        self._is_over = False

    def open(self) -> None:
        """The device granted a session."""
        self.is_open = True

    def sent(self, text: str) -> None:
        """``text`` went to the device. An empty line asks for the prompt once more: it is no command."""
        command = text.strip()
        if command and not self._is_over:
            self.commands.append(command)
            self.received = 0

    def seen(self, data: bytes) -> None:
        """``data`` came from it."""
        if self._is_over:
            return
        self.received += len(data)
        self._tail += data
        if len(self._tail) > 2 * MAX_SCREEN_KEPT:
            del self._tail[:-MAX_SCREEN_KEPT]

    def learned(self, prompt: str) -> None:
        """The device waits in ``prompt`` from now on."""
        self.prompt = prompt

    def paged(self, question: str) -> None:  # noqa: ARG002 - a recording keeps it
        """A pager's ``question`` is answered."""
        self.pages += 1

    def finish(self) -> None:
        """All that was wanted has come: what is said to leave tells nothing."""
        self._is_over = True

    def last_lines(self) -> list[str]:
        """The lines last shown. The first one may have begun out of sight and is left out then."""
        kept = bytes(self._tail)
        return shown(kept)[1:] if len(kept) >= MAX_SCREEN_KEPT else shown(kept)


@dataclass(slots=True)
class TranscriptEntry:
    """What was sent, and what came until the next was."""

    sent: str = ""
    pagers: list[str] = field(default_factory=list)  # its questions, as they stood there
    came: bytearray = field(default_factory=bytearray)


class Recording(Transcript):
    """Keeps every word; how much a device may say is limited by its session."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges = [TranscriptEntry()]

    def sent(self, text: str) -> None:
        """Begin another exchange."""
        super().sent(text)
        if command := text.strip():
            self.exchanges.append(TranscriptEntry(command))

    def seen(self, data: bytes) -> None:
        """Keep ``data`` beside what led to it."""
        super().seen(data)
        self.exchanges[-1].came += data

    def paged(self, question: str) -> None:
        """Keep the question."""
        super().paged(question)
        self.exchanges[-1].pagers.append(question)


def shown(raw: bytes) -> list[str]:
    """The lines that ``raw`` shows: overwritten text is gone, what cannot be seen or moves what is seen is marked."""
    plain = _ESCAPES.sub(b"", _ERASES.sub(_ERASE, raw.replace(_ERASE, b"")))
    return [_printable(decode(_drawn(line))) for line in plain.split(b"\n")]


def _drawn(line: bytes) -> bytes:
    """``line`` with carriage returns, backspaces and erasing carried out."""
    line = line.rstrip(b"\r").replace(b"\x00", b"").replace(b"\x07", b"")
    if not (b"\r" in line or b"\b" in line or _ERASE in line):
        return line
    cells, column = bytearray(), 0
    for byte in line:
        if byte == ord("\r"):
            column = 0
        elif byte == ord("\b"):
            column = max(column - 1, 0)
        elif byte == ord(_ERASE):
            del cells[column:]
        else:
            cells[column : column + 1] = bytes((byte,))
            column += 1
    return bytes(cells).rstrip()


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() or one in "\t\xa0" else _UNSEEN for one in line)
