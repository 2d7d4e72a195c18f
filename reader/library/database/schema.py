"""The tables and views of a library file, and how their columns are encoded.

A library holds *versions*: a row of `articles` is one article as one capture shows it. Versions with the same words
have the same `identity` (`Article.id`). What a reader adds to an article belongs to its identity, never to `key`. Of
the versions of a story, one is `listed`, in its group and there in the order of `story`, which is that of arrival.

The reader's additions outlive the rows of `articles`. Only `read_articles` and `starred_articles` hold keys of listed
versions. They are derived from `marks`, so that a list needs one lookup by key, and marking never rewrites `articles`.

Other programs may rely on the views. `reader/manual/data.md` documents them.

An article is a JSON array of its fields in the order of `FIELDS`, in UTF-8; its tuples are arrays too. Lone
surrogates, which no page should contain, are kept as three bytes each.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final
from unicodedata import combining, normalize

from reader.model import SKIPPED, SPONSORED, UNSECTIONED, Article, Bio, Block, Figure, LineHint, Link, Reason

# What the columns hold

FIELDS: Final = (
    "position", "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body",
    "bios", "truncated", "sponsored", "sponsor", "first_line", "last_line", "links",
    "confidence",
)  # fmt: skip
"""The fields of `Article` in the order of a record; new ones are added at the end."""
_RECORDS: Final[dict[str, Callable[[Any], Any]]] = {
    "authors": tuple,
    "figures": lambda values: tuple(Figure(*value) for value in values),
    "body": lambda values: tuple(Block(*value) for value in values),
    "bios": lambda values: tuple(Bio(*value) for value in values),
    "links": lambda values: tuple(Link(*value) for value in values),
    "truncated": lambda value: None if value is None else Reason(*value),
    "sponsored": lambda value: None if value is None else Reason(*value),
}
"""Converts the lists in an article's JSON to the tuples and records of `Article`."""
_SHOWN: Final = 300
"""The most characters of a title, author line or sponsor in a list; the record has the full text."""
MOST_FOLDED: Final = 2_000
"""The most characters of title, deck or authors that the list filter searches."""
_values = attrgetter(*FIELDS)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_PLAIN_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)
MOST_WORDS = 64
"""The most words of a query; SQLite allows some hundreds of conditions."""


def to_bytes(text: str) -> bytes:
    """Encode text as UTF-8, keeping lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """Decode what `to_bytes` encoded."""
    return data.decode("utf-8", "surrogatepass")


def unpack_text(packed: Any, digest: object) -> str:
    """Return the text of a capture. If it is damaged, ValueError with a phrase that completes a sentence about it."""
    try:
        data = zlib.decompress(packed)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"cannot be unpacked ({error})") from error
    if digest_of(data) != digest:
        raise ValueError("has been altered")
    return to_text(data)


def column(text: str) -> str:
    """Make a text fit for a TEXT column: lone surrogates (from odd file names) become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def digest_of(data: bytes) -> bytes:
    """Return the SHA-256 of `data`, 32 bytes."""
    return sha256(data).digest()


def identity_fingerprint(identity: bytes) -> int:
    """Return the fingerprint that versions with the same words share."""
    return int.from_bytes(identity[:6], "big")


def encode_article(article: Article) -> bytes:
    """Encode an article as bytes."""
    return to_bytes(_encoder.encode(_values(article)))


def decode_article(data: bytes) -> Article:
    """Decode an article. ValueError or TypeError for bytes that `encode_article` never makes."""
    values = zip(FIELDS, json.loads(to_text(data)), strict=True)
    return Article(**{name: decode_field(name, value) for name, value in values})


def decode_field(name: str, value: Any) -> Any:
    """Convert the JSON value of a field to its type in `Article`."""
    return _RECORDS[name](value) if name in _RECORDS else value


def shown_columns(article: Article) -> tuple[str | None, str, str | None]:
    """Return what lists show of an article: its date, authors and sponsor."""
    return (
        None if article.published is None else column(article.published),
        shown(", ".join(article.authors)),
        None if article.sponsor is None else shown(article.sponsor),
    )


