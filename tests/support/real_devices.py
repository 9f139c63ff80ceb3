"""Real devices from Debian's packages: OpenSSH's sshd, and FRRouting with vtysh as the log-in shell.

Everything lives in a folder of the test's own, on a free port, as the user who runs the tests: no account is made
and no service of the machine is touched.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BGPD = Path("/usr/lib/frr/bgpd")
REQUIRE_ALL = "LASTGOOD_TEST_REQUIRE_ALL"

SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
{extra}
"""


@dataclass(frozen=True, slots=True)
class RealDevice:
    """A device that answers on a real SSH server."""

    port: int
    username: str
    private_key: Path
    folder: Path

    def configure(self, *lines: str) -> None:
        """Type configuration ``lines`` into FRRouting, as its operator would."""
        words = [word for line in ("configure terminal", *lines, "end") for word in ("-c", line)]
        subprocess.run(_vtysh(self.folder) + words, check=True, capture_output=True)  # noqa: S603 - fixed words

    def printed_config(self) -> bytes:
        """What ``show running-config`` prints on a pipe, lines ended by LF."""
        words = [*_vtysh(self.folder), "-c", "show running-config"]
        return subprocess.run(words, check=True, capture_output=True).stdout  # noqa: S603 - fixed words


def need(*programs: str | Path) -> None:
    """Skip where a program is missing, with its name; in CI that is a failure."""
    missing = [str(program) for program in programs if shutil.which(program) is None]
    if not missing:
        return
    skip_or_fail(f"not installed: {', '.join(missing)} (Debian: apt-get install openssh-server frr)")


def skip_or_fail(reason: str) -> NoReturn:
    """Skip on a person's machine; in CI, which has all of it, that is a failure."""
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def linux_host(tmp_path: Path) -> Iterator[RealDevice]:
    """A Linux host behind OpenSSH."""
    need("/usr/sbin/sshd", "ssh-keygen")
    with _sshd(tmp_path) as device:
        yield device


@pytest.fixture
def strict_host(tmp_path: Path) -> Iterator[RealDevice]:
    """A Linux host that hangs up after the first key that it does not know."""
    need("/usr/sbin/sshd", "ssh-keygen")
    with _sshd(tmp_path, "MaxAuthTries 1") as device:
        yield device


@pytest.fixture
def ssh_agent(tmp_path: Path) -> Iterator[Path]:
    """The socket of an SSH agent without any key."""
    need("ssh-agent", "ssh-add")
    socket_path = tmp_path / "agent.sock"
    words = ["ssh-agent", "-D", "-a", str(socket_path)]
    with running(words, tmp_path / "agent.log", ready="SSH_AUTH_SOCK"):
        yield socket_path


@pytest.fixture
def frr_router(tmp_path: Path) -> Iterator[RealDevice]:
    """An FRRouting router whose log-in shell is vtysh."""
    need("/usr/sbin/sshd", "ssh-keygen", "vtysh", BGPD)
    with ExitStack() as stack:
        stack.enter_context(_bgpd(tmp_path))
        yield stack.enter_context(_sshd(tmp_path, f"ForceCommand {' '.join(_vtysh(tmp_path))}"))


@contextmanager
def _sshd(folder: Path, extra: str = "") -> Iterator[RealDevice]:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd's own wish, when it is started by root
    for name in ("host_key", "client_key"):
        ssh_keygen(folder / name)
    port = free_port()
    config = folder / "sshd_config"
    config.write_text(SSHD_CONFIG.format(port=port, folder=folder, extra=extra))
    words = ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)]
    with running(words, folder / "sshd.log", ready="Server listening"):
        yield RealDevice(port, getpass.getuser(), folder / "client_key", folder)


@contextmanager
def _bgpd(folder: Path) -> Iterator[None]:
    (folder / "vtysh.conf").touch()
    config = folder / "bgpd.conf"
    config.write_text("hostname frr-edge1\n")
    words = [str(BGPD), "-S", "-Z", "-n", "-p", "0", "-P", "0", "-f", str(config)]
    words += ["--vty_socket", str(folder), "-i", str(folder / "bgpd.pid"), "--log", "stdout"]
    with running(words, folder / "bgpd.log", ready="configuration processed|bgpd .* starting"):
        yield


@contextmanager
def running(words: list[str], log: Path, *, ready: str) -> Iterator[None]:
    """Run a program for as long as the block lasts, once it has said (in its log) that it is ready."""
    with log.open("wb") as sink, subprocess.Popen(words, stdout=sink, stderr=subprocess.STDOUT) as process:  # noqa: S603 - fixed words
        try:
            follow = f"timeout 20 tail -n +1 -F {log} | grep -m 1 -qE '{ready}'"
            subprocess.run(["sh", "-c", follow], check=True, capture_output=True)  # noqa: S603, S607 - fixed words
            yield
        finally:
            process.terminate()


def _vtysh(folder: Path) -> list[str]:
    return ["/usr/bin/vtysh", "--vty_socket", str(folder), "--config_dir", str(folder)]


def ssh_keygen(path: Path, *, passphrase: str = "") -> None:
    """Make a key pair at ``path``."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - fixed words


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
