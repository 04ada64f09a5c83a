"""Manual pages and shell completion, made from the commands' own parsers."""

import argparse
import importlib
from collections.abc import Iterator
from datetime import date

EXIT_CODES = (
    ("0", "yes"),
    ("1", "the answer is no: damage, errors found, refused"),
    ("2", "wrong use, or input that cannot be read"),
    ("3", "something cannot be opened or reached"),
    ("4", "a bug in memberbox"),
)


def page(command: str, module: str, day: date) -> str:
    """Return the manual page of a command, section 1, as roff."""
    parser = _parser(module)
    lines = [
        f'.TH {command.upper()} 1 "{day}" "memberbox" "memberbox"',
        ".SH NAME",
        f"{_roff(command)} \\- {_roff(parser.description or '')}",
        ".SH SYNOPSIS",
        f".B {_roff(command)}",
        _roff(" ".join(_option_words(parser))),
        ".I COMMAND",
        "\\&...",
        ".SH COMMANDS",
    ]
    for words, sub in _commands(parser, ()):
        lines += [".TP", f"\\fB{_roff(' '.join(words))}\\fR {_roff(' '.join(_arguments(sub)))}"]
        lines.append(_roff(sub.description or ""))
        for option, text in _options(sub):
            lines += [".br", f"\\fB{_roff(option)}\\fR: {_roff(text)}"]
    lines.append(".SH OPTIONS")
    for option, text in _options(parser):
        lines += [".TP", f"\\fB{_roff(option)}\\fR", _roff(text)]
    lines.append(".SH EXIT STATUS")
    for code, text in EXIT_CODES:
        lines += [".TP", f".B {code}", _roff(text)]
    lines += [
        ".SH SEE ALSO",
        "memberbox.toml(5), /usr/share/doc/memberbox: OPERATIONS.md.gz, incidents",
    ]
    return "\n".join(lines) + "\n"


def config_page(example: str, day: date) -> str:
    """Return the manual page of the config file, section 5: the example with its remarks."""
    head = (
        f'.TH MEMBERBOX.TOML 5 "{day}" "memberbox" "memberbox"\n'
        ".SH NAME\nmemberbox.toml \\- everything a technician tells a box\n"
        ".SH DESCRIPTION\nOne file. \\fBmemberbox check memberbox.toml\\fR names every mistake in "
        "it at once, with what is allowed.\n.SH KEYS\n.nf\n"
    )
    body = "\n".join(_roff(line) for line in example.splitlines())
    return f"{head}{body}\n.fi\n.SH SEE ALSO\nmemberbox(1)\n"


def completion(command: str, module: str) -> str:
    """Return a script that completes the command's words and options in bash."""
    function = f"_{command.replace('-', '_')}"
    parser = _parser(module)
    cases = {"": [*_names(parser), *_option_names(parser)]}
    for words, sub in _commands(parser, ()):
        cases.setdefault(" ".join(words[:-1]), [])
        cases[" ".join(words)] = [*_names(sub), *_option_names(sub)]
    body = "\n".join(
        f'        "{words}") reply="{" ".join(dict.fromkeys(replies))}" ;;'
        for words, replies in cases.items()
    )
    return (
        f"{function}() {{\n"
        '    local word path="" reply="" i\n'
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=${COMP_WORDS[i]}\n"
        '        case "$word" in\n'
        "            --config | --dir) ((i++)) ;;\n"
        "            -*) ;;\n"
        '            *) path="${path:+$path }$word" ;;\n'
        "        esac\n"
        "    done\n"
        '    case "$path" in\n'
        f"{body}\n"
        "    esac\n"
        '    COMPREPLY=($(compgen -W "$reply" -- "${COMP_WORDS[COMP_CWORD]}"))\n'
        "}\n"
        f"complete -o default -F {function} {command}\n"
    )


def _parser(module: str) -> argparse.ArgumentParser:
    parser = importlib.import_module(module).command_parser()
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def _commands(
    parser: argparse.ArgumentParser, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Yield every command that can be called, with the words that call it."""
    for name, sub in _children(parser).items():
        words = (*above, name)
        yield words, sub
        yield from _commands(sub, words)


def _children(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # argparse tells them nowhere else
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _names(parser: argparse.ArgumentParser) -> list[str]:
    return list(_children(parser))


def _option_names(parser: argparse.ArgumentParser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings]


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action.option_strings and action.dest != "help":
            value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
            yield ", ".join(action.option_strings) + value, action.help or ""


def _option_words(parser: argparse.ArgumentParser) -> list[str]:
    return [f"[{option}]" for option, _ in _options(parser)]


def _arguments(parser: argparse.ArgumentParser) -> list[str]:
    return [
        str(action.metavar or action.dest)
        for action in parser._actions
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction)
    ]


def _roff(text: str) -> str:
    """Return text as roff says it: no line of it is taken for an instruction."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("%%", "%")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
