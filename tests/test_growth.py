"""Time grows with the length of hostile inputs, not with its square, and a megabyte needs little time and memory."""

from __future__ import annotations

import gc
import io
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from reader.app.dialogs.plain_text import numbered_lines
from reader.app.text.article_lines import head_parts
from reader.app.text.document import Document
from reader.app.text.typesetting import Typesetting
from reader.captures import read_captures
from reader.errors import QueryError
from reader.library import Library
from reader.library.ingest.reading import prepare
from reader.model import Article, Capture
from reader.parsing import parse, parse_capture
from tests.filling import add_pages
from tests.fuzz.runner import peak_memory

KB: Final = 1024
MOST_GROWTH: Final = 7.0
"""How many times as long an input of four times the length may take; 16 is the square."""
MOST_SECONDS: Final = 10.0
"""Seconds of processor time for a megabyte."""
MOST_MEMORY: Final = 512.0
"""Megabytes of memory for a megabyte."""
MEASURED: Final = 0.001
"""The least seconds that can be measured; the small input grows until it takes as long."""
QUICK: Final = 0.004
"""Seconds of the large input that are too few for a ratio: they are mostly the cost of new memory."""
LONGEST: Final = 64 * KB
"""The most bytes of the small input; one that cannot be measured even then is quick."""
TRIES: Final = 3
WIDTH: Final = 60

# Hostile inputs of any size

BOUNDED: Final = 512 * KB
"""From this size on, HTML that would take long to parse is left out."""
_NUMBERS: Final = count(1_000_000)
"""Makes every input different, so that caches do not help."""


class Shape(NamedTuple):
    """An input that can be made in any size."""

    name: str
    make: Callable[[int], str | bytes]
    """Makes an input of about this many bytes."""
    size: int = 32 * KB
    """Bytes of the small input, which must take long enough to be measured."""
    slow: bool = False
    """Does it take so long that only `--thorough` includes it?"""


