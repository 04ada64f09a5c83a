"""What a PostgreSQL server's settings mean for what headquarters acknowledges."""

from hq.db import Db

_SETTINGS = (
    "SELECT name, setting FROM pg_settings WHERE name IN"
    " ('fsync', 'full_page_writes', 'synchronous_standby_names')"
)
_STANDBYS = "SELECT count(*), count(sync_state) FROM pg_stat_replication"
_SYNC = "SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') LIMIT 1"


def findings(db: Db) -> list[tuple[str, str]]:
    """Return what endangers or stops acknowledged entries, and what to do."""
    found = []
    settings = dict(db.execute(_SETTINGS).fetchall())
    for name in ("fsync", "full_page_writes"):
        if settings.get(name) == "off":
            fix = f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"
            found.append((f"{name} is off: a power cut loses what was acknowledged", fix))
    there, seen = db.execute(_STANDBYS).fetchone()
    if there > seen:
        what = "standbys are connected whose state we may not see, so that `two` is never told"
        found.append((what, "As a superuser: GRANT pg_monitor TO the role that we connect as."))
    elif settings.get("synchronous_standby_names") and db.execute(_SYNC).fetchone() is None:
        what = "synchronous_standby_names names a standby and none is in step: every commit waits"
        fix = "Start it, or ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf();"
        found.append((what, fix))
    return found
