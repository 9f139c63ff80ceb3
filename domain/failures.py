"""Why a run ended without a configuration: each kind with the sentence that helps.

The agent digests a kind and plain facts; this module turns them into words for people.
"""

from __future__ import annotations

from enum import StrEnum

from domain.errors import LastgoodError


class FailureKind(StrEnum):
    """The kinds a person can do something about; the value is what the database stores."""

    NAME_NOT_RESOLVED = "name_not_resolved"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    KEY_EXCHANGE = "key_exchange"
    HOST_KEY_CHANGED = "host_key_changed"
    AUTHENTICATION = "authentication"
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105 - a kind of failure, not a password
    CREDENTIAL = "credential"  # the agent could not resolve the credential's secret
    SECRETS_AWAY = "secrets_away"  # the keyring or Vault, where the secret is kept, does not answer
    SECRETS_REFUSED = "secrets_refused"  # it answers, and does not let the agent in
    SECRET_MISSING = "secret_missing"  # noqa: S105 - a kind of failure: it has nothing under that name
    ENABLE = "enable"
    NO_PROMPT = "no_prompt"
    SILENT = "silent"  # nothing came for too long within a command
    CONNECTION_LOST = "connection_lost"
    INCOMPLETE = "incomplete"  # end marker missing
    SUSPECT = "suspect"  # complete by its marker, yet far smaller than the version before
    TOO_LARGE = "too_large"
    COMMAND_REJECTED = "command_rejected"
    WRONG_SITE = "wrong_site"
    ARCHIVE = "archive"
    AGENT_LOST = "agent_lost"
    INTERRUPTED = "interrupted"  # Lastgood itself was stopped in the middle
    CANCELLED = "cancelled"
    NEVER_STARTED = "never_started"  # the waiting clock ran out
    RUNNING_LIMIT = "running_limit"  # the running clock ran out
    NOT_DECLARED = "not_declared"  # its device left the settings, or its site, while it waited
    INTERNAL = "internal"  # a fault of ours

    @property
    def is_transient(self) -> bool:
        """Whether trying again within the run may help. A refused password never: accounts get locked."""
        return self in _TRANSIENT

    @property
    def is_clock(self) -> bool:
        """Whether one of the two clocks ran out, which makes the outcome Timed Out instead of Failed."""
        return self in {FailureKind.NEVER_STARTED, FailureKind.RUNNING_LIMIT}


_TRANSIENT = frozenset(
    {
        FailureKind.NAME_NOT_RESOLVED,
        FailureKind.REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.SECRETS_AWAY,
        FailureKind.NO_PROMPT,
        FailureKind.SILENT,
        FailureKind.CONNECTION_LOST,
        FailureKind.INCOMPLETE,
        FailureKind.AGENT_LOST,
    }
)

_ADVICE = {
    FailureKind.NAME_NOT_RESOLVED: "Its host name was not found. Check `host` in app.yaml and the agent's DNS.",
    FailureKind.REFUSED: "The connection was refused. Is SSH switched on, and is the port right?",
    FailureKind.UNREACHABLE: "No answer. Is the device switched on, and can the agent reach it?",
    FailureKind.KEY_EXCHANGE: (
        "No SSH algorithm in common with the agent. If the device only knows old ones, name them under "
        "`algorithms` of this device in app.yaml."
    ),
    FailureKind.HOST_KEY_CHANGED: (
        "Another SSH host key than the one we know, so no password was sent. If the device was replaced or "
        "reinstalled, a site admin can accept the new key; otherwise find out first who answers there."
    ),
    FailureKind.AUTHENTICATION: (
        "User name or password refused. We did not try again, to avoid a lock-out. Check the device's `credential`."
    ),
    FailureKind.PASSWORD_EXPIRED: "The password has expired. Set a new one on the device, then update the credential.",
    FailureKind.CREDENTIAL: (
        "The agent could not read the secret of the credential. Check under `credentials` in app.yaml where it "
        "comes from."
    ),
    FailureKind.SECRETS_AWAY: (
        "The agent got no answer from the place where the password is kept. Is Vault up and unsealed, or the keyring "
        "open, and can the agent reach it?"
    ),
    FailureKind.SECRETS_REFUSED: (
        "The place where the password is kept did not let the agent in. Give it a new token, or the right to read "
        "this secret."
    ),
    FailureKind.SECRET_MISSING: (
        "The place where the password is kept has nothing under this name. Put it there, or correct the name under "
        "`credentials` in app.yaml."
    ),
    FailureKind.ENABLE: "Privileged mode refused. Check the enable password and the user's level.",
    FailureKind.NO_PROMPT: "Logged in, but no prompt that we know appeared. Is `platform` in app.yaml right?",
    FailureKind.SILENT: (
        "The device stopped sending in the middle of a command. Run it again; if it stays so, look at the "
        "device's load."
    ),
    FailureKind.CONNECTION_LOST: "The connection broke in the middle. Run it again; if it stays so, look at the line.",
    FailureKind.INCOMPLETE: (
        "The configuration ended too early, so it was not stored. Run it again; if it stays so, look at the device."
    ),
    FailureKind.SUSPECT: (
        "The configuration is far smaller than the last one, so it was not stored. If a part was removed on "
        "purpose, accept the smaller size; otherwise check the backup user's rights."
    ),
    FailureKind.TOO_LARGE: (
        "The device sent more than the size limit, so nothing was stored. Is `platform` in app.yaml right?"
    ),
    FailureKind.COMMAND_REJECTED: (
        "Our command was not accepted. Check `platform` in app.yaml and the backup user's rights."
    ),
    FailureKind.WRONG_SITE: "The agent does not serve this site. Check `agents` in app.yaml.",
    FailureKind.ARCHIVE: "Captured, but not stored. Check the disk and the rights of the archive folder.",
    FailureKind.AGENT_LOST: "The agent stopped in the middle. Run it again; the agent's log says why it stopped.",
    FailureKind.INTERRUPTED: "Lastgood was stopped in the middle of this run. Run it again.",
    FailureKind.CANCELLED: "Cancelled.",
    FailureKind.NEVER_STARTED: "No agent started it in time.",
    FailureKind.RUNNING_LIMIT: (
        "It took longer than its running limit and was ended. If it often does, raise the job's `Longest run`, or "
        "`limits.running` of the device in app.yaml."
    ),
    FailureKind.NOT_DECLARED: "The device is no longer at this site in app.yaml, so its waiting run was ended.",
    FailureKind.INTERNAL: "Lastgood hit an internal error. Its log says more; running it again may help.",
}


def advice_for(kind: FailureKind) -> str:
    """One or two sentences that say what happened and what to do."""
    return _ADVICE[kind]


class DeviceError(LastgoodError):
    """One device could not be captured.

    ``facts`` is short plain text without any secret: it may hold text that the device sent, and is hostile
    until it has been masked and escaped.
    """

    def __init__(self, kind: FailureKind, facts: str = "") -> None:
        super().__init__(f"{kind}: {facts}" if facts else str(kind))
        self.kind = kind
        self.facts = facts
        self.advice = advice_for(kind)
