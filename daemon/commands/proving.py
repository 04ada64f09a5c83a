"""Commands that prove: check, verify, rebuild."""

import sys
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict

from daemon import config as configs
from daemon.commands.answer import Answer, Exit, Plain
from daemon.config import Config, Vocabulary
from daemon.howmany import HowMany
from daemon.ledger.rebuild import rebuild as rebuild_books
from daemon.ledger.verify import verify as verify_box

PROGRESS_EVERY = 50_000  # entries between two signs of life


def check(file: Path, vocabulary: Vocabulary) -> Answer:
    """Every mistake of a config file at once; no box needed."""
    problems = configs.check(file, vocabulary)
    unreadable = any(not problem.key for problem in problems)
    code = Exit.WRONG_USE if unreadable else Exit.NO if problems else Exit.YES
    data: Plain = {"ok": not problems, "errors": [asdict(problem) for problem in problems]}
    count = f"{len(problems)} mistake{'s' if len(problems) != 1 else ''} in {file}"
    lines = [*map(str, problems), count] if problems else [f"{file}: good"]
    return Answer(code, data, lines)


def verify(config: Config, *, full: bool) -> Answer:
    """Prove chain and books; the first bad entries are named."""
    proof = verify_box(config.state_dir, full=full, progress=progress_of("verified"))
    data: Plain = {
        "ok": proof.ok,
        "entries": proof.entries,
        "head": proof.head,
        "bad": [asdict(bad) for bad in proof.bad],
    }
    if proof.ok:
        return Answer(Exit.YES, data, [f"{HowMany(proof.entries):entry}: chain and books agree"])
    lines = [f"entry {bad.epoch}:{bad.seq}: {bad.what}" for bad in proof.bad]
    return Answer(
        Exit.NO,
        data,
        [*lines, "Keep this state directory as it is and call your technician."],
    )


def rebuild(config: Config) -> Answer:
    """Make the books anew from the journal; the box must not be running."""
    entries = rebuild_books(config.state_dir, progress=progress_of("rebuilt"))
    return Answer(
        Exit.YES,
        {"ok": True, "entries": entries},
        [f"books made anew from {HowMany(entries):entry}"],
    )


def progress_of(word: str) -> Callable[[int], None]:
    """Return a callback that tells a person on stderr how far a long work is."""
    shown = sys.stderr.isatty()

    def tell(done: int) -> None:
        if shown and done % PROGRESS_EVERY == 0:
            sys.stderr.write(f"\r{word} {done:,} entries")

    return tell
