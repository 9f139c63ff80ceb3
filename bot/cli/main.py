"""The command line. Each command loads only what it needs: the agent never has Slack or the ORM in its memory."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.signals import ignore_harmless_signals
from domain.errors import LastgoodError, NotNow, SettingsError, SlackTrouble, UnknownName, UsageError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.settings.loading import Settings

app = typer.Typer(
    name="lastgood",
    help="Keeps the last good configuration of every network device and reports to Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

archive_app = typer.Typer(help="Take care of the archive.", no_args_is_help=True)
app.add_typer(archive_app, name="archive")

GOOD, RUN_FAILED, UNUSABLE = 0, 1, 2

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", envvar="LASTGOOD_CONFIG", help="The settings file.", metavar="FILE")
]
DEFAULT_CONFIG = Path("app.yaml")
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="The maximum number of rows.")]


def main() -> None:
    """Run the command line; whatever goes wrong is one clear sentence, and an exit status."""
    try:
        app()
    except (SettingsError, UsageError) as error:
        _say(error.advice)
        sys.exit(UNUSABLE)
    except SlackTrouble as error:  # its advice is for people in Slack
        _say(f"Slack cannot be used: {error}. Is slack.api_url right, and can this machine reach it?")
        sys.exit(RUN_FAILED)
    except (UnknownName, NotNow) as error:  # the advice says it all
        _say(error.advice)
        sys.exit(RUN_FAILED)
    except LastgoodError as error:
        _say(f"{error.advice} ({error})")
        sys.exit(RUN_FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def serve(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run the bot until it is stopped by SIGTERM or Ctrl-C."""
    ignore_harmless_signals()
    from bot.logs import set_up_logging
    from bot.serving.serve import serve_until_stopped

    settings = _settings(config)
    set_up_logging(settings.file.log, secrets=settings.secrets.values())
    _exit(GOOD if asyncio.run(serve_until_stopped(settings)) else RUN_FAILED)


@app.command()
def agent(
    name: Annotated[str, typer.Option("--name", help="Its name in app.yaml.")],
    socket: Annotated[Path, typer.Option("--socket", help="The socket on which serve listens.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Run an agent for a `serve` on this machine. Usually `serve` starts its agents itself."""
    ignore_harmless_signals()
    from bot.cli.agent import run_agent

    _exit(run_agent(_settings(config, need_slack=False), name=name, socket=socket))


@app.command()
def check(
    config: ConfigOption = DEFAULT_CONFIG,
    *,
    devices: Annotated[
        bool, typer.Option("--devices", help="Also log in to every device, up to its first prompt.")
    ] = False,
) -> None:
    """Check the settings, Slack, the database, and with --devices the way into every device."""
    from bot.cli.check import check_all

    _exit(RUN_FAILED if _run(check_all(_settings(config), devices=devices)) else GOOD)


@app.command()
def migrate(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Upgrade the database to this version; serve does the same when it starts."""
    from bot.cli.offline import migrate_database

    _run(migrate_database(_settings(config, need_slack=False)))


@app.command()
def manifest(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print the manifest for creating the Slack app."""
    from bot.slack.manifest import manifest as text

    typer.echo(text(_settings(config, need_slack=False)), nl=False)


@app.command()
def run(
    target: Annotated[str, typer.Argument(help="A device or a site.")], config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Back up a device or a whole site now, without Slack. Only while serve is stopped."""
    from bot.cli.run import run_target

    _exit(RUN_FAILED if _run(run_target(_settings(config, need_slack=False), target)) else GOOD)


@app.command(name="try")
def try_(
    device: Annotated[str, typer.Argument(help="A device of app.yaml.")],
    platform: Annotated[
        Path | None, typer.Option("--platform", "-p", help="A platform file to use instead of the device's own.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show every line that came.")] = False,
) -> None:
    """Log in to a device, show the whole session and whether a backup would be stored. Nothing is stored."""
    from bot.cli.try_device import try_device

    work = try_device(_settings(config, need_slack=False), device, platform_file=platform, full=full)
    _exit(RUN_FAILED if _run(work) else GOOD)


@app.command()
def history(
    target: Annotated[str | None, typer.Argument(help="A device or a site. Default: all.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    limit: Limit = 20,
) -> None:
    """Show past runs, newest first."""
    from bot.cli.offline import show_history

    _run(show_history(_settings(config, need_slack=False), target, limit=limit))


@app.command()
def diff(
    device: str,
    versions: Annotated[str, typer.Argument(help="A..B, such as 3..5. Default: the newest change.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show what changed between two versions of a device, secrets masked."""
    from bot.cli.offline import show_diff

    _run(show_diff(_settings(config, need_slack=False), device, versions))


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="devices, history, jobs or audit.")],
    target: Annotated[str | None, typer.Argument(help="A device or a site. Default: all.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    form: Annotated[str, typer.Option("--format", help="csv, or jsonl: one JSON object a line.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of the screen.")
    ] = None,
    limit: Limit = 1_000_000,
) -> None:
    """Write devices, history, jobs or audit as CSV or JSON lines."""
    from bot.cli.export import export as write

    _run(write(_settings(config, need_slack=False), kind, target, form=form, output=output, limit=limit))


@app.command()
def restore(
    device: str,
    version: Annotated[int | None, typer.Option("--version", "-v", min=1, help="Default: the newest.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of the screen.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a stored configuration exactly as the device sent it. Nothing is sent to the device."""
    from bot.cli.offline import restore_version

    _run(restore_version(_settings(config, need_slack=False), device, version=version, output=output))


@archive_app.command(name="backup")
def archive_backup(
    folder: Annotated[Path, typer.Argument(help="A folder of its own. A second backup into it brings what is new.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Copy database and archive so that they fit together; serve may be running."""
    from bot.cli.archive import back_up

    _exit(RUN_FAILED if _run(back_up(_settings(config, need_slack=False), folder)) else GOOD)


def _settings(config: Path, *, need_slack: bool = True) -> Settings:
    from bot.settings.loading import Settings
    from bot.settings.proxy import use_proxy

    settings = Settings.load(config, os.environ, need_slack=need_slack)
    use_proxy(settings, os.environ)
    return settings


def _run(work: Coroutine[Any, Any, bool | None]) -> bool:
    return bool(asyncio.run(work))


def _exit(status: int) -> None:
    raise typer.Exit(status)


def _say(words: str) -> None:
    typer.echo(words, err=True)
