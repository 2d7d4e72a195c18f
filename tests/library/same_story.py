"""Invented stories, to judge which versions the library joins.

Each of `WRITERS` makes texts of its own kind. `a_pair` is a whole story and its start in another capture; `a_lookalike`
is two stories that begin alike. The same `Random` gives the same pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple

from reader.library import Library
from reader.model import Article, Block, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article

MARKER = Reason("marker", 9, "Keep ReadingShow less")
Writer = Callable[[Random], "Text"]

_SYLLABLES = "ba ce di fo gu ha ke li mo nu pra quo re si tu va we xa yo zi bral cren dost flim grun".split()
_FUNCTION = (
    "the of and to in a that it for on was with as by at from said which has but not they its were this be "
    "had about more than one who would after when will can over so into only their new last year".split()
)
_NOUNS = (
    "contract minutes regulator warehouse elevator poster ferry harbor payphone choir battery permit lease "
    "coffee report spreadsheet auditor terminal rooftop engineer patent glacier meeting chair shareholder "
    "courier ledger router office lawyer tenant mayor archive bridge satellite landlord union printer".split()
)
_VERBS = (
    "signed lost opened counted described postponed sold measured doubted repainted audited moved borrowed "
    "explained delayed replaced hired photographed reread cancelled drafted insured".split()
)
_PLACES = "Utrecht Wuxi Lisbon Tampere Oaxaca Gdynia Leith Bergen Mendoza Sfax Kobe Turku".split()
_FIRST = "Wendeline Rufus Amparo Sunniva Tobias Lian Oksana Bram Zoe Ingrid Paolo Noor Hamish Akua".split()
_LAST = "Pratt Adeyemi Huarong Whitlock Okonjo Brandt Vu Sorli Haas Marchetti Lindqvist Osei Farrow".split()
_KINDS = "Cloud Pay Motors Labs Games Retail Networks Foods Studios Freight Robotics Health".split()
_TAILS = (
    "according to people who were there", "though nobody would say for how long", "for the second time this year",
    "which the company calls a pilot", "and the board has not met since", "as the tenants had asked",
    "before the vote was counted", "in a letter that was never sent", "while the old one was still in use",
    "after a trial of nine days", "because the lease runs out in spring", "despite what the poster says",
)  # fmt: skip


class Text(NamedTuple):
    headline: str
    deck: str
    author: str
    paragraphs: list[list[str]]
    """Sentences by paragraph."""


def _name(random: Random) -> str:
    stem = "".join(random.choice(_SYLLABLES) for _ in range(random.randint(2, 3)))
    return f"{stem.capitalize()} {random.choice(_KINDS)}"


def _person(random: Random) -> str:
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"


def _shape(random: Random, sentence: Callable[[], str], words: int) -> list[list[str]]:
    paragraphs: list[list[str]] = []
    while words > 0:
        paragraphs.append([sentence() for _ in range(random.randint(1, 4))])
        words -= sum(len(made.split()) for made in paragraphs[-1])
    return paragraphs


def _length(random: Random) -> int:
    return random.choice((40, 80, 150, 300, 500, 800, 1500))


def newsroom(random: Random) -> Text:
    """Write sentences like those of a newsroom, about a company."""
    some = random.choice
    company, rival, person = _name(random), _name(random), _person(random)

    def sentence() -> str:
        who = some((company, rival, person, f"The {some(_NOUNS)}", f"The {some(_NOUNS)} of {company}"))
        what = f"{some(_VERBS)} the {some(_NOUNS)} of the {some(_NOUNS)} in {some(_PLACES)}"
        tail = some((f", {some(_TAILS)}", "", f" and {some(_VERBS)} a {some(_NOUNS)}"))
        quote = f", “we never {some(_VERBS)} it,” {person} said"
        said = some(("", "", quote, f" — or {random.randint(2, 900)} of them"))
        return f"{who} {what}{tail}{said}."

    headline = f"{company} {some(_VERBS)} its {some(_NOUNS)} in {some(_PLACES)}"
    return Text(headline, sentence(), _person(random), _shape(random, sentence, _length(random)))


def invented(random: Random) -> Text:
    """Write words of no language, a few of them frequent."""
    own = ["".join(random.choice(_SYLLABLES) for _ in range(random.randint(1, 4))) for _ in range(400)]

    def sentence() -> str:
        words = [
            random.choice(_FUNCTION) if random.random() < 0.45 else own[int(400 * random.random() ** 2)]
            for _ in range(random.randint(5, 34))
        ]
        if len(words) > 12 and random.random() < 0.4:
            words[6] += random.choice((",", ";", " –", " —"))
        if random.random() < 0.15:
            words[2], words[4] = f"“{words[2]}", f"{words[4]}”"
        return " ".join(words).capitalize() + random.choice(("." * 9) + "?!:")

    headline = " ".join(random.choice(own) for _ in range(random.randint(3, 9))).capitalize()
    return Text(headline, sentence(), _person(random), _shape(random, sentence, _length(random)))


def bulletin(random: Random) -> Text:
    """Write short items with figures."""
    company = _name(random)

    def sentence() -> str:
        one, two = random.randint(2, 99), random.randint(100, 9999)
        thing, verb, tail = random.choice(_NOUNS), random.choice(_VERBS), random.choice(_TAILS)
        return random.choice((
            f"Shares of {company} {random.choice(('rose', 'fell'))} {one}% on {random.choice(('Monday', 'Friday'))}.",
            f"{_name(random)} said it would buy {two} {random.choice(_NOUNS)}s from {company} for ${one} million.",
            f"It had {verb} {two} {thing}s in {random.choice(_PLACES)}, {tail}.",
            f"“The {thing} was {verb} twice,” said {_person(random)}, {tail}.",
            f"The {random.choice(_NOUNS)} in {random.choice(_PLACES)} {random.choice(_VERBS)} {one} times.",
        ))  # fmt: skip

    headline = random.choice(
        ("Bulletin", "The week ahead", f"{company}: what to know", f"{company} in {random.choice(_PLACES)}")
    )
    return Text(headline, sentence(), _person(random), _shape(random, sentence, _length(random)))


WRITERS: tuple[Writer, ...] = (newsroom, invented, bulletin)


def article(text: Text, paragraphs: list[str] | None = None, **changes: Any) -> Article:
    """Return the story as an article, with these paragraphs instead of its own."""
    made = paragraphs if paragraphs is not None else [" ".join(p) for p in text.paragraphs]
    plain = an_article(
        headline=text.headline, deck=text.deck, authors=(text.author,), published=None,
        body=tuple(Block("paragraph", paragraph) for paragraph in made if paragraph),
    )  # fmt: skip
    return plain._replace(**changes)


# Changes between captures


def retyped(random: Random, text: str) -> str:
    """Return the text with other quotes, dashes and spaces."""
    for one, other in (("“", '"'), ("”", '"'), ("’", "'"), (" — ", "—"), (" – ", " - "), ("-", "‑")):
        if random.random() < 0.7:
            text = text.replace(one, other)
    return text.replace(" ", "\xa0", 1) if random.random() < 0.3 else text


def edited(random: Random, sentence: str) -> str:
    """Return the sentence as an editor would change it."""
    words = sentence.split(" ")
    way = random.randrange(5)
    if way == 0:  # replace words
        for _ in range(max(1, len(words) // 6)):
            words[random.randrange(len(words))] = random.choice(_FUNCTION + _NOUNS + _VERBS)
    elif way == 1:  # add a clause
        at = random.randrange(len(words))
        words[at:at] = random.choice(_TAILS).split(" ")
    elif way == 2 and len(words) > 6:  # remove some words
        at = random.randrange(len(words) - 3)
        del words[at : at + random.randint(1, 3)]
    elif way == 3:  # reorder
        at = random.randrange(1, len(words)) if len(words) > 1 else 0
        words = [*words[at:-1], words[-1].rstrip("."), *words[:at]]
        words[-1] += "."
    else:  # add a word
        words.insert(
            random.randrange(len(words) + 1), random.choice(("Monday", "reportedly", "now", "again"))
        )
    return " ".join(words)


def _headline(random: Random, text: Text) -> str:
    return random.choice((
        f"Why {text.headline[:1].lower()}{text.headline[1:]}",
        f"How the {random.choice(_NOUNS)} {random.choice(_VERBS)} a {random.choice(_NOUNS)}",
        text.headline.rsplit(" ", 1)[0] or "Updated",
    ))  # fmt: skip


class Pair(NamedTuple):
    """Two articles, and how they differ."""

    one: Article
    other: Article
    how: str


def a_pair(random: Random, writer: Writer) -> Pair:
    """Return a whole story, and its start in another capture."""
    text = writer(random)
    how = []
    sentences = [list(paragraph) for paragraph in text.paragraphs]
    if random.random() < 0.35:
        how.append("first sentence edited")
        sentences[0][0] = edited(random, sentences[0][0])
    words: list[tuple[int, str]] = []
    for number, paragraph in enumerate(sentences):
        words += [(number, word) for word in " ".join(paragraph).split(" ")]
    # The start ends after a paragraph or after some words. An edit needs some text after it.
    least = 12 if not how else len(sentences[0][0].split(" ")) + 20
    end = max(least, random.choice((15, 22, 30, 45, 60, 90, 140, 250)))
    if end < len(words) and random.random() < 0.5:
        last = words[end][0]
        while end < len(words) and words[end][0] == last:
            end += 1
    words = words[:end]
    if random.random() < 0.2 and words[-1][1].isalpha():
        words[-1] = (words[-1][0], words[-1][1][: random.randint(1, len(words[-1][1]))])
        how.append("cut in a word")
    paragraphs = [""] * (words[-1][0] + 1)
    for number, word in words:
        paragraphs[number] = f"{paragraphs[number]} {word}".strip()
    changes: dict[str, Any] = {"truncated": MARKER}
    if random.random() < 0.3:
        paragraphs = [retyped(random, paragraph) for paragraph in paragraphs]
        how.append("retyped")
    few = len(words) < 27
    what = random.random()
    if what < 0.2:
        changes["headline"] = _headline(random, text)
        how.append("other headline")
    elif what < 0.35:
        changes["headline"] = None
        how.append("no headline")
    elif what < 0.5:
        changes["authors"] = ()
        how.append("no author")
    if not few and random.random() < 0.1:
        changes |= {"authors": (), "headline": None}
        how.append("neither")
    if random.random() < 0.4:
        changes["deck"] = None
    return Pair(article(text), article(text, paragraphs, **changes), ", ".join(how) or "cut")


def _greeting(random: Random) -> str:
    return random.choice((
        "Good morning! Welcome to the Bulletin, your guide to what happens in the harbor and the people who own it. "
        "Today we have a long edition, so get a coffee and sit down with the rest of us.",
        "This story is part of our series on the future of waiting, which looks at queues, the people who stand in "
        "them, and the companies that would like them to be shorter. Read the rest of the series here.",
        "Correction: an earlier version of this article gave the wrong number of chairs. It has been updated to say "
        "what the company told us, and when, and to take out a photograph of another building.",
        "UTRECHT (Harbor Press) — Regulators on Tuesday published the list of companies that have to answer their "
        "questions about waiting times by the end of the month, a person familiar with the matter said.",
    ))  # fmt: skip


def a_lookalike(random: Random, writer: Writer) -> Pair:
    """Return two stories that begin alike; one may be cut off."""
    one, other = writer(random), writer(random)
    how = random.choice(("greeting", "paragraphs", "headline", "edition", "sponsor", "author"))
    ones = [" ".join(paragraph) for paragraph in one.paragraphs]
    others = [" ".join(paragraph) for paragraph in other.paragraphs]
    changes: dict[str, Any] = {}
    if how in ("greeting", "edition"):
        opening = _greeting(random)
        ones, others = [opening, *ones], [opening, *others]
        if how == "edition":
            changes = {"headline": one.headline, "authors": (one.author,), "published": "2021-03-04"}
    elif how == "paragraphs":
        shared = [" ".join(p) for p in writer(random).paragraphs[: random.randint(1, 3)]]
        ones, others = [*shared, *ones], [*shared, *others]
    elif how == "headline":
        changes["headline"] = one.headline
        if random.random() < 0.5:
            changes["authors"] = (one.author,)
    elif how == "sponsor":
        names = _name(random), _name(random)
        ones = [f"{names[0]} helps. {ones[0]}", *(f"{names[0]} knows. {p}" for p in ones[1:4])]
        others = [paragraph.replace(names[0], names[1]) for paragraph in ones]
        changes = {"headline": random.choice((None, one.headline)), "deck": one.deck, "authors": ()}
    else:
        changes["authors"] = (one.author,)
        others[0] = f"{' '.join(ones[0].split()[:11])} {others[0]}"
    first = article(one, ones)
    second = article(other, others, **changes)
    if how == "edition":
        first = first._replace(published=random.choice(("2020-03-05", "2021-03-11")))
    if how == "sponsor":
        first = first._replace(authors=())
        if random.random() < 0.5:
            first = first._replace(sponsor=names[0], sponsored=MARKER)
            second = second._replace(sponsor=names[1], sponsored=MARKER)
    if random.random() < 0.5 and how != "sponsor":
        # Cut it off after the part that they share.
        keep = len(second.body) - len(other.paragraphs) + random.randint(1, 2)
        second = second._replace(body=second.body[: max(keep, 1)], truncated=MARKER)
    return Pair(first, second, how)


# One story in many captures


def a_text(seed: int) -> Text:
    """Return a story of 100 to 400 words."""
    random = Random(seed)
    while True:
        text = newsroom(random)
        if 100 <= sum(len(" ".join(sentences).split()) for sentences in text.paragraphs) <= 400:
            return text


def edits(count: int) -> list[Article]:
    """Return the whole story `count` times, each time with another word replaced."""
    text = a_text(5)
    versions = []
    for number in range(count):
        random = Random(number)
        paragraphs = [" ".join(sentences).split(" ") for sentences in text.paragraphs]
        paragraph = random.choice(paragraphs)
        paragraph[random.randrange(len(paragraph))] = f"word{number}"
        versions.append(article(text, [" ".join(words) for words in paragraphs]))
    return versions


def start() -> Article:
    """Return the start of the same story, as a front page shows it."""
    text = a_text(5)
    sentences = [sentence for paragraph in text.paragraphs[:2] for sentence in paragraph]
    return article(text, [" ".join(sentences)], truncated=MARKER)


def keep(library: Library, articles: Iterable[Article]) -> None:
    """Add each article on a page of its own, all in one transaction."""
    first = library.totals().captures
    add_pages(library, [a_page(f"pile/{n:05}.txt", version) for n, version in enumerate(articles, first)])
