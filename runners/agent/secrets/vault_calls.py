"""Vault's own side: one question, one answer, and each way it may go wrong in plain words. Blocks.

Loaded only when a credential says ``vault:``. Errors of the libraries are never passed on: their texts quote
addresses and answers.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import hvac
import requests
from hvac import exceptions
from requests.adapters import HTTPAdapter

from domain.failures import FailureKind
from runners.agent.secrets.errors import TokenRefused, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runners.agent.secrets.settings import VaultSettings


def read_fields(settings: VaultSettings, token: str, mount: str, path: str) -> dict[str, object]:
    """What the newest version of a secret holds.

    Raises:
        Unresolved: it could not be had; ``TokenRefused`` when another token may help.
    """
    with _client(settings, token) as client, _in_words(f"{mount}/{path}"):
        try:
            answer = client.secrets.kv.v2.read_secret_version(
                path=path, mount_point=mount, raise_on_deleted_version=True
            )
        except exceptions.Forbidden:
            raise _why_forbidden(client, f"{mount}/{path}") from None
        return _fields_of(answer)


def log_in(settings: VaultSettings, role_id: str, secret_id: str) -> str:
    """A token for an AppRole.

    Raises:
        Unresolved: there is none to be had.
    """
    with _client(settings, "") as client, _in_words("the AppRole"):
        try:
            answer = client.auth.approle.login(role_id, secret_id, use_token=False, mount_point=settings.role_mount)
        except (exceptions.InvalidRequest, exceptions.Forbidden, exceptions.Unauthorized):
            problem = "Vault rejects the agent's AppRole: check role_id, secret_id and role_mount"
            raise Unresolved(problem, FailureKind.SECRETS_REFUSED) from None
        return str(answer["auth"]["client_token"])


def check_token(settings: VaultSettings, token: str) -> None:
    """Ask Vault whether it takes ``token``.

    Raises:
        Unresolved: it does not, or it cannot be asked.
    """
    with _client(settings, token) as client, _in_words("its own token"):
        if not _is_known(client):
            raise TokenRefused


@contextmanager
def _client(settings: VaultSettings, token: str) -> Iterator[hvac.Client]:
    client = hvac.Client(
        url=settings.address,
        token=token,  # never None: hvac would take one from the environment or the home folder
        session=_session(settings),
        timeout=settings.timeout.total_seconds(),
        namespace=settings.namespace,
    )
    try:
        yield client
    finally:
        client.adapter.close()


def _session(settings: VaultSettings) -> requests.Session:
    """What the calls go through: the proxy of the environment, and the certificates that are to be believed."""
    session = requests.Session()
    if settings.ca:
        session.verify = settings.ca
    elif settings.company_ca:
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=settings.company_ca)
        session.mount("https://", _Trusting(context))
    return session


class _Trusting(HTTPAdapter):
    """Believes a context, with a proxy and without."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on as they are
        super().init_poolmanager(*args, **options, ssl_context=self._context)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the same
        return super().proxy_manager_for(*args, **options, ssl_context=self._context)


def _why_forbidden(client: hvac.Client, what: str) -> Unresolved:
    """Vault says "permission denied" to a token that it does not know and to one without the right alike."""
    if not _is_known(client):
        return TokenRefused()
    return Unresolved(f"Vault denies the agent {what}: add it to the agent's policy", FailureKind.SECRETS_REFUSED)


def _is_known(client: hvac.Client) -> bool:
    try:
        client.auth.token.lookup_self()
    except (exceptions.Forbidden, exceptions.Unauthorized):
        return False
    return True


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """Trouble with Vault as one of ours, without the library's own text."""
    try:
        yield
    except Unresolved:
        raise
    except exceptions.InvalidPath:
        problem = f"Vault has nothing at {what}"
        raise Unresolved(problem, FailureKind.SECRET_MISSING) from None
    except exceptions.VaultDown:
        problem = "Vault is sealed, or not ready"
        raise Unresolved(problem, FailureKind.SECRETS_AWAY) from None
    except exceptions.InvalidRequest:
        problem = f"Vault does not understand the request for {what}: is its engine KV version 2?"
        raise Unresolved(problem) from None
    except exceptions.VaultError as error:
        problem = f"Vault failed ({type(error).__name__})"
        raise Unresolved(problem, FailureKind.SECRETS_AWAY) from None
    except requests.exceptions.SSLError:
        problem = "the agent does not trust Vault's certificate: see vault.ca in app.yaml"
        raise Unresolved(problem) from None
    except requests.exceptions.RequestException:
        problem = "Vault did not answer"
        raise Unresolved(problem, FailureKind.SECRETS_AWAY) from None
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        problem = f"Vault's answer for {what} is not valid: is the address right?"
        raise Unresolved(problem) from None


def _fields_of(answer: Any) -> dict[str, object]:  # noqa: ANN401 - as JSON brought it
    fields = answer["data"]["data"]
    if not isinstance(fields, dict):
        raise TypeError
    return fields
