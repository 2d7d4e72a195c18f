"""Writes prepared pages into the library, in one short transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from reader.captures import STANDARD_INPUT
from reader.library.database.connection import Database
from reader.library.database.schema import SPONSORED_ID, UNSECTIONED_ID
from reader.library.ingest.reading import Copy, PreparedArticle, PreparedPage
from reader.library.search import indexing
from reader.library.stories.matching import Matcher
from reader.library.stories.representatives import Changes, group_of_section, refresh

_CAPTURE_COLUMNS = (
    "capture_key, digest, first_article, articles, source, url, captured, encoding, partial, hints, text,"
    " parser"
)
_ARTICLE_COLUMNS = (
    "key, capture_key, story, home, group_id, listed, position, identity, truncated, published, words,"
    " untitled, title, authors, sponsor, doubtful, seen"
)


class Summary(NamedTuple):
    """The result of adding."""

    files: int = 0
    """Files found, including those that could not be read."""
    unchanged: int = 0
    """Files that were not read, because they have not changed since the last time."""
    captures: int = 0
    """Captures in all these files."""
    new: int = 0
    """Captures that were new and are now kept."""
    known: int = 0
    """Captures that the library had before, or that were found twice."""
    again: int = 0
    """Known captures that a newer parser read differently."""
    changed: int = 0
    """New captures of files, lines or records that were added before with another, whole text."""
    supplemented: int = 0
    """Known captures that now have the address or the time of a copy."""
    moved: int = 0
    """Known captures whose file is gone from its old place, and which are named by their new place now."""
    partial: int = 0
    """New captures that were read only in part."""
    articles: int = 0
    """Articles in all captures found."""
    new_articles: int = 0
    """Articles that the library did not have before in any capture."""
    completed: int = 0
    """Articles that were cut off in the library and that a new capture completed."""
    truncated: int = 0
    """Articles of new captures that are cut off."""
    sponsored: int = 0
    """Articles of new captures that were paid for."""
    problems: tuple[tuple[str, int], ...] = ()
    """Problems by kind, the most frequent first."""
    skipped: tuple[tuple[str, int], ...] = ()
    """Number of items skipped on purpose, by reason, the most frequent first."""
    stopped: bool = False
    """True if `stop` ended it early."""


def _has_capture_from(database: Database, source: str) -> bool:
    """Is there a whole capture of the same file, line or record, which stays? Cut off ones are replaced.

    What standard input held before is no earlier text.
    """
    query = "SELECT 1 FROM captures WHERE source = ? AND partial IS NULL"
    return source != STANDARD_INPUT and database.first_row(query, (source,)) is not None


def take_from_copies(database: Database, copies: Iterable[Copy]) -> Counter[str]:
    """In the open transaction, give known captures the place, address and time of copies, where theirs is missing.

    Return how many captures were moved and supplemented.
    """
    moved = 0
    supplemented: set[bytes] = set()
    for digest, url, captured, place in copies:
        if place is not None:
            query = "UPDATE captures SET source = ? WHERE digest = ? RETURNING 1"
            moved += len(database.all(query, (place, digest)))
        for first, articles, day in database.all(
            "UPDATE captures SET url = coalesce(url, ?2), captured = coalesce(captured, ?3) WHERE digest = ?1"
            " AND (url IS NULL AND ?2 IS NOT NULL OR captured IS NULL AND ?3 IS NOT NULL)"
            " RETURNING first_article, articles, substr(captured, 1, 10)",
            (digest, url, captured),
        ):
            supplemented.add(digest)
            database.run(
                "UPDATE articles SET seen = ? WHERE key >= ? AND key < ? AND published IS NULL AND seen IS NULL",
                (day, first, first + articles),
            )
    if moved or supplemented:
        database.run("UPDATE counters SET content = content + 1")
    return Counter(moved=moved, supplemented=len(supplemented))


def add_pages(database: Database, pages: Iterable[PreparedPage]) -> tuple[Counter[str], list[Copy]]:
    """In the open transaction, write prepared pages with different texts, and count what was new.

    Also return the pages of captures that are known: reading is ahead of writing, and other programs write too.
    """
    new: list[PreparedPage] = []
    known: list[Copy] = []
    for page in pages:
        if database.first_row("SELECT 1 FROM captures WHERE digest = ?", (page.digest,)) is None:
            new.append(page)
        else:
            known.append(page.as_copy)
    changed = sum(_has_capture_from(database, page.columns[0]) for page in new)
    changes, stories_begun = write(database, new) if new else (Changes(), 0)
    articles = [article for page in new for article in page.articles]
    counts = Counter(
        new=len(new),
        known=len(known),
        changed=changed,
        partial=sum(page.partial for page in new),
        new_articles=stories_begun,
        completed=len(changes.completed),
        truncated=sum(article.truncated for article in articles),
        sponsored=sum(article.sponsored for article in articles),
    )
    return counts, known


def write(
    database: Database, pages: Sequence[PreparedPage], keys: tuple[int, int] | None = None
) -> tuple[Changes, int]:
    """In the open transaction, write new captures, and update stories, index and marks.

    `keys`: unused keys for the first capture and the first article, instead of the next ones. Return the changes, and
    how many articles start a new story.
    """
    first_capture, first = keys or database.numbers("SELECT last_capture + 1, last_article + 1 FROM counters")
    articles: dict[int, tuple[int, PreparedPage, PreparedArticle]] = {}
    captures: list[tuple[Any, ...]] = []
    for capture_key, page in enumerate(pages, first_capture):
        captures.append((capture_key, page.digest, first + len(articles), len(page.articles), *page.columns))
        for article in page.articles:
            articles[first + len(articles)] = capture_key, page, article
    database.insert("captures", _CAPTURE_COLUMNS, captures)
    database.run(
        "UPDATE counters SET last_capture = max(last_capture, ?), last_article = max(last_article, ?)",
        (first_capture + len(pages) - 1, first + len(articles) - 1),
    )
    records = [(key, article.digest, article.record) for key, (_, _, article) in articles.items()]
    database.insert("records", "key, digest, record", records)
    rows: list[tuple[Any, ...]] = []
    for key, (capture_key, page, article) in articles.items():
        if article.group is None:
            home = SPONSORED_ID if article.sponsored else UNSECTIONED_ID
        else:
            home = group_of_section(database, article.group)
        seen = None if article.published else page.seen
        rows.append((key, capture_key, key, home, home, True, *article.columns, seen))
    database.insert("articles", _ARTICLE_COLUMNS, rows)
    folded = [(key, article.title, article.rest) for key, (_, _, article) in articles.items()]
    database.insert("folded", "key, title, rest", folded)
    matcher = Matcher(database)
    matcher.add(
        [(key, article.columns[1], article.fingerprints) for key, (_, _, article) in articles.items()]
    )
    changes = refresh(database, matcher.changed_stories, articles)
    stories_begun = database.number(
        "SELECT count(*) FROM articles WHERE key >= ? AND key < ? AND story = key",
        (first, first + len(articles)),
    )
    changes = changes._replace(texts={key: article.texts for key, (_, _, article) in articles.items()})
    indexing.update(database, changes)
    return changes, stories_begun
