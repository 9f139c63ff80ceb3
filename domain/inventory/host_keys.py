"""SSH host keys as people compare them."""

from __future__ import annotations

import base64
import binascii
import hashlib


def fingerprint(key: str) -> str:
    """The fingerprint that OpenSSH prints for ``key`` ("ssh-ed25519 AAAA..."): ``SHA256:`` and base64 without ``=``.

    Raises:
        ValueError: ``key`` is not a public key in OpenSSH format.
    """
    parts = key.split()
    if len(parts) < 2:  # noqa: PLR2004 - a kind and a body; a comment may follow
        raise ValueError("not a public key in OpenSSH format")
    try:
        body = base64.b64decode(parts[1], validate=True)
    except binascii.Error as error:
        raise ValueError("not a public key in OpenSSH format") from error
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"
