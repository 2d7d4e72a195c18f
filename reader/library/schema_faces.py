"""The step that lets a story of thousands of versions be opened, listed and added to without reading all of them."""

from __future__ import annotations

from reader.library.migration import Migration

FULLEST_FIRST = "truncated, words DESC, key"
"""The order of a story's versions, the one that is listed first; as its index has them, the key implied."""

_STATEMENTS = (
    "DROP INDEX articles_story",
    "CREATE INDEX articles_story ON articles (story, truncated, words DESC)",
    # The face of a story; a partial index, so that whatever asks for it with "seq IS NOT NULL" finds it here.
    "CREATE INDEX articles_face ON articles (story) WHERE seq IS NOT NULL",
)

FACES = Migration("faces, and versions in order", _STATEMENTS)
