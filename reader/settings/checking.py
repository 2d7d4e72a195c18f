"""Parses a config.toml, and finds its settings and all its faults, with line numbers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import Any, Final, NamedTuple

from reader.patterns import Pattern
from reader.sanitize import clean_url
from reader.settings.options import BY_NAME, GROUPS, KEYS, OPTIONS, Option, Value

Keys = tuple[str, ...]
_MANY: Final = 8
"""With more choices than this, not all are named."""
_DEEP: Final = Pattern(r"(?:[^.\s=#]{1,40}[ \t]?\.[ \t]?){30}")
"""More nested names than any setting has; `tomllib` takes time that grows with the square of the depth."""
_NAMED: Final = Pattern(r"\s*(?:\[+\s*(?P<heading>[^\[\]]+?)\s*\]+\s*(?:#.*)?$|(?P<key>[^=#\[{]+?)\s*=)")
"""The start of a line that begins a table or sets a key."""
_WHERE: Final = Pattern(r" \(at (?:line (\d+), column \d+|end of document)\)$")


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

    values: Mapping[str, Setting] = {}
    """The values by option name, and the keys of actions by "keys." and their name; the app checks the keys."""
    faults: tuple[Fault, ...] = ()


def read(text: str) -> ConfigContent:
    """Read the text of a config.toml."""
    import tomllib  # 10 ms that the first screen would wait for, also where nothing is set.

    if (deep := _DEEP.search(text)) is not None:
        sentence = "tables are nested too deep; nothing in the file is used"
        return ConfigContent(faults=(Fault("", text.count("\n", 0, deep.start()) + 1, sentence),))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = _WHERE.search(str(error))
        line = int(where[1]) if where and where[1] else text.rstrip().count("\n") + 1
        reason = _WHERE.sub("", str(error))
        sentence = f"this is not valid TOML: {reason[:1].lower()}{reason[1:]}; the file is ignored"
        return ConfigContent(faults=(Fault("", line, sentence),))
    lines = _key_lines(text)
    values: dict[str, Setting] = {}
    faults: list[Fault] = []
    for name, value in _named(tables):
        known = name
        while known not in lines and "." in known:  # It is inside of a value.
            known = known.rpartition(".")[0]
        line = lines.get(known, 1)
        keys = _keys(value) if name.startswith(f"{KEYS}.") else None
        if keys is None and (fault := _fault(name, value)):
            faults.append(Fault(name, line, fault))
        else:
            values[name] = Setting(value if keys is None else keys, line)
    return ConfigContent(values, tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def _named(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values by their names with dots; a table that is not ours is a value."""
    for key, value in tables.items():
        name = prefix + key
        if isinstance(value, dict) and (name in GROUPS or (value and name.startswith(f"{KEYS}."))):
            yield from _named(value, f"{name}.")
        else:
            yield name, value


def _fault(name: str, value: object) -> str | None:
    """What is wrong with a value, or with its name, as a sentence; None if nothing is."""
    group, _, key = name.partition(".")
    if option := BY_NAME.get(name):
        return fault_of(option, value)
    if name in GROUPS:
        return f"{name} must be a table: its settings go below [{name}]"
    if group == KEYS:
        return f'{name} must be a key such as "F5" or a list of keys, not {_shown(value)}'
    elsewhere = [f"; did you mean {option.name}?" for option in OPTIONS if option.key == (key or group)]
    if group not in GROUPS:
        near = suggestion(group, GROUPS) or (elsewhere or [f"; there are {', '.join(GROUPS)}"])[0]
        return f"there is no table [{group}]{near}"
    known = [option.key for option in OPTIONS if option.group == group]
    near = suggestion(key, known).replace("mean ", f"mean {group}.")
    near = near or (elsewhere or [f"; [{group}] has {', '.join(known)}"])[0]
    return f"there is no setting {name}{near}"


def _key_lines(text: str) -> dict[str, int]:
    """Return the line of each table and key, from 1, by its name with dots. Lines inside of values may count too."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        match = _NAMED.match(line)
        if match is None:
            continue
        name = re.sub(r"[\s\"']", "", match["heading"] or match["key"])
        if match["heading"]:
            table = f"{name}."
        else:
            name = table + name
        for prefix in accumulate(name.split("."), "{}.{}".format):
            lines.setdefault(prefix, number)
    return lines


def fault_of(option: Option, value: object) -> str | None:
    """Return what is wrong with a value, as a sentence, or None."""
    if _fits(option, value):
        return None
    near = suggestion(value, option.choices, quoted=True) if isinstance(value, str) else ""
    # A long list of choices would hide the one that was meant.
    if near and len(option.choices) > _MANY:
        return f"{option.name} cannot be {_shown(value)}{near}"
    return f"{option.name} must be {option.brief or option.takes}, not {_shown(value)}{near}"


def suggestion(word: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """The known word that is most similar to `word`, as the end of a sentence; "" if none is."""
    from difflib import get_close_matches  # 6 ms that the start of the app would wait for.

    near = get_close_matches(word.casefold(), list(known), 1, 0.6)
    mark = '"' if quoted else ""
    return f"; did you mean {mark}{near[0]}{mark}?" if near else ""


def _shown(value: object) -> str:
    """A value as the file has it, shortened if it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _fits(option: Option, value: object) -> bool:
    if type(value) is not type(option.default):
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return option.least <= value <= option.most
    assert isinstance(value, str)
    if value in option.choices:
        return True
    if option.name == "network.browser":
        import shlex  # 5 ms, like `difflib`.

        with suppress(ValueError):
            return value.isprintable() and shlex.split(value) is not None
        return False
    if option.name == "text.hyphenation":
        return re.fullmatch(r"[a-z]{2,3}([_-][A-Z][A-Za-z]{1,3})?", value) is not None
    return option.group == "network" and clean_url(value) is not None


def _keys(value: object) -> Keys | None:
    """One key or several; None for anything else."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list) and all(isinstance(key, str) and key.strip() for key in value):
        return tuple(value)
    return None
