"""`settings`: print the settings and where they come from, check config.toml, or write one to begin with."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any

from reader.app import keys
from reader.app.keys import show_key
from reader.app.screen_keys import SCREEN_KEYS
from reader.commands.common import (
    DONE,
    WRONG_USE,
    complain,
    parser_for,
    print_json,
    print_text,
    settings_in_force,
    table,
)
from reader.errors import SettingsError
from reader.settings import InForce, user_paths
from reader.settings.loading import tilde
from reader.settings.options import KEYS, OPTIONS
from reader.settings.writing import initialise, template

_EPILOG = """\
The command line overrides environment variables, and environment variables override config.toml. A faulty setting in
config.toml is ignored; the reader still opens, and reports it."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `settings`."""
    parser = parser_for("settings", "Show the settings and where they come from.", _EPILOG)
    parser.usage = "protocol-reader settings [--check | --init | --json | --path]"
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--check",
        action="store_true",
        help="report mistakes in config.toml; exit status 2 if there are any",
    )
    group.add_argument(
        "--init",
        action="store_true",
        help="write a config.toml that describes every setting, all commented out",
    )
    group.add_argument("--json", action="store_true", help="print one JSON object for each setting")
    group.add_argument("--path", action="store_true", help="print where config.toml is, or would be")
    return parser


def run(words: Sequence[str]) -> int:
    """Print or check the settings, or write a config.toml."""
    options = make_parser().parse_args(words)
    if options.path:
        print_text(f"{user_paths().config_file}\n")
        return DONE
    if options.init:
        return _init()
    in_force = settings_in_force()
    for fault in in_force.faults:
        complain(in_force.sentence(fault))
    if options.check:
        return _checked(in_force)
    if options.json:
        for row in rows(in_force):
            print_json(row)
    else:
        _print(in_force)
    return DONE


def rows(in_force: InForce) -> Iterator[dict[str, Any]]:
    """Every option and every key that is set, with its value and where that comes from."""
    for option in OPTIONS:
        yield {
            "name": option.name,
            "value": getattr(in_force.settings, option.field),
            "default": option.default,
            "from": in_force.source(option.name),
        }
    for name, chosen in in_force.settings.keys.items():
        yield {
            "name": f"{KEYS}.{name}",
            "value": list(map(show_key, chosen)),
            "default": default_keys()[name],
            "from": in_force.source(f"{KEYS}.{name}"),
        }


def default_keys() -> dict[str, tuple[str, ...]]:
    """The default keys of every action whose keys can be set, as people write them."""
    return {key.id: tuple(map(show_key, key.keys.split(","))) for key in (*keys.KEYS, *SCREEN_KEYS.values())}


def _init() -> int:
    file = user_paths().config_file
    try:
        initialise(file, template(default_keys()))
    except SettingsError as error:
        complain(str(error))
        return WRONG_USE
    complain(f"{tilde(file)} was written; every setting in it is commented out")
    return DONE


def _checked(in_force: InForce) -> int:
    if in_force.faults:
        return WRONG_USE
    where = tilde(in_force.file)
    complain(f"{where}: no mistakes found" if in_force.exists else f"{where}: the file does not exist")
    return DONE


def _print(in_force: InForce) -> None:
    cells = [("setting", "value", "from")]
    cells += [(row["name"], _shown(row["value"]), row["from"]) for row in rows(in_force)]
    for line in table(cells, numbers_from=3):
        print_text(f"{line}\n")
    known = "" if in_force.exists else " (does not exist yet; “protocol-reader settings --init” writes it)"
    complain(f"settings are in {tilde(in_force.file)}{known}")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or '""'
