"""`help`, `settings` and `completions`: the manual, the settings and their origin, and completion in shells."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from pathlib import PurePath
from typing import Any, Final

from argcomplete import autocomplete
from argcomplete.completers import DirectoriesCompleter, FilesCompleter, SuppressCompleter
from argcomplete.lexers import split_line
from argcomplete.shell_integration import shellcode

from reader.app.keys import KEYS as APP_KEYS
from reader.app.keys import show_key
from reader.commands import COMMANDS, READING, command_index
from reader.commands.inputs import is_there, open_existing, settings_in_force
from reader.commands.output import Status, complain, plain_output, print_records, table
from reader.commands.parser import CommandParser, nearest
from reader.errors import ReaderError
from reader.library.search.parser import FIELDS, HAS, PLACES, STATES
from reader.manual import TOPICS, for_terminal, read_page
from reader.settings import InForce, library_path
from reader.settings.config import tilde
from reader.settings.options import BY_NAME, KEYS, OPTIONS

# help

_TOPIC_NAMES: Final = tuple(topic.name for topic in TOPICS)
_WIDEST: Final = 80
"""The most columns of a page, however wide the terminal is."""
_LOOKS: Final = {"markdown.code": "bold", "markdown.h1": "bold underline", "markdown.h2": "bold underline"}


def help_parser() -> CommandParser:
    parser = CommandParser(
        "help",
        "List the topics of the manual, or show one of its pages.",
        "On a terminal, a long page opens in $PAGER or in less. In a pipe, a page is plain Markdown.",
    )
    about = "one of %(choices)s"
    parser.add_argument("topic", nargs="?", metavar="TOPIC", type=_topic, choices=_TOPIC_NAMES, help=about)
    return parser


def _topic(word: str) -> str:
    name = word.lower()
    if name in _TOPIC_NAMES:
        return name
    near = nearest(name, _TOPIC_NAMES)
    advice = f"; did you mean “{near}”?" if near else f"; topics: {', '.join(_TOPIC_NAMES)}"
    if name in COMMANDS:
        advice = f"; try protocol-reader help commands, or protocol-reader {name} --help"
    raise ArgumentTypeError(f"there is no topic “{word}”{advice}")


def run_help(options: Namespace) -> int:
    if options.topic is None:
        width = max(map(len, _TOPIC_NAMES))
        topics = "".join(f"  {topic.name:{width}}  {topic.about}\n" for topic in TOPICS)
        plain_output().write(f"protocol-reader help TOPIC shows a page of the manual:\n\n{topics}")
    elif sys.stdout.isatty():
        _show(for_terminal(read_page(options.topic)))
    else:
        plain_output().write(read_page(options.topic))
    return Status.DONE


def _show(page: str) -> None:
    # 70 ms, and only a page of the manual on a terminal needs them.
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    size = shutil.get_terminal_size()
    console = Console(file=plain_output(), width=min(_WIDEST, size.columns), theme=Theme(_LOOKS))
    # Shell commands keep the terminal's own colour, which can be read on any background.
    page = re.sub(r"^```\w+$", "```text", page, flags=re.MULTILINE)
    markdown = Markdown(page, code_theme="ansi_dark", hyperlinks=False)
    os.environ.setdefault("LESS", "FRX")  # As git does: raw colours, and no pager for a page that fits.
    os.environ.pop("MANPAGER", None)  # It is made for man, and often a filter that breaks colours.
    with suppress(ValueError):
        pager = shlex.split(os.environ.get("PAGER", ""))
        if pager and shutil.which(pager[0]) is None:
            del os.environ["PAGER"]  # It is not installed, and would show nothing.
    is_long = len(console.render_lines(markdown)) >= size.lines
    with console.pager(styles=True) if is_long else nullcontext():
        console.print(markdown)


# settings

_SETTINGS_EPILOG = """\
The command line overrides environment variables, and environment variables override config.toml. A faulty setting in
config.toml is ignored; this command and the reader report it with its line, and the exit status here is 1.
“protocol-reader help settings” describes every setting."""


def settings_parser() -> CommandParser:
    parser = CommandParser("settings", "Show the settings and where they come from.", _SETTINGS_EPILOG)
    parser.flag("--json", "print one JSON object for each setting")
    return parser


def run_settings(options: Namespace) -> int:
    in_force = settings_in_force()
    for fault in in_force.faults:
        complain(fault.in_file(in_force.file))
    rows = list(_rows(in_force))
    cells = [(row["name"], _in_words(row["value"]), row["from"]) for row in rows]
    print_records(rows, table([("setting", "value", "from"), *cells], numbers_from=3), as_json=options.json)
    if not options.json:
        hint = "" if in_force.exists or in_force.faults else " (does not exist yet)"
        complain(f"settings are in {tilde(in_force.file)}{hint}")
    return Status.IN_PART if in_force.faults else Status.DONE


def _rows(in_force: InForce) -> Iterator[dict[str, Any]]:
    values: dict[str, tuple[Any, Any]] = {
        option.name: (getattr(in_force.settings, option.field), option.default) for option in OPTIONS
    }
    defaults = {key.id: list(map(show_key, key.names)) for key in APP_KEYS}
    values |= {
        f"{KEYS}.{name}": (list(map(show_key, chosen)), defaults[name])
        for name, chosen in in_force.settings.keys.items()
    }
    for name, (value, default) in values.items():
        yield {"name": name, "value": value, "default": default, "from": in_force.source(name)}


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or '""'


# completions

PROGRAM: Final = "protocol-reader"
SHELLS: Final = ("bash", "zsh", "fish")
_NAMED: Final = ("section", "author", "sponsor", "tag")
"""The fields that take names of the library."""
_FIXED: Final = {"is": STATES, "has": HAS, "in": PLACES}
"""The words that may follow a field, whatever the library has."""
_COMPLETIONS_EPILOG: Final = """\
Save the script where your shell finds it:

