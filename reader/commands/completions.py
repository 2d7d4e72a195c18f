"""`completions`: scripts with which bash, zsh and fish complete commands, options, their values and queries.

They are made from the parsers when they are asked for; only the names in queries are looked up as one types. shtab, a
library for that, offers no commands where a path may stand too, as in the first word here, and breaks file names at
their spaces.
"""

from __future__ import annotations

import re
import shlex
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from reader.commands import COMMANDS, READING, Command
from reader.commands.common import DONE, parser_for, plain_output
from reader.commands.libraries import is_there, library_path, open_existing
from reader.settings.options import BY_NAME

PROGRAM: Final = "protocol-reader"
_FILES: Final = ("PATH", "FILE", "FILE-OR-FOLDER")
_FOLDERS: Final = ("FOLDER",)
_QUERY: Final = "QUERY"
FIELDS: Final = ("section", "author", "sponsor")
"""The fields of queries whose values are completed."""
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "THEME": BY_NAME["screen.theme"].choices,
    "ARCHIVES": ("wayback", "commoncrawl", "wayback,commoncrawl"),
}
"""The values of options that accept others too, or have too many to name in their help."""
_EPILOG: Final = """\
Save the script where your shell finds it:

bash:  ~/.local/share/bash-completion/completions/protocol-reader
zsh:   ~/.zfunc/_protocol-reader, with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc
fish:  ~/.config/fish/completions/protocol-reader.fish"""


def make_parser() -> ArgumentParser:
    """The parser of the words after `completions`."""
    parser = parser_for(
        "completions", "Print a script that completes commands, options and queries in your shell.", _EPILOG
    )
    parser.add_argument(
        "shell",
        choices=(*SHELLS, *FIELDS),
        metavar="SHELL",
        help=f"{', '.join(SHELLS)}; or {', '.join(FIELDS)}: the names in the library, as the scripts offer them",
    )
    return parser


def run(words: Sequence[str]) -> int:
    """Print the script of a shell, or the names of a field."""
    shell = make_parser().parse_args(words).shell
    if shell in FIELDS:
        return _print_names(shell)
    plain_output().write(completion_script(shell, describe_commands()))
    return DONE


def _print_names(field: str) -> int:
    """Print the names of a field, one a line, as words of a query that no shell has to quote."""
    if not is_there(library_path(None)):
        return DONE
    with open_existing(None) as library:
        if field == "section":
            names = [section.name for section in library.sections()]
        else:
            names = [one.name for one in (library.authors() if field == "author" else library.sponsors())]
    for name in names:
        # Hyphens: a query reads such a word as a phrase. Nothing is left that a shell would act on.
        if word := re.sub(r"[\W_]+", "-", name).strip("-"):
            plain_output().write(f"{word}\n")
    return DONE


# What the commands take


class Value(NamedTuple):
    """The value of an option, or a positional argument."""

    name: str
    """Its name in help: PATH, N."""
    choices: tuple[str, ...] = ()
    """All possible values; empty if any value is possible."""
    repeated: bool = False
    optional: bool = False

    @property
    def kind(self) -> str:
        """The kind of completion that a shell can offer: choices, a query, files, folders, or nothing ("")."""
        if self.choices:
            return "choices"
        if self.name == _QUERY:
            return "query"
        return "files" if self.name in _FILES else "folders" if self.name in _FOLDERS else ""


class Option(NamedTuple):
    """An option with all its names."""

    names: tuple[str, ...]
    help: str
    value: Value | None
    """None for an option without a value."""


class Description(NamedTuple):
    """The options and arguments of a command; with the name "", those of the program without a command."""

    name: str
    summary: str
    options: tuple[Option, ...]
    values: tuple[Value, ...]
    """The positional arguments, in order."""

    @property
    def last_value(self) -> Value:
        """The positional argument that a shell completes: the last one, which may be repeated."""
        return self.values[-1] if self.values else Value("")


def describe_commands() -> tuple[Description, ...]:
    """The program without a command, then each command in the order of help."""
    return tuple(_describe(command) for command in (READING, *COMMANDS.values()))


def _describe(command: Command) -> Description:
    parser = command.make_parser()
    actions = parser._actions  # argparse has no public way to list them.
    options = tuple(
        Option(
            tuple(action.option_strings), _help(parser, action), _value(action) if action.nargs != 0 else None
        )
        for action in actions
        if action.option_strings
    )
    values = tuple(_value(action) for action in actions if not action.option_strings)
    return Description(command.name, command.summary, options, values)


