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
    add_site_option,
    check_theme,
    complain,
    is_there,
    library_path,
    parser_for,
    paths_of,
    print_text,
    whole_number,
)
from reader.errors import SettingsError

TOKEN_VARIABLE: Final = "PROTOCOL_READER_TOKEN"
_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_EPILOG: Final = f"""\
Without a PATH the library opens, or the sample captures while there is none. Each page that is open has a reader of its
own, which ends when the page is closed. Captures named by PATH are read anew for each: keep a large pile with “add”.

Nobody but this machine gets there, unless --host says otherwise. Then the whole address, with its token, is needed; a
token keeps out other accounts of this machine, too, and {TOKEN_VARIABLE} sets it unseen by them. The line
is not encrypted. In a browser no article is piped to a command, links open there, and exports are downloaded.

It needs the extra “web”: pip install 'protocol-reader[web]'."""
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from reader.cli import session; sys.exit(session())"
)
"""Started where the current folder is no place to import from: captures may lie there, and what came with them."""


def make_parser() -> ArgumentParser:
    """What may follow `serve`."""
    parser = parser_for("serve", "Read in a browser.", _EPILOG)
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument(
        "--theme", help="paper (light), ink (dark) or one of Textual's; ink unless told otherwise"
    )
    add_site_option(parser)
    add_library_option(parser)
    parser.add_argument(
        "--host", default=_HOST, metavar="ADDRESS", help="where to listen (%(default)s, this machine alone)"
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, 65_535),
        default=_PORT,
        metavar="N",
        help="on which port (%(default)s); 0 for a free one",
    )
    parser.add_argument(
        "--token", metavar="TOKEN", help="what the address must have in it; made up where one is needed"
    )
    parser.add_argument(
        "--most", type=whole_number(1), default=8, metavar="N", help="pages at once (%(default)s)"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser of this machine")
    return parser


def run(words: Sequence[str]) -> int:
    """Serve until Ctrl-C; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    if wanted.library and wanted.paths:
        parser.error("--library opens a library; give that or a PATH, not both")
    check_theme(parser, wanted.theme)
    paths_of(parser, wanted.paths, wanted.site)
    if (trouble := _missing(wanted)) is not None:
        complain(trouble)
        return NOTHING_READ
    try:
        import aiohttp  # noqa: F401
        import textual_serve  # noqa: F401
    except ImportError:
        complain("serve needs the extra “web”: pip install 'protocol-reader[web]'")
        return WRONG_USE
    return _serve(parser, wanted)


def _serve(parser: ArgumentParser, wanted: Namespace) -> int:
    import asyncio

    from reader.web.gate import SHORTEST_TOKEN, Gate, is_token, make_token
    from reader.web.place import find_place, listen, open_address
    from reader.web.server import Server

    token = wanted.token or os.environ.get(TOKEN_VARIABLE) or None
    if token is not None and not is_token(token):
        parser.error(f"--token: at least {SHORTEST_TOKEN} letters, digits, - and _")
    try:
        place = find_place(wanted.host)
        listening = listen(place, wanted.port)
    except SettingsError as error:
        complain(str(error))
        return WRONG_USE
    if token is None and not place.private:
        token = make_token()
    address = open_address(place, listening.getsockname()[1], token)

    def ready() -> None:
        print_text(f"Reading at {address} — Ctrl-C ends it\n")
        if not place.private:
            print_text("Whoever has this address can read and mark; the line is not encrypted.\n")
        sys.stdout.flush()
        if wanted.open:
            _open(address)

    server = Server(child_words(wanted), Gate(token=token, names=place.names), most=wanted.most)
    asyncio.run(server.run(listening, ready))
    return DONE


def child_words(wanted: Namespace) -> list[str]:
    """The command of a session: the same options and, as absolute paths, the same captures."""
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-P", "-c", _CHILD, str(root)]
    given = {"theme": wanted.theme, "site": wanted.site}
    words += [f"--{option}={value}" for option, value in given.items() if value]
    if wanted.library:
        words.append(f"--library={library_path(wanted.library).absolute()}")
    return [*words, "--", *(os.path.abspath(path) for path in wanted.paths)]  # noqa: PTH100


def _missing(wanted: Namespace) -> str | None:
    """What is not there of what is to be read, as a sentence."""
    for path in wanted.paths:
        if path == "-":
            return "-: standard input can be read only once, and each page reads anew; name a file"
        if not os.path.lexists(path):
            return f"{path}: there is no such file or folder"
    if wanted.library and not is_there(path := library_path(wanted.library)):
        return f"{path}: there is no library yet; “protocol-reader add PATH” makes one"
    return None


def _open(address: str) -> None:
    from reader.app.browser import BrowserError, browse

    try:
        browse(address)
    except BrowserError as error:
        complain(str(error))
