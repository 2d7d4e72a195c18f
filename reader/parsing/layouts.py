"""How the site's pages are laid out, as expressions of lines that may be missing.

Read an expression like a description of a page: a story is a kicker (or none), a headline, what stands below it, a
body. `skip` is what it costs that a part is missing, `take` that it is there, in nats: 0 is the usual case, 7 one in a
thousand. `states` compiles the expressions into the table that the decoder follows. A new layout is a line here.
"""

from typing import Final

from reader.parsing.expressions import (
    Expression,
    Line,
    article,
    either,
    interruption,
    many,
    optional,
    priced,
    seq,
)

# The lines. Gaps: what it costs that no, one or several empty lines stand above.
_OPENING_GAPS: Final = (1.7, 0.5, -0.3)
_PICTURE_GAPS: Final = (0.0, -0.3, 0.3)
_TEXT_GAPS: Final = (2.5, -0.4, -0.2)

FURNITURE_LINE: Final = Line("furniture", "furniture")
FURNITURE_ABOVE: Final = Line("furniture", "furniture above")
KICKER: Final = Line("kicker", "kicker", (0.9, -0.4, -0.1))
TOPIC: Final = Line("kicker", "topic", (0.0, 0.1, 0.0))
HEADLINE: Final = Line("headline", "headline", _OPENING_GAPS)
ODD_HEADLINE: Final = Line("headline", "odd headline", _OPENING_GAPS)
DECK: Final = Line("deck", "deck", (3.8, -0.3, 0.2))
ALT: Final = Line("alt", "alt", (0.6, -0.3, 0.3))
SENTENCE_ALT: Final = Line("alt", "sentence alt", (0.2, 0.1, 0.3))
HEADLINE_AGAIN: Final = Line("alt", "headline again", (0.2, 0.0, 0.3))
HEAD_AGAIN: Final = Line("furniture", "head again")
ALT_WITHIN: Final = Line("alt", "alt within", (0.2, -0.1, 0.3))
CAPTION: Final = Line("caption", "caption", _PICTURE_GAPS)
WIRE_ALT: Final = Line("alt", "wire alt", (0.2, -0.3, 0.3))
WIRE_CAPTION: Final = Line("caption", "wire caption", _PICTURE_GAPS)
CAPTION_BELOW: Final = Line("caption", "caption", (-2.0, 1.0, 2.5))
CREDIT: Final = Line("credit", "credit")
SITE_CREDIT: Final = Line("credit", "site credit")
COMPANY: Final = Line("credit", "company", (-0.2, 0.5, 1.0))
CREDIT_REST: Final = Line("credit", "credit rest", (0.0, 0.7, 1.5))
DATE: Final = Line("date", "date")
BYLINE: Final = Line("byline", "byline")
PARAGRAPH: Final = Line("paragraph", "paragraph", _TEXT_GAPS)
SUBHEAD: Final = Line("subhead", "subhead", (3.2, -0.2, 0.2))
EXPERT: Final = Line("subhead", "author", (0.5, 0.1, 0.3))
ROLE: Final = Line("subhead", "role", (0.0, 0.7, 2.1))
ITEM: Final = Line("item", "item")
ROW: Final = Line("paragraph", "row")
SIGNOFF: Final = Line("signoff", "signoff")
SITE_NAME: Final = Line("furniture", "site name")
TABS: Final = Line("furniture", "row")
SECTION_NAME: Final = Line("furniture", "section name")
PROMO: Final = Line("furniture", "promo")
MARKER: Final = Line("marker", "marker")
HEAD_AUTHOR: Final = Line("author", "author", (0.1, 0.8, 0.6))
AUTHOR: Final = Line("author", "author", (-0.2, 0.7, 1.4))
BIO: Final = Line("bio", "bio", (2.3, 0.1, 0.4))
SPONSOR_LABEL: Final = Line("sponsor label", "sponsor label")
SPONSOR_KICKER: Final = Line("kicker", "sponsor kicker")
SPONSOR: Final = Line("sponsor", "sponsor", (0.2, 2.0, 2.5))
TITLED_SPONSOR: Final = Line("sponsor", "titled sponsor", (0.4, 1.8, 2.5))
SPONSOR_BIO: Final = Line("bio", "sponsor bio", (-0.4, 1.4, 2.0))
UNMARKED_SPONSOR: Final = Line("sponsor", "sponsor", (-0.2, 2.2, 3.5))
UNMARKED_BIO: Final = Line("bio", "sponsor bio", (0.0, 4.0, 5.0))
REPORT: Final = Line("paragraph", "report", _TEXT_GAPS)
TEASER_TEXT: Final = Line("paragraph", "teaser", _TEXT_GAPS)
FIRST_COPY: Final = Line("paragraph", "first copy", _TEXT_GAPS)
COPY: Final = Line("paragraph", "copy", _TEXT_GAPS)
PAID_PARAGRAPH: Final = Line("paragraph", "paid paragraph", _TEXT_GAPS)
PAID_CREDIT: Final = Line("credit", "paid credit")
ADVERT: Final = Line("paragraph", "advert", _TEXT_GAPS)
SPONSOR_LINK: Final = Line("furniture", "link")
LINK_TO_SPONSOR: Final = Line("sponsor label", "link to sponsor")
RELATED: Final = Line("furniture", "related")
RELATED_TITLE: Final = Line("furniture", "related title")
BULLETIN_KICKER: Final = Line("kicker", "bulletin kicker")
NEWSLETTER_LABEL: Final = Line("kicker", "newsletter")
TAGLINE: Final = Line("furniture", "tagline")
GREETING: Final = Line("paragraph", "greeting")
LETTER_HEADLINE: Final = Line("headline", "headline")
LETTER_PARAGRAPH: Final = Line("paragraph", "newsletter paragraph")
SECTION_HEAD: Final = Line("subhead", "section head")
CLOSER: Final = Line("paragraph", "closer")

