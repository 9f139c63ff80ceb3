"""The proxy of app.yaml, put where every library of this process and of its children looks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from bot.settings.loading import Settings

_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY")


def use_proxy(settings: Settings, environ: MutableMapping[str, str]) -> None:
    """Let this process and its children go through the proxy that app.yaml names; without one, ``environ`` stays."""
    proxy = settings.secrets.proxy.get_secret_value()
    if not proxy:
        return
    values = dict.fromkeys(_PROXY_VARIABLES, proxy) | {"NO_PROXY": ",".join(settings.file.outgoing.no_proxy)}
    for name, value in values.items():
        environ[name] = environ[name.lower()] = value  # some libraries read one, some the other
