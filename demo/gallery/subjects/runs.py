"""The message of one run, and its story: every outcome, every reason, every stage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, OLGA, config, make_run
from domain.configs.versions import DeviceState, Version
from domain.failures import FailureKind
from domain.runs.evidence import Evidence, Step
from domain.runs.outcomes import Outcome
from domain.runs.run import CANCELLED_BY, Run, Trigger
from notifications.pages import runs
from notifications.pages.configs import Glance
from notifications.previews import ConfigDiff

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the agents and the watchdog write beside a reason.
FACTS: Final = {
    FailureKind.NAME_NOT_RESOLVED: "Name or service not known",
    FailureKind.UNREACHABLE: "No route to host",
    FailureKind.KEY_EXCHANGE: "algorithms: [ diffie-hellman-group1-sha1, ssh-rsa, aes128-cbc, hmac-sha1 ]",
    FailureKind.NO_PROMPT: "the device keeps asking questions after the log-in",
    FailureKind.SILENT: "no output for 30 s",
    FailureKind.CONNECTION_LOST: "the device closed the session",
    FailureKind.INCOMPLETE: "show running-config: 18231 bytes without the end marker, the last line is: vlan 10",
    FailureKind.SUSPECT: "812 bytes, 48210 last time",
    FailureKind.COMMAND_REJECTED: "show running-config: the device answered: % Invalid input detected at '^' marker.",
    FailureKind.WRONG_SITE: "agent local does not serve plant-b",
    FailureKind.AGENT_LOST: "Agent local: its process ended",
    FailureKind.CANCELLED: f"{CANCELLED_BY}{OLGA}",
    FailureKind.NEVER_STARTED: "Agent local has been disconnected since 02:40 CET. Is it running?",
    FailureKind.NOT_DECLARED: "core-sw1 is not at plant-a in app.yaml.",
}

_SCREEN: Final = (
    "core-sw1#show running-config",
    "Building configuration...",
    "interface GigabitEthernet1/0/7",
    " switchport access vlan 40",
)
# What the agents saw before they gave up.
EVIDENCE: Final = {
    FailureKind.UNREACHABLE: Evidence(step=Step.CONNECTING),
    FailureKind.NO_PROMPT: Evidence(
        step=Step.FIRST_PROMPT,
        received=212,
        awaited="a prompt such as ^[\\w.-]+[>#] ?$",
        screen=("Main menu", " 1 Status", " 2 Maintenance", "Your choice:"),
    ),
    FailureKind.ENABLE: Evidence(
        step=Step.ENABLE, command="<secret>", received=31, screen=("Password:", "% Access denied", "core-sw1>")
    ),
    FailureKind.SILENT: Evidence(
        step=Step.CONFIG,
        command="show running-config",
        received=18_231,
        awaited="the prompt core-sw1#",
        screen=_SCREEN,
    ),
    FailureKind.COMMAND_REJECTED: Evidence(
        step=Step.CONFIG,
        command="show running-config",
        received=64,
        screen=("core-sw1>show running-config", "            ^", "% Invalid input detected at '^' marker."),
    ),
}

_KEPT: Final = DeviceState(device="core-sw1", site="plant-a", version=6, last_good_at=NIGHT - timedelta(days=1))
_WHY_NOT_STARTED: Final = {
    "no agent": "No agent serves the site plant-a. Add the site to an agent under `agents` in app.yaml.",
    "long queue": "It waited 30 min behind 412 runs of its site on agent local. Raise `concurrency` of the agent or "
    "the site, add an agent, or raise `limits.waiting` of the device in app.yaml.",
}


def entries() -> Iterator[Entry]:
    """Every run message and every story."""
    for state, run in {**_going(), **_good()}.items():
        yield _message("Run messages", state, run, lines=412 if run.is_baseline else 0)
    for kind in FailureKind:
        yield _message("Runs that failed", _words(kind), _failed(kind), facts=FACTS.get(kind, ""))
    yield from _glances()
    never = DeviceState(device="core-sw1", site="plant-a")
    first = runs.run_message(_failed(FailureKind.UNREACHABLE), "Plant A", kept=never)
    yield Entry(group="Runs that failed", state="unreachable, never backed up", template="run", context=first)
    for state, sentence in _WHY_NOT_STARTED.items():
        run = _failed(FailureKind.NEVER_STARTED)
        yield _message("Runs that failed", f"never started, {state}", run, facts=sentence)
    for state, run in {**_good(), **_stories()}.items():
        yield _details(state, run)


def _glances() -> Iterator[Entry]:
    """Posts that show the first lines of their change, and one of a site that shows none."""
    small, large = config(40), config(400)
    changes = {
        "one line": ConfigDiff.of(small, small.replace("desk 003", "printer")),
        "several places": ConfigDiff.of(small, small.replace("vlan 101", "vlan 207").replace("ssh", "ssh telnet")),
        "more than fits": ConfigDiff.of(large, large.replace("access vlan", "trunk native vlan")),
    }
    for state, change in changes.items():
        run = make_run(Outcome.MODIFIED, base_version=6, version=7, added=change.added, removed=change.removed)
        glance = Glance.of(change, shows_config=True)
        yield _message("Run messages", f"modified, {state}", run, glance=glance)
        if state == "several places":
            glance = Glance.of(change, shows_config=False)
            yield _message("Run messages", "modified, not shown in Slack", run, glance=glance)


def _going() -> dict[str, Run]:
    started = NIGHT + timedelta(seconds=1)
    going = {"agent": "local", "attempts": 1, "started_at": started}
    return {
        "pending": make_run(),
        "in progress": make_run(Outcome.IN_PROGRESS, **going),
        "in progress, third attempt": make_run(Outcome.IN_PROGRESS, **going | {"attempts": 3}),
        "pending again after its agent was lost": make_run(attempts=1, agent="local", started_at=started),
    }


def _good() -> dict[str, Run]:
    long = {"device": LONG_DEVICE, "site": LONG_SITE}
    slow = {"finished_at": NIGHT + timedelta(minutes=4, seconds=12), "attempts": 3}
    return {
        "up to date": make_run(Outcome.UP_TO_DATE, base_version=6, version=6),
        "baseline": make_run(Outcome.UP_TO_DATE, version=1),
        "modified": make_run(Outcome.MODIFIED, base_version=6, version=7, added=3, removed=1),
        "modified, slow, three attempts": make_run(
            Outcome.MODIFIED, base_version=99, version=100, added=12_481, removed=9_204, **slow
        ),
        "up to date, from the command line": make_run(
            Outcome.UP_TO_DATE, base_version=6, version=6, trigger=Trigger.COMMAND_LINE, asked_by=None
        ),
        "longest names": make_run(Outcome.MODIFIED, base_version=6, version=7, added=3, removed=1, **long),
    }


def _failed(kind: FailureKind) -> Run:
    outcome = Outcome.TIMED_OUT if kind.is_clock else Outcome.FAILED
    never_began = {FailureKind.NEVER_STARTED, FailureKind.NOT_DECLARED}
    nothing = {"started_at": None, "attempts": 0, "agent": None, "finished_at": NIGHT + timedelta(minutes=30)}
    tried = {"attempts": 3} if kind.is_transient else {}
    told = {"facts": FACTS.get(kind, ""), "evidence": EVIDENCE.get(kind)}
    return make_run(outcome, reason=kind, **told, **(nothing if kind in never_began else tried))


def _stories() -> dict[str, Run]:
    kinds = (
        *(FailureKind.UNREACHABLE, FailureKind.HOST_KEY_CHANGED, FailureKind.COMMAND_REJECTED, FailureKind.SILENT),
        *(FailureKind.CANCELLED, FailureKind.NEVER_STARTED, FailureKind.INTERNAL),
    )
    return {_words(kind): _failed(kind) for kind in kinds}


def _message(
    group: str, state: str, run: Run, *, facts: str = "", lines: int = 0, glance: Glance | None = None
) -> Entry:
    site = "Plant A" if run.site == "plant-a" else run.site
    kept = None if group == "Run messages" else _KEPT
    context = runs.run_message(run, site, facts=facts, lines=lines, kept=kept, evidence=run.evidence, glance=glance)
    return Entry(group=group, state=state, template="run", context=context)


def _details(state: str, run: Run) -> Entry:
    site = "Plant A" if run.site == "plant-a" else run.site
    facts = FACTS.get(run.reason, "") if run.reason else ""
    asked = f"/backup run {run.id}"
    context = runs.run_details(run, site, facts=facts, version=_version(run), command=asked, evidence=run.evidence)
    return Entry(
        group="Stories of runs",
        state=state,
        template="run_details",
        context=context,
        asked=asked,
        private=True,
    )


def _version(run: Run) -> Version | None:
    if run.version is None:
        return None
    return Version(
        device=run.device,
        site=run.site,
        number=run.version,
        commit="0" * 40,
        run=run.id,
        captured_at=NIGHT,
        last_checked_at=NIGHT,
        valid_until=None,
        size=18_000,
        digest="0" * 64,
        author="jschmidt",
    )


def _words(kind: FailureKind) -> str:
    return kind.value.replace("_", " ")
