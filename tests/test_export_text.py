"""Articles as plain text: every line of theirs, badges in words, nothing wider than the page."""

from __future__ import annotations

import pytest

from reader import parse
from reader.export import article_text, page_text
from reader.export import text as module

PAGE = """Sponsored Content

A drill that listens before it speaks

Quieter tools are changing how crews talk to their neighbors.

A drill on a bench

Photo: Tinworth Tools

Crews that start at six have always had one enemy.

• Fewer complaints
• Longer mornings

To borrow one, visit the Tinworth website.

Tinworth Tools
Tinworth Tools makes quiet machines for loud streets. We lend before we sell.
"""


def test_a_sponsored_article_says_who_paid_and_how_that_is_known() -> None:
    text = page_text(parse(PAGE, source="drill.txt"))
    assert "SPONSORED CONTENT   [SPONSORED · Tinworth Tools]" in text
    assert "Paid for by Tinworth Tools: the page labels it as paid for (line 1)." in text
    assert "• Fewer complaints\n\n• Longer mornings" in text
    assert "[Picture: Photo: Tinworth Tools]" in text
    assert text.rstrip().endswith("From drill.txt, lines 1–19")


def test_no_word_of_an_article_is_lost() -> None:
    (article,) = parse(PAGE).articles
    words = article_text(article, "x").split()
    wanted = (
        [block.text for block in article.body] + [bio.text for bio in article.bios] + [article.headline or ""]
    )
    assert all(word in words for text in wanted for word in text.split())


@pytest.mark.parametrize("piece", [7, 100, 50_000])
def test_a_long_paragraph_is_wrapped_in_pieces_and_keeps_its_words(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", piece)
    paragraph = " ".join(f"word{n}" for n in range(2_000)) + "."
    (article,) = parse(f"{paragraph}\n").articles
    lines = article_text(article, "x").splitlines()
    assert all(len(line) <= module.WIDTH for line in lines)
    if piece > 20:  # shorter pieces than a word break words
        assert " ".join(" ".join(lines).split()).startswith(paragraph)


def test_a_page_without_articles_is_no_text() -> None:
    assert page_text(parse("")) == ""
