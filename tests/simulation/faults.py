"""What goes wrong with machines, media, clocks, carriers and headquarters: (world, event)."""

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

import msgspec

from daemon.ledger import archive, journal, machine
from daemon.ledger.backup import Making, back_up
from daemon.ledger.bodies import BoxStarted
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.handover import begun_at, close_epoch
from daemon.ledger.records import Posting
from daemon.ledger.restore import Staging, parse_receipt
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from daemon.vault import unlock
from tests.ledger.faulty import FSYNC, FULL
from tests.simulation.box import FILES, Box, Crash, copy_medium
from tests.simulation.plan import Event
from tests.simulation.world import DOWN, UP, World

Fault = Callable[[World, Box, Event], None]
KEPT = 3  # images of a medium


# -- carriers --------------------------------------------------------------------------------------


def connect(world: World, box: Box, event: Event) -> None:
    world.connect(box)
    world.say(f"box {box.name} connects")


def drop(world: World, box: Box, event: Event) -> None:
    if box.online:
        world.disconnect(box)
        world.count("connection lost")
        world.say(f"box {box.name} loses its connection")


def weather(world: World, box: Box, event: Event) -> None:
    """The carrier gets better or worse."""
    faults = world.broker.faults
    faults.lose, faults.repeat, faults.delay_max = event.a % 30, event.b % 30, event.a % 6


def partition(world: World, box: Box, event: Event) -> None:
    world.broker.cut[box.name] = world.broker.step + event.b % 12 + 3
    world.broker.drop(box=box.name)
    world.say(f"box {box.name} and the broker do not hear each other")


def partition_hq(world: World, box: Box, event: Event) -> None:
    world.broker.cut[""] = world.broker.step + event.b % 12 + 3
    world.broker.drop(way=DOWN)
    world.broker.drop(way=UP)
    world.say("headquarters and the broker do not hear each other")


# -- machines --------------------------------------------------------------------------------------


def wait(world: World, box: Box, event: Event) -> None:
    """Nothing happens; time passes after it as after any event."""


def crash(world: World, box: Box, event: Event) -> None:
    world.say(f"box {box.name} crashes")
    world.count("crash")
    world.crash_box(box)


def crash_at(world: World, box: Box, event: Event) -> None:
    """The machine will stop at one of its next commits."""
    box.fuse.set(event.a % 6 + 1, after=bool(event.b % 2))


def power_cut(world: World, box: Box, event: Event) -> None:
    """The books come back as they were on the last image, or not at all; the journal is whole."""
    world.say(f"box {box.name} loses its power")
    world.count("power cut")
    image = box.image()
    books = [image / f"{FILES[1]}{suffix}" for suffix in ("", "-wal")]
    if box.images and event.b % 2:
        for path in books:
            old = box.images[-1] / path.name
            path.unlink(missing_ok=True)
            if old.exists():
                shutil.copyfile(old, path)
    box.clock.boot(trusted=bool(event.a % 2))
    world.put_back(box, image, "starts again")


def commit_error(world: World, box: Box, event: Event) -> None:
    """The next commit answers with an error, before or after it is durable."""
    if event.b % 3:
        box.medium.fail("INSERT", FSYNC, after=True)
        world.count("COMMIT error after durable")
    else:
        box.medium.fail("INSERT", FULL)
        world.count("COMMIT error, nothing written")
    world.say(f"the disk of box {box.name} will answer with an error")


def clock_jump(world: World, box: Box, event: Event) -> None:
    by = timedelta(minutes=event.b % 6000 - 3000)
    box.clock.jump(by)
    world.count("clock jump")
    world.say(f"the clock of box {box.name} jumps by {by}")


def clock_jump_hq(world: World, box: Box, event: Event) -> None:
    by = timedelta(seconds=event.b % 600 - 400)
    world.centre.clock.jump(by)
    world.count("clock jump of headquarters")
    world.say(f"the clock of headquarters jumps by {by}")


# -- media -----------------------------------------------------------------------------------------


def keep_image(world: World, box: Box, event: Event) -> None:
    box.images.append(box.image())
    del box.images[:-KEPT]