# What layouts have in common.
CREDITS: Final = seq(many(CREDIT, again=4.2), optional(CREDIT_REST, take=1.0))
CAPTION_AFTER: Final = seq(CREDIT, CAPTION_BELOW)
_SIGNATURE: Final = (BYLINE, DATE, seq(HEAD_AUTHOR, optional(either(DATE, priced(2.3, BIO)), skip=3.0)))
SIGNED: Final = many(either(*_SIGNATURE), again=0.3)
"""The author and date of a story, which may stand anywhere between its kicker and its body."""
SIGNED_AMONG_BUTTONS: Final = many(either(*_SIGNATURE, priced(1.0, PROMO)), again=0.4)
"""Author and date where buttons may stand beside them, such as those that share a story."""
DATED_ABOVE: Final = many(either(BYLINE, DATE, priced(1.9, seq(HEAD_AUTHOR, DATE))), again=0.3)
SIGNED_ABOVE: Final = many(either(BYLINE, DATE, priced(0.8, HEAD_AUTHOR), priced(0.9, PROMO)), again=0.0)
"""Author, date and buttons above a headline; without "By" an author stands only below a kicker."""


def kicker(skip: float, dated: float) -> Expression:
    """The lines above a headline. `skip` is the cost of a missing kicker, `dated` of a date in its place."""
    return either(
        seq(KICKER, optional(SIGNED_ABOVE, take=2.0)), priced(skip, optional(DATED_ABOVE, take=dated))
    )


def picture(alt: float, bare_caption: float) -> Expression:
    """A picture's lines below a deck; `alt` is what it costs that it is described.

    A caption needs a credit below it or a description above; without both it costs `bare_caption`.
    """
    return either(
        seq(
            either(priced(alt, seq(ALT, optional(CAPTION, skip=0.8))), optional(CAPTION, skip=-0.1)),
            optional(DATE, take=2.5),
            CREDITS,
        ),
        priced(alt + 0.9, seq(SENTENCE_ALT, either(CAPTION, WIRE_CAPTION), CREDITS)),
        priced(alt + 1.8, seq(ALT, CAPTION, COMPANY)),
        priced(3.2, seq(optional(ALT, take=alt), CAPTION_AFTER)),
        priced(alt + 1.6, seq(ALT, optional(CAPTION, take=1.1))),
        priced(bare_caption, CAPTION),
    )