def _value(action: Action) -> Value:
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    choices = tuple(map(str, action.choices or _CHOICES.get(name, ())))
    return Value(name, choices, action.nargs in ("*", "+"), action.nargs in ("*", "?"))


def _help(parser: ArgumentParser, action: Action) -> str:
    known = {**vars(action), "prog": parser.prog, "choices": ", ".join(map(str, action.choices or ()))}
    return (action.help or "") % known


# The scripts


def completion_script(shell: str, commands: Sequence[Description]) -> str:
    """The script for one of `SHELLS`."""
    return "\n".join(SHELLS[shell](commands)) + "\n"


def _bash(commands: Sequence[Description]) -> Iterator[str]:
    yield f"# bash completion of {PROGRAM}: put it into ~/.local/share/bash-completion/completions/{PROGRAM}"
    yield from _bash_query()
    yield "_protocol_reader() {"
    yield "    local prefix="
    yield "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= one field="
    yield "    COMPREPLY=()"
    yield "    [[ $word == = ]] && word="
    yield "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}"
    yield "    (( COMP_CWORD > 1 )) && case ${COMP_WORDS[1]} in"
    yield f"        {_names(commands, '|')}) command=${{COMP_WORDS[1]}} ;;"
    yield "    esac"
    yield '    case "$command $before" in'
    for command in commands:
        for option in command.options:
            if option.value is not None:
                pattern = "|".join(f'"{command.name} {name}"' for name in option.names)
                yield f"        {pattern}) {_bash_value(option.value)} ;;"
    yield "        *)"
    yield "            case $command in"
    for command in commands:
        name = command.name or '""'
        yield f"                {name}) words={shlex.quote(_option_names(command))} ;;"
    yield "            esac"
    yield "            if [[ $word != -* ]]; then"
    yield "                words="
    yield "                case $command in"
    for command in commands:
        if command.name:
            yield f"                    {command.name}) {_bash_value(command.last_value)} ;;"
    yield "                esac"
    yield "                if (( COMP_CWORD == 1 )); then"
    yield f"                    words={shlex.quote(_names(commands, ' '))}"
    yield '                    while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "$word")'
    yield "                fi"
    yield "            fi ;;"
    yield "    esac"
    yield '    while IFS= read -r one; do COMPREPLY+=("$prefix$one"); done < <(compgen -W "$words" -- "$word")'
    yield "}"
    yield f"complete -o filenames -o default -F _protocol_reader {PROGRAM}"


def _bash_value(value: Value) -> str:
    """Shell commands that complete a word; bash itself offers files where nothing else applies."""
    offered: Mapping[str, str] = {
        "choices": f"words={shlex.quote(' '.join(value.choices))}",
        "files": ":",
        "folders": "compopt +o default -o dirnames 2>/dev/null",
        "query": "_protocol_reader_query",
    }
    return offered.get(value.kind, "compopt +o default 2>/dev/null")


def _bash_query() -> Iterator[str]:
    """The function that sets `words` and `word` for a query; bash breaks words at the colon of a field."""
    yield "_protocol_reader_query() {"
    yield "    compopt +o default 2>/dev/null"
    yield "    if [[ $word == : ]]; then field=$before word="
    yield "    elif [[ $before == : ]]; then field=${COMP_WORDS[COMP_CWORD-2]}"
    yield "    elif [[ $word == *:* ]]; then field=${word%%:*} prefix=${word%%:*}: word=${word#*:}"
    yield "    fi"
    yield "    case $field in"
    yield f'        {"|".join(FIELDS)}) words=$({PROGRAM} completions "$field" 2>/dev/null) ;;'
    yield f"        '') words='{' '.join(f'{field}:' for field in FIELDS)}'; compopt -o nospace 2>/dev/null ;;"
    yield "    esac"
    yield "}"


