"""Orders in which a page's lines may stand: invented pages, each with its lines where real ones have them."""

from __future__ import annotations

import pytest

from reader import parse
from reader.model import Article
from tests.parsing.test_layouts import BELLS, KEEP, page
from tests.parsing.test_rules import LEAD

KICKER = "Policy"
HEADLINE = "The harbor wants its bell back"
DECK = "The town sold it in 1991, and has regretted it every hour since."
CAPTION = "The bell at noon, seen from the ferry in Vellmouth."
CREDIT = "Photo: Ines Albrecht/Getty Images"
BYLINE = "By Odile Farrant and Tamar Quist"
DATE = "June 2, 2021"
FIGURE = ("The second bell of Dorrance, in a shed.", "Photo: Ansel Whitmore\nfor Protocol")


def texts(article: Article) -> list[str]:
    return [block.text for block in article.body]


ORDERS = (
    (DATE, KICKER, HEADLINE, DECK, CAPTION, CREDIT, BYLINE),
    (KICKER, DATE, BYLINE, HEADLINE, DECK, CAPTION, CREDIT),
    (KICKER, HEADLINE, BYLINE, DATE, DECK, CAPTION, CREDIT),
    (KICKER, HEADLINE, DECK, BYLINE, DATE, CAPTION, CREDIT),
    (KICKER, HEADLINE, DECK, CAPTION, CREDIT, BYLINE, DATE),
    (CREDIT, CAPTION, KICKER, BYLINE, DATE, HEADLINE, DECK),
    (CAPTION, CREDIT, KICKER, BYLINE, DATE, HEADLINE, DECK),
    (KICKER, CAPTION, CREDIT, BYLINE, DATE, HEADLINE, DECK),
)


@pytest.mark.parametrize(
    ("order", "lead"),
    # A date at the very top belongs to the page.
    [(order, True) for order in ORDERS] + [(order, False) for order in ORDERS[1:]],
)
def test_the_lines_of_a_head_may_stand_in_any_order(order: tuple[str, ...], lead: bool) -> None:
    above = () if lead else ("Power", "A lighthouse for sale", "It is short.", *BELLS[::-1], KEEP)
    story = page(*above, *order, *BELLS[: None if lead else 1], *(() if lead else (KEEP,)))[-1]
    assert (story.kicker, story.headline, story.deck) == (KICKER, HEADLINE, DECK)
    assert story.authors == ("Odile Farrant", "Tamar Quist")
    assert story.published == "2021-06-02"
    assert [(one.caption, one.credit) for one in story.figures] == [(CAPTION, CREDIT)]
    assert texts(story) == list(BELLS if lead else BELLS[:1])


def test_a_name_alone_between_kicker_and_headline_is_the_author() -> None:
    (story,) = parse("\n\n".join((f"{KICKER}\nOdile Farrant", HEADLINE, DECK, CREDIT, *BELLS))).articles
    assert (story.headline, story.authors) == (HEADLINE, ("Odile Farrant",))


@pytest.mark.parametrize("above", [(), ("A bell with a dent",)], ids=["", "described"])
def test_a_picture_in_the_middle_of_a_body_does_not_end_it(above: tuple[str, ...]) -> None:
    (story,) = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS[:2], *above, *FIGURE, BELLS[2], BELLS[0])
    assert texts(story) == [*BELLS[:2], BELLS[2], BELLS[0]]
    assert story.figures[1].caption == FIGURE[0]
    assert story.headline == HEADLINE


MESSAGE = (
    "A MESSAGE FROM TALLOWAY",
    "The best crews plan their tides before the tides plan them, and leave nothing to the moon. Talloway gives every"
    " captain one page with what matters, who is on it and what can wait until Thursday, or until Friday.",
)


@pytest.mark.parametrize("link", [(), ("Learn more",)], ids=["", "link"])
def test_a_story_goes_on_after_a_message_in_its_middle(link: tuple[str, ...]) -> None:
    story, message = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS[:2], *MESSAGE, *link, BELLS[2], BELLS[0])
    assert texts(story) == [*BELLS[:2], BELLS[2], BELLS[0]]
    assert (story.sponsored, message.sponsor, texts(message)) == (None, "TALLOWAY", [MESSAGE[1]])