def picture_without_deck(alt: float) -> Expression:
    """A picture's lines below a headline: one line alone above the credit is the deck rather than a caption."""
    return either(
        seq(
            either(priced(alt, seq(many(ALT, again=2.4), optional(CAPTION))), optional(CAPTION, take=0.6)),
            CREDITS,
        ),
        priced(alt + 1.3, ALT),
    )


def below_headline(alt: float, bare_caption: float) -> Expression:
    """The lines between a headline and a body: deck, picture, and around them author and date."""
    return seq(
        either(
            seq(
                either(priced(0.0, DECK), priced(2.4, seq(SIGNED_AMONG_BUTTONS, priced(1.3, DECK)))),
                optional(SIGNED_AMONG_BUTTONS, take=2.6),
                optional(picture(alt, bare_caption), take=0.9, skip=1.2),
            ),
            priced(2.1, seq(HEADLINE_AGAIN, optional(PROMO, take=1.0), DECK)),
            priced(1.5, seq(optional(SIGNED_AMONG_BUTTONS, take=1.0), optional(picture_without_deck(alt)))),
        ),
        optional(either(SIGNED_AMONG_BUTTONS, HEAD_AUTHOR, priced(2.4, BIO)), take=2.0),
    )


def picture_first(kicker: float) -> Expression:
    """A head whose picture stands above the headline; `kicker` is what a kicker costs."""
    above = either(
        seq(
            optional(either(seq(ALT, optional(CAPTION, take=0.8)), priced(0.3, CAPTION))),
            CREDIT,
            optional(CREDIT_REST),
            optional(CAPTION_BELOW, take=1.5),
        ),
        WIRE_ALT,
    )
    return seq(
        either(
            seq(
                priced(kicker, either(seq(KICKER, above), seq(above, KICKER))),
                optional(SIGNED_ABOVE, take=2.0),
                HEADLINE,
                optional(DECK, take=0.4, skip=1.3),
            ),
            seq(above, optional(DATED_ABOVE, take=2.0), HEADLINE, optional(DECK, take=2.0)),
        ),
        optional(SIGNED_AMONG_BUTTONS, take=2.0),
    )


EARNINGS_CARD: Final = seq(
    optional(KICKER, skip=0.8),
    HEADLINE,
    optional(DECK, take=0.7),
    optional(SIGNED, take=2.0),
    optional(ALT, take=0.9),
    either(
        seq(COMPANY, optional(many(ITEM, again=0.3), skip=0.8)), priced(0.7, seq(ALT, many(ITEM, again=0.2)))
    ),
)
FIGURE: Final = seq(optional(ALT, take=1.4), optional(CAPTION, skip=0.7), CREDITS)
ODD_HEAD: Final = seq(KICKER, ODD_HEADLINE, DECK, FIGURE)
"""The head of a story whose headline reads like furniture, a credit or a label: what stands around it shows what it is."""


def body(
    list_cost: float, subhead_cost: float, figure_cost: float, message: Expression | None = None
) -> Expression:
    """Paragraphs, subheads, lists, and what stands between them."""
    text = either(
        priced(0.3, PARAGRAPH),
        priced(list_cost, many(ITEM, again=0.6)),
        priced(2.0, many(ROW)),
        priced(
            1.4,
            seq(
                many(seq(EXPERT, ROLE), again=0.7),
                either(priced(0.1, PARAGRAPH), priced(list_cost, many(ITEM, again=0.2))),
            ),
        ),
    )
    between = [
        priced(1.8, many(PROMO, again=0.3)),
        priced(2.9, DATE),
        priced(1.9, SIGNOFF),
        priced(2.0, seq(RELATED, many(RELATED_TITLE, again=0.4))),
        priced(figure_cost, FIGURE),
    ]
    if message is not None:
        between.append(message)
    return seq(
        optional(seq(many(PROMO, again=0.6), optional(many(HEAD_AGAIN))), take=2.8),
        many(
            seq(
                optional(
                    seq(
                        many(SUBHEAD, again=subhead_cost + 0.6),
                        optional(FIGURE, take=figure_cost + 0.6),
                    ),
                    take=subhead_cost,
                ),
                text,
                optional(many(either(*between))),
            )
        ),
    )


