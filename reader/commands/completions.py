"""`completions`: sets up completion in bash, zsh and fish, and answers each Tab.

argcomplete provides the code for the shells. At each Tab it runs the program with the line in the environment, and
`cli` calls `complete`. Only the module of the command in the line is imported, so that the answer comes quickly.
"""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from argcomplete import autocomplete
from argcomplete.completers import DirectoriesCompleter, FilesCompleter, SuppressCompleter
from argcomplete.lexers import split_line
from argcomplete.shell_integration import shellcode

from reader.commands import COMMANDS, READING, command_index
from reader.commands.libraries import is_there, library_path, open_existing
from reader.commands.output import Status, plain_output
from reader.commands.parser import CommandParser
from reader.errors import ReaderError
from reader.settings.options import BY_NAME

PROGRAM: Final = "protocol-reader"
SHELLS: Final = ("bash", "zsh", "fish")
FIELDS: Final = ("section", "author", "sponsor")
_EPILOG: Final = """\
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
    parser = CommandParser("completions", about, _EPILOG)
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
    # bash and zsh complete files themselves if nothing else fits; fish does not.
    files = FilesCompleter() if os.environ.get("_ARGCOMPLETE_SHELL") == "fish" else SuppressCompleter()
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
    """The fields of a query, or the names in the library for a field, as words that no shell has to quote."""
    field, colon, _name = prefix.partition(":")
    if not colon:
        return [f"{name}:" for name in FIELDS]
    if field not in FIELDS:
        return []
    try:
        if not is_there(library_path(parsed_args.library)):
            return []
        with open_existing(parsed_args.library) as library:
            if field == "section":
                names = [section.name for section in library.sections()]
            else:
                people = library.authors() if field == "author" else library.sponsors()
                names = [person.name for person in people]
    except ReaderError:
        return []
    # Hyphens: a query reads such a word as a phrase. Nothing is left that a shell would act on.
    words = (re.sub(r"[\W_]+", "-", name).strip("-") for name in names)
    return [f"{field}:{word}" for word in words if word]
