"""A page as a test case: what its capture should be read as, in the form of the sample captures' .json files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reader.model import Article, LineHint, Page

_FIELDS: Final = (
    "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body", "bios",
    "truncated", "sponsored", "sponsor",
)  # fmt: skip
_FIGURE: Final = ("alt", "caption", "credit")


def case(page: Page, corrections: Sequence[str], hints: Sequence[LineHint]) -> dict[str, Any]:
    """What `page` expects of its capture; `corrections` in words, and the `hints` of the capture's format if any."""
    expected: dict[str, Any] = {
        "articles": [_article(article) for article in page.articles],
        "furniture": list(page.furniture),
        "corrections": list(corrections),
    }
    if hints:
        expected["hints"] = [list(hint) for hint in hints]
    return expected


def _article(article: Article) -> dict[str, Any]:
    found = article.to_json()
    found["bios"] = [{"name": bio.name, "text": bio.text} for bio in article.bios]
    found["figures"] = [{name: figure[name] for name in _FIGURE} for figure in found["figures"]]
    return {name: found[name] for name in _FIELDS}
