"""The agent's own shortage: what it makes of having no more files or memory, and what it never takes for that."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain.failures import DeviceError, FailureKind
from runners.agent.shortage import own_shortage
from runners.ssh.failures import HostKeyChanged, LoginRefused
from tests.support.fleet_fixtures import fleet  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from demo.fleet import Fleet

ROOT = Path(__file__).parents[3]
FILES = 40  # that the child may have open

# An agent's captures in a process that may open hardly any files: far more sessions at once than there is room for.
CHILD = """
import asyncio, json, resource, sys
from runners.agent.attempts import Attempts
from runners.agent.logins import LogIns
from runners.agent.secrets.credentials import Credentials, CredentialSources
from runners.agent.shortage import raise_file_limit
from runners.ssh.capture import capture
from runners.wire.messages import Capture
from tests.runners.agent_ground import PLATFORMS, RealClock, Reports

import logging
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
job, many, files, first = Capture.model_validate_json(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

async def main():
    credentials = Credentials({"lab": CredentialSources("backup", password=first)})
    attempts = Attempts(agent="local", platforms=PLATFORMS, log_ins=LogIns(credentials), clock=RealClock(),
                        send=Reports().send, capture=capture)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    raise_file_limit(many)
    jobs = [job.model_copy(update={"run": number}) for number in range(many)]
    ends = await asyncio.gather(*(attempts.carry_out(one, attempts.begin(one)) for one in jobs))
    kinds = [getattr(end, "kind", None) for end in ends]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    [again] = await asyncio.gather(*(attempts.carry_out(one, attempts.begin(one)) for one in jobs[:1]))
    print(json.dumps({"kinds": [kind and kind.value for kind in kinds], "again": getattr(again, "kind", None)}))

asyncio.run(main())
"""


@pytest.mark.parametrize("source", ["env:LAB_PASSWORD", "file"])
async def test_too_many_open_files_are_the_agents_own_trouble_and_no_devices(
    fleet: Fleet,  # noqa: F811 - the fixture
    tmp_path: Path,
    source: str,
) -> None:
    device = await fleet.add("core-sw1", lines=60)
    if source == "file":
        (tmp_path / "lab").touch(mode=0o600)
        (tmp_path / "lab").write_text(device.password)
        source = f"file:{tmp_path / 'lab'}"
    target = {"host": device.host, "port": device.port, "credentials": ["lab"]}
    limits = {"connect": 60, "login": 60, "silence": 60, "running": 100}
    job = {"run": 1, "device": "core-sw1", "site": "a", "platform": device.platform, "target": target, "retries": 0}
    words = [sys.executable, "-c", CHILD, json.dumps({**job, "limits": limits}), "80", str(FILES), source]
    environ = os.environ | {"LAB_PASSWORD": device.password}

    done = await run(words, environ)

    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said["kinds"]) <= {None, FailureKind.AGENT_SHORTAGE.value}
    assert said["kinds"].count(FailureKind.AGENT_SHORTAGE.value) > 0
    assert said["again"] is None  # there is room again, and nothing is left of it
    assert "the agent itself ran short" in done.stderr
    assert "the system grants too few open files for so many sessions" in done.stderr


async def run(words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    def child() -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603 - our own words

    return await asyncio.to_thread(child)


def caused(error: Exception, cause: Exception) -> Exception:
    """``error`` as it is raised when ``cause`` led to it."""
    error.__cause__ = cause
    return error


OURS = {
    "no file": OSError(errno.EMFILE, "Too many open files"),
    "no file on the machine": OSError(errno.ENFILE, "Too many open files in system"),
    "no memory for a socket": OSError(errno.ENOBUFS, "No buffer space available"),
    "no memory": MemoryError(),
    "behind a failure": caused(DeviceError(FailureKind.UNREACHABLE), OSError(errno.EMFILE, "x")),
    "joined by asyncio": caused(
        DeviceError(FailureKind.UNREACHABLE), OSError("Multiple exceptions: [Errno 24] Too many, [Errno 24] Too many")
    ),
    "behind a secret": caused(DeviceError(FailureKind.CREDENTIAL), OSError(errno.ENFILE, "x")),
}
NOT_OURS = {
    "no answer": DeviceError(FailureKind.UNREACHABLE),
    "no such name": caused(DeviceError(FailureKind.NAME_NOT_RESOLVED), socket.gaierror(-2, "Name not known")),
    "no route": caused(DeviceError(FailureKind.UNREACHABLE), OSError(errno.EHOSTUNREACH, "x")),
    "refused, whatever came before": caused(LoginRefused(), OSError(errno.EMFILE, "x")),
    "another host key": caused(HostKeyChanged("ssh-ed25519 AAAA"), OSError(errno.EMFILE, "x")),
    "the device's own words": DeviceError(FailureKind.COMMAND_REJECTED, "show run: [Errno 24] Too many open files"),
}


@pytest.mark.parametrize("error", OURS.values(), ids=OURS)
def test_what_the_agent_ran_short_of_is_told_whatever_it_was_wrapped_in(error: Exception) -> None:
    with pytest.raises(DeviceError) as raised, own_shortage():
        raise error

    assert raised.value.kind is FailureKind.AGENT_SHORTAGE
    assert "agent" in raised.value.facts


@pytest.mark.parametrize("error", NOT_OURS.values(), ids=NOT_OURS)
def test_trouble_with_a_device_stays_that(error: DeviceError) -> None:
    with pytest.raises(type(error)) as raised, own_shortage():
        raise error

    assert raised.value.kind is error.kind