def keep_backup(world: World, box: Box, event: Event) -> None:
    """`memberbox backup`, proved."""
    world.backups += 1
    file = world.folder / f"{world.backups}.mbbackup"
    making = Making(box.name, "2026-03-06T10:00:00+08:00", "simulated", None)
    back_up(box.folder, file, making, box.dice)
    box.backups.append(file)
    world.say(f"box {box.name} makes a backup at {box.store.chain}:{box.store.head.seq}")


def restore_backup(world: World, box: Box, event: Event) -> None:
    """The medium is gone; a backup goes on a new card, on this machine or on another."""
    if event.a % 3 == 0:
        keep_backup(world, box, event)  # the card is changed in time: nothing was sold since
    if not box.backups:
        return
    file = box.backups[-1 if event.a % 3 == 0 else event.a % len(box.backups)]
    target, slip = box.next_folder(), box.store.head
    if event.b % 3 == 0:
        box.hardware = f"board-{event.b}"
    with Staging(target) as staging:
        with file.open("rb") as opened:
            contents = archive.unpack(unlock(opened, box.store.recovery), staging)
        receipt = parse_receipt(f"#{slip.seq} {slip.hash[:6]}")
        done = staging.finish(contents, receipt=receipt, has_hq=True)
    if done.bad:  # the entry of a broken software: kept, and named
        world.count("backup with a bad entry restored")
    if done.goes_on:
        world.count("backup restored, chain kept by its last slip")
    world.count("backup restored")
    world.put_back(box, target, f"a backup is restored (entry {done.head.epoch}:{done.head.seq})")


def other_hardware(world: World, box: Box, event: Event) -> None:
    """The card goes into another machine."""
    box.hardware = f"board-{event.b}"
    world.count("card in other hardware")
    world.put_back(box, box.image(), "the card is in another machine")


def replacement(world: World, box: Box, event: Event) -> None:
    """A planned replacement: everything goes to the heir."""
    world.disconnect(box)
    if event.a % 2:
        _cut_short(world, box, event)
        return
    close_epoch(box.store, box.facts.at())
    world.count("planned replacement")
    world.put_back(box, box.image(), "is replaced as planned")


def _cut_short(world: World, box: Box, event: Event) -> None:
    """The power goes while everything is handed over: at the next start, on this machine or on
    another one, what was handed over is the heir's or lies there until the chain is given up."""
    chain = str(box.store.chain)
    box.fuse.set(event.b % 3 + 1, after=bool(event.a & 2))
    try:
        close_epoch(box.store, box.facts.at())
    except Crash:
        begun = begun_at(box.store) and str(box.store.chain) == chain
        world.count("handover cut short" if begun else "handover not begun")
    if event.a & 4:
        box.hardware = f"board-{event.b}"
        world.count("handover ends on other hardware")
    world.put_back(box, box.image(), "stopped while it was replaced")


def salvage(world: World, box: Box, event: Event) -> None:
    """The journal's file is damaged; what can be read goes on in a new one."""
    image = box.image()
    path = image / journal.FILE
    for suffix in ("", "-wal"):  # everything into one file
        assert (image / f"{journal.FILE}{suffix}").exists() or suffix
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    raw = bytearray(path.read_bytes())
    if event.b % 2:
        spot = len(raw) * (50 + event.a % 45) // 100
        raw[spot : spot + 2048] = b"\xff" * min(2048, len(raw) - spot)
    with sqlite3.connect(image / "local.db") as local:
        local.execute("INSERT OR REPLACE INTO fact VALUES ('journal_damaged', 'found')")
    local.close()
    path.write_bytes(bytes(raw))
    world.count("salvage")
    world.put_back(box, image, "its damaged journal is salvaged")


def lying_fsync(world: World, box: Box, event: Event) -> None:
    """The card said durable and was not: the journal comes back older than the rest."""
    if not box.images:
        return
    old, image = box.images[event.a % len(box.images)], box.image()
    for suffix in ("", "-wal"):
        path = image / f"{journal.FILE}{suffix}"
        path.unlink(missing_ok=True)
        if (old / path.name).exists():
            shutil.copyfile(old / path.name, path)
    world.count("lying fsync")
    world.put_back(box, image, "its journal went back behind its books (the card had lied)")