BULLETINS = (
    ("The ferry has a new horn", BELLS[0], "Benno Castellane"),
    ("Nobody can hear the new horn", BELLS[1], "Mei-Ling Castaneda"),
    ("The old horn is back on the ferry", BELLS[2], "Anders Whitlock"),
)


@pytest.mark.parametrize("kicker", ["Bulletins", ""])
@pytest.mark.parametrize("again", [True, False])
def test_a_page_of_whole_bulletins_is_divided_by_who_wrote_them(kicker: str, again: bool) -> None:
    lines: list[str] = [] if kicker else ["Bulletins"]
    for headline, text, author in BULLETINS:
        lines += filter(None, (kicker, headline, headline if again else "", text, author))
    found = page(*lines)
    assert [(one.headline, texts(one), one.authors) for one in found] == [
        (headline, [text], (author,)) for headline, text, author in BULLETINS
    ]


def test_experts_with_roles_are_no_bulletins() -> None:
    lines = ["Which bell would you keep?", "Three keepers of bells, on theirs.", CREDIT]
    for (_, text, name), role in zip(
        BULLETINS, ("Keeper at Vellmouth", "CEO of Bell & Sons", "Ringer, Dorrance"), strict=True
    ):
        lines += (name, role, text)
    (story,) = page(*lines)
    assert (story.headline, len(story.body), story.authors) == (lines[0], 9, ())


def test_several_authors_share_a_line_and_a_biography() -> None:
    names = "Isidore Castellane, Winnifred Osakwe and Anneliese Thorpe-Diallo"
    (story,) = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS, names, f"{names} cover harbors for Protocol.")
    assert len(story.authors) == 3
    assert (len(story.bios), texts(story)) == (1, list(BELLS))


MAIL_HEAD = "From: Protocol Next Up <nextup@protocol.example>\nTo: reader@mail.example\nView this email in your browser"
MAIL_FOOT = (
    "You received this email because you signed up for Protocol Next Up.\nUpdate your preferences | Unsubscribe\n"
    "© 2021 Protocol Media, LLC. All rights reserved.\n1000 Wilmot Boulevard, Arlington, VA 22209"
)


def test_the_head_and_the_foot_of_a_mail_are_no_part_of_it() -> None:
    (letter,) = page(
        MAIL_HEAD, "Protocol Next Up", HEADLINE, "Good morning! Today: a bell.", *BELLS, MAIL_FOOT
    )
    assert (letter.kicker, letter.headline, letter.truncated) == ("Protocol Next Up", HEADLINE, None)
    assert texts(letter)[-1] == BELLS[2]


def test_who_wrote_a_newsletter_may_be_told_at_its_end() -> None:
    closer = "Today's Source Code was written by Odile Farrant and Tamar Quist. Thoughts, questions, tips? Write to us."
    (letter,) = page("Protocol Source Code", HEADLINE, "Good morning! Today: a bell.", *BELLS, closer)
    assert letter.authors == ("Odile Farrant", "Tamar Quist")


def test_the_lead_may_be_a_paid_post_that_only_who_signs_shows() -> None:
    about = "Meridian Freight Technologies builds carts for 90 harbors. Our mission is to make every shift a safe one."
    head = "The harbor of the future is quieter than you think"
    paid, story = page(
        head, "Carts give crews back their evenings.", head, "Photo: Meridian Freight Technologies", *BELLS,
        f"Meridian Freight Technologies\n{about}", KICKER, HEADLINE, DECK, CREDIT, BELLS[0], KEEP,
    )  # fmt: skip
    assert (paid.sponsor, len(paid.body)) == ("Meridian Freight Technologies", 3)
    assert (story.headline, story.sponsored) == (HEADLINE, None)


