"""Certificates that come to their end are renewed by themselves, once a day while HQ serves."""

from hq import notices
from hq.looks import DAY_MS, Looks
from hq.store import Office


class Renewing:
    """Looks once a day. One thread, the same as intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._looks = Looks(office, DAY_MS)

    def work(self) -> int:
        """Renew what is due; return how many."""
        if not self._looks.due():
            return 0
        query = "SELECT 1 FROM certificate LIMIT 1"
        if self._office.db.execute(query).fetchone() is None:
            return 0
        from hq import certificates  # heavy: X.509, and most days nothing is due

        names = certificates.due(self._office.db, self._office.now()[:10])
        for name in names:
            later = certificates.renew(self._office, name)
            if later is not None:
                notices.put(self._office, notices.CERTIFICATE, "", later, box=name)
        return len(names)