def image_back(world: World, box: Box, event: Event) -> None:
    """A copy of the whole card is put back, as somebody does who knows no better."""
    if not box.images:
        return
    copy = box.next_folder()
    copy_medium(box.images[event.a % len(box.images)], copy)
    if event.b % 3 == 0:
        box.hardware = f"board-{event.b}"
        world.count("image restored on another machine")
    else:
        world.count("image restored on the same machine")
    world.put_back(box, copy, "an old image of its card is put back")


def clone(world: World, box: Box, event: Event) -> None:
    """The card is copied, and both copies serve."""
    if any(other is not box and other.name == box.name for other in world.live):
        return
    twin = world.new_box(box.name, box.image(), like=box)
    world.boxes.append(twin)
    world.watch.expected |= {"branch", "duplicate"}
    world.count("live clone")
    world.say(f"box {box.name}: its card is copied at {box.store.chain}:{box.store.head.seq}")
    world.began(twin, str(box.store.chain))  # a copy of a chain that was given up begins the next


def retire(world: World, box: Box, event: Event) -> None:
    """The copy is found and taken out of service."""
    if any(other is not box and other.name == box.name for other in world.live):
        world.retire(box)


def poisoned(world: World, box: Box, event: Event) -> None:
    """A box of broken software writes an entry that breaks the rules of postings."""
    world.say(f"box {box.name} writes an entry that no software of ours would write")
    image = box.image()
    store = box.store
    other = "0009.1"
    postings = (
        Posting(other, "points:hq.1:1", "point", "hq.1:1:1", -5),
        Posting(other, "spent:point", "point", "hq.1:1:1", 5),
    )
    body = BoxStarted("broken", "0" * 64)
    draft = machine.box_started(box.facts.at(), software="broken", config="0" * 64)
    draft = msgspec.structs.replace(draft, body=body, postings=postings, id=world.new_id())
    entry = seal_draft(draft, store.chain, seq=store.head.seq + 1, prev=store.head.hash)
    data = encode(entry)
    found = hash_of(data)
    with sqlite3.connect(image / journal.FILE) as db:
        row = journal.row_id(entry.epoch, entry.seq)
        db.execute("INSERT INTO entry VALUES (?, ?, ?)", (row, bytes.fromhex(found), data))
    db.close()
    world.watch.poisoned.add(found)
    log = box.logs[entry.epoch]
    if len(log.hashes) == store.head.seq:
        world.witness.saw(log, Stored(entry.seq, found, data), poisoned=True)
    world.count("poisoned entry")
    world.put_back(box, image, "is started again")


# -- headquarters ----------------------------------------------------------------------------------


def crash_hq(world: World, box: Box, event: Event) -> None:
    world.say("headquarters crashes")
    world.count("HQ crash")
    world.crash_hq()


def crash_hq_at(world: World, box: Box, event: Event) -> None:
    world.centre.fuse.set(event.a % 5 + 1, after=bool(event.b % 2))


def back_up_hq(world: World, box: Box, event: Event) -> None:
    world.hq_backups.append(world.centre.back_up())
    world.say("headquarters is backed up")


def restore_hq(world: World, box: Box, event: Event) -> None:
    if world.hq_backups:
        world.restore_hq(world.hq_backups[event.a % len(world.hq_backups)])


FAULTS_DONE: Mapping[str, Fault] = MappingProxyType(
    {
        "connect": connect,
        "drop": drop,
        "weather": weather,
        "partition": partition,
        "partition of headquarters": partition_hq,
        "wait": wait,
        "crash": crash,
        "crash at a commit": crash_at,
        "power cut": power_cut,
        "commit error": commit_error,
        "clock jump": clock_jump,
        "clock jump of headquarters": clock_jump_hq,
        "keep an image": keep_image,
        "back up": keep_backup,
        "restore a backup": restore_backup,
        "other hardware": other_hardware,
        "replacement": replacement,
        "salvage": salvage,
        "lying fsync": lying_fsync,
        "put an image back": image_back,
        "live clone": clone,
        "retire the clone": retire,
        "poisoned entry": poisoned,
        "HQ crash": crash_hq,
        "HQ crash at a commit": crash_hq_at,
        "HQ back-up": back_up_hq,
        "HQ restore": restore_hq,
    }
)
