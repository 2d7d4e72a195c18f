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
    parser_for,
    paths_of,
    print_text,
    refuse_urls,
    settings_in_force,
    whole_number,
)
from reader.commands.libraries import is_there, library_path
from reader.errors import SettingsError

TOKEN_VARIABLE: Final = "PROTOCOL_READER_TOKEN"
_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_EPILOG: Final = f"""\
Without a PATH the library opens, or the sample captures while there is none. Each page that is open has a reader of its
own, which ends when the page is closed. Captures named by PATH are read anew for each: keep a large pile with “add”.

Nobody but this machine gets there, unless --host says otherwise, and only with the whole address: its token keeps out
other accounts of this machine, and --no-token does without. {TOKEN_VARIABLE} sets a token unseen by them. The
line is not encrypted. Who has the address can read, and change what the library says of articles: read, stars, saved
searches, corrections, which versions are one story. Settings hold until the page is closed. Links open in the
browser, and exports are downloaded. No command is run, no file is written, and nothing is fetched from a web archive.

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
        "--token", metavar="TOKEN", help="what the address must have in it; made up unless given"
    )
    parser.add_argument(
        "--no-token", action="store_true", help="let every account and program of this machine in"
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
    if wanted.no_token and wanted.token:
        parser.error("--token or --no-token, not both")
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

    token = None if wanted.no_token else wanted.token or os.environ.get(TOKEN_VARIABLE) or make_token()
    if token is not None and not is_token(token):
        parser.error(f"--token: at least {SHORTEST_TOKEN} letters, digits, - and _")
    try:
        address = resolve(wanted.host)
        if token is None and not address.is_loopback:
            parser.error(f"--no-token: others reach {wanted.host} too; only for this machine alone")
        listening = listen(address, wanted.port)
    except SettingsError as error:
        complain(str(error))
        return WRONG_USE
    settings = settings_in_force()
    for fault in settings.faults:
        complain(settings.sentence(fault))
    url = page_url(address, listening.getsockname()[1], token)

    def ready() -> None:
        print_text(f"Reading at {url} — Ctrl-C ends it\n")
        if not address.is_loopback:
            print_text("Who has this address can read and mark articles; the line is not encrypted.\n")
        sys.stdout.flush()
        if wanted.open:
            _open(url)

    server = Server(child_words(wanted), AccessPolicy(token=token, hosts=address.hosts), most=wanted.most)
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
    """What is not there of what is to be read, as a sentence. ReaderError for a URL."""
    refuse_urls(wanted.paths)
    for path in wanted.paths:
        if path == "-":
            return "-: standard input can be read only once, and each page reads anew; name a file"
        if not os.path.lexists(path):
            return f"{path}: there is no such file or folder"
    if wanted.library and not is_there(path := library_path(wanted.library)):
        return f"{path}: there is no library yet; “protocol-reader add PATH” makes one"
    return None


def _open(url: str) -> None:
    from reader.app.browser import BrowserError, browse

    try:
        browse(url)
    except BrowserError as error:
        complain(str(error))
