"""``python -m bot``: the same as ``lastgood``."""

from bot.cli import main

main()