def closing(marker: float, unclosed: float) -> Expression:
    """A marker and the authors with what is said of them; `unclosed` is what it costs that no marker stands there."""
    authors = many(
        either(
            seq(many(AUTHOR, again=2.0), optional(many(BIO, again=1.2), take=-0.2, skip=0.5)),
            priced(2.0, BIO),
        ),
        again=0.8,
    )
    return optional(
        either(
            priced(
                marker,
                seq(
                    optional(BYLINE, take=2.0), many(MARKER, again=3.0), optional(authors, take=0.3, skip=0.4)
                ),
            ),
            priced(unclosed + 1.7, authors),
            priced(unclosed + 0.9, BIO),
        ),
        skip=unclosed,
    )


MESSAGE: Final = interruption(
    "message",
    either(
        seq(
            SPONSOR_LABEL,
            optional(HEADLINE, take=2.2),
            many(PARAGRAPH, again=1.3),
            optional(many(SPONSOR_LINK, again=2.5), take=0.1, skip=1.1),
        ),
        priced(0.9, seq(PARAGRAPH, LINK_TO_SPONSOR)),
    ),
)

STORY: Final = seq(
    optional(
        either(
            seq(kicker(skip=1.4, dated=4.2), HEADLINE, below_headline(alt=1.1, bare_caption=1.4)),
            ODD_HEAD,
            priced(3.7, picture_first(kicker=0.9)),
            priced(2.1, EARNINGS_CARD),
            priced(3.3, seq(KICKER, optional(CREDITS, take=0.4))),
            priced(3.0, seq(optional(CAPTION, take=1.6), CREDITS)),
            priced(-0.1, SITE_CREDIT),
        ),
        skip=3.3,
    ),
    body(list_cost=2.0, subhead_cost=3.0, figure_cost=5.8),
    closing(marker=0.9, unclosed=4.1),
)
"""A story in the stream below the one that the page is about: an opening that a marker closes."""

_ANSWER: Final = either(priced(0.2, PARAGRAPH), priced(1.0, many(ITEM, again=0.2)))
PANEL: Final = seq(
    optional(KICKER, skip=0.6),
    HEADLINE,
    optional(DECK, take=0.4, skip=1.0),
    GREETING,
    many(seq(optional(many(seq(EXPERT, ROLE), again=0.5), skip=2.1), _ANSWER)),
    closing(marker=0.8, unclosed=3.6),
)
"""Experts who answer a question, in the stream below another story: the greeting shows where the panel begins."""

BULLETIN: Final = seq(
    optional(BULLETIN_KICKER, skip=1.0),
    HEADLINE,
    optional(
        either(
            priced(0.4, ALT),
            priced(
                0.6,
                seq(either(optional(DECK, skip=0.7), priced(0.7, ALT)), optional(CAPTION, take=0.8), CREDITS),
            ),
        )
    ),
    optional(DATED_ABOVE, take=1.0),
    priced(0.4, REPORT),
    optional(many(either(priced(0.6, PARAGRAPH), priced(1.8, many(ITEM, again=0.0)), priced(0.9, DATE)))),
    optional(seq(AUTHOR, optional(BIO, take=0.8)), skip=3.0),
)
"""A short story that is whole: a headline, few paragraphs and who wrote them."""
UNTITLED_BULLETIN: Final = seq(priced(0.15, REPORT), optional(many(priced(0.45, PARAGRAPH))), AUTHOR, BIO)
"""One whose headline is lost: the biography shows that it ends there."""
BULLETINS: Final = many(
    either(article("bulletin", BULLETIN), priced(2.0, article("bulletin", UNTITLED_BULLETIN))), again=0.3
)

