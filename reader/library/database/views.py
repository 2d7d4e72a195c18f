"""The views of a library file that other programs may rely on. `reader/manual/data.md` documents them.

Names and columns stay; new columns are added at the end. Keys are integers, dates are ISO 8601, and yes or no is 1 or
0. What a page does not print is NULL. Only `v_texts` uses functions that SQLite alone has: DuckDB runs the SQL of the
others itself.
"""

from __future__ import annotations

from typing import Final

from reader.library.database.records import FIELDS
from reader.library.database.schema import SPONSORED_ID, UNSECTIONED_ID


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
        c.source AS source, c.url AS url, c.captured AS captured, a.sightings AS versions,
        {_is_marked("read_faces")} AS read, {_is_marked("starred_faces")} AS starred, {_TAGS} AS tags
        FROM articles a JOIN captures c ON c.capture_key = a.capture_key WHERE a.seq IS NOT NULL""",
    "v_versions": f"""SELECT
        {_article("a.home", own=True)}, a.capture_key AS capture,
        a.position AS position, {_number("a.seq IS NOT NULL")} AS listed, a.why AS joined_because FROM articles a""",
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
        FROM articles a WHERE a.seq IS NOT NULL AND a.group_id = {SPONSORED_ID} GROUP BY 1""",
    "v_highlights": f"""SELECT
        n.number AS number, {_text("nullif(n.quote, '')")} AS quote, {_text("nullif(n.before, '')")} AS before,
        {_text("nullif(n.after, '')")} AS after, {_text("CASE n.quote WHEN '' THEN NULL ELSE n.color END")} AS color,
        {_text("nullif(n.note, '')")} AS note, n.title AS title, n.source AS source, n.made AS made,
        {_number("s.story")} AS story FROM annotations n LEFT JOIN (SELECT d.number AS number, min(a.story) AS story
            FROM articles a JOIN annotated d ON d.identity = a.identity GROUP BY d.number) s ON s.number = n.number""",
}
