"""A company's way out: a proxy that opens every TLS connection with certificates of the company's own.

The hosts behind it exist nowhere else: whatever does not go through it cannot resolve their names, and whatever does
not trust the company's authority stops at the certificate.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path


@dataclass
class CompanyProxy:
    """Leads ``https://HOST`` to a port of this machine that speaks plain HTTP."""

    behind: Mapping[str, int]  # host: port
    context: ssl.SSLContext
    ca: Path
    url: str = ""
    hosts: list[str] = field(default_factory=list)  # to which somebody wanted to go, in order

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._lead(reader, writer)
        writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target = head.split()[:2]
        host = target.partition(":")[0]
        self.hosts.append(host)
        if method != "CONNECT" or host not in self.behind:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self.context)
        there, back = await asyncio.open_connection("127.0.0.1", self.behind[host])
        try:
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        finally:
            back.close()


@asynccontextmanager
async def company_proxy(folder: Path, behind: Mapping[str, int]) -> AsyncIterator[CompanyProxy]:
    """The proxy of a company, for as long as the block lasts."""
    ca, context = _certificates(folder, list(behind))
    proxy, tasks = CompanyProxy(behind, context, ca), set[asyncio.Task[None]]()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(proxy.serve(reader, writer)))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _certificates(folder: Path, hosts: list[str]) -> tuple[Path, ssl.SSLContext]:
    """The company's authority, and what its proxy shows for ``hosts``."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company Authority")])
    is_authority = x509.BasicConstraints(ca=True, path_length=None)
    own = _signed(authority, authority, authority_key, authority_key, is_authority)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company Proxy")])
    shown = _signed(subject, authority, key, authority_key, names)
    ca, pair = folder / "company.pem", folder / "proxy.pem"
    ca.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair.write_bytes(kept + shown.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return ca, context


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    made = made.not_valid_after(now + timedelta(days=1)).add_extension(extension, critical=False)
    return made.sign(by, hashes.SHA256())