bash:  ~/.local/share/bash-completion/completions/protocol-reader
zsh:   ~/.zfunc/_protocol-reader, with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc
fish:  ~/.config/fish/completions/protocol-reader.fish"""
_ZSH_FILES: Final = """
# zsh itself completes files: beside the commands, and where nothing else can stand.
_protocol_reader_files() { (( CURRENT == 2 || compstate[nmatches] == 0 )) && _files }
if [[ $zsh_eval_context == *func ]]; then
    _protocol_reader_files
else
    _protocol_reader() { _python_argcomplete "$@"; _protocol_reader_files }
    compdef _protocol_reader protocol-reader
fi
"""


def completions_parser() -> CommandParser:
    about = "Print a script that completes commands, options and queries in your shell."
    parser = CommandParser("completions", about, _COMPLETIONS_EPILOG)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="%(choices)s")
    return parser


def run_completions(options: Namespace) -> int:
    files = _ZSH_FILES if options.shell == "zsh" else ""
    plain_output().write(shellcode([PROGRAM], shell=options.shell) + files)
    return Status.DONE


def complete() -> None:
    """Print what can stand at the cursor, for the script of a shell, and exit."""
    words = split_line(os.environ["COMP_LINE"], int(os.environ["COMP_POINT"]))[3]
    # zsh passes other commands that stand on the same line too.
    program = max((number for number, word in enumerate(words) if PurePath(word).name == PROGRAM), default=0)
    words = words[program + 1 :]
    command = command_index(words)
    parser = READING.make_parser() if command is None else COMMANDS[words[command]].make_parser()
    if command:
        parser.set_defaults(library=words[command - 1].removeprefix("--library="))
    _add_completers(parser, first_word=not words)
    # argcomplete parses the words from this one on, counted from 1: the name of the command, or of the program.
    os.environ["_ARGCOMPLETE"] = str(program + 1 if command is None else program + command + 2)
    autocomplete(
        parser,
        always_complete_options=False,
        # Queries take capitals for small letters, so "section:en" is completed too.
        validator=lambda word, prefix: word.casefold().startswith(prefix.casefold()),
        default_completer=SuppressCompleter(),
    )


def _add_completers(parser: ArgumentParser, *, first_word: bool) -> None:
    # bash and zsh complete files themselves if nothing else fits; fish does not. An option with a SuppressCompleter
    # would not be offered.
    files = FilesCompleter() if os.environ.get("_ARGCOMPLETE_SHELL") == "fish" else lambda **_: ()
    completers: Mapping[str, Callable[..., object]] = {
        "ARCHIVES": lambda **_: ("wayback", "commoncrawl", "wayback,commoncrawl"),
        "FILE": files,
        "FILE-OR-FOLDER": files,
        "FOLDER": DirectoriesCompleter(),
        "PATH": _commands_and_files if first_word else files,
        "QUERY": _query_words,
        "THEME": lambda **_: BY_NAME["screen.theme"].choices,
    }
    for action in parser._actions:  # argparse has no public way to list them
        if isinstance(action.metavar, str) and action.metavar in completers:
            action.completer = completers[action.metavar]  # type: ignore[attr-defined]


def _commands_and_files(prefix: str, **others: object) -> Mapping[str, str]:
    commands = {name: command.summary for name, command in COMMANDS.items() if name.startswith(prefix)}
    shell = os.environ.get("_ARGCOMPLETE_SHELL")
    if shell == "zsh" or (shell == "bash" and not commands):
        return commands  # the shell adds the files
    return commands | dict.fromkeys(FilesCompleter()(prefix, **others), "")


def _query_words(prefix: str, parsed_args: Namespace, **_: object) -> list[str]:
    """The fields of a query, or the words or names in the library for a field; no shell has to quote them."""
    field, colon, _name = prefix.partition(":")
    if not colon:
        return [f"{name}:" for name in FIELDS]
    if field not in _NAMED:
        return [f"{field}:{word}" for word in _FIXED.get(field, ())]
    try:
        if not is_there(library_path(parsed_args.library)):
            return []
        with open_existing(parsed_args.library) as library:
            if field == "section":
                names = [section.name for section in library.sections()]
            elif field == "tag":
                tags = [tag.name for tag in library.annotations.all_tags()]
                return [f"tag:{tag.replace(' ', '-')}" for tag in tags if re.fullmatch(r"[\w -]+", tag)]
            else:
                people = library.authors() if field == "author" else library.sponsors()
                names = [person.name for person in people]
    except ReaderError:
        return []
    # Hyphens: a query reads such a word as a phrase. Nothing is left that a shell would act on.
    words = (re.sub(r"[\W_]+", "-", name).strip("-") for name in names)
    return [f"{field}:{word}" for word in words if word]
