"""Why a run ended without a configuration: each kind with the sentence that helps.

The agent reports a kind and plain facts; this module turns them into words for people.
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
    SILENT = "silent"  # no output for too long within a command
    CONNECTION_LOST = "connection_lost"
    INCOMPLETE = "incomplete"  # end marker missing, or a part in the middle
    SUSPECT = "suspect"  # complete by its marker, yet far smaller than the version before
    TOO_LARGE = "too_large"
    COMMAND_REJECTED = "command_rejected"  # refused, or answered with something else
    WRONG_SITE = "wrong_site"
    ARCHIVE = "archive"
    AGENT_LOST = "agent_lost"
    AGENT_SHORTAGE = "agent_shortage"  # its system gives it no more files, sockets or memory
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
        FailureKind.AGENT_SHORTAGE,
    }
)

_ADVICE = {
    FailureKind.NAME_NOT_RESOLVED: "Its host name was not found. Check `host` in app.yaml and the agent's DNS.",
    FailureKind.REFUSED: "The connection was refused. Is SSH enabled, and is the port right?",
    FailureKind.UNREACHABLE: "No answer. Is the device switched on, and can the agent reach it?",
    FailureKind.KEY_EXCHANGE: (
        "The SSH key exchange failed. If the device supports only old algorithms, list them under its `algorithms` "
        "in app.yaml."
    ),
    FailureKind.HOST_KEY_CHANGED: (
        "Its SSH host key has changed, so no password was sent. If the device was not replaced, treat this as a "
        "possible attack. If it was replaced, a site admin accepts the new key with `/backup trust DEVICE`."
    ),
    FailureKind.AUTHENTICATION: (
        "The device refused the log-in. Lastgood did not try again, to avoid a lockout. Check the device's "
        "`credential`."
    ),
    FailureKind.PASSWORD_EXPIRED: "The password has expired. Set a new one on the device, then update the credential.",
    FailureKind.CREDENTIAL: (
        "The agent could not read the credential's secret. Check its source under `credentials` in app.yaml."
    ),
    FailureKind.SECRETS_AWAY: (
        "Vault or the keyring did not answer the agent. Is it running and unlocked, and can the agent reach it?"
    ),
    FailureKind.SECRETS_REFUSED: (
        "Vault or the keyring denied access to the agent. Give the agent a new token, or the right to read this secret."
    ),
    FailureKind.SECRET_MISSING: (
        "Vault or the keyring has no secret of this name. Add it there, or correct the name under `credentials` "
        "in app.yaml."
    ),
    FailureKind.ENABLE: "The device refused privileged mode. Check the enable password and the user's privilege level.",
    FailureKind.NO_PROMPT: "Logged in, but no known prompt appeared. Is `platform` in app.yaml right?",
    FailureKind.SILENT: (
        "The device stopped sending in the middle of a command. If it needs that long, raise `limits.silence` of the "
        "device or its site in app.yaml. Otherwise check the device's load."
    ),
    FailureKind.CONNECTION_LOST: (
        "The connection was lost during the backup. Run it again. If it happens again, check the network link."
    ),
    FailureKind.INCOMPLETE: (
        "The configuration is incomplete, so it was not stored. Run it again. If it happens again, check the device."
    ),
    FailureKind.SUSPECT: (
        "The configuration is far smaller than the last one, so it was not stored. If that is intended, store it "
        "anyway. Otherwise check the backup user's rights."
    ),
    FailureKind.TOO_LARGE: (
        "The device sent more than the size limit, so nothing was stored. Is `platform` in app.yaml right?"
    ),
    FailureKind.COMMAND_REJECTED: (
        "The device rejected the command. Check `platform` in app.yaml and the backup user's rights."
    ),
    FailureKind.WRONG_SITE: "The agent does not serve this site. Check `agents` in app.yaml.",
    FailureKind.ARCHIVE: (
        "The configuration was captured but could not be stored. Check the disk and the rights of the archive folder."
    ),
    FailureKind.AGENT_LOST: "The agent stopped during the backup. Run it again. The agent's log says why it stopped.",
    FailureKind.AGENT_SHORTAGE: (
        "The agent ran short of open files or memory. The device is not to blame. Raise the limits of Lastgood's "
        "service, or lower the agent's `concurrency`."
    ),
    FailureKind.INTERRUPTED: "Lastgood was stopped during this run. Run it again.",
    FailureKind.CANCELLED: "Cancelled.",
    FailureKind.NEVER_STARTED: "No agent started it in time. Check `/backup agents`.",
    FailureKind.RUNNING_LIMIT: (
        "It exceeded its time limit and was stopped. If that happens often, raise the job's `Running time "
        "limit`, or `limits.running` of the device in app.yaml."
    ),
    FailureKind.NOT_DECLARED: "The device is no longer at this site in app.yaml, so its waiting run was ended.",
    FailureKind.INTERNAL: "Lastgood hit an internal error. Run it again. If it happens again, check Lastgood's log.",
}


def advice_for(kind: FailureKind, facts: str = "") -> str:
    """Some sentences that say what happened and what to do.

    ``facts`` of a rejected command begin with the command: the advice then names it.
    """
    advice = _ADVICE[kind]
    command, colon, _ = facts.partition(": ")
    if kind is not FailureKind.COMMAND_REJECTED or not colon:
        return advice
    return advice.replace("the command", f"the command `{command.replace('`', '')}`", 1)


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
