"""`serve`: the reader in a browser, a session for each page that is open."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reader.commands.common import (
    DONE,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    add_page_options,
    check_theme,
    complain,
    parser_for,
    paths_of,
    print_text,
    refuse_urls,
    settings_in_force,
    whole_number,
)
from reader.commands.libraries import is_there, library_path
from reader.errors import SettingsError
from reader.extras import needs_extra

TOKEN_VARIABLE: Final = "PROTOCOL_READER_TOKEN"
_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_EPILOG: Final = f"""\
Without a PATH, the library opens, or the sample captures if you have no library. Each open page has its own reader,
which ends when the page is closed. It reads the captures in PATH again, so add a large collection to the library first.

Only this machine can connect, unless --host allows others. Visitors need the whole address: the token in it keeps out
other accounts on this machine. {TOKEN_VARIABLE} sets a token that they cannot see, and --no-token drops the token. The
connection is not encrypted.

Anyone with the address can read, and can change marks, highlights, notes, tags, saved searches, corrections and which
versions belong to one story. Changed settings last until the page is closed. Links open in the visitor's browser, and
exports are downloaded. Visitors cannot run commands, write files or fetch from a web archive.

This needs the extra “web”."""
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from reader.cli import session; sys.exit(session())"
)
"""Keeps the current folder off the import path: it may contain captures and whatever came with them."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `serve`."""
    parser = parser_for("serve", "Serve the reader as a web page.", _EPILOG)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="captures to serve; see below")
    parser.add_argument("--theme", help="paper (light), ink (dark) or a Textual theme (default: ink)")
    add_page_options(parser)
    add_library_option(parser)
    parser.add_argument(
        "--host",
        default=_HOST,
        metavar="ADDRESS",
        help="the address to listen on (default: %(default)s, only this machine)",
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, 65_535),
        default=_PORT,
        metavar="N",
        help="the port to listen on; 0 for any free one (default: %(default)s)",
    )
    parser.add_argument("--token", metavar="TOKEN", help="the secret part of the address (default: random)")
    parser.add_argument(
        "--no-token", action="store_true", help="let every account and program on this machine connect"
    )
    parser.add_argument(
        "--most",
        type=whole_number(1),
        default=8,
        metavar="N",
        help="allow at most N open pages (default: %(default)s)",
    )
    parser.add_argument("--open", action="store_true", help="also open the page in this machine's browser")
    return parser


def run(words: Sequence[str]) -> int:
    """Serve until Ctrl-C. Return the exit status."""
    parser = make_parser()
    options = parser.parse_args(words)
    if options.library and options.paths:
        parser.error("--library and PATH cannot be used together")
    check_theme(parser, options.theme)
    if options.no_token and options.token:
        parser.error("--token and --no-token cannot be used together")
    paths_of(parser, options.paths, options)
    if (trouble := _missing(options)) is not None:
        complain(trouble)
        return NOTHING_READ
    try:
        import aiohttp  # noqa: F401
        import textual_serve  # noqa: F401
    except ImportError:
        complain(needs_extra("serve", "web"))
        return WRONG_USE
    return _serve(parser, options)


def _serve(parser: ArgumentParser, options: Namespace) -> int:
    import asyncio

    from reader.web.access import (
        SHORTEST_TOKEN,
        AccessPolicy,
        is_token,
        listen,
        make_token,
        page_url,
        resolve,
    )
    from reader.web.server import Server  # The extra `web`.

    token = None if options.no_token else options.token or os.environ.get(TOKEN_VARIABLE) or make_token()
    if token is not None and not is_token(token):
        parser.error(f"--token needs at least {SHORTEST_TOKEN} letters, digits, - or _")
    try:
        address = resolve(options.host)
        if token is None and not address.is_loopback:
            parser.error(
                f"--no-token: other machines can reach {options.host}; it is only for addresses that they cannot reach"
            )
        listening = listen(address, options.port)
    except SettingsError as error:
        complain(str(error))
        return WRONG_USE
    settings = settings_in_force()
    for fault in settings.faults:
        complain(settings.sentence(fault))
    url = page_url(address, listening.getsockname()[1], token)

    def ready() -> None:
        print_text(f"Serving at {url} (Ctrl-C stops it)\n")
        if not address.is_loopback:
            print_text(
                "Anyone with this address can read and mark articles; the connection is not encrypted.\n"
            )
        sys.stdout.flush()
        if options.open:
            _open(url)

    server = Server(child_words(options), AccessPolicy(token=token, hosts=address.hosts), most=options.most)
    asyncio.run(server.run(listening, ready))
    return DONE


def child_words(options: Namespace) -> list[str]:
    """The command of a session: the same options and, as absolute paths, the same captures."""
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-P", "-c", _CHILD, str(root)]
    given = {"theme": options.theme, "site": options.site, "columns": options.columns}
    words += [f"--{option}={value}" for option, value in given.items() if value]
    if options.library:
        words.append(f"--library={library_path(options.library).absolute()}")
    return [*words, "--", *(os.path.abspath(path) for path in options.paths)]  # noqa: PTH100


def _missing(options: Namespace) -> str | None:
    """Return a sentence about a missing file or library, or None. ReaderError for a URL."""
    refuse_urls(options.paths)
    for path in options.paths:
        if path == "-":
            return (
                "-: each open page reads the captures, but standard input can be read only once; name a file"
            )
        if not os.path.lexists(path):
            return f"{path}: there is no such file or folder"
    if options.library and not is_there(path := library_path(options.library)):
        return f"{path}: there is no library yet; “protocol-reader add PATH” makes one"
    return None


def _open(url: str) -> None:
    from reader.app.browser import BrowserError, browse

    try:
        browse(url)
    except BrowserError as error:
        complain(str(error))
