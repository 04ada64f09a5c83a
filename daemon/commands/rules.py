"""Commands around the rule engine: check a pack, run a case file, explain an entry."""

import json
from pathlib import Path

from msgspec.structs import asdict

from daemon.commands.answer import Answer, Exit, Plain, wrong_use
from daemon.commands.looking import open_journal, stored_entry
from daemon.commands.vocabulary import share_dir
from daemon.config import Config
from daemon.ledger.bodies import DownApplied
from daemon.ledger.codec import decode, down_body, down_message
from daemon.ledger.machine import pack_of
from daemon.ledger.messages import Pack as PackMessage
from daemon.ledger.records import PackRef
from daemon.rules.cases import evaluate_case
from daemon.rules.casewords import CaseError
from daemon.rules.document import PackError, parse
from daemon.rules.explain import Language
from daemon.rules.explain import explain as explain_entry
from daemon.rules.lint import check as lint_pack

LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")
PACK_MARK = rb"\"kind\":\"pack\""  # as the message stands inside its entry, quotes escaped
TEXT_BYTES_MAX = 4 * 1024 * 1024  # packs have tens of KiB, case files less


def check(pack: Path) -> Answer:
    """Schema and lint of a pack; every finding at once."""
    text = _text(pack)
    if isinstance(text, Answer):
        return text
    findings = lint_pack(text, str(pack))
    said = [str(finding) for finding in findings]
    good = all(finding.severity != "error" for finding in findings)
    data: Plain = {"ok": good, "findings": [asdict(finding) for finding in findings]}
    return Answer(Exit.YES if good else Exit.NO, data, said or [f"{pack}: good"])


def evaluate(pack: str, case: Path) -> Answer:
    """Run a case file under a pack (a file, or the id of one that came with the box)."""
    named = Path(pack)
    text = _text(named if named.exists() else share_dir() / "packs" / f"{pack}.json")
    if isinstance(text, Answer):
        return text
    cases = _text(case)
    if isinstance(cases, Answer):
        return cases
    try:
        result = evaluate_case(cases, parse(text))
    except (PackError, CaseError) as error:
        return wrong_use(str(error))
    shown = json.dumps(result, ensure_ascii=False, indent=1).splitlines()
    return Answer(Exit.YES, {"ok": True, **result}, shown)


def explain(config: Config, which: str) -> Answer:
    """Say in words why an entry is as it is."""
    stored = stored_entry(config, which)
    if isinstance(stored, Answer):
        return stored
    entry = decode(stored.data)
    if entry.pack is None:
        what = f"entry {which} ({entry.kind.value}) was made without a rule pack"
        return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
    document = _document(config, entry.pack)
    if document is None:
        what = f"pack {entry.pack.id} v{entry.pack.version} is not in this journal"
        return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
    pack = parse(json.dumps(json.loads(document)["pack"]))
    lines = [line for language in LANGUAGES for line in explain_entry(entry, pack, language)]
    return Answer(Exit.YES, {"ok": True, "lines": lines}, lines)


def _document(config: Config, wanted: PackRef) -> str | None:
    """Return the signed document of a pack, from the message of HQ's log that brought it."""
    with open_journal(config) as journal:
        for epoch in journal.epochs():
            for stored in journal.walk(epoch, 1):
                if PACK_MARK not in stored.data:
                    continue  # a million entries are looked through in a second or two
                body = decode(stored.data).body
                if not isinstance(body, DownApplied):
                    continue
                message = down_body(down_message(body.message.encode()))
                if isinstance(message, PackMessage) and pack_of(message.document) == wanted:
                    return message.document
    return None


def _text(path: Path) -> str | Answer:
    try:
        with path.open("rb") as file:
            return file.read(TEXT_BYTES_MAX).decode()
    except (OSError, UnicodeDecodeError) as error:
        return wrong_use(f"{path}: cannot be read: {error}")
