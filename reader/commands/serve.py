"""`serve`: the reader in a browser, a session for each page that is open."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from reader.commands.inputs import path_unless_new, settings_in_force
from reader.commands.output import Status, complain, print_text
from reader.commands.parser import CommandParser, UsageError, check_reading, paths_of, whole_number
from reader.errors import ReaderError, SettingsError
from reader.extras import needs_extra
from reader.settings import library_path
from reader.web.access import SHORTEST_TOKEN, AccessPolicy, is_token, listen, make_token, page_url, resolve

TOKEN_VARIABLE: Final = "PROTOCOL_READER_TOKEN"
_EPILOG: Final = f"""\
Without a PATH, the library opens, or the sample captures if you have no library. Each open page reads the captures in
PATH again, so add a large collection to the library first.

Only this machine can connect, unless --host allows others. Visitors need the whole address: the token in it keeps out
other accounts on this machine. It is random, unless {TOKEN_VARIABLE} sets one. The connection is not encrypted.
“protocol-reader help browser” says what visitors can do.

This needs the extra “web”."""
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from reader.cli import session; sys.exit(session())"
)
"""Keeps the current folder off the import path: it may contain captures and whatever came with them."""


def serve_parser() -> CommandParser:
    parser = CommandParser("serve", "Serve the reader as a web page.", _EPILOG)
    parser.add_paths("captures to serve; see below", nargs="*")
    parser.option(
        "--theme", "THEME", "paper (light), ink (dark) or a Textual theme (default: from the settings)"
    )
    parser.add_library_option()
    host = "the address to listen on (default: %(default)s, only this machine)"
    parser.option("--host", "ADDRESS", host, default="127.0.0.1")
    port = "the port to listen on; 0 for any free one (default: %(default)s)"
    parser.option("--port", "N", port, type=whole_number(0, 65_535), default=8000)
    parser.flag("--no-token", "let every account and program on this machine connect")
    most = "allow at most N open pages (default: %(default)s)"
    parser.option("--most", "N", most, type=whole_number(1), default=8)
    return parser


def run_serve(options: Namespace) -> int:
    check_reading(options)
    paths_of(options, options.paths)
    for path in options.paths:
        if path == "-":
            raise ReaderError(
                "-: each open page reads the captures, but standard input can be read only once; name a file"
            )
        if not os.path.lexists(path):
            raise ReaderError(f"{path}: there is no such file or folder")
    if not options.paths:
        path_unless_new(options.library)
    try:
        from reader.web.server import Server
    except ImportError as error:
        raise ReaderError(needs_extra("serve", "web")) from error
    token = None if options.no_token else os.environ.get(TOKEN_VARIABLE) or make_token()
    if token is not None and not is_token(token):
        raise UsageError(f"{TOKEN_VARIABLE} needs at least {SHORTEST_TOKEN} letters, digits, - or _")
    try:
        address = resolve(options.host)
        if token is None and not address.is_loopback:
            raise UsageError(
                f"--no-token: other machines can reach {options.host}; it is only for addresses that they cannot reach"
            )
        listening = listen(address, options.port)
    except SettingsError as error:
        complain(str(error))
        return Status.WRONG_USE
    settings = settings_in_force()
    for fault in settings.faults:
        complain(fault.in_file(settings.file))
    url = page_url(address, listening.getsockname()[1], token)

    def ready() -> None:
        print_text(f"Serving at {url} (Ctrl-C stops it)\n")
        if not address.is_loopback:
            print_text(
                "Anyone with this address can read and mark articles; the connection is not encrypted.\n"
            )
        sys.stdout.flush()

    server = Server(child_words(options), AccessPolicy(token=token, hosts=address.hosts), most=options.most)
    asyncio.run(server.run(listening, ready))
    return Status.DONE


def child_words(options: Namespace) -> list[str]:
    """The command of a session: the same options and, as absolute paths, the same captures."""
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-P", "-c", _CHILD, str(root)]
    given = {"theme": options.theme, "site": options.site, "columns": options.columns}
    words += [f"--{option}={value}" for option, value in given.items() if value]
    if options.library:
        words.append(f"--library={library_path(options.library).absolute()}")
    return [*words, "--", *(os.path.abspath(path) for path in options.paths)]  # noqa: PTH100
