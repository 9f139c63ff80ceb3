"""The dialogue with a device's shell: from the log-in to the configuration.

An answer belongs to a command once the device has repeated the command, and it is over at a prompt that is proven:
by the end mark above it and the goodbye's echo behind it, or by a second prompt that answers an empty line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.configs.proof import flaw_of, refusal_in
from domain.configs.texts import comparable, last_line
from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import plain, refuse
from runners.ssh.screen.emulation import shown
from runners.ssh.screen.pagers import settled
from runners.ssh.shell.answers import Dialect, behind_echo
from runners.ssh.shell.exchange import AFTER_LOGIN, Exchange
from runners.ssh.shell.opening import Opening
from runners.ssh.shell.terminal import HASTE, LEISURE, PagerPace

if TYPE_CHECKING:
    from domain.configs.platforms import Platform
    from runners.ssh.login import Login
    from runners.ssh.shell.terminal import Terminal
    from runners.wire.messages import Limits

# Seconds of quiet after which a prompt counts.
_AFTER_END = 0.01  # the end mark stands above it
_WITHOUT_END = 0.15  # the platform has no end mark
_BEFORE_END = 1.0  # the end mark has not come, or the prompt is not the one that was learned

_MAX_EMPTY_LINES = 10  # sent to reach the prompt behind a text that went on
_WENT_ON = "the text went on behind a line that looks like the prompt"
_LOG_LINES = "log lines fell into the text, each time in another way"


@dataclass(frozen=True, slots=True)
class _Printed:
    """What a command printed, and why that may not be what the device meant."""

    text: bytes
    doubt: str = ""
    has_noise: bool = False


class Session:
    """A shell that is logged in. The prompt is learned by ``begin`` and waited for from then on."""

    def __init__(self, terminal: Terminal, platform: Platform, limits: Limits) -> None:
        self._terminal = terminal
        self._screen = terminal.screen
        self._platform = platform
        self._silence = limits.silence.total_seconds()
        self._dialect = Dialect(platform)
        self._opening = Opening(terminal, self._dialect, limits)
        self._exchange = Exchange(terminal, self._dialect, self._silence)

    async def reach_prompt(self, login: Login) -> str:
        """Reach the first prompt, past what stands before it; what it shows."""
        await self._opening.first_prompt(login)
        return self._dialect.prompt.line if self._dialect.prompt else ""

    async def begin(self, login: Login) -> None:
        """Reach the first prompt, raise the level where needed, and turn paging off."""
        await self._opening.first_prompt(login)
        await self._opening.enable(login)
        for command in self._platform.paging_off:
            await self._exchange.command(command)

    async def configuration(self) -> bytes:
        """What the device prints for its configuration, byte for byte.

        Raises:
            DeviceError: COMMAND_REJECTED or INCOMPLETE by the output's own words, SILENT, CONNECTION_LOST, ...
        """
        parts = []
        for command in self._platform.config:
            part = await self._certain(command)
            if len(self._platform.config) > 1:
                refuse(refusal_in(part, self._platform), command)
            parts.append(part)
        text = b"".join(parts)
        refuse(flaw_of(text, self._platform), self._platform.config[-1])
        return text

    async def end(self) -> None:
        """Say goodbye, so that the device frees the line at once.

        A text may hold its device's prompt twice, with a pause behind each: what comes in front of the goodbye's
        echo shows that it went on.

        Raises:
            DeviceError: INCOMPLETE.
        """
        if not await self._exchange.is_over_at(self._platform.logout):
            raise DeviceError(FailureKind.INCOMPLETE, _WENT_ON)

    async def _certain(self, command: str) -> bytes:
        """What ``command`` prints, without a doubt: what leaves one is printed again, and given more time.

        Log lines leave none if two printings, freed from them, say the same.
        """
        noisy: _Printed | None = None
        printed = _Printed(b"")
        for pace in (HASTE, LEISURE, LEISURE):
            printed = await self._print(command, pace)
            if printed.doubt:
                if pace is LEISURE:
                    break
            elif not printed.has_noise or (noisy and self._are_alike(noisy, printed)):
                return printed.text
            else:
                noisy = printed
        raise DeviceError(FailureKind.INCOMPLETE, plain(f"{command}: {printed.doubt or _LOG_LINES}"))

    def _are_alike(self, one: _Printed, other: _Printed) -> bool:
        return comparable(one.text, self._platform) == comparable(other.text, self._platform)

    async def _print(self, command: str, pace: PagerPace) -> _Printed:
        """Run ``command`` once; what it printed, without echo, pager, log lines and prompt."""
        self._terminal.pace = pace
        line = await self._exchange.command(command, self._after_configuration)
        size = self._screen.size
        is_over = bool(line.strip()) or self._exchange.is_below_log_lines()
        if not line.strip():  # the prompt stands above log lines
            line = await self._exchange.empty_line(self._after_empty_line)
            behind = (shown(one) for one in self._screen.since(size).split(b"\n"))
            is_over = is_over and all(self._dialect.is_empty(one) or self._dialect.is_noise(one) for one in behind)
        typed_ahead: int | None = 0
        if not self._is_shown_by_goodbye(line, command):
            typed_ahead = await self._blanks_before_second_prompt(line)
        text, pages = self._screen.take(size)
        if typed_ahead is None or not is_over or self._dialect.is_echoed_again(text, command):
            await self._reach_prompt()
            return _Printed(b"", _WENT_ON)
        pager, is_unhurried = self._platform.pager, pace is LEISURE
        text, doubt = settled(text, pages, pager, typed_ahead=typed_ahead, is_unhurried=is_unhurried)
        text = text[behind_echo(text) :]
        text, has_noise = self._dialect.noise.taken_out(
            text, self._dialect.is_prompt, [page.question for page in pages]
        )
        return _Printed(text, doubt, has_noise)

    def _after_configuration(self, line: str) -> float | None:
        known = min(_BEFORE_END, self._silence / 2)
        if self._platform.end is None:
            known = _WITHOUT_END
        elif self._dialect.is_prompt(line) and self._is_end_mark_above():
            known = _AFTER_END
        return self._exchange.quiet(line, known=known, looking_like_one=min(_BEFORE_END, self._silence / 2))

    def _is_end_mark_above(self) -> bool:
        end = self._platform.end
        return end is not None and end.search(last_line(self._screen.ended_tail.encode())) is not None

    def _is_shown_by_goodbye(self, line: str, command: str) -> bool:
        """Whether no second prompt need be asked for: the end mark has come, and the goodbye is what follows.

        Its echo must come right behind the prompt, which ``end`` sees to.
        """
        is_last = command == self._platform.config[-1]
        return is_last and self._dialect.is_prompt(line) and self._is_end_mark_above() and not self._screen.pages

    async def _blanks_before_second_prompt(self, line: str) -> int | None:
        """Send an empty line: the blanks that the device had not read yet; None: no bare prompt answered it."""
        size = self._screen.size
        second = await self._exchange.empty_line(self._after_empty_line)
        first, *between = (shown(one) for one in self._screen.since(size).split(b"\n")[:-1])
        is_same = first.rstrip() == line.rstrip() and self._dialect.drawn_again(line, second)
        if not is_same or not all(self._dialect.is_empty(one) or self._dialect.is_noise(one) for one in between):
            return None
        return max(_blanks_at_end(first) - _blanks_at_end(second), 0)

    async def _reach_prompt(self) -> None:
        """Let the device print to its end: what is typed before that, a pager might take for its answer."""
        for _ in range(_MAX_EMPTY_LINES):
            line = await self._terminal.until(
                self._after_unknown_text, silence=self._silence, kind=FailureKind.INCOMPLETE
            )
            if await self._blanks_before_second_prompt(line) is not None:
                return
        raise DeviceError(FailureKind.INCOMPLETE, _WENT_ON)

    def _after_unknown_text(self, line: str) -> float | None:
        quiet = min(_BEFORE_END, self._silence / 2)
        return self._exchange.quiet(line, known=quiet, looking_like_one=quiet)

    def _after_empty_line(self, line: str) -> float | None:
        return self._exchange.quiet_at_prompt(line, known=_AFTER_END, looking_like_one=AFTER_LOGIN)


def _blanks_at_end(line: str) -> int:
    return len(line) - len(line.rstrip(" "))
