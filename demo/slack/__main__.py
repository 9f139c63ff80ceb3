"""A local Slack on its own: ``python -m demo.slack --port 0`` prints where it is and runs until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from bot.clock import SystemClock
from demo.slack.server import LocalSlack


async def run(port: int, *, rate_limits: bool) -> None:
    """Serve until SIGINT or SIGTERM; the first line printed is JSON with the address and the tokens."""
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with LocalSlack(clock=SystemClock(), port=port, rate_limits=rate_limits) as slack:
        anna = slack.add_person("anna", id="U02ANNA")
        slack.add_channel("plant-a", id="C0PLANTA", members=[anna])
        facts = {
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m demo.slack", description="A local Slack.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--no-rate-limits", action="store_true", help="answer every call, however often it comes")
    options = parser.parse_args()
    asyncio.run(run(options.port, rate_limits=not options.no_rate_limits))


if __name__ == "__main__":
    main()
