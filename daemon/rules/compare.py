"""Two packs side by side: what changes for a member, in words. Chinese and English.

Only what differs is said. Numbers are those of the packs; money is in yuan.
"""

from collections.abc import Iterator, Mapping

from daemon.rules.models import Pack
from daemon.rules.vocabulary import Section
from daemon.rules.words import NAMES, Words, field_words, value_words

Pair = tuple[str, str]  # Chinese, English

# not the member's
PROLOGUE = frozenset({"id", "version", "title", "effective", "scope", "about", "stock"})


def compare(old: Pack, new: Pack) -> list[Pair]:
    """Return what a member will notice, one sentence each; empty: nothing changes for him."""
    return list(_sections(old, new))


def _sections(old: Pack, new: Pack) -> Iterator[Pair]:
    for name in Pack.model_fields:
        if name in PROLOGUE:
            continue
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield from _changed(NAMES.get(name, (name, name.replace("_", " "))), before, after)


def _changed(where: Words, before: object, after: object) -> Iterator[Pair]:
    if _is_listed(before) and _is_listed(after):
        yield from _listed(where, _by_id(before), _by_id(after))
    elif isinstance(before, Section) and isinstance(after, Section):
        if getattr(before, "kind", None) == getattr(after, "kind", None):
            yield from _fields(where, before, after)
        else:  # another kind has other fields: said as a whole
            yield _said(where, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            if before.get(key) != after.get(key):
                inner = (f"{where[0]}·{key}", f"{where[1]} {key}")
                yield from _changed(inner, before.get(key), after.get(key))
    else:
        yield _said(where, before, after)


def _is_listed(value: object) -> bool:
    """Tell whether it is a list of rules with an id each (or of ways in, by their kind)."""
    return isinstance(value, tuple) and all(
        isinstance(one, Section) and (hasattr(one, "id") or hasattr(one, "kind")) for one in value
    )


def _by_id(value: object) -> dict[str, Section]:
    assert isinstance(value, tuple)
    return {str(getattr(one, "id", "") or getattr(one, "kind", "")): one for one in value}


def _listed(
    where: Words, before: Mapping[str, Section], after: Mapping[str, Section]
) -> Iterator[Pair]:
    for name in [*before, *(one for one in after if one not in before)]:
        old, new = before.get(name), after.get(name)
        inner = (f"{where[0]} {name}", f"{where[1]} {name}")
        if old is None and new is not None:
            zh, en = value_words(new)
            yield f"新增{inner[0]}:{zh}", f"New: {inner[1]}: {en}"
        elif new is None and old is not None:
            zh, en = value_words(old)
            yield f"取消{inner[0]}(原:{zh})", f"Gone: {inner[1]} (was: {en})"
        elif old is not None and new is not None and old != new:
            yield from _fields(inner, old, new)


def _fields(where: Words, before: Section, after: Section) -> Iterator[Pair]:
    if type(before) is not type(after):
        yield _said(where, before, after)
        return
    for name in type(before).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            zh, en = field_words(name)
            yield from _changed((f"{where[0]},{zh}", f"{where[1]}, {en}"), old, new)


def _said(where: Words, before: object, after: object) -> Pair:
    key = where[1].rpartition(", ")[2].replace(" ", "_")
    old, new = value_words(before, key), value_words(after, key)
    return f"{where[0]}:由{old[0]}改为{new[0]}", f"{where[1]}: {old[1]} becomes {new[1]}"