TEASER: Final = seq(
    optional(either(KICKER, priced(0.6, TOPIC)), skip=0.7),
    HEADLINE,
    optional(SIGNED_AMONG_BUTTONS, take=1.0),
    TEASER_TEXT,
    optional(MARKER, take=0.5),
)
"""A story of which a list shows the headline and an opening that ends in dots."""

# Paid posts.
SPONSORED_BY: Final = seq(SPONSOR, optional(many(SPONSOR_BIO, again=3.5), skip=2.0))
PAID_TEXT: Final = seq(
    optional(many(SUBHEAD, again=1.7), take=2.2),
    either(priced(0.15, PAID_PARAGRAPH), priced(1.8, many(ITEM, again=0.2))),
)
PAID_BODY: Final = many(PAID_TEXT)
PAID_PICTURE: Final = seq(
    optional(ALT, take=1.1),
    optional(CAPTION, skip=-0.6),
    many(PAID_CREDIT, again=4.0),
    optional(CREDIT_REST, take=0.9),
)


def labelled(unclosed: float) -> Expression:
    """Build a post that a label calls paid for; `unclosed` is what it costs that nobody is named at its end."""
    headed = seq(HEADLINE, optional(DECK, take=0.5, skip=1.5))
    return seq(
        either(
            seq(SPONSOR_KICKER, optional(SPONSOR_LABEL, take=0.7), optional(headed, skip=3.3)),
            seq(SPONSOR_LABEL, optional(SPONSOR_KICKER, take=2.5), optional(headed, take=0.4, skip=2.3)),
            priced(
                1.5, seq(HEADLINE, either(SPONSOR_KICKER, SPONSOR_LABEL), optional(DECK, take=0.3, skip=1.8))
            ),
        ),
        optional(many(either(PAID_PICTURE, priced(0.5, DATED_ABOVE)), again=0.5), take=1.0),
        PAID_BODY,
        optional(
            seq(
                optional(MARKER, take=0.3, skip=0.5),
                optional(SPONSOR_LINK, take=0.7),
                optional(either(SPONSORED_BY, priced(1.9, seq(AUTHOR, optional(BIO, skip=1.5)))), skip=0.7),
            ),
            skip=unclosed,
        ),
    )


_PITCH: Final = seq(FIRST_COPY, optional(many(either(COPY, priced(1.0, many(ITEM))), again=1.5), take=1.1))


def signed_pitch(sponsor: Line) -> Expression:
    """Paragraphs that an organisation signs where an author would stand."""
    signed = seq(sponsor, optional(many(SPONSOR_BIO, again=3.5), skip=1.9))
    unmarked = seq(UNMARKED_SPONSOR, optional(many(UNMARKED_BIO, again=3.5), skip=2.0))
    marked = seq(MARKER, optional(SPONSOR_LINK, take=0.8), signed)
    return seq(_PITCH, either(marked, priced(0.3, unmarked)))


UNTITLED: Final = either(
    signed_pitch(SPONSOR),
    priced(1.3, seq(HEADLINE, optional(CREDIT), _PITCH, MARKER, priced(2.9, SPONSOR), SPONSOR_BIO)),
)
"""A paid post without label and mostly without headline: an organisation stands where an author would."""
ADVERTISING: Final = seq(
    many(ADVERT, again=1.5),
    optional(many(PARAGRAPH, again=0.4), take=1.3),
    either(
        optional(either(priced(0.4, MARKER), priced(0.5, SPONSOR_LINK)), skip=2.5),
        seq(optional(SPONSOR_LINK, take=0.6), SPONSORED_BY),
    ),
)
PAID_LEAD: Final = seq(
    HEADLINE,
    optional(DECK, take=0.2, skip=2.1),
    optional(PAID_PICTURE, take=0.9, skip=1.2),
    PAID_BODY,
    optional(SPONSOR_LINK, take=0.8),
    TITLED_SPONSOR,
    many(SPONSOR_BIO, again=3.5),
)
"""A paid post without label that a page is about: the organisation at its end and its description show it."""
TITLED: Final = seq(
    optional(KICKER, skip=2.2),
    HEADLINE,
    optional(DECK, take=0.7, skip=1.8),
    optional(PAID_PICTURE, take=0.8, skip=1.4),
    many(PAID_TEXT, again=1.4),
    either(MARKER, priced(1.1, optional(SPONSOR_LINK))),
    TITLED_SPONSOR,
    optional(many(SPONSOR_BIO, again=3.5), skip=4.1),
)
"""A paid post that looks like a story but for the organisation where an author would stand."""

