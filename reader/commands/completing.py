"""Scripts with which bash, zsh and fish complete commands, options and what follows them.

They are made from the parsers when they are asked for. shtab, a library for that, offers no commands where a path may
stand too, as in the first word here, and breaks names of files at their spaces.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from reader.commands.described import PROGRAM, Described, Option, Value


def script(shell: str, commands: Sequence[Described]) -> str:
    """The script for one of `SHELLS`; `commands` as `described` makes them."""
    return "\n".join(SHELLS[shell](commands)) + "\n"


def _bash(commands: Sequence[Described]) -> Iterator[str]:
    yield f"# bash completion of {PROGRAM}: put it into ~/.local/share/bash-completion/completions/{PROGRAM}"
    yield "_protocol_reader() {"
    yield "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= one"
    yield "    COMPREPLY=()"
    yield "    [[ $word == = ]] && word="
    yield "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}"
    yield "    (( COMP_CWORD > 1 )) && case ${COMP_WORDS[1]} in"
    yield f"        {_names(commands, '|')}) command=${{COMP_WORDS[1]}} ;;"
    yield "    esac"
    yield '    case "$command $before" in'
    for one in commands:
        for option in one.options:
            if option.value is not None:
                pattern = "|".join(f'"{one.name} {name}"' for name in option.names)
                yield f"        {pattern}) {_bash_value(option.value)} ;;"
    yield "        *)"
    yield "            case $command in"
    for one in commands:
        name = one.name or '""'
        yield f"                {name}) words={shlex.quote(_option_names(one))} ;;"
    yield "            esac"
    yield "            if [[ $word != -* ]]; then"
    yield "                words="
    yield "                case $command in"
    for one in commands:
        if one.name:
            yield f"                    {one.name}) {_bash_value(one.values[-1] if one.values else Value(''))} ;;"
    yield "                esac"
    yield "                if (( COMP_CWORD == 1 )); then"
    yield f"                    words={shlex.quote(_names(commands, ' '))}"
    yield '                    while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "$word")'
    yield "                fi"
    yield "            fi ;;"
    yield "    esac"
    yield '    while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -W "$words" -- "$word")'
    yield "}"
    yield f"complete -o filenames -o default -F _protocol_reader {PROGRAM}"


def _bash_value(value: Value) -> str:
    """What is offered, as commands; bash itself offers files where nothing else is."""
    offered: Mapping[str, str] = {
        "choices": f"words={shlex.quote(' '.join(value.choices))}",
        "files": ":",
        "folders": "compopt +o default -o dirnames 2>/dev/null",
    }
    return offered.get(value.kind, "compopt +o default 2>/dev/null")


def _zsh(commands: Sequence[Described]) -> Iterator[str]:
    yield f"#compdef {PROGRAM}"
    yield f"# zsh completion of {PROGRAM}: put it into a folder of $fpath, as _{PROGRAM}"
    yield "_protocol_reader_first() {"
    yield "    local -a commands"
    yield "    commands=("
    for one in commands:
        if one.name:
            yield f"        {shlex.quote(f'{one.name}:{one.does}')}"
    yield "    )"
    yield "    _describe -t commands command commands"
    yield "    _files"
    yield "}"
    yield "_protocol_reader() {"
    yield "    local command="
    yield f"    if (( CURRENT > 2 )); then case $words[2] in ({_names(commands, '|')}) command=$words[2] ;; esac; fi"
    yield "    if [[ -n $command ]]; then shift words; (( CURRENT-- )); fi"
    yield "    case $command in"
    for one in commands:
        yield f"        ({one.name or shlex.quote('')})"
        yield "            _arguments -S \\"
        for option in one.options:
            yield f"                {_zsh_option(option)} \\"
        if not one.name:
            yield "                '1: :_protocol_reader_first' \\"
        last = one.values[-1] if one.values else Value("")
        yield (
            f"                {shlex.quote('*' + _zsh_value(last))} ;;"
            if one.values
            else "                ;;"
        )
    yield "    esac"
    yield "}"
    yield f"if [[ $funcstack[1] == _{PROGRAM} ]]; then"
    yield '    _protocol_reader "$@"'
    yield "else"
    yield f"    compdef _protocol_reader {PROGRAM}"
    yield "fi"


def _zsh_option(option: Option) -> str:
    does = option.does.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    value = "" if option.value is None else _zsh_value(option.value)
    text = shlex.quote(f"[{does}]{value}")
    if len(option.names) == 1:
        equals = "=" if option.value is not None and option.names[0].startswith("--") else ""
        return f"{option.names[0]}{equals}{text}"
    return f"'({' '.join(option.names)})'{{{','.join(option.names)}}}{text}"


def _zsh_value(value: Value) -> str:
    offered = {"choices": f"({' '.join(value.choices)})", "files": "_files", "folders": "_files -/"}
    return f":{value.name}:{offered.get(value.kind, ' ')}"


def _fish(commands: Sequence[Described]) -> Iterator[str]:
    yield f"# fish completion of {PROGRAM}: put it into ~/.config/fish/completions/{PROGRAM}.fish"
    yield "function __protocol_reader_in"
    yield "    set -l words (commandline -opc)"
    yield "    set -l command ''"
    yield f"    set -q words[2]; and contains -- $words[2] {_names(commands, ' ')}; and set command $words[2]"
    yield '    test "$command" = "$argv[1]"'
    yield "end"
    yield "function __protocol_reader_first"
    yield "    test (count (commandline -opc)) -eq 1"
    yield "end"
    for one in commands:
        if one.name:
            yield f"complete -c {PROGRAM} -n __protocol_reader_first -a {one.name} -d {_fish_quoted(one.does)}"
    for one in commands:
        start = f"complete -c {PROGRAM} -n '__protocol_reader_in \"{one.name}\"'"
        last = one.values[-1] if one.values else Value("")
        if last.kind == "choices":
            yield f"{start} -f -a {_fish_quoted(' '.join(last.choices))}"
        elif last.kind != "files":
            yield f"{start} -f"
        for option in one.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
            )
            value = "" if option.value is None else f" {_fish_value(option.value)}"
            yield f"{start} {names}{value} -d {_fish_quoted(option.does)}"


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


def _names(commands: Iterable[Described], between: str) -> str:
    return between.join(one.name for one in commands if one.name)


def _option_names(command: Described) -> str:
    return " ".join(name for option in command.options for name in option.names)


SHELLS: Final[Mapping[str, Callable[[Sequence[Described]], Iterator[str]]]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}
