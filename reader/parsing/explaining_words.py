"""The words in which readings are explained, as data."""

from __future__ import annotations

from typing import Final

from reader.parsing.vocabulary import Kind

NOUNS: Final = {
    "furniture": "furniture",
    "kicker": "a kicker",
    "headline": "a headline",
    "alt": "a picture’s description",
    "deck": "a deck",
    "credit": "a credit",
    "date": "a date",
    "caption": "a caption",
    "byline": "a byline",
    "paragraph": "a paragraph",
    "subhead": "a subhead",
    "item": "a list’s item",
    "signoff": "a sign-off",
    "marker": "a “keep reading” marker",
    "author": "an author",
    "bio": "a biography",
    "sponsor label": "a label that says who paid",
    "sponsor": "a sponsor",
}
"""Every label with its article."""

KINDS: Final = {
    int(kind): words
    for kind, words in {
        Kind.PLAIN: "none of the format’s fixed words are in it",
        Kind.SECTION: "it is a section’s name",
        Kind.KICKER: "it is a standing section line",
        Kind.NEWSLETTER: "it is a newsletter’s name",
        Kind.SPONSOR_KICKER: "it says that what follows is paid for",
        Kind.SPONSOR_LABEL: "it says who paid",
        Kind.MARKER: "it is a “keep reading” button",
        Kind.CREDIT: "it opens as a credit does",
        Kind.AGENCY_CREDIT: "it reads as an agency’s credit",
        Kind.DATE: "it is a date",
        Kind.CHROME: "it is a button or a notice of the site",
        Kind.TRAILER: "it heads a list of other stories",
        Kind.TRACKER: "it ends in a tracker’s code",
        Kind.PROMO: "it asks to sign up",
        Kind.FORWARDED: "it is what newsletters say of being forwarded",
        Kind.BULLET: "it opens with a bullet",
        Kind.NUMBERED: "it opens with a number or a letter",
        Kind.SIGNOFF: "it is signed with a dash and a name",
        Kind.BYLINE: "it opens with “By”",
        Kind.LINK: "it is a paid message’s link",
        Kind.GREETING: "it greets, as a newsletter does",
        Kind.CLOSER: "it takes leave, as a newsletter does",
        Kind.BULLETINS: "it is the word “Bulletins”",
        Kind.DOCUMENT_TITLE: "it reads as a document’s title, with bars",
        Kind.NOTHING: "nothing of it can be seen",
        Kind.STAMPED: "it opens with a time of day",
        Kind.CALL: "it calls upon the reader, as advertisements end",
    }.items()
}
"""What the fixed words of a line are, by `vocabulary.Kind`."""

FEATURES: Final[dict[str, tuple[str, ...]]] = {
    "end": (
        "it ends without punctuation",
        "it ends in a full stop",
        "it ends in a question mark",
        "it ends in an exclamation mark",
        "it ends in a colon",
        "it ends in dots",
        "it ends unfinished",
    ),
    "name": (
        "it is no name",
        "it could be a person’s name",
        "it could be an organisation’s name",
        "it could be a person’s or an organisation’s name",
    ),
    "repeat": (
        "no line near it says the same",
        "the same line stands again below",
        "it repeats a line above",
        "it repeats the line above it",
    ),
    "bio": (
        "it does not speak of the name above",
        "it opens with the name above",
        "it mentions the name above, or speaks as “I”",
    ),
    "staff": ("it does not speak as the site’s staff do", "it speaks as the site’s staff do of themselves"),
    "several": ("it is one sentence", "it is more than one sentence"),
    "fragment": (
        "no sentence in it lacks a verb",
        "it is a sentence without a verb",
        "it is a sentence without a verb that names a place, a year or a person, as captions do",
        "it says where in a picture somebody is",
    ),
    "advert": ("it does not read as advertising", "it reads as advertising, where that may stand"),
    "open": ("no credit before it is open", "the credit before it goes on here"),
    "quote": ("it does not open with a quotation", "it opens with a quotation"),
}
"""What a feature's values show, by its name in `features.Features`."""

GAPS: Final = (
    "no empty line stands before it",
    "an empty line stands before it",
    "more empty lines than usual stand before it",
)
REST: Final = "other lines would have to be read otherwise too"
