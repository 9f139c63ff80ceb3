"""Fingerprints as OpenSSH prints them."""

from __future__ import annotations

import asyncssh
import pytest

from domain.inventory.host_keys import fingerprint


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_fingerprint_is_the_one_that_ssh_shows(algorithm: str) -> None:
    key = asyncssh.generate_private_key(algorithm).convert_to_public()
    line = key.export_public_key("openssh").decode("ascii")

    assert fingerprint(line) == key.get_fingerprint("sha256")
    assert fingerprint(f"{line.strip()} switch@plant") == key.get_fingerprint("sha256")


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 not*base64", "ssh-ed25519 abc"])
def test_what_is_no_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="not a public key"):
        fingerprint(text)
