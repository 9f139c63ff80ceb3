"""Numbers of runs go on behind the highest that is known, also after a database was lost or restored older."""

from __future__ import annotations

from storage.database.statements import connection, fetch


async def go_on_behind(highest: int) -> None:
    """Let the next run have a number above ``highest``, and above that of every run that a version names."""
    [row] = await fetch("SELECT COALESCE(MAX(run), 0) AS run FROM version", [])
    known = max(highest, row["run"])
    if connection().capabilities.dialect == "postgres":
        await fetch(_POSTGRES, [known])
        return
    await fetch(_FIRST, [])
    await fetch("UPDATE sqlite_sequence SET seq = MAX(seq, $1) WHERE name = 'run'", [known])


_POSTGRES = """
SELECT setval(pg_get_serial_sequence('run', 'id'), $1)
WHERE $1 > (SELECT COALESCE(MAX(id), 0) FROM run)
"""

_FIRST = """
INSERT INTO sqlite_sequence (name, seq)
SELECT 'run', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run')
"""
