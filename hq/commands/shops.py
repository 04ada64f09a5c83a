"""Commands to shops as such: words to clerks, the screen, settings, reservations, gifts."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import msgspec

from daemon import config_remote
from daemon.howmany import HowMany
from daemon.ledger.messages_shop import ClerkMessage, Reservation, ReservedLine, Setting
from daemon.rules.types import Refusal
from daemon.sync.wire import BOX_SAID, is_box
from hq import adjusting, downlog, gifts, notices, screens
from hq.answers import NO, WRONG_USE, YES, Said, age, failed, table_unless
from hq.columns import is_moment
from hq.commands.adding import Add
from hq.store import OWN_BOX, Office

TEXT_CHARS_MAX = 400  # of a message to the clerks: a slip of ten lines
QTY_MAX = 9_999


def register(add: Add) -> None:
    tell = add("tell", "a word to the clerks, shown until one of them has read it", _tell)
    tell.add_argument("text")
    tell.add_argument("--to", default="", metavar="BOX", help="every shop when left out")
    said = add("messages", "words to the clerks, and who has read them", _messages)
    said.add_argument("--withdraw", metavar="ID", help="this one is shown no more")
    screen = add("playlist", "what the shops' screens play: every file of a folder", _playlist)
    screen.add_argument("folder", type=Path, nargs="?", help="none: say what plays where")
    screen.add_argument("--to", default="", metavar="BOX", help="every shop when left out")
    screen.add_argument("--off", action="store_true", help="take it back")
    setting = add("setting", "set a key of memberbox.toml in a shop, or in all", _setting)
    setting.add_argument("key", nargs="?", help="none: list them")
    setting.add_argument("value", nargs="?", help="none: what the file says counts again")
    setting.add_argument("--to", default="", metavar="BOX", help="every shop when left out")
    keep = add("reserve", "keep goods in a shop for somebody", _reserve)
    keep.add_argument("box")
    keep.add_argument("sku")
    keep.add_argument("qty", type=int)
    keep.add_argument("--member", default="", help="id, card or your own number")
    keep.add_argument("--until", default="", metavar="TIME", help="RFC 3339; then it lapses")
    keep.add_argument("--note", default="")
    kept = add("reservations", "goods that are kept, and what became of them", _reservations)
    kept.add_argument("--cancel", metavar="ID", help="put these on the shelf again")
    owed = add("gifts", "gifts that headquarters owes: open, sent", _gifts)
    owed.add_argument("--sent", metavar="LOT", help="this one was sent")
    owed.add_argument("--note", default="", help="a parcel's number")
    earn = add("earn", "points for no purchase, as the pack says: click, barcode ...", _earn)
    earn.add_argument("member", metavar="MEMBER", help="id, card or your own number")
    earn.add_argument("source", help="as in the pack's grants")
    earn.add_argument("--request", required=True, help="the same one is done once")
    gone = add("retire", "an article or a person that is there no more", _retire)
    gone.add_argument("table", choices=("product", "staff"))
    gone.add_argument("keys", nargs="+", metavar="SKU|NO")


def _tell(office: Office, arguments: argparse.Namespace) -> Said:
    text, box = arguments.text.strip(), arguments.to
    if not 0 < len(text) <= TEXT_CHARS_MAX:
        return failed(WRONG_USE, f"{len(text)} characters; a message has 1 to {TEXT_CHARS_MAX}")
    if (wrong := _no_box(box)) is not None:
        return wrong
    name = f"m{office.entropy.draw(4).hex()}"
    notices.put(office, notices.MESSAGE, name, ClerkMessage(name, text), box=box)
    downlog.write(office)
    record = {"ok": True, "id": name, "to": box}
    return Said(YES, record, (f"{name}: told to {box or 'every shop'}",))


def _messages(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.withdraw is not None:
        return _withdrawn(office, notices.MESSAGE, arguments.withdraw)
    return _listed(office, notices.MESSAGE, arguments)


def _playlist(office: Office, arguments: argparse.Namespace) -> Said:
    box = arguments.to
    if (wrong := _no_box(box)) is not None:
        return wrong
    if arguments.off:
        done = notices.withdraw(office, notices.PLAYLIST, "", box=box)
        downlog.write(office)
        return Said(
            YES if done else NO, {"ok": done, "to": box}, ("taken back" if done else "none",)
        )
    if arguments.folder is None:
        return _listed(office, notices.PLAYLIST, arguments)
    made = screens.playlist_of(office, arguments.folder)
    notices.put(office, notices.PLAYLIST, "", made, box=box)
    downlog.write(office)
    size = sum(one.size for one in made.files)
    record = {"ok": True, "to": box, "files": made.files, "bytes": size}
    line = f"{HowMany(len(made.files)):file}, {HowMany(size):byte}, for {box or 'every shop'}"
    return Said(YES, record, (line,))


def _setting(office: Office, arguments: argparse.Namespace) -> Said:
    key, value, box = arguments.key, arguments.value, arguments.to
    if key is None:
        return _listed(office, notices.SETTING, arguments)
    if (wrong := _no_box(box)) is not None:
        return wrong
    if why := config_remote.refused(key):
        return failed(NO, why)
    if value is None:
        done = notices.withdraw(office, notices.SETTING, key, box=box)
        downlog.write(office)
        lines = (f"{key}: what the file says counts again" if done else f"{key} was not set",)
        return Said(YES if done else NO, {"ok": done, "key": key, "to": box}, lines)
    said: str | int = value
    if config_remote.REMOTE[key] is int:
        if not value.removeprefix("-").isdecimal():
            return failed(WRONG_USE, f"{key} {value}: a whole number")
        said = int(value)
    notices.put(office, notices.SETTING, key, Setting(key, said), box=box)
    downlog.write(office)
    record = {"ok": True, "key": key, "value": said, "to": box}
    return Said(YES, record, (f"{key} = {said} in {box or 'every shop'}, from its next start",))


def _reserve(office: Office, arguments: argparse.Namespace) -> Said:
    box, until = arguments.box, arguments.until
    if (wrong := _no_box(box)) is not None:
        return wrong
    if not 0 < arguments.qty <= QTY_MAX:
        return failed(WRONG_USE, f"{arguments.qty}: 1 to {QTY_MAX} pieces")
    if until and not (is_moment(until) and "T" in until):
        return failed(WRONG_USE, f"--until {until}: a time with its offset, RFC 3339")
    query = "SELECT 1 FROM product WHERE sku = ?"
    if office.db.execute(query, (arguments.sku,)).fetchone() is None:
        return failed(NO, f"no product {arguments.sku}")
    member = adjusting.member_of(office, arguments.member) if arguments.member else ""
    name = f"r{office.entropy.draw(4).hex()}"
    lines = (ReservedLine(arguments.sku, arguments.qty),)
    kept = Reservation(name, lines, member=member, until=until, note=arguments.note)
    notices.put(office, notices.RESERVATION, name, kept, box=box)
    downlog.write(office)
    record = {"ok": True, "id": name, "box": box}
    return Said(YES, record, (f"{name}: {arguments.qty} of {arguments.sku} in {box}",))


def _reservations(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.cancel is not None:
        return _withdrawn(office, notices.RESERVATION, arguments.cancel)
    return _listed(office, notices.RESERVATION, arguments)


def _gifts(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.sent is not None:
        box = gifts.sent(office, arguments.sent, note=arguments.note)
        if box is None:
            return failed(NO, f"no gift waits under {arguments.sent}. See memberbox-hq gifts.")
        downlog.write(office)
        record = {"ok": True, "lot": arguments.sent, "box": box}
        return Said(YES, record, (f"{arguments.sent}: sent; shop {box} is told",))
    found = gifts.owed(office)
    rows = [
        (one.lot, one.box, one.member, one.sku, str(one.qty), one.state, age(one.data_age_s))
        for one in found
    ]
    names = ("lot", "shop", "member", "gift", "qty", "state", "data")
    return Said(YES, {"ok": True, "gifts": found}, table_unless(arguments.json, names, rows))


def _earn(office: Office, arguments: argparse.Namespace) -> Said:
    from hq.earning import earn  # with the pack's models, which are heavy

    member = adjusting.member_of(office, arguments.member)
    done = earn(office, member, arguments.source, request=arguments.request)
    if isinstance(done, Refusal):
        return failed(NO, done.why)
    downlog.write(office)
    line = f"{HowMany(done.points):point} for {member}" + (f": {done.why}" if done.why else "")
    return Said(YES, {"ok": True, "earned": done}, (line,))


def _retire(office: Office, arguments: argparse.Namespace) -> Said:
    table = arguments.table
    key = {"product": "sku", "staff": "no"}[table]
    done = []
    with office.transaction():
        for name in arguments.keys:
            query = f"DELETE FROM {table} WHERE {key} = ?"  # noqa: S608 - names of ours
            if office.db.execute(query, (name,)).rowcount:
                done.append(name)
        office.touch_directory()
    downlog.write(office)
    missing = [name for name in arguments.keys if name not in done]
    lines = (f"retired: {' '.join(done) or 'none'}", *(f"{name} is not here" for name in missing))
    return Said(NO if missing else YES, {"ok": not missing, "retired": done}, lines)


def _withdrawn(office: Office, kind: str, key: str) -> Said:
    row = office.db.execute(
        "SELECT box FROM notice WHERE kind = ? AND key = ? AND gone IS NULL", (kind, key)
    ).fetchone()
    if row is None:
        return failed(NO, f"{key} is not there, or was withdrawn already")
    notices.withdraw(office, kind, key, box=row[0])
    downlog.write(office)
    return Said(YES, {"ok": True, "id": key}, (f"{key} is withdrawn",))


def _listed(office: Office, kind: str, arguments: argparse.Namespace) -> Said:
    found = notices.listed(office, kind)
    rows = [
        (one.key or "-", one.box or "all", _what(one.what), one.at[:16], _states(one))
        for one in found
    ]
    names = ("id", "shop", "what", "at", "state")
    record = {"ok": True, "notices": [_record(one) for one in found]}
    return Said(YES, record, table_unless(arguments.json, names, rows))


def _record(one: notices.NoticeSaid) -> dict[str, object]:
    body = msgspec.json.decode(one.what)
    return {"id": one.key, "to": one.box, "at": one.at, "gone": one.gone} | {
        "what": body,
        "shops": one.told,
    }


def _what(notice: str) -> str:
    body = msgspec.json.decode(notice)
    assert isinstance(body, dict), "a notice is a table"
    if text := body.get("text"):
        return str(text)
    if "lines" in body:
        return ", ".join(f"{line['qty']} {line['sku']}" for line in body["lines"])
    if "files" in body:
        return f"{HowMany(len(body['files'])):file}"
    return str(body.get("value", ""))


def _states(one: notices.NoticeSaid) -> str:
    if one.gone:
        return "withdrawn"
    return _joined(f"{box} {state}" for box, state in one.told.items())


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "-"


def _no_box(box: str) -> Said | None:
    if not box or (is_box(box) and box != OWN_BOX):
        return None
    return failed(WRONG_USE, f"{box!r} is no box id: {BOX_SAID}")
