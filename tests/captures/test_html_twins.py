"""The HTML twin of a text capture gives the same articles, and whole ones where the text is cut off."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reader.model import Capture, Page
from reader.parsing import parse_capture
from tests.captures.archives import html_page
from tests.captures.html_twins import Twin, hide_the_rest, plain_page, rebelmouse_page, twin_of
from tests.parsing.truth import differences
from tests.paths import CAPTURES

PAGES = sorted(CAPTURES.glob("*.txt"))
SEEDS = range(3)


def page_of(html: str) -> Page:
    (capture,) = html_page(html)
    assert isinstance(capture, Capture)
    return parse_capture(capture)


def truth_of(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return truth


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def make_whole(truth: dict[str, Any], twin: Twin, hidden: dict[int, list[str]]) -> None:
    """Put the hidden rests into the truth."""
    for i, rest in hidden.items():
        first = next(words for label, words in twin.stories[i].parts if label in ("headline", "paragraph"))
        (story,) = (
            story
            for story in truth["stories"]
            if story["truncated"]
            and (story["headline"] == first or first.startswith(story["first_body"][:30]))
        )
        story |= {
            "truncated": False,
            "body_paragraphs": story["body_paragraphs"] + len(rest),
            "last_body": rest[-1][-40:],
        }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_twin_with_the_sites_own_markup_has_the_same_articles(path: Path) -> None:
    for seed in SEEDS:
        random, truth = Random(f"{path.stem}/{seed}"), truth_of(path)
        twin = twin_of(text_of(path))
        make_whole(truth, twin, hide_the_rest(twin, random))
        assert differences(page_of(rebelmouse_page(twin, random)), truth) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_twin_with_any_markup_has_the_same_articles(path: Path) -> None:
    for seed in SEEDS:
        random = Random(f"{path.stem}/plain/{seed}")
        html = plain_page(twin_of(text_of(path)), random)
        assert differences(page_of(html), truth_of(path)) == []