def _zsh(commands: Sequence[Description]) -> Iterator[str]:
    yield f"#compdef {PROGRAM}"
    yield f"# zsh completion of {PROGRAM}: put it into a folder of $fpath, as _{PROGRAM}"
    yield "_protocol_reader_first() {"
    yield "    local -a commands"
    yield "    commands=("
    for command in commands:
        if command.name:
            yield f"        {shlex.quote(f'{command.name}:{command.summary}')}"
    yield "    )"
    yield "    _describe -t commands command commands"
    yield "    _files"
    yield "}"
    yield "_protocol_reader_query() {"
    yield "    local -a names"
    yield "    case $PREFIX in"
    yield f"        (({'|'.join(FIELDS)}):*)"
    yield f'            names=(${{(f)"$({PROGRAM} completions ${{PREFIX%%:*}} 2>/dev/null)"}})'
    yield "            compset -P '*:'"
    yield "            compadd -a names ;;"
    yield f"        (*) compadd -S '' -- {' '.join(f'{field}:' for field in FIELDS)} ;;"
    yield "    esac"
    yield "}"
    yield "_protocol_reader() {"
    yield "    local command="
    yield f"    if (( CURRENT > 2 )); then case $words[2] in ({_names(commands, '|')}) command=$words[2] ;; esac; fi"
    yield "    if [[ -n $command ]]; then shift words; (( CURRENT-- )); fi"
    yield "    case $command in"
    for command in commands:
        yield f"        ({command.name or shlex.quote('')})"
        yield "            _arguments -S \\"
        for option in command.options:
            yield f"                {_zsh_option(option)} \\"
        if not command.name:
            yield "                '1: :_protocol_reader_first' \\"
        values = shlex.quote("*" + _zsh_value(command.last_value)) + " " if command.values else ""
        yield f"                {values};;"
    yield "    esac"
    yield "}"
    yield f"if [[ $funcstack[1] == _{PROGRAM} ]]; then"
    yield '    _protocol_reader "$@"'
    yield "else"
    yield f"    compdef _protocol_reader {PROGRAM}"
    yield "fi"


def _zsh_option(option: Option) -> str:
    help_text = option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    value = "" if option.value is None else _zsh_value(option.value)
    text = shlex.quote(f"[{help_text}]{value}")
    if len(option.names) == 1:
        equals = "=" if option.value is not None and option.names[0].startswith("--") else ""
        return f"{option.names[0]}{equals}{text}"
    return f"'({' '.join(option.names)})'{{{','.join(option.names)}}}{text}"


def _zsh_value(value: Value) -> str:
    offered = {
        "choices": f"({' '.join(value.choices)})",
        "files": "_files",
        "folders": "_files -/",
        "query": "_protocol_reader_query",
    }
    return f":{value.name}:{offered.get(value.kind, ' ')}"


def _fish(commands: Sequence[Description]) -> Iterator[str]:
    yield f"# fish completion of {PROGRAM}: put it into ~/.config/fish/completions/{PROGRAM}.fish"
    yield "function __protocol_reader_in"
    yield "    set -l words (commandline -opc)"
    yield "    set -l command ''"
    yield f"    set -q words[2]; and contains -- $words[2] {_names(commands, ' ')}; and set command $words[2]"
    yield '    test "$command" = "$argv[1]"'
    yield "end"
    yield "function __protocol_reader_query"
    yield f"    set -l field (string replace -rf '^({'|'.join(FIELDS)}):.*' '$1' -- (commandline -ct))"
    yield '    if test -n "$field"'
    yield f"        for name in ({PROGRAM} completions $field 2>/dev/null)"
    yield '            echo "$field:$name"'
    yield "        end"
    yield "    else"
    yield f"        printf '%s\\n' {' '.join(f'{field}:' for field in FIELDS)}"
    yield "    end"
    yield "end"
    yield "function __protocol_reader_first"
    yield "    test (count (commandline -opc)) -eq 1"
    yield "end"
    for command in commands:
        if command.name:
            summary = _fish_quoted(command.summary)
            yield f"complete -c {PROGRAM} -n __protocol_reader_first -a {command.name} -d {summary}"
    for command in commands:
        start = f"complete -c {PROGRAM} -n '__protocol_reader_in \"{command.name}\"'"
        last = command.last_value
        if last.kind == "choices":
            yield f"{start} -f -a {_fish_quoted(' '.join(last.choices))}"
        elif last.kind == "query":
            yield f"{start} -f -a '(__protocol_reader_query)'"
        elif last.kind != "files":
            yield f"{start} -f"
        for option in command.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
            )
            value = "" if option.value is None else f" {_fish_value(option.value)}"
            yield f"{start} {names}{value} -d {_fish_quoted(option.help)}"


def _fish_value(value: Value) -> str:
    offered = {
        "choices": f"-x -a {_fish_quoted(' '.join(value.choices))}",
        "files": "-r -F",
        "folders": "-x -a '(__fish_complete_directories)'",
    }
    return offered.get(value.kind, "-x")


def _fish_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _names(commands: Iterable[Description], between: str) -> str:
    return between.join(command.name for command in commands if command.name)


def _option_names(command: Description) -> str:
    return " ".join(name for option in command.options for name in option.names)


SHELLS: Final[Mapping[str, Callable[[Sequence[Description]], Iterator[str]]]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}
