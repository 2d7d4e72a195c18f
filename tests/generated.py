"""Libraries of any size, quickly: invented articles over ten sections, for tests and benchmarks.

    python -m tests.generated FILE N [SEED]

writes N articles, each a story of its own, eight to a capture, through the library's own write path. About
28 % are truncated, 4 % paid for, 3 % without a headline and 3 % without a section; one in a thousand is long.
Companies, people and events do not exist. The same seed gives the same library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

from reader.library import Library
from reader.model import Article, Bio, Block, Capture, Figure, Page, Reason
from tests.filling import add_pages

NO_LABELS: tuple[tuple[int, ...], tuple[str, ...], tuple[int | None, ...]] = ((), (), ())
"""The labels of a page whose lines are nobody's concern."""
PAGE_ARTICLES = 8
_BATCH_PAGES = 250
_TRUNCATED, _SPONSORED, _UNTITLED, _UNSECTIONED, _LONG = 0.28, 0.04, 0.03, 0.03, 0.001
_MARKER = "Keep ReadingShow less"

SECTIONS = (
    "Bulletins", "China", "Climate", "Enterprise", "Entertainment", "Fintech", "Gaming", "Policy", "Power",
    "Workplace",
)  # fmt: skip
_STARTS = ("Kel", "Var", "Nim", "Tor", "Bra", "Ost", "Lum", "Quin", "Sel", "Dar", "Fen", "Hal", "Ived", "Mor")
_ENDS = ("tara", "wick", "bus", "dyne", "ford", "ello", "stad", "mere", "ova", "gate", "lark", "pont", "rix")
_KINDS = ("Cloud", "Pay", "Motors", "Labs", "Games", "Retail", "Networks", "Foods", "Studios", "Freight")
_ACTS = (
    "wants to own", "is not finished with", "quietly sold", "lost a year to", "has a plan for", "reopened",
    "hired forty people for", "cannot explain", "would rather forget", "is suing over", "bets again on",
)  # fmt: skip
_THINGS = (
    "its rooftop farms", "the ferry terminal", "a court in Utrecht", "the night shift", "its own currency",
    "the last payphone", "a warehouse of routers", "the four-day week", "its café", "the map of the harbor",
    "a patent on waiting", "the company choir", "its ’90s arcade", "the elevator contract", "a glacier",
)  # fmt: skip
_WHENS = (
    "", "", "", " again", " this spring", " for now", ", at last", " in public", " twice", " without notice",
)  # fmt: skip
_FIRST_NAMES = ("Wendeline", "Rufus", "Amparo", "Iñigo", "Sunniva", "Tobias", "Lian", "Oksana", "Bram", "Zoë")
_LAST_NAMES = (
    "Pratt", "Adeyemi", "Huarong", "Whitlock", "Castellà", "Okonjo", "Brandt", "Vu", "Sørli", "Haas",
)  # fmt: skip
_SENTENCES = (
    "Nobody at %s had seen the contract for %s, and nobody asked to.",
    "%s says the change to %s was announced in March; the staff remember a poster by the stairs.",
    "Two people at %s who worked on %s described it as a spreadsheet with a view.",
    "“%s is a strange business,” one of them said of %s, “but it pays on time.”",
    "Regulators asked %s for the minutes on %s and were sent a photograph of the whiteboard.",
    "By the end of the week %s counted a queue for %s that reached the bicycle racks.",
    "%s declined to comment on the size of %s.",
    "The first trial by %s of %s ran for nine days and used up the coffee.",
    "Last year's figure for %s, without %s, was 439, which the report rounds to a thousand.",
    "The engineers of %s would like you to lower your expectations of %s.",
    "Whether %s counts %s as progress depends on who was standing near the door.",
    "It was the third meeting of %s about %s, and the first with chairs.",
    "Supporters of %s say that the exception for %s is narrower than it looks.",
    "Analysts at %s had expected less of %s, or at least something else.",
)

_NUMBERS = count(1)


def an_article(position: int = 0, **changes: Any) -> Article:
    """A small story under China, each with a text of its own, with what a test wants changed."""
    plain = Article(
        position=position,
        kind="story",
        kicker="Protocol | China",
        section="China",
        headline="The lettuce on the roof",
        deck=None,
        authors=("Lian Huarong",),
        published="2021-03-04",
        figures=(),
        body=(Block("paragraph", f"Nobody has weighed it yet: {next(_NUMBERS)} asked."),),
        bios=(),
        truncated=None,
        sponsored=None,
        sponsor=None,
        first_line=1,
        last_line=4,
    )
    return plain._replace(**changes)


