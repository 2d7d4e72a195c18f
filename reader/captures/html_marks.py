"""What the elements of a page say of their text, as data: tags that any page has, classes of the RebelMouse system.

RebelMouse is what the site ran on: each story is a `.widget` around an `article`, its parts have classes of their own,
and the rest of a story that the page does not show stands in a template or in a script.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ROLE, BODY, REST, TEMPLATE, SCOPE, STREAM, LEAD, DROP, INLINE, BADGE, WRITERS = range(1, 12)
"""What a mark does: gives its text a role; begins a body; allows hidden text below it; holds such text; holds one
story; holds stories; holds the story that the page is about; hides; gives words in a line a role; marks its story as
paid for; names its story's authors."""


class Mark(NamedTuple):
    """What an element says of what is in it."""

    kind: int
    role: str = ""
    """A role of `reader.parsing.hints`, as text."""
    value: str = ""
    strong: bool = False
    """Whether it holds against what the tags inside say."""


NONE, LINE, PARAGRAPH = range(3)
"""How an element parts its text from what is around it: not at all, by a line's end, by an empty line."""

BREAKS: Final[dict[str, int]] = {
    **dict.fromkeys(
        "address article aside body center dd details dialog dir div dt fieldset figcaption figure footer form header "
        "hgroup html legend li listing main menu nav optgroup search section summary table tbody td tfoot th thead "
        "tr caption option button head template".split(),
        LINE,
    ),
    **dict.fromkeys("blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre ul".split(), PARAGRAPH),
}
VOID: Final = frozenset(
    "area base basefont bgsound br col command embed frame hr img input keygen link meta param source track wbr".split()
)
CLOSED_BY: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "li": (frozenset(["li"]), frozenset("ul ol menu dir".split())),
    "dt": (frozenset("dt dd".split()), frozenset(["dl"])),
    "dd": (frozenset("dt dd".split()), frozenset(["dl"])),
    "tr": (frozenset("tr td th".split()), frozenset(["table"])),
    "td": (frozenset("td th".split()), frozenset("tr table".split())),
    "th": (frozenset("td th".split()), frozenset("tr table".split())),
    "option": (frozenset(["option"]), frozenset(["select"])),
    "a": (frozenset(["a"]), frozenset("td th table object".split())),
}
"""Elements that the start of one closes though their end is not written, and what stops the search for them."""
WORDS: Final = frozenset(
    "a abbr b big cite code del em font i ins mark q s small span strike strong sub sup tt u".split()
)
"""Elements that mark words, and whose ends close no block."""
ENDS_PARAGRAPH: Final = (frozenset(BREAKS) | {"table"}) - {
    "td",
    "th",
    "tr",
    "option",
    "button",
    "body",
    "html",
    "head",
}
"""Elements whose start closes an open paragraph."""
HIDDEN_TAGS: Final = frozenset("canvas noscript select svg math video audio object datalist map".split())
KEEPS_PARAGRAPH: Final = HIDDEN_TAGS | frozenset("button td th caption template table".split())
"""Elements across which a paragraph stays open."""

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_ANY_TAG: Final[dict[str, Mark]] = {
    **{name: Mark(ROLE, "heading") for name in _HEADINGS},
    "h1": Mark(ROLE, "title"),
    "figcaption": Mark(ROLE, "figure"),
    "blockquote": Mark(ROLE, "quote"),
    "li": Mark(ROLE, "entry"),
    "p": Mark(ROLE, "text"),
    "button": Mark(ROLE, "button"),
    "nav": Mark(ROLE, "furniture", strong=True),
    "footer": Mark(ROLE, "furniture", strong=True),
    "aside": Mark(ROLE, "aside"),
    "article": Mark(SCOPE),
    "template": Mark(TEMPLATE),
}
_BODY_TAG: Final[dict[str, str]] = {
    **dict.fromkeys(_HEADINGS, "subhead"),
    "blockquote": "quote",
    "li": "item",
    "figcaption": "figure",
}
"""Roles of tags inside a body."""