LEAD: Final = seq(
    optional(
        either(
            seq(
                optional(DATE, take=2.5),
                kicker(skip=0.9, dated=1.4),
                HEADLINE,
                below_headline(alt=-0.7, bare_caption=4.0),
            ),
            ODD_HEAD,
            priced(1.9, picture_first(kicker=1.3)),
            priced(0.8, EARNINGS_CARD),
        ),
        take=0.6,
        skip=3.8,
    ),
    body(list_cost=1.2, subhead_cost=1.7, figure_cost=3.8, message=priced(2.2, MESSAGE)),
    either(
        closing(marker=4.8, unclosed=2.7),
        priced(
            3.0,
            seq(
                # Above who wrote the story, a person's name is a colleague's.
                interruption("untitled", signed_pitch(TITLED_SPONSOR)),
                many(seq(many(AUTHOR, again=2.0), BIO), again=1.2),
            ),
        ),
    ),
)
"""The story that the page is about: whole, and closed by nothing; a paid post may stand above who wrote it."""

# Newsletters.
LETTER_PICTURE: Final = either(seq(optional(ALT), optional(CAPTION, take=1.3), CREDITS), priced(1.1, ALT))
LETTER_HEADING: Final = seq(
    optional(DATED_ABOVE, take=2.0),
    LETTER_HEADLINE,
    optional(DECK, take=2.0),
    optional(seq(optional(ALT), optional(seq(optional(CAPTION, take=1.8), CREDITS), skip=0.6)), take=0.0),
    optional(SIGNED, take=1.8),
)
MAIL_HEAD: Final = seq(
    LETTER_HEADLINE, many(PROMO, again=0.3), NEWSLETTER_LABEL, optional(SIGNED, take=0.3), GREETING
)
"""The top of a mail in an archive: its subject, links of the archive, the newsletter's label."""
LETTER_HEAD: Final = seq(
    optional(DATE, take=1.5),
    either(
        priced(1.0, MAIL_HEAD),
        seq(
            NEWSLETTER_LABEL,
            optional(TAGLINE, take=1.5),
            either(
                seq(
                    optional(seq(optional(ALT, take=0.5), CREDITS), take=1.2),
                    optional(SIGNED, take=1.9),
                    optional(LETTER_HEADING, take=0.5, skip=1.6),
                ),
                # A headline between its picture's credit and what the picture shows.
                priced(0.4, seq(CREDITS, LETTER_HEADLINE, ALT)),
            ),
            optional(GREETING, skip=1.1),
        ),
        seq(
            optional(LETTER_PICTURE, skip=1.0),
            optional(seq(optional(KICKER, take=2.1), LETTER_HEADING), skip=1.7),
            either(
                seq(
                    NEWSLETTER_LABEL,
                    optional(TAGLINE, take=2.5),
                    optional(LETTER_PICTURE, take=1.2),
                    optional(SIGNED, take=2.1),
                    optional(GREETING, skip=1.2),
                ),
                priced(1.0, seq(optional(PROMO, take=1.3), GREETING)),
            ),
        ),
    ),
)
"""Its label stands above the headline or below it; without a label, a greeting shows that it is a newsletter."""
FLATTENED: Final = seq(
    DATE, optional(either(LETTER_PICTURE, priced(1.5, CAPTION)), skip=0.5), optional(GREETING, skip=0.5)
)
"""The top of a mail without label and headline: a date, a picture's line, then the text."""
LETTER_FIGURE: Final = seq(
    optional(
        either(seq(ALT_WITHIN, priced(0.9, CAPTION)), priced(2.1, ALT_WITHIN), priced(0.9, CAPTION)), skip=0.5
    ),
    CREDITS,
)
LETTER_TEXT: Final = either(
    priced(0.4, LETTER_PARAGRAPH),
    priced(0.7, many(ITEM, again=-0.5)),
    priced(1.0, SIGNOFF),
    priced(0.9, PROMO),
    priced(1.0, CLOSER),
    priced(2.1, LETTER_FIGURE),
)


