"""积分计算说明 of an entry: from its own trace and the pack that it names."""

from daemon.display.explained import ExplainedFacts, explained_slip
from daemon.ledger.ids import id_of
from daemon.ledger.records import Entry
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed, member_of
from daemon.rules.explain import Language, explain


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    pack = sources.desk.pack_of(entry.pack)
    language: Language = "en" if sources.shop.language == "en" else "zh_CN"
    said = () if pack is None else tuple(explain(entry, pack, language))
    card = getattr(entry.body, "card", "")
    facts = ExplainedFacts(
        hash=digest,
        member=member_of(sources, _member(entry), card, entry),
        said=said,
        points=getattr(entry.body, "points", None),
    )
    return explained_slip(entry, facts, sources.shop, wanted.columns)


def _member(entry: Entry) -> str:
    """Return whom an entry is about; an enrolment makes the member of its own name."""
    joined = hasattr(entry.body, "joined")
    return id_of(entry) if joined else str(getattr(entry.body, "member", ""))
