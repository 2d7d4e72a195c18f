"""How surely articles are read, and that a reader's correction ends all doubt."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from reader.model import DOUBTFUL_BELOW, LineHint
from reader.parsing import hints, parse
from reader.parsing.confidence import confidence_of
from reader.parsing.decoder import WIDEST_MARGIN, decide, decode, end_cost, options, steps_into
from reader.parsing.lines import read_lines

SURE = """China

Jinhe’s rooftop farms are not feeding anyone yet

The mayor would like to know why, and so would the people who paid for them.

Photo: Ren Kaiping/Getty Images

For years, vertical farming has been sold as the answer to a question that nobody in Jinhe had asked.

Keep ReadingShow less
Ren Kaiping

Enterprise

Kestrel Cloud’s outage lasted 19 minutes

The meeting about it lasted nine hours, and there will be another one.

Photo: Ines Albrecht/Getty Images

It began on a Tuesday, when an engineer in Tacoma pressed a key that she had been told not to press.
"""
UNCLEAR = """China

Jinhe’s rooftop farms are not feeding anyone yet

For years, vertical farming has been sold as the answer to a question that nobody in Jinhe had asked.

The lettuce comes by train

Nobody has weighed it yet, and nobody is going to before the mayor has been there with a photographer.
"""


def cheapest(
    keys: list[int],
    forbidden: tuple[int, object] | None = None,
    reading: Callable[[int, int, int], object] = decide,
) -> float:
    """What the cheapest labelling costs in units, with one line's reading forbidden: found the plain way."""
    reached: dict[int, float] = {-1: 0}
    for i, key in enumerate(keys):
        following: dict[int, float] = {}
        for state, own in options(key).items():
            for before, step in steps_into(state, key, first=i == 0).items():
                if before in reached and forbidden != (i, reading(before, state, key)):
                    following[state] = min(following.get(state, float("inf")), reached[before] + step + own)
        reached = following
    return min((cost + end_cost(state) for state, cost in reached.items()), default=float("inf"))


@pytest.mark.parametrize("text", [SURE, UNCLEAR], ids=["sure", "unclear"])
def test_a_margin_is_what_the_best_other_reading_costs_more(text: str) -> None:
    keys = read_lines(text).keys
    states, margins, _ = decode(keys)
    best = cheapest(keys)
    for i, (before, state) in enumerate(pairwise([-1, *states])):
        rival = cheapest(keys, (i, decide(before, state, keys[i]))) - best
        # The parser gives up hopeless readings, so it may not see a rival that is far off.
        assert margins[i] >= min(rival, WIDEST_MARGIN)
        if rival < WIDEST_MARGIN / 2:
            assert margins[i] == rival


def test_the_scale_goes_from_a_toss_up_to_certainty() -> None:
    assert confidence_of(0) == 0.5
    assert confidence_of(WIDEST_MARGIN) == 1
    steps = [confidence_of(margin) for margin in range(WIDEST_MARGIN + 1)]
    assert steps == sorted(steps)


def test_usual_pages_are_not_doubtful_and_odd_ones_are() -> None:
    for article in parse(SURE).articles:
        assert article.confidence is not None
        assert article.confidence >= DOUBTFUL_BELOW
        assert not article.doubtful
    assert [article.doubtful for article in parse(UNCLEAR).articles] == [True]


def test_a_corrected_article_is_no_longer_doubtful() -> None:
    said = [LineHint(9, hints.CHECKED)]
    (article,) = parse(UNCLEAR, hints=said).articles
    assert (article.confidence, article.doubtful) == (1.0, False)
    assert article._replace(confidence=None) == parse(UNCLEAR).articles[0]._replace(confidence=None)


def test_every_article_says_how_surely_it_was_read() -> None:
    for article in parse(SURE + UNCLEAR).to_json()["articles"]:
        assert 0.5 <= article["confidence"] <= 1
        assert article["doubtful"] == (article["confidence"] < DOUBTFUL_BELOW)
