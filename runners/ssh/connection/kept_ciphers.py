"""AES-GCM for SSH packets (RFC 5647) with a cipher that is made once for a key: asyncssh makes one for each packet."""

from __future__ import annotations

from asyncssh.crypto.cipher import AESGCM, GCMCipher, InvalidTag  # type: ignore[attr-defined] # as asyncssh has them
from asyncssh.encryption import Encryption, GCMEncryption

_FIXED = 4  # bytes of a nonce; behind them a counter of packets
_COUNTER = 8  # bytes
_ROLLOVER = 1 << 8 * _COUNTER


def kept(encryption: Encryption | None) -> Encryption | None:
    """``encryption`` from where it has come to, by a cipher that is kept; another kind is left as it is."""
    return KeptGcm(encryption._cipher) if type(encryption) is GCMEncryption else encryption  # noqa: SLF001 - asyncssh's own


class KeptGcm(Encryption):
    """Encrypts or decrypts the packets of one direction, each with the next nonce."""

    def __init__(self, cipher: GCMCipher) -> None:
        self._gcm = AESGCM(cipher._key)  # noqa: SLF001 - asyncssh's own
        self._fixed = cipher._iv[:_FIXED]  # noqa: SLF001
        self._count = int.from_bytes(cipher._iv[_FIXED:])  # noqa: SLF001

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        """The packet with its tag, which needs no place of its own."""
        del seq
        return header + self._gcm.encrypt(self._next_nonce(), packet, header), b""

    def decrypt_header(self, seq: int, first_block: bytes, header_len: int) -> tuple[bytes, bytes]:
        """The length of a packet is not encrypted."""
        del seq
        return first_block, first_block[:header_len]

    def decrypt_packet(self, seq: int, first: bytes, rest: bytes, header_len: int, mac: bytes) -> bytes | None:
        """The packet; None: it is not what was sent."""
        del seq
        try:
            return self._gcm.decrypt(self._next_nonce(), first[header_len:] + rest + mac, first[:header_len])
        except InvalidTag:
            return None

    def _next_nonce(self) -> bytes:
        nonce = self._fixed + self._count.to_bytes(_COUNTER)
        self._count = (self._count + 1) % _ROLLOVER
        return nonce
