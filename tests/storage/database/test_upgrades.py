"""A database that an older version filled is brought up to date without losing a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from storage.database import opening
from storage.database.opening import APPS, database
from storage.devices.reviews import count_unreviewed, review
from storage.devices.versions import newest_version
from tests.storage.values import NOW

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

_VERSION = (
    'INSERT INTO version (device, site, number, "commit", run, captured_at, last_checked_at, size, digest, added, '
    "removed) VALUES ('core-sw1', 'plant-a', 2, 'c0ffee', 5, '{now}', '{now}', 1, 'd', 0, 0)"
)
_DEVICE = "INSERT INTO device (name, site) VALUES ('core-sw1', 'plant-a')"
_MESSAGE = (
    "INSERT INTO outbox (key, kind, channel, content, content_digest, site, shows_config, revision, sent_revision, "
    "waiting, attempts, in_doubt, state, changed_at) VALUES ('k', 'post', 'C1', '{{}}', 'd', 'plant-a', {no}, 1, 0, "
    "{yes}, 0, {no}, '{{}}', '{now}')"
)


async def _first_schema_with_rows(url: str) -> None:
    context = TortoiseContext()
    opening._make_known(context)  # noqa: SLF001 - the first schema is made nowhere else
    try:
        connections = {"default": opening._connection(url)}  # noqa: SLF001 - the same
        await context.init(config={"connections": connections, "apps": APPS, "use_tz": True, "timezone": "UTC"})
        async with in_transaction() as transaction:
            executor = MigrationExecutor(transaction, APPS)
            await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))  # noqa: SLF001 - as storage
            await executor.loader.build_graph()
            await executor.migrate([MigrationTarget(app_label="storage", name="0001_initial")])
        await _fill(context.db())
    finally:
        await context.close_connections()


async def _fill(client: BaseDBAsyncClient) -> None:
    yes, no = ("true", "false") if client.capabilities.dialect == "postgres" else ("1", "0")
    for row in (_VERSION, _DEVICE, _MESSAGE):
        await client.execute_query(row.format(now=NOW.isoformat(sep=" "), yes=yes, no=no))


async def test_a_filled_database_of_the_first_schema_is_upgraded_with_its_rows(address: str) -> None:
    await _first_schema_with_rows(address)

    async with database(address):
        version = await newest_version("core-sw1")
        waiting = await count_unreviewed({"plant-a"})
        reviewed = await review("core-sw1", 2, by="U02ANNA", note="", now=NOW)

    assert version
    assert (version.commit, version.captured_at, version.review) == ("c0ffee", NOW, None)
    assert waiting == 0  # what was stored before reviews existed does not wait for one
    assert reviewed
    assert reviewed[1]
