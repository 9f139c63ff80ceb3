"""``lastgood try``: one look at a device with everything that was said, to make a platform file or to see why it fails.

Secrets are masked as they would be in Slack, and what was said to log in is never shown.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from bot.cli.login_check import trials
from bot.settings.nearest import nearest
from domain.configs import texts
from domain.configs.masking import mask, scrubbed
from domain.configs.proof import flaw_of
from domain.configs.screens import shown_lines
from domain.errors import UnknownName
from domain.failures import DeviceError, advice_for
from domain.inventory.host_keys import fingerprint
from notifications.rendering.evidence import how_far
from notifications.rendering.units import plural
from runners.platforms.reading import load_platform
from runners.ssh.capture import capture
from runners.ssh.transcript import Recording, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.cli.login_check import Trial
    from bot.settings.loading import Settings
    from domain.configs.platforms import Platform
    from domain.inventory.declared import Device
    from runners.ssh.capture import CaptureOutcome
    from runners.ssh.transcript import TranscriptEntry

MAX_SHOWN_HEAD = 12  # lines at the start of an answer that is cut in the middle
MAX_SHOWN_TAIL = 8  # lines at its end
MAX_SHOWN_MASKED = 40  # lines shown of those in which something is masked


@dataclass(frozen=True)
class _End:
    """What became of it: one of the two is there."""

    outcome: CaptureOutcome | None = None
    error: DeviceError | None = None


async def try_device(settings: Settings, name: str, *, platform_file: Path | None, full: bool) -> bool:
    """Log in to a device, capture it, and print what was said; True: it would have failed."""
    device = _device(settings, name)
    platforms = {device.platform: load_platform(platform_file)} if platform_file else None
    [trial] = await trials(settings, [device], platforms=platforms)
    trial.new_transcript = Recording
    with Console(stderr=True).status(f"trying {name}"):
        end = await _end(trial)
    sys.stdout.write("".join(f"{line}\n" for line in _lines(trial, end, full=full)))
    return end.error is not None


def _device(settings: Settings, name: str) -> Device:
    devices = settings.to_inventory().devices
    if name not in devices:
        guess = nearest(name, list(devices))
        raise UnknownName("device", name, similar=[guess] if guess else [])
    return devices[name]


async def _end(trial: Trial) -> _End:
    try:
        return _End(outcome=await trial.carry_out(capture))
    except DeviceError as error:
        return _End(error=error)


def _lines(trial: Trial, end: _End, *, full: bool) -> Iterator[str]:
    platform, endpoint = trial.platform, trial.device.endpoint
    yield f"{trial.device.name}: {platform.title} ({platform.name}) at {endpoint.address}"
    transcript = trial.transcript
    if isinstance(transcript, Recording):
        for exchange in transcript.exchanges:
            yield from _exchange(trial, exchange, full=full)
    yield ""
    for label, words in (*_learned(trial, end), *_proof(trial, end), *_masked(trial, end), *_verdict(trial, end)):
        yield f"{label:<12}{words}"


def _exchange(trial: Trial, exchange: TranscriptEntry, *, full: bool) -> Iterator[str]:
    """What was sent, as ``> ``, and what came, as ``< ``."""
    if exchange.sent:
        yield from (f"> {line}" for line in _clean(trial, [exchange.sent]))
    lines = _clean(trial, shown(bytes(exchange.came))) if exchange.came else []
    left_out = len(lines) - MAX_SHOWN_HEAD - MAX_SHOWN_TAIL
    if full or left_out <= 1:
        yield from (f"< {line}" for line in lines)
        return
    yield from (f"< {line}" for line in lines[:MAX_SHOWN_HEAD])
    yield f"  ... {plural(left_out, 'line')} not shown, --full shows them ..."
    yield from (f"< {line}" for line in lines[-MAX_SHOWN_TAIL:])


def _clean(trial: Trial, lines: Sequence[str]) -> list[str]:
    return shown_lines(lines, trial.platform, os.urandom(16), secrets=trial.secrets)


def _learned(trial: Trial, end: _End) -> Iterator[tuple[str, str]]:
    """What the session found out."""
    if end.outcome:
        pinned = "pinned" if trial.job.target.host_key else "not pinned yet"
        yield "Host key", f"{fingerprint(end.outcome.host_key)}, {pinned}"
    if name := trial.log_ins.last(trial.device.name):
        yield "Credential", name
    if not trial.transcript.is_open:
        return
    if trial.platform.use_exec:
        yield "Prompt", "none: each command runs in a channel of its own"
        return
    prompt = " ".join(_clean(trial, shown(trial.transcript.prompt.encode()))).strip()
    yield "Prompt", prompt or f"none was found by {trial.platform.prompt.pattern}"
    yield "Pager", _pager(trial)


def _pager(trial: Trial) -> str:
    recording = trial.transcript
    questions = [one for part in recording.exchanges for one in part.pagers] if isinstance(recording, Recording) else []
    if not questions:
        return "none came"
    first = " ".join(_clean(trial, shown(questions[0].encode()))).strip()
    return f"answered {plural(len(questions), 'time')}: {first}"


def _proof(trial: Trial, end: _End) -> Iterator[tuple[str, str]]:
    """What proves that the configuration is whole."""
    raw, mark = _printed(trial, end), trial.platform.end
    if not raw:
        return
    if mark is None:
        yield "End mark", "none: a second prompt has to prove the end"
    else:
        is_found = mark.search(texts.last_line(raw)) is not None
        yield "End mark", f"{'found' if is_found else 'not found'}: {mark.pattern}"
    text = "\n" + texts.with_lf(texts.decode(raw))
    for must in trial.platform.must:
        yield "Must", f"{'found' if must.search(text) else 'not found'}: {must.pattern}"
    flaw = flaw_of(raw, trial.platform)
    line = " ".join(_clean(trial, shown(flaw.line.encode()))).strip() if flaw else ""
    yield "Whole", f"no, {flaw.note}{': ' if line else ''}{line}" if flaw else "yes, and no part of it is missing"


def _printed(trial: Trial, end: _End) -> bytes:
    """The configuration, or what came instead of it; nothing where it was not asked for."""
    if end.outcome:
        return end.outcome.text
    exchanges = trial.transcript.exchanges if isinstance(trial.transcript, Recording) else []
    asked = [one for one in exchanges if one.sent in trial.platform.config]
    return bytes(asked[-1].came) if asked else b""


def _masked(trial: Trial, end: _End) -> Iterator[tuple[str, str]]:
    """The lines of the configuration that Slack would show otherwise than they are."""
    if end.outcome is None:
        return
    lines = masked_lines(end.outcome.text, trial.platform, trial.secrets)
    yield "Masked", plural(len(lines), "line") if lines else "nothing"
    yield from (("", line) for line in lines[:MAX_SHOWN_MASKED])
    if len(lines) > MAX_SHOWN_MASKED:
        yield "", f"... and {len(lines) - MAX_SHOWN_MASKED:,} more"


def masked_lines(raw: bytes, platform: Platform, secrets: frozenset[str]) -> list[str]:
    """The lines of ``raw`` in which something is masked, as they are shown."""
    text = "\n".join(scrubbed(line, secrets) for line in shown(raw))
    return [line.strip() for line in mask(text, platform, os.urandom(16)).text.split("\n") if "<secret" in line]


def _verdict(trial: Trial, end: _End) -> Iterator[tuple[str, str]]:
    if end.outcome:
        text = end.outcome.text
        size = f"{plural(len(texts.decode(text).splitlines()), 'line')}, {plural(len(text), 'byte')}"
        yield "Verdict", f"🟢 would be stored: {size}"
    if end.error:
        facts = trial.facts(end.error)
        yield "Verdict", f"🔴 {advice_for(end.error.kind)}{f' ({facts})' if facts else ''}"
        yield "", how_far(trial.evidence(end.error))
    yield "", "Nothing was stored."
