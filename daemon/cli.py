"""The `memberbox` command: one thin function per subcommand; the work is in daemon/commands.

Exit codes: 0 yes; 1 the answer is no; 2 wrong use or unreadable input; 3 cannot open or reach;
4 a bug. `--json` puts exactly one object on stdout, everything else goes to stderr.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.commands import grammar
from daemon.commands.answer import Answer, Exit, give, unreachable, wrong_use
from daemon.errors import MemberboxError

if TYPE_CHECKING:
    from daemon.config import Config

CONFIG_VARIABLE = "MEMBERBOX_CONFIG"
CONFIG_DEFAULT = Path("/etc/memberbox/memberbox.toml")

Command = Callable[[argparse.Namespace], Answer]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = command_parser().parse_args(words)
    except SystemExit as ended:  # argparse has said on stderr what is wrong
        if ended.code and "--json" in words:
            give(wrong_use("wrong use; what is wrong stands on stderr"), as_json=True)
        raise
    command: Command = arguments.command
    try:
        answer = command(arguments)
    except MemberboxError as error:
        answer = unreachable(str(error))
    except BrokenPipeError:
        return int(Exit.YES)  # the reader has seen enough (`| head`)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the outermost frame: a bug must still answer in one object
        traceback.print_exc()
        what = f"a bug in memberbox: {type(error).__name__}: {error}. Please report the lines above"
        answer = Answer(Exit.BUG, {"ok": False, "error": what}, (what,))
    return give(answer, as_json="json" in arguments)


def _run(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.running import run

    return run(_config_path(arguments))


def _kiosk(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.kiosk import kiosk

    return kiosk(arguments.run_dir, arguments.browser)


def _check(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.proving import check
    from daemon.commands.vocabulary import vocabulary

    return check(arguments.file, vocabulary())


def _status(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.looking import status

    return _with_config(arguments, status)


def _devices(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.looking import devices

    return _with_config(arguments, devices)


def _suggest(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.suggest import suggest

    return suggest(arguments.sys, arguments.dev)


def _teach(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.teach import teach

    return _with_config(
        arguments, lambda config: teach(config, arguments.device, arguments.card, arguments.wait)
    )


def _spool(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.spooling import spool

    entry = getattr(arguments, "entry", "")
    return _with_config(
        arguments, lambda config: spool(config, arguments.what, arguments.printer, entry)
    )


def _doctor(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.doctor import doctor

    return doctor(_config_path(arguments))


def _verify(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.proving import verify

    return _with_config(arguments, lambda config: verify(config, full=arguments.full))


def _rebuild(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.proving import rebuild

    return _with_config(arguments, rebuild)


def _backup(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.backup import backup

    path, file, code = _config_path(arguments), arguments.file, arguments.code
    return _with_config(arguments, lambda config: backup(config, path, file, show_code=code))


def _restore(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.restore import Asked, restore

    path = _config_path(arguments)
    asked = Asked(arguments.file, arguments.code, arguments.last_receipt)
    return _with_config(arguments, lambda config: restore(config, path, asked))


def _journal(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.looking import journal_show, journal_tail

    if arguments.what == "export":
        return _with_config(arguments, lambda config: _export(config, arguments))
    if arguments.what == "tail":
        return _with_config(arguments, lambda config: journal_tail(config, arguments.count))
    return _with_config(arguments, lambda config: journal_show(config, arguments.which))


def _export(config: "Config", arguments: argparse.Namespace) -> Answer:
    from daemon.commands.exporting import journal_export, journal_object, range_of

    span = range_of(arguments.first, arguments.last, arguments.since, arguments.until)
    if isinstance(span, Answer):
        return span
    if "json" in arguments and arguments.out is None:
        return journal_object(config, span)
    return journal_export(config, span, as_csv=arguments.csv, out=arguments.out)


def _member(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.acting import erase
    from daemon.commands.exporting import member_export

    if arguments.what == "export":
        return _with_config(arguments, lambda config: member_export(config, arguments.who))
    return _with_config(arguments, lambda config: erase(config, arguments.who, arguments.reason))


def _act(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.acting import act

    return _with_config(arguments, lambda config: act(config, arguments.kind, arguments.file))


def _hand_over(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.replacing import hand_over

    return _with_config(arguments, lambda config: hand_over(config, sure=arguments.yes))


def _stick(arguments: argparse.Namespace) -> Answer:
    from daemon.commands import stick

    if arguments.what == "show":
        return _with_config(arguments, lambda config: stick.show(config, arguments.dir))
    what, folder, mib = arguments.what, arguments.dir, arguments.part_mib
    return _with_config(arguments, lambda config: stick.carry(config, what, folder, mib))


def _rehearse(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.rehearsing import try_takeover

    return _with_config(arguments, try_takeover)


def _support_bundle(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.support_bundle import support_bundle

    path, out = _config_path(arguments), arguments.file
    return _with_config(arguments, lambda config: support_bundle(config, path, out))


def _provision(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.provision import provision

    return provision(arguments.root)


def _keycard(arguments: argparse.Namespace) -> Answer:
    from daemon.commands.keycard import keycard

    return keycard(arguments.language)


def _rules(arguments: argparse.Namespace) -> Answer:
    from daemon.commands import rules

    if arguments.what == "check":
        return rules.check(arguments.pack)
    if arguments.what == "eval":
        return rules.evaluate(arguments.pack, arguments.case)
    if arguments.what in ("replay", "backtest", "diff"):
        return _rules_past(arguments)
    if arguments.what == "due":
        from daemon.commands.reminding import due

        return _with_config(arguments, lambda one: due(one, arguments.first, arguments.last))
    return _with_config(arguments, lambda config: rules.explain(config, arguments.which))


def _rules_past(arguments: argparse.Namespace) -> Answer:
    from daemon.commands import rules_past as past

    if arguments.what == "diff":
        return past.difference(arguments.old, arguments.new)
    if arguments.what == "replay":
        first, last = arguments.first, arguments.last
        return _with_config(arguments, lambda config: past.replay(config, first, last))
    pack, days = arguments.pack, arguments.days
    return _with_config(arguments, lambda config: past.backtest(config, pack, days))


def _with_config(arguments: argparse.Namespace, command: Callable[..., Answer]) -> Answer:
    from daemon.config import ConfigError, last_good_path, load

    path = _config_path(arguments)
    try:
        return command(load(path))
    except ConfigError as error:
        problems = str(error)
    try:  # a running box runs on it, so questions about the box are answered by it
        config = load(last_good_path(path))
    except ConfigError:
        return wrong_use(problems)
    sys.stderr.write(f"{problems}\nanswering for the last good config\n")
    return command(config)


def _config_path(arguments: argparse.Namespace) -> Path:
    named: Path | None = arguments.config
    return named or Path(os.environ.get(CONFIG_VARIABLE, "") or CONFIG_DEFAULT)


def _asked() -> argparse.ArgumentParser:
    """Return what every command takes."""
    asked = argparse.ArgumentParser(add_help=False)
    asked.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one object on stdout"
    )
    return asked


def command_parser() -> argparse.ArgumentParser:
    """Return what the command understands; the manual page is made of it too."""
    asked = _asked()
    parser = argparse.ArgumentParser(
        prog="memberbox", description="the box on a shop's counter", parents=[asked]
    )
    parser.add_argument(
        "--config", type=Path, help=f"else ${CONFIG_VARIABLE}, else {CONFIG_DEFAULT}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Command, help_: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_, description=help_, parents=[asked])
        sub.set_defaults(command=command)
        return sub

    add("run", _run, "run the box")
    grammar.kiosk_arguments(add("kiosk", _kiosk, "the browser on the screen (own service)"))
    add("check", _check, "say every mistake of a config file").add_argument("file", type=Path)
    add("status", _status, "what the running box says of itself")
    add("devices", _devices, "state of every device")
    grammar.finding_arguments(
        add("suggest", _suggest, "what is plugged in, as lines of a config"),
        add("teach", _teach, "how a reader without contact writes a known card (box stopped)"),
    )
    add("doctor", _doctor, "look the box over: each finding with what to do")
    add("verify", _verify, "prove the journal's chain and the books").add_argument(
        "--full", action="store_true", help="also the whole past, entry by entry"
    )
    add("rebuild", _rebuild, "make the books anew from the journal (box stopped)")
    grammar.act_arguments(add("act", _act, "do one act (topup, return, ...) by its JSON request"))
    ended = add("hand-over", _hand_over, "end this chain; a new machine goes on with all of it")
    ended.add_argument("--yes", action="store_true", help="do it")
    provision = add("provision", _provision, "apply the memberbox.toml of the boot partition")
    bundle = add("support-bundle", _support_bundle, "one file for who helps; nobody's data in it")
    grammar.setting_up_arguments(provision, bundle)
    add("rehearse", _rehearse, "whether this release can take over the books, tried on copies")
    grammar.card_arguments(
        add("keycard", _keycard, "the card beside the keypad: all flows and codes")
    )
    grammar.keeping_arguments(
        add("backup", _backup, "all that the box remembers in one sealed file (box may run)"),
        add("restore", _restore, "make the box again from a backup, in an empty directory"),
    )
    grammar.spool_arguments(add("spool", _spool, "slips that wait; pause, resume, reprint"), asked)
    grammar.stick_arguments(add("stick", _stick, "a stick, or any folder that is carried"), asked)
    grammar.journal_arguments(add("journal", _journal, "read the journal"), asked)
    grammar.member_arguments(add("member", _member, "one member's own data"), asked)
    grammar.rules_arguments(add("rules", _rules, "rule packs"), asked)
    return parser


if __name__ == "__main__":
    sys.exit(main())