def repeated(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda size: before + unit * max(1, size // len(unit.encode())) + after


def nested(opening: str, closing: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Open many things, and then close all of them."""
    return lambda size: (
        before
        + opening * (size // len(opening + closing))
        + closing * (size // len(opening + closing))
        + after
    )


def numbered(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Repeat a unit, with another number for {} each time."""

    def make(size: int) -> str:
        times = max(1, size // len(unit.format(1_000_000)))
        return before + "".join([unit.format(next(_NUMBERS)) for _ in range(times)]) + after

    return make


def names(joint: str, before: str = "") -> Callable[[int], str]:
    """List different names of people, with `joint` between them."""

    def make(size: int) -> str:
        times = max(1, size // (15 + len(joint)))
        letters = "abcdefghij"
        given = ["".join(letters[int(digit)] for digit in str(next(_NUMBERS))) for _ in range(times)]
        return before + joint.join([f"Anna {name.capitalize()}" for name in given])

    return make


TEXTS: Final = (
    Shape("digits behind a name", repeated("1", "Proto ", " " + "1" * 20)),
    Shape("lines of a letter", repeated("a\n")),
    Shape("blank lines", repeated("\n", "a", "b"), 256 * KB),
    Shape("carriage returns", repeated("\r", "a", "b"), 256 * KB),
    Shape("spaces", repeated(" ", "a", "b"), 256 * KB),
    Shape("authors of trackers", repeated("author_", "yes-", "!")),
    Shape("half a credit", repeated("Photo: Anna via ")),
    Shape("half a byline", repeated("By Anna and ")),
    Shape("names in a line", names(", ")),
    Shape("a name and a biography", numbered("Anna Abel\nAnna Abel is a reporter at Protocol, no. {}.\n\n")),
    Shape("names with a dash", repeated("— Anna Abel (email | twitter ")),
    Shape("a sign-off without an end", repeated("Anna ", "— ", "(")),
    Shape("kickers and headlines", numbered("Protocol | China\nThe harbour plans quay {}\n\n")),
    Shape("quotation marks", repeated('"“')),
    Shape("quotations in quotations", nested("“a ", " b”")),
    Shape("sentence ends", repeated(".?!")),
    Shape("lines of bullets", numbered("• item {}\n")),
    Shape("combining marks", repeated("\u0301", "a")),
    Shape("letters with marks", repeated("e\u0301\u0302")),
    Shape("joiners", repeated("\u200da")),
    Shape("flags", repeated("\U0001f1e6")),
    Shape("controls", repeated("\x1b[31m")),
    Shape("ideographs", repeated("港口")),
    Shape("addresses", numbered("https://example.com/{} ")),
    Shape("one paragraph", numbered("The ferry to quay {} sails at noon, says the harbour. ")),
    Shape("one word", repeated("a")),
    Shape("dashes", repeated("-")),
    Shape("words with dashes", repeated("a-b—")),
)  # fmt: skip

HTML: Final = (
    Shape("nested elements", nested("<div>", "</div>", "<html>", ""), size=BOUNDED, slow=True),
    Shape("nested text", nested("<b>a", "</b>", "<html>")),
    Shape("unclosed elements", repeated("<p><i>a", "<html>")),
    Shape("unclosed tables", repeated("<table><tr><td>a", "<html>")),
    Shape("wrong nesting", repeated("<a href=x><b></a>x</b>", "<html>")),
    Shape("tags in tags", repeated("<a ", "<html>")),
    Shape("comments with dashes", repeated("-", "<html><!--")),
    Shape("attributes", numbered(" a{}=b", "<html><p", ">text")),
    Shape("equal signs", repeated("=", "<html><p ", ">text")),
    Shape("quotes in tags", repeated("\"'", "<html><p a=", ">text")),
    Shape("paid classes", repeated("-sponsor", '<html><p class="', 'x">text')),
    Shape("entities", repeated("&amp;", "<html>")),
    Shape("unknown entities", numbered("&a{};", "<html>")),
    Shape("scripts that do not end", repeated("<script>", "<html>")),
    Shape("styles and comments", repeated("<style><!--</style>", "<html>"), size=BOUNDED, slow=True),
    Shape("page data", repeated('{"a":', '<html><script type="application/ld+json">', "</script>")),
    Shape("metas", numbered('<meta name="author" content="Anna {}">', "<html>")),
    Shape("links in a line with marks", numbered('<a href="/{}">e\u0301\u200b</a>', "<html><p>"), size=128 * KB),
    Shape("nested articles", nested("<article><h1>a</h1>", "</article>", "<html>")),
    Shape("hidden text", repeated('<div hidden>a', "<html>"), size=BOUNDED, slow=True),
    Shape("hidden text in scripts", repeated("&lt;div&gt;", '<html><script type="text/plain">', "</script>")),
    Shape("authors", numbered('<p class="author">Anna {}</p>', "<html><p>a</p>")),
)  # fmt: skip


def _record(headers: str, body: bytes = b"") -> bytes:
    return b"WARC/1.0\r\n" + headers.encode() + b"\r\n\r\n" + body + b"\r\n\r\n"


def _records(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def made(size: int) -> bytes:
        one = len(make(0))
        return b"".join([make(number) for number in range(max(1, size // one))])

    return made


_HTML: Final = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def _response(number: int, head: str = f"{_HTML}\r\n", length: int | None = None) -> bytes:
    body = head.encode() + f"<html><p>Quay {number:06}</p>".encode()
    return _record(
        f"WARC-Type: response\r\nWARC-Target-URI: https://example.com/{number:06}\r\n"
        f"Content-Length: {len(body) if length is None else length}",
        body,
    )


def _zip(size: int, *, comment: int = 0) -> bytes:
    out = io.BytesIO()
    count = max(1, size // (112 + comment))
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            info = zipfile.ZipInfo(f"{number}.txt")
            info.comment = b"c" * comment
            archive.writestr(info, f"Quay {number}\n")
    return out.getvalue()


def _overlapping(size: int) -> bytes:
    """Make a zip whose entries are all the same member, half as long as the file."""
    body = b"The ferry sails at noon. " * (size // 50)
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, len(body), len(body), 5, 0)
        + b"a.txt"
        + body
    )
    count = size // 2 // 51
    entry = (
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, len(body), len(body), 5, 0, 0, 0, 0, 0, 0
        )
        + b"a.txt"
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + end


JSON: Final = (
    Shape("nested lists", nested("[", "]", '{"text":', "}\n")),
    Shape("objects in lines that do not end", repeated('{"a":\n')),
    Shape("open strings", repeated('"')),
    Shape("backslashes", repeated("\\", '{"text": "', '"}')),
    Shape("a string that does not end", repeated("a", '{"text": "')),
    Shape("many keys", numbered(f'"{"k" * 80}{{}}": 1, ', "{", '"text": "a"}\n')),
    Shape("many pages", numbered('{{"text": "Quay {}", "url": "https://example.com/"}}\n')),
    Shape("nested metadata", nested('{\\"a\\":', "}", '{"text": "a", "metadata": "', '"}\n')),
    Shape("addresses", repeated("a.", '{"text": "a", "url": "https://', '"}\n')),
)  # fmt: skip

ARCHIVES: Final = {
    "warc": (
        Shape("records", _records(_response)),
        Shape("lengths that are too large", _records(lambda n: _response(n, length=10**9))),
        Shape("chunks of a byte", lambda size: _response(
            1, f"{_HTML}Transfer-Encoding: chunked\r\n\r\n" + "1\r\na\r\n" * (size // 6)
        )),
        Shape("pages of text", _records(lambda n: _response(
            n, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nQuay\n"
        ))),
    ),
    "zip": (
        Shape("small members", _zip),
        Shape("members that overlap", _overlapping),
    ),
}  # fmt: skip

QUERIES: Final = (
    Shape("ORs", repeated("OR ", "a ", "b"), 4 * KB),
    Shape("groups of conditions", repeated("(is:read OR is:starred) ", "", "b"), 4 * KB),
    Shape("words with minus signs", repeated("-a "), 4 * KB),
    Shape("a long phrase", repeated("a ", '"', '"'), 4 * KB),
    Shape("parentheses", nested("(", ")"), 4 * KB),
    Shape("words with stars", repeated("a* "), 4 * KB),
    Shape("places", repeated("in:body "), 64 * KB),
    Shape("a long word", repeated("a"), 4 * KB),
    Shape("blanks", repeated(" ", "a", "b"), 4 * KB),
)  # fmt: skip
SECTIONS: Final = (
    Shape("sections", numbered("Protocol | Quay {0}\nThe harbour plans quay {0}\n\n"), 128 * KB),
)
LAID_OUT: Final = (
    "lines of a letter", "spaces", "one word", "one paragraph", "names in a line", "words with dashes", "ideographs",
    "combining marks", "letters with marks", "flags", "quotation marks", "sentence ends", "controls", "dashes",
)  # fmt: skip
"""The texts that are also laid out for the screen."""


# What reads them


def read_file(folder: Path, kind: str) -> Callable[[str | bytes], Callable[[], object]]:
    """Read a file, parse it and prepare its articles for the library."""

    def ready(data: str | bytes) -> Callable[[], object]:
        path = folder / f"a.{kind}"
        path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return lambda: [
            prepare(item, parse_capture(item))
            for item in read_captures([str(path)])
            if isinstance(item, Capture)
        ]

    return ready


def lay_out(data: str | bytes) -> Callable[[], object]:
    """Lay out the articles of a page, and its raw text."""
    assert isinstance(data, str)
    articles = parse(data).articles

    def run() -> None:
        documents = [_document(article) for article in articles]
        for document in (numbered_lines(data), *documents):
            document.estimates(WIDTH)
            for unit in range(len(document)):
                document.lay_out(unit, WIDTH)

    return run


def _document(article: Article) -> Document:
    document = Document(tuple(head_parts(article)), article.body)
    document.typesetting = Typesetting(justified=True, hyphenate=lambda word: range(2, len(word) - 2, 3))
    return document


@cache
def _empty_library() -> Library:
    return Library.temporary()


def query(data: str | bytes) -> Callable[[], object]:
    """Search an empty library for a query, while it is typed and finished."""
    assert isinstance(data, str)
    library = _empty_library()

    def run() -> None:
        for typing in (True, False):
            with suppress(QueryError):
                library.search(data, typing=typing)

    return run


def overview(data: str | bytes) -> Callable[[], object]:
    """Count the articles of a library by section and month."""
    assert isinstance(data, str)
    capture = Capture("a.txt", data)
    library = Library.temporary()
    add_pages(library, [(capture, parse_capture(capture))])
    return library.overview


def _all() -> Iterator[object]:
    kinds = {
        "txt": TEXTS,
        "layout": [shape for shape in TEXTS if shape.name in LAID_OUT],
        "html": HTML,
        "jsonl": JSON,
        **ARCHIVES,
    }
    for kind, shapes in {**kinds, "query": QUERIES, "overview": SECTIONS}.items():
        for shape in shapes:
            marks = [pytest.mark.thorough] if shape.slow else []
            yield pytest.param(kind, shape, id=f"{kind}: {shape.name}", marks=marks)


def seconds(
    ready: Callable[[str | bytes], Callable[[], object]], shape: Shape, size: int, times: int
) -> float:
    """Return the least processor time of several runs."""
    best = float("inf")
    for _ in range(times):
        run = ready(shape.make(size))
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> Iterator[None]:
    """Keep the garbage collector from the objects of earlier tests."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(("kind", "shape"), _all())
def test_time_grows_with_the_length(kind: str, shape: Shape, tmp_path: Path, thorough: bool) -> None:
    ready = {"layout": lay_out, "query": query, "overview": overview}.get(kind) or read_file(tmp_path, kind)
    most = max(LONGEST, shape.size)
    size = min(shape.size if thorough else shape.size // 4, most)
    small = seconds(ready, shape, size, 2)
    while small < MEASURED and size < most:
        size *= 2
        small = seconds(ready, shape, size, 2)
    before = peak_memory(begin=True)
    large = seconds(ready, shape, 4 * size, 1)
    megabytes = 4 * size / KB / KB
    assert large <= MOST_SECONDS * megabytes + 1
    if before:
        assert (peak_memory() - before) / KB / KB <= 64 + (MOST_MEMORY - 64) * megabytes
    for _ in range(TRIES):
        if large < QUICK or large / small <= MOST_GROWTH:
            break
        # The machine may have been busy.
        small = seconds(ready, shape, size, 3)
        large = min(large, seconds(ready, shape, 4 * size, 2))
    assert large < QUICK or large / small <= MOST_GROWTH