@pytest.mark.parametrize("notice", ["404", "Sorry, we couldn't find that page.", "Page not found - Protocol"])
def test_a_page_that_was_not_found_holds_no_article(notice: str) -> None:
    lines = (
        notice,
        "Try a search, or start again.",
        "Popular on Protocol",
        HEADLINE,
        "Who pays for the rope?",
        "Policy",
    )
    assert page(*lines) == []


def test_an_archive_of_newsletters_is_one_article_for_each() -> None:
    found = page(
        "Newsletters - Protocol", "October 6, 2022", "Photo: Kenzo Aldridge/Unsplash",
        "Good morning! The umbrellas are back.", BELLS[0], KEEP, "What the box told us",
        "Two hundred slips and one sandwich.", "Protocol Workplace", BELLS[1], KEEP, "Protocol Enterprise",
        "October 5, 2022", "The fox in the data center", BELLS[2], KEEP,
    )  # fmt: skip
    assert [(one.kicker, one.headline) for one in found] == [
        (None, None),
        ("Protocol Workplace", "What the box told us"),
        ("Protocol Enterprise", "The fox in the data center"),
    ]


def test_links_of_a_mail_are_furniture() -> None:
    (letter,) = page(
        "View email in browser | Forward this email", HEADLINE, "Protocol Next Up", "Good morning! Today: a bell.",
        BELLS[0], "Open URL", *BELLS[1:],
    )  # fmt: skip
    assert (letter.headline, texts(letter)[1:]) == (HEADLINE, list(BELLS))


@pytest.mark.parametrize(
    "headline",
    [
        "Sponsored by Beijing",
        "Paid for by Riyadh",
        "Tesla - Protocol",
        "Image: Everything",
        "Sign up for the outage newsletter",
        "Never miss a meeting: The app that attends for you",
    ],
)
def test_a_headline_that_reads_like_furniture_is_one_between_a_kicker_and_a_deck(headline: str) -> None:
    above = ("Power", "A lighthouse for sale", "It is short.", *BELLS[::-1], KEEP)
    story = page(*above, KICKER, headline, "Nobody had read the small print.", CREDIT, BELLS[0], KEEP)[-1]
    assert (story.kicker, story.headline, story.sponsored) == (KICKER, headline, None)


def test_a_label_below_a_kicker_says_who_paid_for_the_headline_under_it() -> None:
    above = ("Power", "A lighthouse for sale", "It is short.", *BELLS[::-1], KEEP)
    label = ("Sponsored by Corvelle", "Three ways to make your supply chain less surprising")
    paid = page(*above, KICKER, *label, BELLS[0], "Corvelle\nCorvelle plans freight for 900 manufacturers.")[
        -1
    ]
    assert (paid.headline, paid.sponsor) == (label[1], "Corvelle")


@pytest.mark.parametrize("name", ["Odile Farrant", "Odile Farrant and Tamar Quist"])
def test_a_name_that_ends_a_page_is_the_author(name: str) -> None:
    (story,) = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS, "What next?", BELLS[0], name)
    assert story.authors == tuple(name.split(" and "))
    assert texts(story)[-1] == BELLS[0]


def test_a_role_after_a_name_is_no_part_of_it() -> None:
    (story,) = page(
        KICKER, HEADLINE, DECK, "By Odile Farrant, senior reporter, and Tamar Quist", CREDIT, *BELLS
    )
    assert story.authors == ("Odile Farrant", "Tamar Quist")


def test_author_and_date_may_stand_above_a_headline_without_kicker() -> None:
    (story,) = parse("\n\n".join((f"Odile Farrant\n{DATE}", HEADLINE, CREDIT, *BELLS))).articles
    assert (story.headline, story.authors, story.published) == (HEADLINE, ("Odile Farrant",), "2021-06-02")


@pytest.mark.parametrize("label", ["Sponsored Content", "Sponsored by Tarn Bells"])
def test_a_label_may_stand_below_the_headline_of_a_paid_page(label: str) -> None:
    (post,) = page(
        HEADLINE, label, "A practical order of steps.", *BELLS, "Tarn Bells\nTarn Bells makes bells."
    )
    assert (post.headline, post.deck) == (HEADLINE, "A practical order of steps.")
    assert post.sponsored
    assert post.sponsor == "Tarn Bells"


