"""A cipher that is kept says what asyncssh's own says, packet by packet, and believes no more."""

from __future__ import annotations

import pytest
from asyncssh.encryption import Encryption, get_encryption, get_encryption_params
from hypothesis import given
from hypothesis import strategies as st

from runners.ssh.connection.kept_ciphers import KeptGcm, kept

GCM = [b"aes128-gcm@openssh.com", b"aes256-gcm@openssh.com"]
PACKETS = st.lists(st.binary(min_size=16, max_size=64), min_size=1, max_size=5)
IV = st.binary(min_size=12, max_size=12) | st.binary(min_size=4, max_size=4).map(lambda fixed: fixed + b"\xff" * 8)


def made(name: bytes, iv: bytes) -> Encryption:
    key_size = get_encryption_params(name)[0]
    return get_encryption(name, bytes(range(key_size)), iv[: get_encryption_params(name)[1]])


def sent(encryption: Encryption, packets: list[bytes]) -> list[bytes]:
    return [b"".join(encryption.encrypt_packet(7, len(one).to_bytes(4), one)) for one in packets]


def read(encryption: Encryption, sealed: bytes) -> bytes | None:
    first, length = encryption.decrypt_header(7, sealed[:16], 4)
    assert int.from_bytes(length) == len(sealed) - 20
    return encryption.decrypt_packet(7, first, sealed[16:-16], 4, sealed[-16:])


@pytest.mark.parametrize("name", GCM)
@given(before=PACKETS, behind=PACKETS, iv=IV)
def test_kept_cipher_goes_on_where_the_other_was(
    name: bytes, before: list[bytes], behind: list[bytes], iv: bytes
) -> None:
    ours, theirs, reader = made(name, iv), made(name, iv), made(name, iv)
    assert sent(ours, before) == sent(theirs, before)
    for _ in before:  # lets the reader's count of packets go on
        reader.decrypt_packet(7, bytes(16), bytes(16), 4, bytes(16))
    sender, receiver = kept(ours), kept(reader)
    assert isinstance(sender, KeptGcm)
    assert isinstance(receiver, KeptGcm)

    sealed = sent(sender, behind)

    assert sealed == sent(theirs, behind)
    assert [read(receiver, one) for one in sealed] == behind


@pytest.mark.parametrize("name", GCM)
@given(packet=st.binary(min_size=16, max_size=40), at=st.integers(min_value=0), iv=IV)
def test_packet_that_was_changed_on_its_way_is_none(name: bytes, packet: bytes, at: int, iv: bytes) -> None:
    sender, receiver = kept(made(name, iv)), kept(made(name, iv))
    assert sender
    assert receiver
    sealed = bytearray(sent(sender, [packet])[0])
    sealed[4 + at % (len(sealed) - 4)] ^= 1

    assert read(receiver, bytes(sealed)) is None


def test_other_ciphers_are_left_as_they_are() -> None:
    other = get_encryption(b"aes128-ctr", bytes(16), bytes(16), b"hmac-sha2-256", bytes(32))

    assert kept(other) is other
    assert kept(None) is None
