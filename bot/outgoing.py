"""Outgoing HTTP: the one place that opens sessions, so that all of them pass the proxy and trust the same certificates.

Proxies are kept in the environment (``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``), where every library looks for them,
those of the agents too (``bot/settings/proxy.py``). Nothing is read from a ``.netrc``: an entry there would take the
place of Slack's token.
"""

from __future__ import annotations

import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_TIMEOUT = timedelta(minutes=5)  # for one whole exchange; most callers set a shorter one


def trusted(ca: Path | None) -> ssl.SSLContext:
    """Whom to believe: the public authorities, and the company's own in ``ca``.

    Raises:
        SettingsError: the file holds no certificates.
    """
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError([f"outgoing.ca: {ca} holds no certificates that can be read ({error})"]) from error
    return context


def outgoing_session(*, ca: Path | None, timeout: timedelta = DEFAULT_TIMEOUT) -> aiohttp.ClientSession:
    """A session for HTTP requests to others; to be closed by whoever opened it."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout.total_seconds()),
        connector=aiohttp.TCPConnector(ssl=trusted(ca)),
        request_class=_Proxied,
    )


def slack_client(token: str, *, api_url: str, timeout: int, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that makes every call through ``session``, and leaves the choice of the proxy to it."""
    client = AsyncWebClient(token=token, base_url=api_url, timeout=timeout, session=session)
    client.proxy = None  # it took HTTPS_PROXY, whatever NO_PROXY says
    return client


class _Proxied(aiohttp.ClientRequest):
    """A request that looks for its own proxy, also when it follows a redirect to another host."""

    def update_proxy(self, proxy: Any, proxy_auth: aiohttp.BasicAuth | None, proxy_headers: Any) -> None:  # noqa: ANN401 - aiohttp's own
        if proxy is None:
            found, proxy_auth = _proxy_for(self.url.scheme, f"{self.url.host}:{self.url.port}")
            proxy = type(self.url)(found) if found else None
        super().update_proxy(proxy, proxy_auth, proxy_headers)


def _proxy_for(scheme: str, host: str) -> tuple[str, aiohttp.BasicAuth | None]:
    """The proxy without its password, which goes beside it; empty: none."""
    found = getproxies().get(scheme)
    if not found or proxy_bypass(host):
        return "", None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    auth = aiohttp.BasicAuth(unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), auth