def test_a_link_may_stand_above_the_organisation_that_signs() -> None:
    bio = "Odile Farrant is a reporter at Protocol who covers harbors."
    about = "Fenwick Analytics helps 900 harbors to hear what they already know."
    found = page(
        KICKER, HEADLINE, DECK, *BELLS, "Odile Farrant", bio, "Five ways to make bells that people hear",
        "Getty Images",
        "The average bell is heard four times. Ours are different, and so can yours be, with a little help of ours.",
        "Start with a question. Then leave out everything that does not answer it.",
        f"Learn more\nFenwick Analytics\n{about}",
    )  # fmt: skip
    assert (found[1].headline, found[1].sponsor) == (
        "Five ways to make bells that people hear",
        "Fenwick Analytics",
    )
    assert len(found) == 2


OPENINGS = (
    "In Osaka a summit of bells ended early after one of them fell into a fountain. Its makers say that it was pushed.",
    "There are 900 workshops in Vellmouth, and from most of them you can hear the same small click of a hinge.",
    "Two thirds of the drivers in Lyon can download the new app, but only a third of them did so before the storm.",
    "The drivers want to join the union, and the harbor wants them to sign up for a course on bells before they do.",
    "I ring slowly, and I have done so for 30 years. In March the harbor bought a bell that counts, and we stopped.",
    "We started this tower in the winter of 2020 with eleven ringers and a borrowed rope. Today it rings no more.",
    "Every tower in Vellmouth has a keeper, and few of them have keys. Meet the man who keeps them alive.",
    "The bell's makers say that it never rang by itself. Ask anyone in Vellmouth and you will hear otherwise.",
    "Nobody has rung it since, and we still count the hours. We meet in the tower on Mondays, talk and leave.",
    "The harbor has counted every page of its old log books, and so have the shops. Book sales fell by 4%.",
    "We are told that bells are safe: “Visit our foundry,” its owner said. Start with the rope.",
)


@pytest.mark.parametrize("author", ["", "Tamar Quist"])
@pytest.mark.parametrize("opening", OPENINGS)
def test_a_cut_off_opening_is_not_paid_for_because_of_a_word(opening: str, author: str) -> None:
    bio = "Odile Farrant is a reporter at Protocol who covers harbors."
    found = page(
        KICKER, HEADLINE, DECK, CREDIT, *BELLS, "Odile Farrant", bio, opening, f"{KEEP}\n{author}".strip()
    )
    assert [article.sponsored for article in found] == [None] * len(found)
    assert texts(found[-1]) == [opening]


@pytest.mark.parametrize("link", ["(email)", "(email | twitter)"])
def test_two_people_sign_with_their_links(link: str) -> None:
    (letter,) = page("Protocol Pipeline", HEADLINE, *BELLS, f"— Odile Farrant {link} and Tamar Quist {link}")
    assert letter.authors == ("Odile Farrant", "Tamar Quist")


@pytest.mark.parametrize(
    "line",
    [
        "Did you like this edition? Tell us: Yes | No",
        "Subscribe to the show: Apple Podcasts | Spotify | Overcast",
    ],
)
def test_questions_and_links_to_subscribe_are_furniture(line: str) -> None:
    found = parse("\n\n".join((KICKER, HEADLINE, DECK, CREDIT, *BELLS, line)))
    assert found.furniture == (line,)


def test_a_sponsors_message_has_its_own_headline() -> None:
    found = page(
        "Protocol Pipeline", HEADLINE, "Good morning! Today: a bell.", BELLS[0], "A MESSAGE FROM TALLOWAY",
        "Closing the books should not close the office", "Finance teams lose four days a month to bells that ring.",
        "Learn more", *BELLS[1:],
    )  # fmt: skip
    assert found[1].headline == "Closing the books should not close the office"
    assert texts(found[0])[1:] == list(BELLS)


