"""Commands about boxes and their chains: tokens, losses, copies on other media."""

import argparse
from pathlib import Path

from daemon.howmany import HowMany
from daemon.ledger.ids import parse_entry_id
from daemon.sync.wire import BOX_SAID, is_box
from hq import downlog, notices, restoring, writeoff
from hq.ages import ages
from hq.answers import NO, WRONG_USE, YES, Said, age, failed, table
from hq.commands.adding import Add
from hq.progress import bar
from hq.recovery import recovery_code
from hq.registry import issue_token
from hq.secondcopy import take_copy
from hq.store import OWN_BOX, Office
from hq.unitwords import amount_of, name_of


def register(add: Add) -> None:
    token = add("token", "a one-time token for a box, for its config", _token)
    token.add_argument("box")
    token.add_argument("--toml", action="store_true", help="with all that [hq] of its config needs")
    made = add("certificate", "a key and a certificate for mutual TLS, in a folder", _certificate)
    made.add_argument("name", metavar="BOX", help="the box's id; with --host any name of a broker")
    made.add_argument("--out", type=Path, help="the folder; needed but for --revoke")
    made.add_argument("--host", action="append", default=[], help="a broker's name or address")
    made.add_argument("--renew", action="store_true", help="a later one of the key that it has")
    made.add_argument("--revoke", action="store_true", help="every certificate of this name")
    lost = add("write-off", "give up a lost chain; what it held is granted anew", _write_off)
    lost.add_argument("chain", metavar="BOX.EPOCH")
    lost.add_argument("--yes", action="store_true", help="do it; without, only say what it costs")
    copied = add("second-copy", "take the entries of a box's second copy", _second_copy)
    copied.add_argument("folder", type=Path, help="the folder memberbox-BOX of the stick")
    saved = add("backup", "copy headquarters, as it is at this moment, with its key", _backup)
    saved.add_argument("folder", type=Path, help="a new folder; keep it as safe as the key")
    add("restored", "after a restore by hand or a failover: begin the next incarnation", _restored)
    found = add("recovery", "the code that opens a box's backup; give it to nobody else", _recovery)
    found.add_argument("file", type=Path, help="a file of memberbox backup; its first lines do")


def _token(office: Office, arguments: argparse.Namespace) -> Said:
    box = arguments.box
    if not is_box(box) or box == OWN_BOX:
        return failed(WRONG_USE, f"{box!r} is no box id: {BOX_SAID}, and not {OWN_BOX}")
    token = issue_token(office, box)
    if not arguments.toml:
        return Said(YES, {"ok": True, "box": box, "token": token}, (token,))
    from hq import certificates  # heavy: X.509 is made here and nowhere else

    ca = certificates.authority_pem(office)
    record = {"ok": True, "box": box, "token": token, "key": office.public.hex(), "ca": ca}
    lines = ("[hq]", f'key = "{office.public.hex()}"', f'token = "{token}"', 'tls = "own"')
    return Said(YES, record, (*lines, f'ca = """\n{ca}"""'))


def _certificate(office: Office, arguments: argparse.Namespace) -> Said:
    from hq import certificates  # heavy: X.509 is made here and nowhere else

    name = arguments.name
    if not is_box(name):
        return failed(WRONG_USE, f"{name!r}: a name is {BOX_SAID}")
    if arguments.revoke:
        done = certificates.revoke(office, name)
        crl = str(office.folder / "keys" / certificates.CRL)
        record = {"ok": done > 0, "name": name, "revoked": done, "crl": crl}
        said = f"{HowMany(done):certificate} of {name} revoked"
        lines = (said, f"give the broker {crl} and restart it")
        return Said(YES if done else NO, record, lines)
    if arguments.renew:
        later = certificates.renew(office, name)
        if later is None:
            return failed(NO, f"{name} has no certificate whose key is known here: make a folder")
        notices.put(office, notices.CERTIFICATE, "", later, box=name)
        downlog.write(office)
        return Said(YES, {"ok": True, "name": name, "renewed": True}, (f"{name} is told",))
    if arguments.out is None:
        return failed(WRONG_USE, "--out FOLDER: where key and certificate go")
    certificates.issue(office, name, arguments.out, hosts=arguments.host)
    record = {"ok": True, "name": name, "folder": str(arguments.out)}
    return Said(YES, record, (f"{arguments.out}: ca.pem, own.pem and own.key, which is secret",))


def _write_off(office: Office, arguments: argparse.Namespace) -> Said:
    """Show what giving the chain up may cost; do it only when that was confirmed."""
    place = parse_entry_id(f"{arguments.chain}:1")
    if place is None:
        why = f"{arguments.chain!r} is no chain: write it as BOX.EPOCH, like 0018.1"
        return failed(WRONG_USE, why)
    chain, sure = place[0], arguments.yes
    shown = writeoff.write_off(office, chain) if sure else writeoff.exposure(office, chain)
    units = sorted(shown.holding.keys() | shown.undelivered.keys())
    rows = [
        (
            name_of(unit),
            amount_of(unit, shown.holding.get(unit, 0)),
            amount_of(unit, shown.undelivered.get(unit, 0)),
        )
        for unit in units
    ]
    lines = table(("what", "held at the mark", "granted, unconfirmed"), rows)
    known_s = ages(office).get(chain.box)
    lines += (
        f"chain {shown.chain} up to entry {shown.mark}; last heard of box {chain.box}:"
        f" {age(known_s)} ago",
    )
    record = {"ok": sure, "exposure": shown, "data_age_s": known_s}
    if sure:
        downlog.write(office)
        return Said(YES, record, (*lines, "given up; what it held is granted anew"))
    ask = "Nothing was done. This is the most it can cost; say --yes to give the chain up."
    return Said(NO, record, (*lines, ask))


def _backup(office: Office, arguments: argparse.Namespace) -> Said:
    restoring.back_up(office, arguments.folder)
    record = {"ok": True, "folder": str(arguments.folder)}
    return Said(YES, record, (f"headquarters saved in {arguments.folder}",))


def _restored(office: Office, _: argparse.Namespace) -> Said:
    incarnation = restoring.raise_incarnation(office)
    record = {"ok": True, "incarnation": incarnation, "waits": restoring.waiting_for(office)}
    return Said(YES, record, restored_lines(incarnation, restoring.waiting_for(office)))


def restored_lines(incarnation: int, waits: list[str]) -> tuple[str, ...]:
    return (
        f"incarnation {incarnation}",
        f"the pool is closed until these chains confirm it: {' '.join(waits) or 'none'}",
        "Serve, and wait. Give up a chain that never comes: memberbox-hq write-off BOX.EPOCH.",
    )


def _second_copy(office: Office, arguments: argparse.Namespace) -> Said:
    with bar("taking the copy", shown=not arguments.json) as progress:
        stored, refused = take_copy(office, arguments.folder, progress)
    record = {"ok": not refused, "stored": stored, "refused": refused}
    return Said(NO if refused else YES, record, (*refused, f"new: {HowMany(stored):entry}"))


def _recovery(office: Office, arguments: argparse.Namespace) -> Said:
    header, code = recovery_code(office, arguments.file)
    record = {"ok": True, "box": header.box, "about": header.about, "code": code}
    return Said(YES, record, (f"box {header.box}, {header.about}", code))
