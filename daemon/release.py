"""The version of this software, as entries and the hello to headquarters name it."""

from datetime import datetime, timezone

VERSION = "0.1.0"
BUILT = datetime(2026, 1, 1, tzinfo=timezone.utc)  # no box ran this before: the least of all nows
