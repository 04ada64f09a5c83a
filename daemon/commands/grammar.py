"""What the commands with several words or options understand, for argparse."""

import argparse
from pathlib import Path


def kiosk_arguments(screen: argparse.ArgumentParser) -> None:
    screen.add_argument("--browser", choices=("chromium", "cog"), default="chromium")
    screen.add_argument("--run-dir", type=Path, default=Path("/run/memberbox"), metavar="DIR")


def finding_arguments(suggest: argparse.ArgumentParser, teach: argparse.ArgumentParser) -> None:
    suggest.add_argument("--sys", type=Path, default=Path("/sys"), help="another root of sysfs")
    suggest.add_argument("--dev", type=Path, default=Path("/dev"), help="another folder of nodes")
    teach.add_argument("device", metavar="DEVICE")
    teach.add_argument("card", metavar="CARD", help="its number as the chain writes it, or its UID")
    teach.add_argument("--wait", type=float, default=30.0, metavar="S", help="seconds")


def act_arguments(act: argparse.ArgumentParser) -> None:
    act.add_argument("kind", metavar="KIND")
    act.add_argument("file", nargs="?", default="-", metavar="FILE|-")


def setting_up_arguments(
    provision: argparse.ArgumentParser, bundle: argparse.ArgumentParser
) -> None:
    provision.add_argument(
        "--root", type=Path, default=Path("/"), metavar="DIR", help="another root of the files"
    )
    bundle.add_argument(
        "file", nargs="?", type=Path, default=Path("memberbox-support.tar.gz"), metavar="FILE"
    )


def card_arguments(card: argparse.ArgumentParser) -> None:
    card.add_argument("--language", choices=("zh_CN", "en"), default="zh_CN")


def keeping_arguments(backup: argparse.ArgumentParser, restore: argparse.ArgumentParser) -> None:
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument("--code", action="store_true", help="also show the recovery code")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--code", default="", metavar="CODE", help="the box's recovery code")
    restore.add_argument(
        "--last-receipt", default="", metavar="'412 3fa9c1'", help="of the very last slip"
    )


def spool_arguments(parser: argparse.ArgumentParser, asked: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for verb, help_ in (
        ("list", "the printers, what waits, and what became of the last slips"),
        ("pause", "begin no slip, not even after a restart"),
        ("resume", "go on"),
        ("reprint", "the slip of an entry once more, marked 补打"),
    ):
        what = whats.add_parser(verb, help=help_, parents=[asked])
        if verb == "reprint":
            what.add_argument("entry", metavar="[EPOCH:]SEQ")
        what.add_argument("printer", nargs="?", default="", metavar="PRINTER")


def stick_arguments(parser: argparse.ArgumentParser, asked: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for verb, help_ in (
        ("export", "write everything that headquarters does not have"),
        ("import", "take what headquarters has written for this box"),
        ("show", "what of this box is on it"),
    ):
        what = whats.add_parser(verb, help=help_, description=help_, parents=[asked])
        what.add_argument("dir", type=Path, metavar="DIR")
        what.add_argument("--part-mib", type=int, default=0, metavar="N", help="of one file: 16")


def journal_arguments(parser: argparse.ArgumentParser, asked: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    show = whats.add_parser("show", help="one entry", parents=[asked])
    show.add_argument("which", metavar="[EPOCH:]SEQ")
    tail = whats.add_parser("tail", help="the newest entries", parents=[asked])
    tail.add_argument("--count", type=int, default=10)
    export = whats.add_parser("export", help="entries, for people", parents=[asked])
    export.add_argument("--csv", action="store_true", help="as the columns of a paper register")
    export.add_argument("--first", default="", metavar="[EPOCH:]SEQ")
    export.add_argument("--last", default="", metavar="[EPOCH:]SEQ")
    export.add_argument("--since", default="", metavar="DATE", help="business date, YYYY-MM-DD")
    export.add_argument("--until", default="", metavar="DATE")
    export.add_argument("--out", type=Path, metavar="FILE", help="else stdout")


def member_arguments(parser: argparse.ArgumentParser, asked: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    export = whats.add_parser("export", help="all that is held of a member", parents=[asked])
    export.add_argument("who", metavar="ID|CARD")
    erase = whats.add_parser("erase", help="make a member nobody, for ever", parents=[asked])
    erase.add_argument("who", metavar="ID|CARD")
    erase.add_argument("--reason", required=True, help="asked by the member, ended by law ...")


def rules_arguments(parser: argparse.ArgumentParser, asked: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    whats.add_parser("check", help="check a pack", parents=[asked]).add_argument(
        "pack", type=Path, metavar="FILE"
    )
    case = whats.add_parser("eval", help="run a case file", parents=[asked])
    case.add_argument("--pack", required=True, metavar="FILE|ID")
    case.add_argument("--case", required=True, type=Path, metavar="FILE")
    explain = whats.add_parser("explain", help="say why an entry is as it is", parents=[asked])
    explain.add_argument("which", metavar="[EPOCH:]SEQ")
    replay = whats.add_parser("replay", help="evaluate past entries anew", parents=[asked])
    replay.add_argument("--from", dest="first", metavar="DAY", help="first business date")
    replay.add_argument("--to", dest="last", metavar="DAY", help="last business date")
    backtest = whats.add_parser("backtest", help="a pack over past sales", parents=[asked])
    backtest.add_argument("pack", metavar="FILE|ID")
    backtest.add_argument("--days", type=int, help="only the last so many days")
    due = whats.add_parser("due", help="whom the pack wants told, why and when", parents=[asked])
    due.add_argument("--from", dest="first", metavar="DAY", help="today when left out")
    due.add_argument("--to", dest="last", metavar="DAY", help="the same day when left out")
    diff = whats.add_parser("diff", help="what a pack changes for a member", parents=[asked])
    diff.add_argument("old", metavar="FILE|ID")
    diff.add_argument("new", metavar="FILE|ID")
