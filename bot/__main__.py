"""``python -m bot``: the same as ``lastgood``."""

from bot.cli.main import main

main()
