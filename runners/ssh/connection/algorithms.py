"""SSH algorithms: the modern ones that every connection offers, and the old ones that are allowed by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# The cheapest first: with AES-GCM there is no separate MAC to compute.
_KEX = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384")
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
)
_FOR_KEY_TYPE = {"ssh-rsa": ("rsa-sha2-256", "rsa-sha2-512", "ssh-rsa")}
_NEED_NO_MAC = ("gcm@openssh.com", "poly1305@openssh.com")

_HEAD = 17  # bytes before the lists of a KEXINIT message: its number and a cookie (RFC 4253, section 7.1)
_LISTS = 6  # key exchange, host keys, ciphers there and back, MACs there and back


class Offer(NamedTuple):
    """Names of algorithms by what they are for."""

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]


_WORDS = Offer(("key exchange",), ("host key",), ("cipher",), ("MAC",))


def our_offer(old: Collection[str]) -> Offer:
    """The modern algorithms, and behind them those of ``old``."""
    modern = Offer(_KEX, _HOST_KEYS, _CIPHERS, _MACS)
    return Offer(*(_with_old(names, old, known) for names, known in zip(modern, _known(), strict=True)))


def host_keys_for(kind: str | None, names: Sequence[str]) -> list[str]:
    """The pinned key's own kind first: a device with several keys would otherwise show another one."""
    if kind is None:
        return list(names)
    first = [name for name in _FOR_KEY_TYPE.get(kind, (kind,)) if name in names]
    return [*first, *(name for name in names if name not in first)]


def their_offer(kexinit: bytes) -> Offer | None:
    """What the other side offers by its KEXINIT message; None: that is none."""
    lists: list[tuple[str, ...]] = []
    at = _HEAD
    for _ in range(_LISTS):
        size = int.from_bytes(kexinit[at : at + 4])
        names = kexinit[at + 4 : at + 4 + size]
        if len(kexinit) < at + 4 or len(names) < size:
            return None
        lists.append(tuple(names.decode("ascii", "replace").split(",")))
        at += 4 + size
    kex, host_keys, ciphers, ciphers_back, macs, macs_back = lists
    return Offer(kex, host_keys, _in_both(ciphers, ciphers_back), _in_both(macs, macs_back))


def nothing_in_common(theirs: Offer, old: Sequence[str]) -> str:
    """Everything that has to be allowed for a device with the offer ``theirs``, as a line for app.yaml.

    Of each kind one: the best of what it offers and the agent knows. ``old`` is allowed already. Empty: something
    of each kind is in common.
    """
    ours = our_offer(old)
    wanted, unknown = list(old), []
    cipher = next((name for name in ours.ciphers if name in theirs.ciphers), None)
    for words, mine, offered, known in zip(_WORDS, ours, theirs, _known(), strict=True):
        if set(mine) & set(offered) or (words is _WORDS.macs and cipher and cipher.endswith(_NEED_NO_MAC)):
            continue
        best = next((name for name in known if name in offered), None)
        if best is None:
            unknown.append(f"{words[0]}: {', '.join(offered) or 'none'}")
        else:
            wanted.append(best)
            cipher = best if words is _WORDS.ciphers else cipher
    if unknown:
        return f"it offers only what the agent does not know ({'; '.join(unknown)})"
    return f"algorithms: [ {', '.join(wanted)} ]" if len(wanted) > len(old) else ""


def _in_both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in first if name in second)


def _with_old(modern: tuple[str, ...], old: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    return (*(name for name in modern if name in known), *(name for name in old if name in known))


@cache
def _known() -> Offer:
    """What this installation can do, the best first."""
    return Offer(
        tuple(_decoded(asyncssh.kex.get_kex_algs())),
        tuple(_decoded(asyncssh.public_key.get_public_key_algs())),
        tuple(_decoded(asyncssh.encryption.get_encryption_algs())),
        tuple(_decoded(asyncssh.mac.get_mac_algs())),
    )


def _decoded(names: Sequence[bytes]) -> list[str]:
    return [name.decode() for name in names if not name.startswith(b"gss-")]
