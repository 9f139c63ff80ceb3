"""Out of a company's network: every call goes through its proxy, and trusts its certificates."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from bot.outgoing import outgoing_session, slack_client
from bot.settings.loading import Settings
from bot.settings.proxy import use_proxy
from demo.fleet.device import DeviceOptions
from domain.errors import SettingsError
from tests.bot.company_proxy import company_proxy
from tests.support.house import ROOT, sources
from tests.support.vault_server import serving as vault_serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.serve_fixtures import Town

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
MANY_LINES = b"".join(b"ntp server 10.0.%d.%d\n" % divmod(number, 250) for number in range(900))  # a file in Slack
HOSTS = ("slack.company.test", "beat.company.test", "vault.company.test")

# What opens a session or a connection of its own, and the one place that may.
OPENERS = {
    "ClientSession": {"bot/outgoing.py"},
    "AsyncWebClient": {"bot/outgoing.py"},
    "WebClient": set[str](),
    "AsyncWebhookClient": {"notifications/delivery/slack_calls.py"},  # with the session that it is given
    "connect": {"bot/slack/socket_client.py"},  # of websockets
    "Session": {"runners/agent/secrets/vault_calls.py"},
    "urlopen": set[str](),
    "HTTPSConnection": set[str](),
    "HTTPConnection": set[str](),
    "AsyncSocketModeHandler": set[str](),
    "build_opener": set[str](),
}
LIBRARIES = {"aiohttp", "requests", "hvac", "websockets", "urllib", "http", "slack_sdk", "slack_bolt", "httpx"}


@pytest.fixture(autouse=True)
def no_proxy_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is written into the environment is gone after the test."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")


async def answered() -> tuple[web.AppRunner, int, list[str]]:
    """A monitor that counts heartbeats."""
    seen: list[str] = []

    async def beat(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path:.*}", beat)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, int(runner.addresses[0][1]), seen


async def test_i6_everything_that_leaves_goes_through_the_proxy_and_trusts_the_company(
    town: Town, tmp_path: Path
) -> None:
    device = await town.add_device("core-sw1")
    runner, monitor, beats = await answered()
    with vault_serving(tmp_path) as vault:
        vault.put("lab", password=DeviceOptions().password)
        token = tmp_path / "token"
        token.touch(mode=0o600)
        token.write_text(vault.token())
        ports = (urlsplit(town.slack.url).port, monitor, urlsplit(vault.address).port)
        async with company_proxy(tmp_path, dict(zip(HOSTS, map(int, filter(None, ports)), strict=True))) as proxy:
            town.slack.workspace.url = "https://slack.company.test"
            town.settings |= {
                "outgoing": {"proxy": proxy.url, "no_proxy": ["127.0.0.1"], "ca": "company.pem"},
                "heartbeat": {"url": "https://beat.company.test/alive", "every": "1s"},
                "vault": {"address": "https://vault.company.test", "token": f"file:{token}"},
            }
            town.settings["slack"]["api_url"] = town.slack.api_url
            town.settings["credentials"]["lab"]["password"] = "vault:secret/lab#password"
            use_proxy(town.write_settings(), os.environ)
            await town.start()
            await town.command(town.anna, "/backup now core-sw1")
            first = await town.final("core-sw1")
            device.set_config(device.config.replace(b"\nend\n", b"\n" + MANY_LINES + b"end\n"))
            await town.command(town.anna, "/backup now core-sw1")
            await town.final("core-sw1", after=first)
            await town.command(town.vera, "/backup jobs")
            await town.private(town.vera, "jobs")
            await town.until(lambda: any(call.method == "files.completeUploadExternal" for call in town.slack.calls))
            town.clock.advance(2 * town.serve.core.settings.file.heartbeat.every)  # type: ignore[union-attr]
            await town.until(lambda: beats)
            await town.stop()
    await runner.cleanup()

    methods = {call.method for call in town.slack.calls}
    assert {"auth.test", "apps.connections.open", "chat.postMessage", "response_url"} <= methods
    assert {host for host in proxy.hosts if host != "127.0.0.1"} == set(HOSTS)


@pytest.mark.parametrize(("ca", "passes"), [("company.pem", True), (None, False)], ids=["trusted", "not named"])
async def test_i6_only_who_names_the_companys_certificates_trusts_them(
    tmp_path: Path, ca: str | None, *, passes: bool
) -> None:
    runner, port, _ = await answered()
    async with company_proxy(tmp_path, {"beat.company.test": port}) as proxy:
        os.environ["https_proxy"] = proxy.url
        async with outgoing_session(ca=tmp_path / ca if ca else None) as session:
            if passes:
                async with session.get("https://beat.company.test/x") as answer:
                    assert answer.status == 200
            else:
                with pytest.raises(aiohttp.ClientConnectorCertificateError):
                    await session.get("https://beat.company.test/x")
    await runner.cleanup()


@pytest.mark.parametrize(
    ("no_proxy", "through"),
    [("", True), ("127.0.0.1", False), ("localhost,127.0.0.1", False), ("*", False), ("slack.com", True)],
)
async def test_i6_hosts_that_need_no_proxy_are_reached_directly(
    tmp_path: Path, no_proxy: str, *, through: bool
) -> None:
    runner, port, beats = await answered()
    async with company_proxy(tmp_path, {"beat.company.test": port}) as proxy:
        os.environ |= {"http_proxy": proxy.url, "no_proxy": no_proxy}
        async with outgoing_session(ca=None) as session:
            client = slack_client("xoxb-1", api_url=f"http://127.0.0.1:{port}/api/", timeout=5, session=session)
            async with session.get(f"http://127.0.0.1:{port}/x"):
                pass
    await runner.cleanup()

    assert client.proxy is None
    assert (proxy.hosts == ["http"], beats == ["/x"]) == (through, not through)


async def test_i6_a_netrc_takes_the_place_of_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    runner, port, beats = await answered()

    async with outgoing_session(ca=None) as session:
        headers = {"Authorization": "Bearer xoxb-1"}
        async with session.get(f"http://127.0.0.1:{port}/x", headers=headers) as answer:
            assert answer.request_info.headers["Authorization"] == "Bearer xoxb-1"
    await runner.cleanup()

    assert beats == ["/x"]


def test_i6_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("outgoing: {ca: app.yaml}\n", encoding="utf-8")
    settings = Settings.load(tmp_path / "app.yaml", {}, need_slack=False)

    with pytest.raises(SettingsError, match=r"outgoing.ca: .*app.yaml holds no certificates"):
        outgoing_session(ca=settings.company_ca)


def test_i6_a_proxy_from_the_environment_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("outgoing: {proxy: env:COMPANY_PROXY}\n", encoding="utf-8")
    environ = {"COMPANY_PROXY": "http://lastgood:hunter2@proxy.company.test:3128"}

    with pytest.raises(SettingsError, match=r"outgoing\.proxy names the environment variable COMPANY_PROXY"):
        Settings.load(tmp_path / "app.yaml", {}, need_slack=False)
    settings = Settings.load(tmp_path / "app.yaml", environ, need_slack=False)
    use_proxy(settings, environ)

    assert environ["HTTPS_PROXY"] == environ["https_proxy"] == environ["COMPANY_PROXY"]
    assert environ["COMPANY_PROXY"] in settings.secrets.values()


def test_i6_nothing_else_opens_a_session() -> None:
    found = {
        (name, str(source.relative_to(ROOT)))
        for room in ("bot", "commands", "domain", "notifications", "runners", "storage")
        for source in sources(room)
        for name in opened(ast.parse(source.read_text(encoding="utf-8")))
    }

    assert found == {(name, place) for name, places in OPENERS.items() for place in places}


def opened(tree: ast.Module) -> Iterator[str]:
    """What a module calls, by name, of what opens a session."""
    libraries = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (getattr(node, "module", None) or node.names[0].name).partition(".")[0] in LIBRARIES
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=library), attr=name)) if library in libraries:
                if name in OPENERS:
                    yield name
            case ast.Call(func=ast.Name(id=name)) if name in libraries and name in OPENERS:
                yield name
