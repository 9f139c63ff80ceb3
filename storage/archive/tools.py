"""git itself, where libgit2 would be slow or blind: in a process of low priority, without anybody's settings."""

from __future__ import annotations

import os

GIT = ("nice", "-n", "19", "git", "-c", "safe.directory=*", "-c", "gc.auto=0", "-c", "maintenance.auto=false")


def git_environment() -> dict[str, str]:
    """Our own environment without what would send git elsewhere, and no settings of the account it runs under."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return plain | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