@pytest.mark.parametrize(
    "last",
    [
        "To find out how your business can take part, read our guide.",
        "Schedule an hour with one of our ringers today.",
    ],
)
def test_a_call_in_the_last_sentence_shows_that_an_opening_is_paid_for(last: str) -> None:
    bio = "Odile Farrant is a reporter at Protocol who covers harbors."
    call = f"More than 70 towns now use it. {last}"
    found = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS, "Odile Farrant", bio, call, KEEP)
    assert texts(found[-1]) == [call]
    assert found[-1].sponsored is not None


def test_related_links_at_the_end_are_furniture() -> None:
    lines = (
        "More from Protocol | Policy",
        "Congress found a bell. Then it found the rope.",
        "The bell lawyer's busiest hour",
    )
    (story,) = page(KICKER, HEADLINE, DECK, CREDIT, *BELLS, "\n".join(lines))
    assert (texts(story), story.truncated) == (list(BELLS), None)


@pytest.mark.parametrize(
    "titles",
    [
        ("The bell lawyer's busiest hour",),
        ("1. The rope that ate the harbor", "2. An oral history of the worst bell of 2012"),
    ],
)
def test_related_titles_between_paragraphs_are_furniture(titles: tuple[str, ...]) -> None:
    (story,) = page(
        KICKER, HEADLINE, DECK, CREDIT, *BELLS[:2], "\n".join(("Most Popular", *titles)), BELLS[2]
    )
    assert texts(story) == list(BELLS)


@pytest.mark.parametrize("label", ["Sponsored Content", "PAID POST", "Sponsored content from Pellworth"])
@pytest.mark.parametrize("signed", [("By Pellworth Alliance",), ("By Jane Doe", "March 3, 2021")])
def test_a_label_counts_above_a_post_with_a_byline(label: str, signed: tuple[str, ...]) -> None:
    (post,) = page(label, HEADLINE, DECK, *signed, *BELLS)
    assert (post.sponsored is not None, post.headline, texts(post)) == (True, HEADLINE, list(BELLS))


def test_a_message_from_the_editors_is_not_paid_for() -> None:
    lines = (KICKER, HEADLINE, DECK, CREDIT, *BELLS[:2], "A MESSAGE FROM THE EDITORS", BELLS[2])
    assert [story.sponsored for story in page(*lines)] == [None]


WIRE = (
    "Visitors look at a bell in Vellmouth, Maine, U.S., on Monday, May 3, 2021. The harbor has asked for it back. "
    "Photographer: Ansel Whitmore/Bloomberg via Getty Images"
)


AGENCY_WIRE = "FILE - The bell of Vellmouth is seen on Nov. 28, 2018, in its tower. (AP Photo/Ansel Whitmore)"


@pytest.mark.parametrize("wire", [WIRE, AGENCY_WIRE])
def test_a_wire_description_with_its_credit_may_stand_above_the_headline(wire: str) -> None:
    (story,) = page(KICKER, wire, "The bell that says no", DECK, *BELLS)
    assert (story.headline, story.deck, texts(story)) == ("The bell that says no", DECK, list(BELLS))


@pytest.mark.parametrize("head", ["The big story", HEADLINE])
def test_a_line_alone_above_a_newsletters_inner_credit_is_a_section_head(head: str) -> None:
    (letter,) = page(
        "Protocol Next Up", HEADLINE, "Good morning! Today: a bell.", BELLS[0], head, CREDIT, *BELLS[1:]
    )
    assert texts(letter)[1:] == [BELLS[0], head, *BELLS[1:]]


def test_a_head_may_stand_close_together_where_paragraphs_do() -> None:
    text = LEAD.replace("back\n\nThe", "back\nThe", 1).replace("town.\n\nIt", "town.\nIt", 1)
    (story,) = parse(text).articles
    assert (story.headline, story.deck, len(story.body)) == (
        "The harbor wants its bell back",
        "The town sold it in 1991, and has regretted it every hour since.",
        2,
    )
