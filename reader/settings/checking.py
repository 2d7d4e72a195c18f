"""Parses a config.toml, and finds its settings and all its faults, with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from reader.sanitize import clean_url
from reader.settings.options import BY_NAME, GROUPS, KEYS, OPTIONS, Option, Value

Keys = tuple[str, ...]
Path = tuple[str, ...]
"""The keys that lead to a table or a value."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}([_-][A-Z][A-Za-z]{1,3})?")
_MANY: Final = 8
"""With more choices than this, not all are named."""
_DEEPEST: Final = 30
"""How deep tables may be nested."""
_DEEP: Final = re.compile(
    rf"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_DEEPEST}}}"
)
"""This many keys with dots between them."""
_TOKEN: Final = re.compile(
    r"""
    "{3}(?:[^\\]|\\.)*?"{3,5}(?!") | '{3}.*?'{3,5}(?!') | "(?:[^"\\\n]|\\.)*" | '[^'\n]*'
    | \#[^\n]* | [\n=.,\[\]{}] | [^\s"'\#=.,\[\]{}]+
    """,
    re.DOTALL | re.VERBOSE,
)
"""A piece of TOML: a string, a comment, punctuation, or anything else up to one of these."""
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Fault(NamedTuple):
    """Something in the settings that cannot be used."""

    name: str
    """The option's, or the action's after "keys."; "" for the whole file."""
    line: int | None
    """The line of config.toml; None if the fault is elsewhere."""
    sentence: str
    """The mistake and its remedy, without a full stop."""


class Setting(NamedTuple):
    """A value in the file, and its line."""

    value: Value | Keys
    line: int


class ConfigContent(NamedTuple):
    """The content of a file."""

    values: Mapping[str, Setting]
    """The values by option name."""
    keys: Mapping[str, Setting]
    """Keys of actions, by the action's name; the app checks whether the actions exist."""
    faults: tuple[Fault, ...]