def a_page(
    source: str,
    *articles: Article,
    text: str | None = None,
    url: str | None = None,
    captured: str | None = None,
) -> tuple[Capture, Page]:
    """A capture and its page with these articles; the text, unless given, is one of its own."""
    capture = Capture(source, f"The page {source}" if text is None else text, url=url, captured=captured)
    return capture, Page(source, None, None, articles, (), NO_LABELS)


def build(path: Path, articles: int, seed: int = 1) -> None:
    """Write a library of so many articles to `path`, which must not exist yet."""
    if path.exists():
        raise FileExistsError(path)
    made = pages(articles, seed)
    with Library.open(path) as library:
        while batch := list(islice(made, _BATCH_PAGES)):
            add_pages(library, batch)


def pages(articles: int, seed: int = 1, *, a_page: int = PAGE_ARTICLES) -> Iterator[tuple[Capture, Page]]:
    """So many invented articles, `a_page` on each page; the last may have fewer."""
    random = Random(seed)
    for number, start in enumerate(range(0, articles, a_page)):
        yield _page(random, number, min(a_page, articles - start))


@cache
def page_texts(articles: int, *, a_page: int = PAGE_ARTICLES) -> tuple[str, ...]:
    """The texts of the same pages, which are made once."""
    return tuple(capture.text for capture, _ in pages(articles, a_page=a_page))


def _page(random: Random, number: int, count: int) -> tuple[Capture, Page]:
    lines: list[str] = []
    made = tuple(_article(random, position, lines) for position in range(count))
    source = f"pile/{number // 1000:04}/{number:07}.txt"
    url = f"https://protocol.example/{number}"
    captured = f"2022-{1 + number % 12:02}-{1 + number % 28:02}T00:00:00Z"
    lines.append(f"Page {number}")  # no two pages alike
    capture = Capture(source, "\n".join(lines), url=url, captured=captured)
    return capture, Page(source, url, captured, made, (lines[-1],), NO_LABELS)


def _article(random: Random, position: int, lines: list[str]) -> Article:
    """An article, and its lines after those that the page has already."""
    chance = random.random
    first = len(lines) + 1
    section = None if chance() < _UNSECTIONED else _any(random, SECTIONS)
    headline = None if chance() < _UNTITLED else _headline(random)
    deck = _sentence(random) if headline and chance() < 0.6 else None
    author = f"{_any(random, _FIRST_NAMES)} {_any(random, _LAST_NAMES)}" if chance() < 0.7 else None
    photo = Figure(None, _sentence(random), "Photo: Ren Kaiping/Protocol") if chance() < 0.3 else None
    published = f"{2020 + int(chance() * 3)}-{1 + int(chance() * 12):02}-{1 + int(chance() * 28):02}"
    body = _body(random)
    sponsor = _company(random) if chance() < _SPONSORED else None
    lines += [line for line in (section, headline, deck, *(photo or ()), author, published) if line]
    lines += [block.text for block in body]
    truncated = sponsored = None
    if chance() < _TRUNCATED:
        lines.append(_MARKER)
        truncated = Reason("marker", len(lines), _MARKER)
    bios = (Bio(author, f"{author} covers the harbor for Protocol."),) if author and chance() < 0.2 else ()
    lines += [bio.text for bio in bios]
    if sponsor:
        lines.append(f"A message from {sponsor}")
        sponsored = Reason("label", len(lines), lines[-1])
    return Article(
        position=position,
        kind="newsletter" if section == "Bulletins" else "story",
        kicker=section and f"Protocol | {section}",
        section=section,
        headline=headline,
        deck=deck,
        authors=(author,) if author else (),
        published=published if chance() < 0.8 else None,
        figures=(photo,) if photo else (),
        body=body,
        bios=bios,
        truncated=truncated,
        sponsored=sponsored,
        sponsor=sponsor,
        first_line=first,
        last_line=len(lines),
    )


def _any(random: Random, choices: tuple[str, ...]) -> str:
    # Several times faster than Random.choice, which matters ten million times over.
    return choices[int(random.random() * len(choices))]


def _company(random: Random) -> str:
    return f"{_any(random, _STARTS)}{_any(random, _ENDS)} {_any(random, _KINDS)}"


def _headline(random: Random) -> str:
    return f"{_company(random)} {_any(random, _ACTS)} {_any(random, _THINGS)}{_any(random, _WHENS)}"


def _sentence(random: Random) -> str:
    return _any(random, _SENTENCES) % (_company(random), _any(random, _THINGS))


def _body(random: Random) -> tuple[Block, ...]:
    paragraphs = 1 + int(random.random() * 3) if random.random() >= _LONG else 40
    return tuple(
        Block("paragraph", f"{_company(random)}: {_sentence(random)} {_sentence(random)}")
        for _ in range(paragraphs)
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
