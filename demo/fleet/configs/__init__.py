"""The configurations of the simulated devices: made up, dressed with their moving lines, and changed."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from demo.fleet.configs import cisco, fortios, junos, routeros, unix
from demo.fleet.configs.style import Moment, Style

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STYLES", "Moment", "apply_change", "dress", "generate_config", "rotate_secret"]

STYLES: Mapping[str, Style] = cisco.STYLES | junos.STYLES | fortios.STYLES | routeros.STYLES | unix.STYLES


def generate_config(platform: str, *, lines: int = 300, seed: int = 1, hostname: str = "core-sw1") -> bytes:
    """Make up a configuration of about ``lines`` lines; the same arguments give the same bytes.

    It holds secrets of the kinds that the platform masks (communities, hashes, keys), descriptions that are
    not ASCII, and hostile ones: ``<!channel>``, backticks, braces. A line has about 28 bytes on the average.
    The lines that move by themselves come with ``dress``.
    """
    dice = random.Random(f"{platform} {seed}")  # noqa: S311 - made-up text, not a secret
    return STYLES[platform].generate(dice, lines, hostname).encode()


def dress(platform: str, body: bytes, *, now: Moment, changed: Moment, hostname: str) -> bytes:
    """Add to ``body`` what the device itself puts in when it prints: headers, clocks, counts, fresh salts."""
    return STYLES[platform].dress(body, now, changed, hostname)


def apply_change(platform: str, body: bytes, what: str) -> tuple[bytes, str]:
    """Carry out one small change; ``Device.change`` lists them.

    Returns:
        The new configuration, and the lines that were added or removed.

    Raises:
        ValueError: ``what`` is not known, or nothing of the kind is there to remove.
    """
    style = STYLES[platform]
    match what.split(maxsplit=2):
        case ["add", "vlan", number]:
            return _insert(style, body, style.vlan.format(n=int(number)))
        case ["remove", "vlan", number]:
            return _remove(body, style.vlan.format(n=int(number)))
        case ["add", "line", text]:
            return _insert(style, body, text + "\n")
        case ["remove", "line", text]:
            return _remove(body, text + "\n")
        case ["describe", *words]:
            return _describe(style, body, " ".join(words))
    message = f"no such change: {what!r}"
    raise ValueError(message)


def rotate_secret(platform: str, body: bytes, value: str) -> bytes:
    """Replace the value of the first secret in ``body`` and nothing else."""
    return STYLES[platform].secret.sub(rb"\g<1>" + value.encode(), body, count=1)


def _insert(style: Style, body: bytes, text: str) -> tuple[bytes, str]:
    found = re.search(rb"^" + re.escape(style.before), body, re.MULTILINE) if style.before else None
    at = found.start() if found else len(body)
    return body[:at] + text.encode() + body[at:], text


def _remove(body: bytes, text: str) -> tuple[bytes, str]:
    found = body.find(text.encode())
    if found < 0:
        message = f"nothing to remove: {text!r}"
        raise ValueError(message)
    return body[:found] + body[found + len(text.encode()) :], text


def _describe(style: Style, body: bytes, text: str) -> tuple[bytes, str]:
    found = style.description.search(body)
    if not found:
        message = "there is no description to change"
        raise ValueError(message)
    new = found[1] + text.encode() + found[2]
    return body[: found.start()] + new + body[found.end() :], new.decode(errors="replace")