def letter_end(marker: float) -> Expression:
    """The end of a newsletter; `marker` is what a marker costs there."""
    return optional(either(CLOSER, priced(1.1, closing(marker, unclosed=3.1))), skip=3.7)


NEWSLETTER: Final = seq(
    either(LETTER_HEAD, FLATTENED),
    many(
        either(
            seq(optional(many(SECTION_HEAD, again=1.8), take=0.8), LETTER_TEXT),
            priced(1.0, seq(MESSAGE, optional(either(SECTION_HEAD, priced(0.8, CLOSER)), skip=2.3))),
        )
    ),
    letter_end(marker=4.5),
)
NEWSLETTER_OPENING: Final = seq(
    optional(DATE, take=2.0),
    either(
        seq(
            NEWSLETTER_LABEL,
            optional(CREDIT, take=1.0),
            optional(seq(LETTER_HEADLINE, optional(LETTER_PICTURE, take=1.0)), take=0.5),
            optional(GREETING, skip=1.0),
        ),
        seq(
            either(
                seq(
                    optional(LETTER_PICTURE, skip=0.5),
                    LETTER_HEADLINE,
                    optional(either(priced(1.0, LETTER_PICTURE), priced(0.9, DECK))),
                ),
                priced(2.0, optional(CREDIT)),
            ),
            either(seq(NEWSLETTER_LABEL, optional(GREETING, skip=0.9)), priced(1.0, GREETING)),
        ),
    ),
    optional(
        many(
            seq(
                optional(SECTION_HEAD, take=1.6),
                either(priced(0.2, LETTER_PARAGRAPH), priced(0.9, many(ITEM, again=0.2)), priced(1.3, PROMO)),
            )
        )
    ),
    letter_end(marker=3.0),
)

FIRST: Final = either(
    article("lead", LEAD),
    priced(1.7, article("newsletter", NEWSLETTER)),
    priced(2.9, article("labelled", labelled(unclosed=2.5))),
    priced(7.4, article("titled", PAID_LEAD)),
    priced(3.5, BULLETINS),
    priced(2.9, many(article("teaser", TEASER))),
)
STREAM: Final = many(
    either(
        article("story", STORY),
        priced(1.1, article("story", PANEL)),
        priced(3.4, BULLETINS),
        priced(1.2, many(article("teaser", TEASER))),
        priced(1.0, article("labelled", labelled(unclosed=1.1))),
        priced(2.6, article("untitled", UNTITLED)),
        priced(2.8, article("advertising", ADVERTISING)),
        priced(1.3, article("titled", TITLED)),
        priced(4.0, article("newsletter", NEWSLETTER_OPENING)),
        priced(1.2, article("", FURNITURE_LINE)),
        priced(2.0, article("", seq(RELATED, many(RELATED_TITLE)))),
    )
)
SECTION_FRONT: Final = article("", seq(SECTION_NAME, TAGLINE, many(FURNITURE_LINE)))
"""A section's own page, of which only its name and what it covers were kept."""
PAGE: Final = seq(
    optional(article("", either(seq(SITE_NAME, TAGLINE), seq(SECTION_NAME, TABS))), take=4.6),
    optional(article("", many(FURNITURE_ABOVE, again=0.2)), take=0.6),
    optional(either(seq(FIRST, optional(STREAM)), priced(1.3, SECTION_FRONT))),
)
"""A page: furniture, the article that it is about, then a stream of others, paid posts and furniture."""
