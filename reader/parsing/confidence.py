"""Confidence in an article: how much more the page costs if any line of the article is read otherwise."""

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from reader.parsing.decoder import UNIT, WIDEST_MARGIN, Labelling


class Span(NamedTuple):
    """The lines that decide how an article is read, by their indexes on the page."""

    before: int
    """The line after the last one of the article before."""
    start: int
    stop: int
    """The first line of the next article, or the end of the page."""


def spans(articles: Sequence[Sequence[int]], lines: int) -> list[Span]:
    """The span of each article, given the indexes of its lines and how many lines the page has.

    An article inside another is in the other's span.
    """
    found: list[Span] = []
    last = -1
    for position, members in enumerate(articles):
        following = (other[0] for other in articles[position + 1 :] if other[0] > members[-1])
        found.append(Span(last + 1, members[0], next(following, lines)))
        last = max(last, members[-1])
    return found


def margin_of(span: Span, labelling: Labelling) -> int:
    """The extra cost of the cheapest labelling that changes an article, in units.

    Of the next article's first line, only whether it begins there matters.
    """
    margin = min(labelling.margins[span.start : span.stop])
    return min([margin, *labelling.joints[span.stop : span.stop + 1]])


def confidence_of(margin: int) -> float:
    """The likelihood of a reading beside one that costs `margin` units more: 0.5 if both are as likely, else up to 1.

    A cost is the negative logarithm of a likelihood.
    """
    return 1.0 if margin >= WIDEST_MARGIN else round(1 / (1 + exp(-margin / UNIT)), 2)


def confidences(
    articles: Sequence[Sequence[int]], labelling: Labelling, checked: frozenset[int]
) -> list[float]:
    """The confidence in each article, 0.5 to 1; `checked` are the lines that a reader has corrected."""
    found: list[float] = []
    for span in spans(articles, len(labelling.margins)):
        corrected = checked and not checked.isdisjoint(range(span.before, span.stop))
        found.append(1.0 if corrected else confidence_of(margin_of(span, labelling)))
    return found