def filter_text(article: Article) -> str:
    """Return what the list filter searches beside the title: deck and authors, folded, on a line each."""
    authors = ", ".join(article.authors)
    return column(fold(f"{(article.deck or '')[:MOST_FOLDED]}\n{authors[:MOST_FOLDED]}"))


def shown(text: str) -> str:
    """Cut a text for a column that lists show."""
    return column(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def encode_hints(hints: Sequence[LineHint]) -> bytes | None:
    """Encode hints as bytes; None if there are none."""
    return to_bytes(_encoder.encode(tuple(hints))) if hints else None


def decode_hints(data: bytes | None) -> tuple[LineHint, ...]:
    """Decode what `encode_hints` encoded."""
    return tuple(LineHint(*hint) for hint in json.loads(to_text(data))) if data else ()


def fold(text: str) -> str:
    """Remove case and accents, and make typographic quotes and dashes plain; idempotent."""
    if text.isascii():
        return text.lower()
    # Twice: decomposing can bring back capitals ("℡"), and folding case can bring back accents.
    text = normalize("NFKD", normalize("NFKD", text.translate(_PLAIN_MARKS)).casefold())
    return "".join([mark for mark in text if not combining(mark)]).translate(_PLAIN_MARKS)


def folded_words(words: str) -> tuple[str, ...]:
    """Return the distinct words to find in folded text, in order, at most `MOST_WORDS`."""
    return tuple(dict.fromkeys(column(fold(words)).split()))[:MOST_WORDS]


# The tables

SCHEMA_VERSION = 17
"""Raised by every change of the tables. Files of other versions are not opened."""
PAGE_BYTES = 8192
"""The page size of a new file. With 4096, reading a listing from a cold disk takes 50 % longer."""

UNSECTIONED_ID = 1
SPONSORED_ID = 2

FULLEST_FIRST = "a.truncated, a.words DESC, a.capture_key, a.key"
"""The order of versions `a` of a story, the listed one first. A capture keeps its key when it is corrected, and so its
place among versions of the same length."""
COMPLETES = "NOT {0}.truncated AND {1}.truncated AND {1}.identity <> {0}.identity"
"""Does a version complete another of its story? Not if both have the same words, and the reader corrected one."""
DATE = "coalesce(a.published, a.seen)"
"""The day by which lists sort an article `a`: the printed one, or else that of its capture. Search and counts use only
the printed one, since a page may be years older than its capture."""

LOST_TEXT: Final = "its text was lost when the library was damaged"
"""The value of `partial` for a capture of which only articles are left."""
IS_SKIPPED = f"kind IN {SKIPPED}"
"""True for a row of `problems` that was skipped on purpose."""

# The full-text index has one row for each story's representative version. `rowid` is the printed date
# (`search.indexing.ordinal`) << 32 | key, so the highest rowid is the newest. The index stores no texts:
# `search.indexing` derives them again from the article if needed.
PARTS = ("headline", "deck", "body", "authors", "captions")
"""The columns of the index for the parts of an article."""
LEAD = "\ue000"
"""The first character of special tokens: a letter for the tokenizer that never occurs in texts."""
KEY_BITS = 32
"""How many low bits of a rowid hold the article's key."""
KEY_MASK = (1 << KEY_BITS) - 1
PREFIXES = (3, 6)
"""The lengths of indexed word beginnings; `plan` converts other lengths to these."""
FACETS = "facets"

INDEX = f"""fts5(
        {", ".join(PARTS)}, {FACETS}, content='', prefix='{" ".join(map(str, PREFIXES))}',
        tokenize="unicode61 remove_diacritics 2 tokenchars '{LEAD}'")"""

TABLES: Final = (
    # The version again, for a file whose header is damaged.
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    f"INSERT INTO migrations VALUES ({SCHEMA_VERSION}, 'all tables')",
    # One row, updated in the transaction that changes what it counts. Keys are never reused. `content` counts changes
    # of kept articles and `state` those of the reader's marks, to show which listings are out of date.
    """CREATE TABLE counters (
        last_capture INTEGER NOT NULL DEFAULT 0,
        last_article INTEGER NOT NULL DEFAULT 0,
        content INTEGER NOT NULL DEFAULT 0,
        state INTEGER NOT NULL DEFAULT 0)""",
    "INSERT INTO counters DEFAULT VALUES",
    # `articles` counts the listed articles. Groups are ordered by `rank`, then name.
    """CREATE TABLE groups (
        group_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL DEFAULT 0,
        articles INTEGER NOT NULL DEFAULT 0,
        truncated INTEGER NOT NULL DEFAULT 0)""",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({UNSECTIONED_ID}, '{UNSECTIONED}', 1)",
    f"INSERT INTO groups (group_id, name, rank) VALUES ({SPONSORED_ID}, '{SPONSORED}', 2)",
    # The articles of a capture have consecutive keys, so a range replaces an index. `parser` is the version of the
    # parser that read it.
    """CREATE TABLE captures (
        capture_key INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        first_article INTEGER NOT NULL,
        articles INTEGER NOT NULL,
        source TEXT NOT NULL,
        url TEXT,
        captured TEXT,
        encoding TEXT NOT NULL,
        partial TEXT,
        hints BLOB,
        text BLOB NOT NULL,
        parser INTEGER NOT NULL DEFAULT 0)""",
    # Covers the columns that in: needs, so that the texts of captures are not read.
    "CREATE INDEX captures_named ON captures (source, url, first_article, articles)",
    "CREATE INDEX captures_partial ON captures (capture_key) WHERE partial IS NOT NULL",
    # Narrow on purpose: what a list shows, filters and sorts by, without the texts.
    # `story` is the key of the story's first version, and `why` says in words for a reader why this version belongs to
    # it (NULL for the first). `home` is the group of its own section; a listed version may be in another (`group_id`).
    # `completed`: whether a listed version completes a cut-off one. `seen` is the day of the capture, YYYY-MM-DD, if it
    # is known and the page prints no date. `doubtful`: whether the article may have been read wrongly
    # (`Article.doubtful`).
    """CREATE TABLE articles (
        key INTEGER PRIMARY KEY,
        capture_key INTEGER NOT NULL,
        position INTEGER NOT NULL,
        identity BLOB NOT NULL,
        group_id INTEGER NOT NULL,
        listed INTEGER NOT NULL,
        truncated INTEGER NOT NULL,
        published TEXT,
        words INTEGER NOT NULL,
        untitled INTEGER NOT NULL,
        title TEXT NOT NULL,
        authors TEXT NOT NULL,
        sponsor TEXT,
        story INTEGER NOT NULL DEFAULT 0,
        why TEXT,
        home INTEGER NOT NULL DEFAULT 0,
        completed INTEGER NOT NULL DEFAULT 0,
        seen TEXT,
        doubtful INTEGER NOT NULL DEFAULT 0)""",
    # The order of lists, with everything that filters and sorts need, so that they never read the table.
    """CREATE INDEX articles_listed ON articles (
        group_id, story, truncated, published, words, seen, doubtful) WHERE listed""",
    # Has the order of `FULLEST_FIRST`; the key is implicit.
    "CREATE INDEX articles_story ON articles (story, truncated, words DESC, capture_key)",
    # Finds the representative of a story.
    "CREATE INDEX articles_representative ON articles (story) WHERE listed",
    "CREATE TABLE records (key INTEGER PRIMARY KEY, digest BLOB NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE folded (key INTEGER PRIMARY KEY, title TEXT NOT NULL, rest TEXT NOT NULL)",
    # Reading the same file again adds no rows.
    """CREATE TABLE problems (
        key INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        partial INTEGER NOT NULL,
        UNIQUE (source, kind, reason, partial))""",
    # The fingerprints of the first version with the same words and byline, for finding candidates to compare.
    """CREATE TABLE fingerprints (fingerprint INTEGER NOT NULL, key INTEGER NOT NULL,
        PRIMARY KEY (fingerprint, key)) WITHOUT ROWID""",
    # Identities that the reader has split, each pair in both directions.
    "CREATE TABLE apart (one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID",
    # What listed versions lack and other versions of their stories have: a field of the article as JSON, and the key of
    # the version it comes from.
    """CREATE TABLE merged (
        key INTEGER NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (key, field)) WITHOUT ROWID""",
    f"CREATE VIRTUAL TABLE search USING {INDEX}",
    # Bytes of postings that FTS5 gathers before it writes them: room for a batch of articles.
    "INSERT INTO search (search, rank) VALUES ('hashsize', 67108864)",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab(search, instance)",
    # Identities without marks have no row.
    """CREATE TABLE marks (
        identity BLOB PRIMARY KEY,
        read INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    # The representatives of stories that are read, or starred.
    "CREATE TABLE read_articles (key INTEGER PRIMARY KEY)",
    "CREATE TABLE starred_articles (key INTEGER PRIMARY KEY)",
    # The highest turn belongs to the article that was open last.
    """CREATE TABLE places (
        turn INTEGER PRIMARY KEY,
        identity BLOB NOT NULL UNIQUE,
        block INTEGER NOT NULL,
        offset INTEGER NOT NULL)""",
    "CREATE TABLE searches (name TEXT PRIMARY KEY, query TEXT NOT NULL) WITHOUT ROWID",
    # Undone actions have the highest numbers: undo goes down, redo goes up.
    """CREATE TABLE actions (
        number INTEGER PRIMARY KEY,
        undone INTEGER NOT NULL DEFAULT 0,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        change BLOB NOT NULL)""",
    # Files whose captures are all kept, with the number of captures and articles and the parser that read them.
    """CREATE TABLE files (
        path BLOB PRIMARY KEY,
        stamp BLOB NOT NULL,
        parser INTEGER NOT NULL,
        captures INTEGER NOT NULL,
        articles INTEGER NOT NULL) WITHOUT ROWID""",
    # Keyed by the digest of the capture's text, so that they apply whenever the same text is read again.
    """CREATE TABLE corrections (
        capture BLOB NOT NULL,
        line INTEGER NOT NULL,
        kind TEXT NOT NULL,
        role TEXT NOT NULL,
        value TEXT NOT NULL,
        shown TEXT NOT NULL,
        PRIMARY KEY (capture, line, kind)) WITHOUT ROWID""",
    # The labels of WARC files. In a capture's source, a record number follows the label.
    "CREATE TABLE archives (archive INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE)",
    # A digest of the picture's address, and where on the disk its record is: see `FileOffset`.
    """CREATE TABLE pictures (
        address BLOB NOT NULL,
        archive INTEGER NOT NULL,
        start INTEGER NOT NULL,
        packed INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        PRIMARY KEY (address, archive)) WITHOUT ROWID""",
    # Highlights, and notes to whole articles, whose quote is empty. Numbers are never reused.
    """CREATE TABLE annotations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        quote TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        color TEXT NOT NULL,
        note TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL,
        made TEXT NOT NULL)""",
    # The identities of the story that an annotation belongs to.
    """CREATE TABLE annotated (
        identity BLOB NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (identity, number)) WITHOUT ROWID""",
    "CREATE INDEX annotated_number ON annotated (number)",
    "CREATE TABLE tags (identity BLOB NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (identity, tag)) WITHOUT ROWID",
    # The stories with annotations or tags, by the identities of their versions, to list them when their captures are
    # removed. `story` is one of the identities; title and source are those of the version that was added to last.
    """CREATE TABLE noted (
        identity BLOB PRIMARY KEY,
        story BLOB NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL)""",
)

# The views. Their names and columns stay; new columns are added at the end. Keys are integers, dates are ISO 8601, and
# yes or no is 1 or 0. What a page does not print is NULL. Only `v_texts` uses functions that SQLite alone has: DuckDB
# runs the SQL of the others itself.


def _text(expression: str) -> str:
    """Give an expression a type, which readers of SQLite files go by."""
    return f"CAST({expression} AS TEXT)"


def _number(expression: str) -> str:
    return f"CAST({expression} AS INTEGER)"


def _in_record(name: str) -> str:
    return _text(f"json_extract(CAST(record AS TEXT), '$[{FIELDS.index(name)}]')")


def _is_marked(table: str) -> str:
    return _number(f"EXISTS (SELECT 1 FROM {table} m WHERE m.key = a.key)")


def _article(group: str, *, own: bool) -> str:
    """Return the columns of an article; if `own`, without what is merged from other versions of its story."""

    def column(name: str, expression: str) -> str:
        merged = f"EXISTS (SELECT 1 FROM merged m WHERE m.key = a.key AND m.field = '{name}')"
        return (
            _text(f"CASE WHEN {merged} THEN NULL ELSE {expression} END" if own else expression)
            + f" AS {name}"
        )

    special = f"{UNSECTIONED_ID}, {SPONSORED_ID}"
    section = f"(SELECT name FROM groups g WHERE g.group_id = {group} AND g.group_id NOT IN ({special}))"
    return f"""a.key AS key, a.story AS story, {_text("lower(hex(a.identity))")} AS id, a.title AS title,
        {_text(section)} AS section, {column("authors", "nullif(a.authors, '')")},
        {column("published", "a.published")}, a.words AS words, a.truncated AS truncated,
        {_number(f"{group} = {SPONSORED_ID}")} AS sponsored"""


_TAGS: Final = _text(
    "(SELECT group_concat(tag, '; ') FROM (SELECT DISTINCT t.tag AS tag FROM articles v JOIN tags t"
    " ON t.identity = v.identity WHERE v.story = a.story ORDER BY 1))"
)
_BODY: Final = _text(
    "(SELECT group_concat(json_extract(b.value, '$[1]'), '\n\n')"
    f" FROM json_each(CAST(record AS TEXT), '$[{FIELDS.index('body')}]') b)"
)

VIEWS: Final = {
    "v_articles": f"""SELECT
        {_article("a.group_id", own=False)}, nullif(a.sponsor, '') AS sponsor,
        c.source AS source, c.url AS url, c.captured AS captured,
        (SELECT count(*) FROM articles v WHERE v.story = a.story) AS versions,
        {_is_marked("read_articles")} AS read, {_is_marked("starred_articles")} AS starred, {_TAGS} AS tags
        FROM articles a JOIN captures c ON c.capture_key = a.capture_key WHERE a.listed""",
    "v_versions": f"""SELECT
        {_article("a.home", own=True)}, a.capture_key AS capture,
        a.position AS position, a.listed AS listed, a.why AS joined_because FROM articles a""",
    "v_texts": f"""SELECT
        key, {_in_record("kind")} AS kind, {_in_record("kicker")} AS kicker, {_in_record("headline")} AS headline,
        {_in_record("deck")} AS deck, {_BODY} AS text FROM records""",
    "v_merged": """SELECT
        m.key AS key, a.story AS story, m.field AS field, m.value AS value, m.version AS version,
        v.capture_key AS capture FROM merged m JOIN articles a ON a.key = m.key JOIN articles v ON v.key = m.version""",
    "v_captures": f"""SELECT
        capture_key AS capture, source, url, captured, encoding, {_number("partial IS NULL")} AS whole,
        partial AS missing, articles, {_text("lower(hex(digest))")} AS text_sha256 FROM captures""",
    "v_sponsors": f"""SELECT
        {_text("nullif(a.sponsor, '')")} AS sponsor, {_number("count(*)")} AS articles,
        {_text("min(a.published)")} AS first_published, {_text("max(a.published)")} AS last_published
        FROM articles a WHERE a.listed AND a.group_id = {SPONSORED_ID} GROUP BY 1""",
    "v_highlights": f"""SELECT
        n.number AS number, {_text("nullif(n.quote, '')")} AS quote, {_text("nullif(n.before, '')")} AS before,
        {_text("nullif(n.after, '')")} AS after, {_text("CASE n.quote WHEN '' THEN NULL ELSE n.color END")} AS color,
        {_text("nullif(n.note, '')")} AS note, n.title AS title, n.source AS source, n.made AS made,
        {_number("s.story")} AS story FROM annotations n LEFT JOIN (SELECT d.number AS number, min(a.story) AS story
            FROM articles a JOIN annotated d ON d.identity = a.identity GROUP BY d.number) s ON s.number = n.number""",
}
