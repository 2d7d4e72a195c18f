"""Tables that say what elements mean: common tags, and classes of the RebelMouse CMS.

The site ran on RebelMouse: each story is a `.widget` around an `article`, its parts have specific classes, and the
hidden rest of a story is in a template or script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple


class Kind(Enum):
    """The effect of a mark."""

    ROLE = auto()
    INLINE = auto()
    """Gives words in a line a role."""
    BODY = auto()
    REST = auto()
    """May contain hidden text: the rest of a story."""
    TEMPLATE = auto()
    """Contains such text."""
    STORY = auto()
    LEAD = auto()
    STREAM = auto()
    BADGE = auto()
    """Marks the story around it as paid for."""
    WRITERS = auto()
    DROP = auto()


class Mark(NamedTuple):
    """The meaning of an element for its content."""

    kind: Kind
    role: str = ""
    """A role of `reader.parsing.hints`, as text."""
    value: str = ""
    strong: bool = False
    """True if the role overrides those of tags inside."""
    sponsored: bool = False


NONE, LINE, PARAGRAPH = range(3)
"""Separators of an element's text from its surroundings: none, a line end, an empty line."""

BREAKS: Final[dict[str, int]] = {
    **dict.fromkeys(
        "address article aside body center dd details dialog dir div dt fieldset figcaption figure footer form header "
        "hgroup html legend li listing main menu nav optgroup search section summary table tbody td tfoot th thead "
        "tr caption option button head template br".split(),
        LINE,
    ),
    **dict.fromkeys("blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre ul".split(), PARAGRAPH),
}
LISTS: Final = frozenset("ul ol menu dir".split())
ITEMS: Final = LISTS | {"li"}
NO_TEXT: Final = frozenset(
    "-comment -doctype iframe noembed noframes script style textarea title xmp".split()
)

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_ANY_TAG: Final[dict[str, Mark]] = {
    **{name: Mark(Kind.ROLE, "heading") for name in _HEADINGS},
    "h1": Mark(Kind.ROLE, "title"),
    "figcaption": Mark(Kind.ROLE, "figure"),
    "blockquote": Mark(Kind.ROLE, "quote"),
    "li": Mark(Kind.ROLE, "entry"),
    "p": Mark(Kind.ROLE, "text"),
    "button": Mark(Kind.ROLE, "button"),
    "nav": Mark(Kind.ROLE, "furniture", strong=True),
    "footer": Mark(Kind.ROLE, "furniture", strong=True),
    "aside": Mark(Kind.ROLE, "aside"),
    "article": Mark(Kind.STORY),
    "template": Mark(Kind.TEMPLATE),
    "time": Mark(Kind.INLINE, "date"),
    **dict.fromkeys(
        "canvas noscript select svg math video audio object datalist map".split(), Mark(Kind.DROP)
    ),
}
BODY_ROLES: Final[dict[str, str]] = {
    **dict.fromkeys(_HEADINGS, "subhead"),
    "blockquote": "quote",
    "li": "item",
    "figcaption": "figure",
}

_PARTS: Final[dict[str, Mark]] = {
    "widget__section": Mark(Kind.ROLE, "kicker", strong=True),
    **dict.fromkeys(
        ("widget__headline", "widget__headline-text", "custom-post-headline"),
        Mark(Kind.ROLE, "headline", strong=True),
    ),
    **dict.fromkeys(
        ("widget__subheadline", "widget__subheadline-text"), Mark(Kind.ROLE, "deck", strong=True)
    ),
    "social-author__name": Mark(Kind.ROLE, "author", strong=True),
    "social-author__bio": Mark(Kind.ROLE, "bio", strong=True),
    **dict.fromkeys(("social-date", "social-date__text"), Mark(Kind.ROLE, "date", strong=True)),
    "media-caption": Mark(Kind.ROLE, "caption", strong=True),
    **dict.fromkeys(("photo-credit", "media-photo-credit"), Mark(Kind.ROLE, "credit", strong=True)),
    "js-keep-reading": Mark(Kind.ROLE, "marker", strong=True),
    "body-description": Mark(Kind.BODY),
    "js-appear-on-expand": Mark(Kind.REST),
    **dict.fromkeys(
        "around-the-web ad-tag widget__shares share-panel social-author__avatar lazyload-placeholder".split(),
        Mark(Kind.DROP),
    ),
}
"""The parts of a RebelMouse page, by class."""
_PAID: Final = re.compile(r"(?:^|.*[-_])(?<!no-)(?<!non-)(?<!hide-)sponsor(?:ed|s|ship)?(?:[-_].*)?$").match
_POST: Final = re.compile(r"post-\d+$").match

_OTHER_PARTS: Final = (
    ("itemprop", "headline", Mark(Kind.ROLE, "headline")),
    ("itemprop", "author", Mark(Kind.INLINE, "author")),
    ("rel", "author", Mark(Kind.INLINE, "author")),
)
_OTHER_CLASSES: Final[dict[str, Mark]] = {
    **dict.fromkeys("dek deck standfirst subtitle subheadline subheading".split(), Mark(Kind.ROLE, "deck")),
    **dict.fromkeys("kicker eyebrow".split(), Mark(Kind.ROLE, "kicker")),
    **dict.fromkeys("caption wp-caption-text".split(), Mark(Kind.ROLE, "figure")),
    **dict.fromkeys("credit photo-credit image-credit".split(), Mark(Kind.ROLE, "credit")),
}
"""Classes that many systems use for the parts of a story."""


def mark_of(name: str, attributes: Mapping[str, str | None]) -> Mark | None:
    """Return what an element says about its text, or None."""
    mark = _ANY_TAG.get(name)
    if not attributes:
        return mark
    if "hidden" in attributes:
        return Mark(Kind.DROP)
    classes = (attributes.get("class") or "").split()
    if site := _rebelmouse(name, attributes, classes):
        return site
    if mark and mark.kind is Kind.DROP:
        return mark
    if name == "time":
        return Mark(Kind.INLINE, "date", (attributes.get("datetime") or "")[:10])
    for attribute, value, other in _OTHER_PARTS:
        if value in (attributes.get(attribute) or "").lower().split():
            return other
    return next((_OTHER_CLASSES[word.lower()] for word in classes if word.lower() in _OTHER_CLASSES), mark)


def _rebelmouse(name: str, attributes: Mapping[str, str | None], classes: list[str]) -> Mark | None:
    for word in classes:
        if mark := _PARTS.get(word):
            return mark
    if "data-source" in attributes and "posts-custom" in classes:
        return Mark(Kind.LEAD if attributes["data-source"] == "current_post" else Kind.STREAM)
    paid = any(_PAID(word.lower()) for word in classes)
    if (name == "article" and any(map(_POST, classes))) or ("elid" in attributes and "widget" in classes):
        return Mark(Kind.STORY, sponsored=paid)
    if paid:
        return Mark(Kind.BADGE, sponsored=True)
    writers = attributes.get("data-authors")
    return Mark(Kind.WRITERS, value=writers) if writers else None
