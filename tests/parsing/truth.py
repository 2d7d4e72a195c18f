"""Holds a parsed page against what is known to be true of its capture (tests/parsing/captures/NNN.json)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reader.model import Article, Page

_FIELDS = 13
"""How many fields of a story are looked at."""
_MARK = re.compile(r"^(?:[•◦▪‣*\-–]|\d{1,2}[.)])\s+")


def decoded(capture: Path) -> str:
    return capture.read_bytes().decode("utf-8-sig")


def truth_of(capture: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(capture.with_suffix(".json").read_text(encoding="utf-8"))
    return truth


def plain(text: str | None) -> str:
    """The text with compatibility forms and odd spaces folded."""
    return " ".join(unicodedata.normalize("NFKC", text or "").split())


def bare(text: str) -> str:
    """A body line without its bullet mark or number."""
    return _MARK.sub("", plain(text))


def differences(page: Page, truth: dict[str, Any]) -> list[str]:
    """What is not as it should be, one sentence each."""
    stories = truth["stories"]
    if len(page.articles) != len(stories):
        return [
            f"{len(page.articles)} articles, should be {len(stories)}: {[a.title for a in page.articles]}"
        ]
    found: list[str] = []
    for article, story in zip(_in_order(page, stories), stories, strict=True):
        for field, have, want in _fields(article, story):
            if have != want:
                found.append(
                    f"{story['headline'] or story['first_body']}: {field} is {have!r}, should be {want!r}"
                )
    furniture = {bare(line) for line in truth["furniture"]}
    for article in page.articles:
        found += [f"furniture in a body: {b.text}" for b in article.body if bare(b.text) in furniture]
    return found


def fields_right(page: Page, truth: dict[str, Any]) -> tuple[int, int]:
    """(how many fields of the stories are right, of how many); of a story that the page does not have none is."""
    stories = truth["stories"]
    right = total = 0
    left = list(page.articles)
    for story in stories:
        article = next((a for a in left if _is(a, story)), None)
        total += _FIELDS
        if article is not None:
            left.remove(article)
            pairs = [(have, want) for _, have, want in _fields(article, story)]
            right += _FIELDS - sum(have != want for have, want in pairs)
    # One that is none takes as much from the page as one that is missing.
    return right - _FIELDS * max(0, len(page.articles) - len(stories)), total


def wrong_articles(page: Page, truth: dict[str, Any]) -> list[bool]:
    """Is an article of the page wrong in any field, or none of the stories? For each article, in page order."""
    wrong = [True] * len(page.articles)
    left = list(page.articles)
    for story in truth["stories"]:
        article = next((a for a in left if _is(a, story)), None)
        if article is not None:
            left.remove(article)
            wrong[article.position] = any(have != want for _, have, want in _fields(article, story))
    return wrong


def _is(article: Article, story: dict[str, Any]) -> bool:
    """Does an article have the story's headline, or else the start of its body?"""
    if story["headline"]:
        return plain(article.headline) == plain(story["headline"])
    body = _body(article, story)
    return bool(body) and body[0][:38] == bare(story["first_body"])[:38]


def _body(article: Article, story: dict[str, Any]) -> list[str]:
    """The body of an article without the lines that may be left out of it."""
    optional = {bare(line) for line in story.get("optional_lines", [])}
    return [text for block in article.body if (text := bare(block.text)) not in optional]


def _in_order(page: Page, stories: list[dict[str, Any]]) -> list[Article]:
    """The articles in the order of the stories: by headline, else by how the body begins."""
    left = list(page.articles)
    ordered: list[Article] = []
    for story in stories:
        match = next((a for a in left if _is(a, story)), left[0])
        left.remove(match)
        ordered.append(match)
    return ordered


def _fields(article: Article, story: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    body = _body(article, story)
    deck, maybe = plain(article.deck), plain(story.get("deck_may_be"))
    if maybe and deck == maybe:
        body, deck = [deck, *body], ""
    alts = {plain(line) for line in story.get("image_alts", [])}
    captions = Counter(plain(f.caption) for f in article.figures if f.caption)
    yield "kicker", plain(article.kicker), plain(story["section"])
    yield "headline", plain(article.headline), plain(story["headline"])
    yield "deck", deck, plain(story["deck"])
    yield (
        "captions",
        Counter({c: n for c, n in captions.items() if c not in alts}),
        Counter(plain(c) for c in story["captions"] if plain(c) not in alts),
    )
    yield (
        "credits",
        plain(" ".join(f.credit or "" for f in article.figures)),
        plain(" ".join(story["credits"])),
    )
    yield "authors", set(map(plain, article.authors)), set(map(plain, story["authors"]))
    yield "length of the body", len(body), story["body_paragraphs"]
    if body:
        yield "start of the body", body[0][:38], bare(story["first_body"])[:38]
        yield "end of the body", body[-1][-36:], bare(story["last_body"])[-36:]
    if not story.get("truncated_optional"):
        yield "truncated", article.truncated is not None, story["truncated"]
    yield "sponsored", article.sponsored is not None, story["sponsored"]
    if not (story.get("sponsor_optional") and article.sponsor is None):
        yield "sponsor", plain(article.sponsor), plain(story["sponsor"])
    yield "published", article.published, story["date"]