_PARTS: Final[dict[str, Mark]] = {
    **dict.fromkeys(("widget__section",), Mark(ROLE, "kicker", strong=True)),
    **dict.fromkeys(
        ("widget__headline", "widget__headline-text", "custom-post-headline"),
        Mark(ROLE, "headline", strong=True),
    ),
    **dict.fromkeys(("widget__subheadline", "widget__subheadline-text"), Mark(ROLE, "deck", strong=True)),
    **dict.fromkeys(("social-author__name",), Mark(ROLE, "author", strong=True)),
    **dict.fromkeys(("social-author__bio",), Mark(ROLE, "bio", strong=True)),
    **dict.fromkeys(("social-date", "social-date__text"), Mark(ROLE, "date", strong=True)),
    **dict.fromkeys(("media-caption",), Mark(ROLE, "caption", strong=True)),
    **dict.fromkeys(("photo-credit", "media-photo-credit"), Mark(ROLE, "credit", strong=True)),
    **dict.fromkeys(("js-keep-reading",), Mark(ROLE, "marker", strong=True)),
    **dict.fromkeys(("body-description",), Mark(BODY, "body")),
    **dict.fromkeys(("js-appear-on-expand",), Mark(REST, "body")),
    **dict.fromkeys(
        "around-the-web ad-tag widget__shares share-panel social-author__avatar lazyload-placeholder".split(),
        Mark(DROP),
    ),
}
"""Parts of a RebelMouse page by class."""
_PAID: Final = re.compile(r"(?:^|.*[-_])(?<!no-)(?<!non-)(?<!hide-)sponsor(?:ed|s|ship)?(?:[-_].*)?$").match
_POST: Final = re.compile(r"post-\d+$").match

_OTHER_PARTS: Final = (
    ("itemprop", "headline", Mark(ROLE, "headline")),
    ("itemprop", "author", Mark(INLINE, "author")),
    ("rel", "author", Mark(INLINE, "author")),
)
_OTHER_CLASSES: Final[dict[str, Mark]] = {
    **dict.fromkeys("dek deck standfirst subtitle subheadline subheading".split(), Mark(ROLE, "deck")),
    **dict.fromkeys("kicker eyebrow".split(), Mark(ROLE, "kicker")),
    **dict.fromkeys("caption wp-caption-text".split(), Mark(ROLE, "figure")),
    **dict.fromkeys("credit photo-credit image-credit".split(), Mark(ROLE, "credit")),
}
"""Classes that pages of many systems give the parts of a story."""


def mark_of(name: str, attributes: dict[str, str]) -> Mark | None:
    """What an element says of its text; None when it says nothing."""
    if "hidden" in attributes:
        return Mark(DROP)
    written = attributes.get("class", "")
    classes = written.split()
    if mark := _rebelmouse(name, attributes, classes, paid="sponsor" in written.lower()):
        return mark
    if name in HIDDEN_TAGS:
        return Mark(DROP)
    if name == "time":
        return Mark(INLINE, "date", attributes.get("datetime", "")[:10])
    if "itemprop" in attributes or "rel" in attributes:
        for attribute, value, mark in _OTHER_PARTS:
            if value in attributes.get(attribute, "").lower().split():
                return mark
    for word in classes:
        if mark := _OTHER_CLASSES.get(word.lower()):
            return mark
    return _ANY_TAG.get(name)


def _rebelmouse(name: str, attributes: dict[str, str], classes: list[str], *, paid: bool) -> Mark | None:
    """What the site's own system says; `paid` is whether a class may tell that it was paid for."""
    for word in classes:
        if mark := _PARTS.get(word):
            return mark
    if "data-source" in attributes and "posts-custom" in classes:
        return Mark(LEAD if attributes["data-source"] == "current_post" else STREAM)
    paid = paid and any(map(_paid_for, classes))
    if (name == "article" and any(map(_POST, classes))) or ("elid" in attributes and "widget" in classes):
        return Mark(SCOPE, "sponsored" if paid else "")
    if paid:
        return Mark(BADGE)
    writers = attributes.get("data-authors")
    return Mark(WRITERS, value=writers) if writers else None


def _paid_for(word: str) -> bool:
    return _PAID(word.lower()) is not None


def body_role(name: str) -> str | None:
    """The role that a tag gives its text inside a body."""
    return _BODY_TAG.get(name)
