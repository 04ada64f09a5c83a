"""What a PostgreSQL server's settings mean for what headquarters acknowledges."""

from hq.db import Db

_SETTINGS = (
    "SELECT name, setting FROM pg_settings WHERE name IN"
    " ('fsync', 'full_page_writes', 'synchronous_standby_names')"
)
_STANDBYS = "SELECT count(*), count(sync_state) FROM pg_stat_replication"
_SYNC = "SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') LIMIT 1"


def findings(db: Db) -> list[str]:
    """Return what endangers or stops acknowledged entries; each with what to do."""
    found = []
    settings = dict(db.execute(_SETTINGS).fetchall())
    for name in ("fsync", "full_page_writes"):
        if settings.get(name) == "off":
            found.append(
                f"{name} is off: a power cut loses what was acknowledged."
                f" ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"
            )
    there, seen = db.execute(_STANDBYS).fetchone()
    if there > seen:
        found.append(
            "standbys are connected whose state we may not see, so that `two` is never told."
            " GRANT pg_monitor TO CURRENT_USER, as a superuser;"
        )
    elif settings.get("synchronous_standby_names") and db.execute(_SYNC).fetchone() is None:
        found.append(
            "synchronous_standby_names names a standby and none is in step: every commit waits."
            " Start the standby, or ALTER SYSTEM RESET synchronous_standby_names; and reload."
        )
    return found
