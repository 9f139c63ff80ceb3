"""Secrets in the keyring of the system: Secret Service, macOS Keychain, or whatever ``keyring`` is set up for."""

from __future__ import annotations

from domain.failures import FailureKind
from runners.agent.secrets.errors import Unresolved


def from_keyring(where: str) -> str:
    """The password under ``SERVICE/USERNAME``. Blocks: a keyring may ask somebody for a password first.

    Raises:
        Unresolved: there is no keyring, it is locked, or it holds no such entry.
    """
    import keyring  # noqa: PLC0415 - an agent without such a credential never pays for it
    from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415 - the same

    service, _, username = where.rpartition("/")
    try:
        value = keyring.get_password(service, username)
    except NoKeyringError:
        problem = "the agent's machine has no keyring"
        raise Unresolved(problem) from None
    except KeyringError:  # its text is the backend's own: nobody knows what stands in it
        problem = f"the keyring is locked, or denies the agent {where}"
        raise Unresolved(problem, FailureKind.SECRETS_REFUSED) from None
    if not value:
        problem = f"the keyring has no entry for {where}"
        raise Unresolved(problem, FailureKind.SECRET_MISSING)
    return value
