"""`settings`: print the settings and where they come from, check config.toml, or write one to begin with."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from reader.app.keys import KEYS as APP_KEYS
from reader.app.keys import show_key
from reader.commands.common import Status, complain, print_lines, print_records, settings_in_force, table
from reader.commands.parser import CommandParser
from reader.errors import SettingsError
from reader.settings import InForce, user_paths
from reader.settings.loading import tilde
from reader.settings.options import KEYS, OPTIONS
from reader.settings.writing import initialise, template

_EPILOG = """\
The command line overrides environment variables, and environment variables override config.toml. A faulty setting in
config.toml is ignored; the reader still opens, and reports it."""


def settings_parser() -> CommandParser:
    """The parser of the words after `settings`."""
    parser = CommandParser("settings", "Show the settings and where they come from.", _EPILOG)
    # argparse would indent the group so far that it is wider than a narrow terminal.
    parser.usage = "protocol-reader settings [--check | --init | --json | --path]"
    group = parser.add_mutually_exclusive_group()
    for option, about in (
        ("--check", "report mistakes in config.toml; exit status 2 if there are any"),
        ("--init", "write a config.toml that describes every setting, all commented out"),
        ("--json", "print one JSON object for each setting"),
        ("--path", "print where config.toml is, or would be"),
    ):
        group.add_argument(option, action="store_true", help=about)
    return parser


def run_settings(options: Namespace) -> int:
    """Print or check the settings, or write a config.toml."""
    file = user_paths().config_file if options.path or options.init else None
    if options.path:
        print_lines([str(file)])
        return Status.DONE
    if file is not None:
        try:
            initialise(file, template(default_keys()))
        except SettingsError as error:
            complain(str(error))
            return Status.WRONG_USE
        complain(f"{tilde(file)} was written; every setting in it is commented out")
        return Status.DONE
    in_force = settings_in_force()
    for fault in in_force.faults:
        complain(in_force.sentence(fault))
    where = tilde(in_force.file)
    if options.check:
        if in_force.faults:
            return Status.WRONG_USE
        complain(f"{where}: no mistakes found" if in_force.exists else f"{where}: the file does not exist")
        return Status.DONE
    rows = list(_rows(in_force))
    cells = [(row["name"], _shown(row["value"]), row["from"]) for row in rows]
    print_records(rows, table([("setting", "value", "from"), *cells], numbers_from=3), as_json=options.json)
    if not options.json:
        hint = "" if in_force.exists else " (does not exist yet; “protocol-reader settings --init” writes it)"
        complain(f"settings are in {where}{hint}")
    return Status.DONE


def _rows(in_force: InForce) -> Iterator[dict[str, Any]]:
    """Every option and every key that is set, with its value and where that comes from."""
    values: dict[str, tuple[Any, Any]] = {
        option.name: (getattr(in_force.settings, option.field), option.default) for option in OPTIONS
    }
    defaults = default_keys()
    values |= {
        f"{KEYS}.{name}": (list(map(show_key, chosen)), defaults[name])
        for name, chosen in in_force.settings.keys.items()
    }
    for name, (value, default) in values.items():
        yield {"name": name, "value": value, "default": default, "from": in_force.source(name)}


def default_keys() -> dict[str, tuple[str, ...]]:
    """The default keys of every action whose keys can be set, as people write them."""
    return {key.id: tuple(map(show_key, key.names)) for key in APP_KEYS}


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or '""'
