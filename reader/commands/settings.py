"""`settings`: print the settings and where they come from, and report mistakes in config.toml."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from reader.app.keys import KEYS as APP_KEYS
from reader.app.keys import show_key
from reader.commands.common import Status, complain, print_records, settings_in_force, table
from reader.commands.parser import CommandParser
from reader.settings import InForce
from reader.settings.loading import tilde
from reader.settings.options import KEYS, OPTIONS

_EPILOG = """\
The command line overrides environment variables, and environment variables override config.toml. A faulty setting in
config.toml is ignored; this command and the reader report it with its line, and the exit status here is 1.
“protocol-reader help settings” describes every setting."""


def settings_parser() -> CommandParser:
    parser = CommandParser("settings", "Show the settings and where they come from.", _EPILOG)
    parser.flag("--json", "print one JSON object for each setting")
    return parser


def run_settings(options: Namespace) -> int:
    in_force = settings_in_force()
    for fault in in_force.faults:
        complain(in_force.sentence(fault))
    rows = list(_rows(in_force))
    cells = [(row["name"], _shown(row["value"]), row["from"]) for row in rows]
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


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or '""'