def read(text: str) -> ConfigContent:
    """Read the text of a config.toml."""
    import tomllib  # 10 ms that the first screen would wait for, also where nothing is set.

    if (deep := _DEEP.search(text)) is not None:
        # `tomllib` takes time and memory that grow with the square of the depth.
        sentence = f"tables are nested more than {_DEEPEST} deep; nothing in the file is used"
        return ConfigContent({}, {}, (Fault("", text.count("\n", 0, deep.start()) + 1, sentence),))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return ConfigContent({}, {}, (_malformed(str(error), text),))
    lines = key_lines(text)
    values: dict[str, Setting] = {}
    keys: dict[str, Setting] = {}
    faults: list[Fault] = []
    for group, table in tables.items():
        line = lines[(group,)]
        if group not in GROUPS:
            faults.append(_unknown_group(group, line))
        elif not isinstance(table, dict):
            faults.append(Fault(group, line, f"{group} must be a table: its settings go below [{group}]"))
        elif group == KEYS:
            for name, path, value in _flat(table, (KEYS,)):
                action_keys = _keys(value)
                if action_keys is None:
                    sentence = (
                        f'{KEYS}.{name} must be a key such as "F5" or a list of keys, not {shown(value)}'
                    )
                    faults.append(Fault(f"{KEYS}.{name}", _line(lines, path), sentence))
                else:
                    keys[name] = Setting(action_keys, _line(lines, path))
        else:
            for key, value in table.items():
                line = _line(lines, (group, key))
                option = BY_NAME.get(f"{group}.{key}")
                if option is None:
                    faults.append(_unknown(group, key, line))
                elif (wrong := fault_of(option, value)) is not None:
                    faults.append(Fault(option.name, line, wrong))
                else:
                    values[option.name] = Setting(value, line)
    return ConfigContent(values, keys, tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def key_lines(text: str) -> dict[Path, int]:
    """The line of each table and key of a valid TOML file, from 1, without those inside values."""
    lines: dict[Path, int] = {}
    table: Path = ()
    statement: list[str] = []
    depth, line, start = 0, 1, 1
    for token in _TOKEN.findall(f"{text}\n"):
        if token == "\n" and depth == 0:
            path = table + _keys_of(statement)
            if statement[:1] == ["["]:
                path = table = _keys_of(statement)
            for length in range(1, len(path) + 1):
                lines.setdefault(path[:length], start)
            statement = []
        elif token != "\n" and token[0] != "#":
            if not statement:
                start = line
            statement.append(token)
            depth += (token in "[{") - (token in "]}")
        line += token.count("\n")
    return lines


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the value that contains it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _keys_of(statement: list[str]) -> Path:
    """The keys of a heading, or those before a "="."""
    import tomllib

    end = statement.index("=") if "=" in statement else len(statement)
    keys = [token for token in statement[:end] if token not in "[].,"]
    return tuple(next(iter(tomllib.loads(f"{key}=0"))) if key[0] in "\"'" else key for key in keys)


def fault_of(option: Option, value: object) -> str | None:
    """Return what is wrong with a value, as a sentence, or None."""
    if _fits(option, value):
        return None
    near = suggestion(value, option.choices, quoted=True) if isinstance(value, str) else ""
    # A long list of choices would hide the one that was meant.
    if near and len(option.choices) > _MANY:
        return f"{option.name} cannot be {shown(value)}{near}"
    return f"{option.name} must be {option.takes}, not {shown(value)}{near}"


def suggestion(word: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """The known word that is most similar to `word`, as the end of a sentence; "" if none is."""
    from difflib import get_close_matches  # 6 ms that the start of the app would wait for.

    near = get_close_matches(word.casefold(), list(known), 1, 0.6)
    mark = '"' if quoted else ""
    return f"; did you mean {mark}{near[0]}{mark}?" if near else ""


def shown(value: object) -> str:
    """A value as the file has it, shortened if it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    if isinstance(value, dict):
        return "a table"
    return text if len(text) <= 40 else f"{text[:39]}…"


def _fits(option: Option, value: object) -> bool:
    if type(value) is not type(option.default):
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return option.least <= value <= option.most
    assert isinstance(value, str)
    if option.other and option.name in _OTHERS:
        return value in option.choices or _OTHERS[option.name](value)
    return value in option.choices


def _is_command(value: str) -> bool:
    if not value.isprintable():
        return False
    import shlex  # 5 ms, like `difflib`.

    try:
        shlex.split(value)
    except ValueError:
        return False
    return True


def _is_language(value: str) -> bool:
    return _LANGUAGE.fullmatch(value) is not None


def _is_address(value: str) -> bool:
    return clean_url(value) is not None


_OTHERS: Final = {
    "text.hyphenation": _is_language,
    "network.wayback": _is_address,
    "network.commoncrawl": _is_address,
    "network.browser": _is_command,
}
"""Checks of what options accept besides their choices."""


def _keys(value: object) -> Keys | None:
    """One key or several; None for anything else."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list) and all(isinstance(key, str) and key.strip() for key in value):
        return tuple(value)
    return None


def _flat(table: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Path, object]]:
    """The values of nested tables, by the names of actions: TOML reads their dots as nested tables."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*path, key))
        else:
            yield ".".join((*path[1:], key)), (*path, key), value


def _malformed(message: str, text: str) -> Fault:
    match = _WHERE.search(message)
    line = text.rstrip().count("\n") + 1 if match is None or match[1] is None else int(match[1])
    reason = message[: match.start()] if match else message
    return Fault("", line, f"this is not valid TOML: {reason[:1].lower()}{reason[1:]}; the file is ignored")


def _unknown_group(group: str, line: int) -> Fault:
    sentence = f"there is no table [{group}]"
    near = suggestion(group, GROUPS)
    if not near and (options := [option.name for option in OPTIONS if option.key == group]):
        near = f"; did you mean {options[0]}?"
    return Fault(group, line, sentence + (near or f"; there are {', '.join(GROUPS)}"))


def _unknown(group: str, key: str, line: int) -> Fault:
    name = f"{group}.{key}"
    known = [option.key for option in OPTIONS if option.group == group]
    near = suggestion(key, known).replace("mean ", f"mean {group}.")
    elsewhere = [option.name for option in OPTIONS if option.key == key]
    if not near and elsewhere:
        near = f"; did you mean {elsewhere[0]}?"
    return Fault(name, line, f"there is no setting {name}" + (near or f"; [{group}] has {', '.join(known)}"))
