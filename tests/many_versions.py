"""One story in as many captures as wanted, each with an edit of its own, whole or cut off."""

from __future__ import annotations

from random import Random

from reader.library import Library
from reader.model import Article
from tests.filling import add_pages
from tests.generated import a_page
from tests.same_story import MARKER, Text, article, newsroom


def a_text(seed: int) -> Text:
    """A story of some hundred words."""
    random = Random(seed)
    while True:
        text = newsroom(random)
        if 100 <= sum(len(" ".join(sentences).split()) for sentences in text.paragraphs) <= 400:
            return text


def edits(count: int, seed: int = 5) -> list[Article]:
    """The whole story so many times, each time with another word in another place."""
    text = a_text(seed)
    made = []
    for number in range(count):
        random = Random(number)
        paragraphs = [" ".join(sentences).split(" ") for sentences in text.paragraphs]
        paragraph = random.choice(paragraphs)
        paragraph[random.randrange(len(paragraph))] = f"word{number}"
        made.append(article(text, [" ".join(words) for words in paragraphs]))
    return made


def start(seed: int = 5) -> Article:
    """The first sentences of the same story, as a front page shows them."""
    text = a_text(seed)
    sentences = [sentence for paragraph in text.paragraphs[:2] for sentence in paragraph]
    return article(text, [" ".join(sentences)], truncated=MARKER)


def keep(library: Library, articles: list[Article], batch: int = 1_000) -> None:
    """Each on a page of its own, `batch` of them in a transaction."""
    first = library.totals().captures
    for at in range(0, len(articles), batch):
        add_pages(
            library,
            [
                a_page(f"pile/{first + at + n:05}.txt", one, text=f"capture {first + at + n}")
                for n, one in enumerate(articles[at : at + batch])
            ],
        )
