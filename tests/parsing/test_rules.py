"""Single rules of the parser, each on a page as short as shows it."""

from __future__ import annotations

import pytest

from reader import parse
from reader.model import Article, Capture
from reader.parsing import parse_capture

LEAD = """\
Policy

The harbor wants its bell back

The town sold it in 1991, and has regretted it every hour since.

Photo: Ines Albrecht/Getty Images

For thirty years the harbor of Vellmouth has counted its hours by the bell of another town.

It has written eleven letters. The other town has answered two, and sent back the stamps.

Keep ReadingShow less
Nan Okafor

Nan Okafor covers policy for Protocol from Vellmouth.

"""
BODY = (
    "For thirty years the harbor of Vellmouth has counted its hours by the bell of another town.\n\n"
    "It has written eleven letters. The other town has answered two, and sent back the stamps.\n"
)
END = "\n\nLatest Stories\nBulletins\n"


def after_lead(text: str) -> list[Article]:
    return list(parse(LEAD + text + END).articles)[1:]


def test_a_biography_that_the_pages_end_cuts_off_is_no_second_author() -> None:
    (article,) = parse(LEAD.partition(" covers policy")[0].removesuffix("afor")).articles
    assert article.authors == ("Nan Okafor",)


@pytest.mark.parametrize(
    "call", ["Join us on May 4 to learn what is next.", "The sea is rising. Read our plan."]
)
def test_a_story_is_not_paid_for_by_who_signs_the_short_call_below_it(call: str) -> None:
    lead, paid = parse(
        f"The harbor wants its bell back\n\n{DECK}\n\nPhoto: Bo Lind/AFP\n\n{BODY}\n{call}\n\n"
        "Pellworth Systems\nPellworth Systems builds bells that towns trust. Our customers span nine seas."
    ).articles
    assert (lead.sponsored, len(lead.body), paid.sponsor) == (None, 2, "Pellworth Systems")


@pytest.mark.parametrize("named", [True, False])
def test_a_whole_page_is_paid_for_by_who_signs_it_and_is_named_in_it(named: bool) -> None:
    who = "Pellworth Systems" if named else "The next county"
    articles = parse(
        f"How a harbor keeps its promises\n\n{DECK}\n\nPhoto: {who}\n\n"
        "In the spring of 2020, the harbor of Vellmouth had a cracked bell, and eleven letters in a drawer.\n\n"
        f"{who} cast a new one in nine days, from a single pour, and hung it on a Sunday.\n\n"
        "Ferries have been on time ever since, and the town has stopped writing letters.\n\n"
        "Bells are only as good as the people who ring them. Read our plan for your harbor.\n\n"
        "Pellworth Systems\nPellworth Systems builds bells that towns trust. Our customers span nine seas.\n\n"
        + LEAD
        + END
    ).articles
    assert (articles[0].sponsor, articles[0].sponsored is not None) == (
        ("Pellworth Systems", True) if named else (None, False)
    )
    assert articles[-1].sponsored is None


def test_the_name_of_a_publication_is_no_call_to_register() -> None:
    (article,) = after_lead(
        "The Register found the mailing list of the bell makers on sale, with the names of nine towns in it.\n\n"
        "Keep ReadingShow less\nTamara Quist\n\nTamara Quist has lived by the harbor for nine years."
    )
    assert article.sponsored is None
    assert article.authors == ("Tamara Quist",)


@pytest.mark.parametrize(
    "text",
    [
        "Regulators said on Tuesday that they would wait to see how the two banks settle it before they act.",
        "The company showed the tablet at a virtual event on Monday, and a court order by Friday may stop its sale.",
        "Good morning! I'm Nan Okafor, and today we count bells, boats and the people who are paid to watch them.",
    ],
)
def test_news_without_a_headline_is_not_taken_for_advertising(text: str) -> None:
    (article,) = after_lead(
        f"{text}\n\nKeep ReadingShow less\nNan Okafor\n\nNan Okafor covers policy for Protocol."
    )
    assert article.sponsored is None
    assert article.authors == ("Nan Okafor",)


def test_who_is_named_in_a_text_without_headline_and_signs_it_has_paid_for_it() -> None:
    (article,) = after_lead(
        "Nine keys in ten are copies of a copy. Wexley Hale cuts the tenth from one piece of steel, to order, and"
        " posts it in a box that rings.\n\nKeep ReadingShow less\nWexley Hale"
    )
    assert (article.sponsor, article.authors) == ("Wexley Hale", ())


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("A bell under a tarpaulin at the town hall in Vellmouth.", "caption"),
        ("The town that rings itself awake, and the one that sleeps.", "deck"),
        ("Nan Ito (left) rings for the mayor.", "caption"),
        ("It has never been rung by anybody who was asked to.", "deck"),
        ("The display at a bell show in Vellmouth.", "caption"),
        ("From left: three of the ringers, and a dog that was never asked.", "caption"),
    ],
)
def test_a_line_alone_between_headline_and_credit(line: str, role: str) -> None:
    (article,) = after_lead(
        f"Power\n\nWho owns a bell that nobody hears\n\n{line}\n\nPhoto: Bo Lind/AFP\n\n"
        "The deed is in a drawer, the drawer is locked, and the key was sold with the desk.\n\n"
        "Keep ReadingShow less\nNan Okafor\n\nNan Okafor covers policy for Protocol."
    )
    assert article.deck == (line if role == "deck" else None)
    assert [figure.caption for figure in article.figures] == [line if role == "caption" else None]


@pytest.mark.parametrize(
    "call", ["Read the report", "Talk to our team", "See a demo", "Start ringing today."]
)
def test_the_link_under_a_sponsors_message_is_no_part_of_the_letter(call: str) -> None:
    page = parse(
        "A bell\nPhoto: Bo Lind/AFP\n\nThe loudest hour\n\nSource Code\n\nGood morning! Today: bells, boats, and the"
        " end of quiet. I'm Nan Okafor, and mine is cracked.\n\nA MESSAGE FROM WEXLEY HALE\n\nEvery lock has a second"
        f" key. Wexley Hale finds it for you, and keeps it where you cannot.\n\n{call}\n\nMaking moves\n\nThe harbor"
        " master has left for a lake.\n\nThoughts, questions, tips? Send them to bells@protocol.example."
    )
    letter, message = page.articles
    assert call not in [block.text for block in letter.body]
    assert message.sponsor == "WEXLEY HALE"


PARAGRAPHS = [
    "The fab outside Columbus was planned for dry ground, but the maps of the county were drawn in the sixties.",
    "“We knew about the creek,” said Marta Ilves, who runs the planning office. “We did not know about the second.”",
    "The plant will open in March, and the county has promised to draw a new map of every creek before it does.",
]


@pytest.mark.parametrize(
    "head", ["Next", "About", "Contact", "Save", "Comments", "Related", "Twitter", "404"]
)
@pytest.mark.parametrize(
    "top",
    [
        "Protocol | Enterprise\n\nA plant in a creek\n\nIt was planned for dry ground.\n\n",
        "Protocol | Enterprise\n\nGood morning, and welcome to Protocol Enterprise. Today: a plant in a creek.\n\n",
    ],
    ids=["story", "newsletter"],
)
def test_a_heading_that_reads_like_a_button_stays_in_the_body(top: str, head: str) -> None:
    (article,) = parse(top + "\n\n".join([*PARAGRAPHS[:2], head, PARAGRAPHS[2]])).articles
    assert (article.body[-2].kind, article.body[-2].text) == ("subhead", head)


@pytest.mark.parametrize("button", ["Share", "Save", "Comments"])
def test_a_button_above_or_below_the_text_is_furniture(button: str) -> None:
    page = parse("\n\n".join(["A plant in a creek", button, *PARAGRAPHS, button]))
    (article,) = page.articles
    assert [block.text for block in article.body] == PARAGRAPHS


def test_a_story_about_a_missing_page_is_no_missing_page() -> None:
    (article,) = parse("\n\n".join(["404: How a county lost its maps", *PARAGRAPHS])).articles
    assert article.headline == "404: How a county lost its maps"
    assert not parse("404: Page not found\n\nWe couldn’t find that page.\n\nLatest Stories").articles


@pytest.mark.parametrize(
    "date",
    [
        "June 2nd, 2022",
        "Thu, Jun 2, 2022",
        "06/02/2022",
        "2022-06-02T10:15:00Z",
        "June 2, 2022 · 5 min read",
        "June 2, 2022 / 10:05 a.m.",
        "Updated 10:15 a.m. ET, June 2, 2022",
    ],
)
def test_a_date_is_read_in_any_form(date: str) -> None:
    text = LEAD.replace(
        "Photo: Ines Albrecht/Getty Images\n", f"Photo: Ines Albrecht/Getty Images\n\n{date}\n"
    )
    assert parse(text).articles[0].published == "2022-06-02"


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By J. R. Halvorsen", ("J. R. Halvorsen",)),
        ("BY LI WEI", ("LI WEI",)),
        ("Written by Véra d'Arcy and Li Wei", ("Véra d'Arcy", "Li Wei")),
        ("By Véra d'Arcy with Li Wei", ("Véra d'Arcy", "Li Wei")),
        ("By Li Wei | June 2, 2022", ("Li Wei",)),
        ("Words by Li Wei", ("Li Wei",)),
        ("By Li Wei, Protocol", ("Li Wei",)),
    ],
)
def test_a_byline_is_read_in_any_form(byline: str, authors: tuple[str, ...]) -> None:
    article = parse(
        f"Policy\n\nThe harbor wants its bell back\n\n{byline}\n\n"
        "For thirty years the harbor of Vellmouth has counted its hours by the bell of another town.\n\n"
        "It has written eleven letters. The other town has answered two, and sent back the stamps.\n"
    ).articles[0]
    assert article.authors == authors
    assert article.published == ("2022-06-02" if "2022" in byline else None)


@pytest.mark.parametrize(
    "marker",
    [
        "Show more",
        "[Keep Reading]",
        "Continue reading this story",
        "Keep reading »",
        "Read story",
        "Continue →",
        "Show full article",
    ],
)
def test_a_marker_is_read_in_any_form(marker: str) -> None:
    article = parse(LEAD.replace("Keep ReadingShow less", marker) + END).articles[0]
    assert (article.truncated is not None, article.authors) == (True, ("Nan Okafor",))


@pytest.mark.parametrize(
    "label", ["TOGETHER WITH PELLWORTH", "Sponsor content from Pellworth", "From our partners at Pellworth"]
)
def test_a_label_says_who_paid_in_any_form(label: str) -> None:
    (article,) = after_lead(
        f"{label}\n\nBells are the backbone of every harbor, and the people who cast them know what they are worth."
    )
    assert article.sponsor is not None
    assert article.sponsor.lower() == "pellworth"


DECK = "The town sold it in 1991, and has regretted it every hour since."


@pytest.mark.parametrize(
    ("text", "link", "sponsor"),
    [
        (
            "A bell in every harbor keeps the ferries on time.",
            "Read more from Pellworth Bells",
            "Pellworth Bells",
        ),
        ("A bell in every harbor keeps the ferries on time.", "Learn more from Pellworth", "Pellworth"),
        ("A bell in every harbor keeps the ferries on time.", "Read more from this Manual", None),
        ("A bell keeps the ferries on time, the mayor said.", "Read more from Pellworth Bells", None),
        ("The harbor voted on Tuesday to buy a second bell.", "Read more from Pellworth Bells", None),
    ],
)
def test_a_message_without_label_is_told_by_the_link_that_names_who_paid(
    text: str, link: str, sponsor: str | None
) -> None:
    page = parse(
        f"Protocol Policy\n\nThe harbor wants its bell back\n\nGood morning! Today: bells.\n\n{BODY}\n"
        f"Harbors run on bells: {text}\n\n{link}\n\n"
        "In Washington\n\nThe Senate has no bell, and would like to know who has taken it.\n"
    )
    assert [article.sponsor for article in page.articles if article.sponsored] == (
        [sponsor] if sponsor else []
    )
    assert len(page.articles) == 1 + bool(sponsor)


@pytest.mark.parametrize(
    ("others", "last", "cut"),
    [
        ("• Nan said “none of it is mine.”", "• The harbor has counted its hours by the bell of", True),
        ("• The bell of Vellmouth", "• Nobody rings it. The harbor has counted its hours by", True),
        ("• The bell of Vellmouth", "• The harbor and its hours in eleven letters", False),
        ("• Nan said “none of it is mine.”", "• The harbor is miss", True),
        (
            "The next:",
            "• For thirty years the harbor has counted its hours by the bell of another town, of which nobody knows",
            True,
        ),
    ],
)
def test_the_last_item_of_a_page_is_cut_off_where_sentences_end_in_items(
    others: str, last: str, cut: bool
) -> None:
    (story,) = parse(LEAD.split("Keep Reading")[0] + f"{others}\n{last}").articles
    assert (story.truncated is not None) == cut


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        ("The harbor was never", True),
        ("In Nan's case", True),
        ("Rav", True),
        ("Deputy Editor, Pipeline", False),
        ("END", False),
        ("Additional reporting by Bo Lind in the harbor", False),
        ("Bo Lind contributed to this report from the harbor", False),
        ("Updated at 5 p.m. with the answer of the harbor", False),
        ("Thanks to a new rule of the harbor, the bell will", True),
        (
            "Updated rules of the harbor say who may ring the bell, and who pulls the rope, and when it has to",
            True,
        ),
    ],
)
def test_a_few_words_at_the_end_of_a_page_are_a_text_that_was_cut_off(last: str, cut: bool) -> None:
    (story,) = parse(LEAD.split("Keep Reading")[0] + last).articles
    assert (story.truncated is not None) == cut


@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("It has written eleven letters.", True),
        ("Latest Stories", False),
        ("Nan Okafor covers policy for Protocol.", False),
    ],
)
def test_the_text_at_the_end_of_a_capture_that_is_cut_off_is_truncated(end: str, cut: bool) -> None:
    text = f"{LEAD.split('Keep Reading')[0]}\n\n{end}"
    for partial in (None, "its gzip data ends too early"):
        (story,) = parse_capture(Capture("-", text, partial=partial)).articles
        assert (story.truncated is not None) == (cut and partial is not None)


@pytest.mark.parametrize(
    ("end", "cut"),
    [(" The harbor says that it", True), ("", False), (" Write to bells@harbor.example", False)],
)
def test_an_opening_above_others_is_cut_off_though_no_marker_says_so(end: str, cut: bool) -> None:
    other, _ = after_lead(
        "Enterprise\n\nTwo mills, one river\n\nNeither will say who dammed it.\n\nPhoto: Bo Lind/AFP\n\nThe dam was"
        f" there on Monday, and nobody in either mill had heard a hammer. It holds.{end}\n\nHollis Brandt\n\nHollis"
        f" Brandt covers rivers for Protocol.\n\n{LEAD}"
    )
    assert (other.truncated is not None) == cut


@pytest.mark.parametrize(
    "sentence",
    [
        "By using facial recognition in its stores, the chain broke the state's privacy law, a judge found.",
        "We use the data to find out who is likely to quit, she said, under strict privacy controls.",
        "This website uses a model trained on 40 million faces, which privacy regulators have already fined.",
        "To unsubscribe from the service, customers had to call a number in Ohio between nine and noon.",
        "You're getting this message because the landlord bought a camera, the note on the door said.",
        "Subject: Badges. That was how 900 workers found out on Monday that they had lost their jobs.",
        "Unsubscribe buttons have become a battleground, and the regulator has noticed.",
        "Read more: That is the advice that he gives to every founder.",
        "Please enable two-factor authentication, the memo said.",
        "From our partners we expect honesty, she said.",
        "Sign up for the program, and the city sends a thermostat within ten days.",
        "Join our union, the pamphlets said, and the managers read them too.",
        "Click on a house and the map shows what its owner paid.",
        "Copyright 2022 was the year in which the songs of 1926 became free for everyone.",
        "More from this series of hearings is expected in the fall.",
        "Cc: the lawyers, he wrote at the bottom, as always.",
        "Photo: nobody was supposed to take one, and forty people did.",
        "Via a chat group, the founder announced that he was leaving, and that he was not sorry.",
        "This email was sent to 4,000 people by mistake, and it listed their salaries.",
        "Together with its bank, the company hid the loan.",
        "Update your preferences and the feed still shows what it wants, users complain.",
    ],
)
def test_a_sentence_that_opens_like_furniture_stays_in_the_body(sentence: str) -> None:
    (article,) = parse(
        f"Policy\n\nThe harbor wants its bell back\n\n{DECK}\n\n{BODY}\n\n{sentence}\n\n{BODY}"
    ).articles
    assert sentence in [block.text for block in article.body]
    assert not article.sponsored


@pytest.mark.parametrize(
    "line",
    [
        "We use cookies to improve your experience on our site.",
        "By signing up you agree to our terms of service.",
        "To unsubscribe, click here.",
        "You're receiving this email because you signed up for it.",
        "Unsubscribe",
        "Unsubscribe from this list",
        "Please enable JavaScript to read this page",
        "Strictly necessary cookies",
        "Create a free account to keep reading.",
        "Thanks for signing up!",
        "Stay up to date with our newsletter",
        "Want more stories like this? Sign up for our Harbor newsletter, delivered on every Tuesday and Thursday.",
        "Who rings in Vellmouth, and for whom? Get the Harbor newsletter every Saturday.",
        "Protocol newsletter archive",
        "Previous message | Next message | Back to the list",
        "Protocol Media, 1 Bell Row, Vellmouth, ME",
    ],
)
def test_furniture_above_a_story_is_none_of_it(line: str) -> None:
    page = parse(f"{line}\n\nPolicy\n\nThe harbor wants its bell back\n\n{DECK}\n\n{BODY}")
    assert line in page.furniture
    assert page.articles[0].headline == "The harbor wants its bell back"


@pytest.mark.parametrize(
    "line",
    [
        "Share: Facebook | Twitter | LinkedIn",
        "Share on Facebook Share on Twitter Share via Email",
        "Save for later",
        "8 MIN READ",
        "Reading time: 5 minutes",
        "Listen (6 min)",
        "3 Comments",
        "2 hours ago",
    ],
)
def test_what_stands_beside_a_byline_is_no_part_of_the_story(line: str) -> None:
    page = parse(f"Policy\n\nThe harbor wants its bell back\n\n{DECK}\n\nBy Nan Okafor\n\n{line}\n\n{BODY}")
    assert line in page.furniture
    assert len(page.articles[0].body) == 2


@pytest.mark.parametrize(
    "headline",
    [
        "Your guide to the harbor",
        "Subscribe to the moon",
        "Click here to kill the harbor",
        "From: The inbox that ate the harbor",
        "Stay-at-home orders end, but the delivery apps are here to stay",
        "Receive a call from the harbor? There is an app for that",
        "Home > Office: How the commute lost",
        "Copyright 2022: The year of the bell",
        "By Jove, it rings",
        "Sponsored by everyone",
        "Page 61",
    ],
)
def test_a_headline_may_open_like_furniture(headline: str) -> None:
    (article,) = parse(f"Policy\n\n{headline}\n\n{DECK}\n\n{BODY}").articles
    assert article.headline == headline
    assert not article.sponsored


@pytest.mark.parametrize("platform", ["Reddit", "Instagram", "WhatsApp"])
def test_the_name_of_a_platform_may_be_a_subhead(platform: str) -> None:
    page = parse(
        f"Policy\n\nThe harbor and its feeds\n\n{DECK}\n\nBy Nan Okafor\n\n{BODY}\n\n{platform}\n\n{BODY}"
    )
    assert [block.text for block in page.articles[0].body if block.kind == "subhead"] == [platform]


@pytest.mark.parametrize("word", ["Accessibility", "FAQ", "Recommended", "Contact"])
def test_a_word_of_furniture_between_paragraphs_is_a_subhead(word: str) -> None:
    text = f"Policy\n\nThe harbor and its ramps\n\n{DECK}\n\nBy Nan Okafor\n\n{BODY}\n\nIt goes on: {BODY}"
    (article,) = parse(f"{text}\n\n{word}\n\nAnd on: {BODY}").articles
    assert [block.text for block in article.body if block.kind == "subhead"] == [word]
    assert parse(f"{text}\n\n{word}\n").furniture == (word,)


MARKET = (
    "The mall is dead. Its parking lot is doing great.\n\nA market with a view of nothing.\n\n"
    "On the roof of the Marlowe Center there is a market, and below it there is nothing.\n\nKeep ReadingShow less"
)


def test_a_second_author_may_stand_below_the_biography_of_the_first() -> None:
    page = parse(f"{LEAD}Quentin Keane\n\n{MARKET}{END}")
    assert page.articles[0].authors == ("Nan Okafor", "Quentin Keane")


@pytest.mark.parametrize(
    "above",
    [
        "To give you the best possible experience, this site uses cookies. If you continue browsing, you accept them.",
        "Sign up for Protocol Fintech",
    ],
)
def test_furniture_between_a_headline_and_a_greeting_leaves_the_letter_whole(above: str) -> None:
    (letter,) = parse(
        f"The ferry takes cash again\n\n{above}\n\nHello and welcome to Protocol Fintech! Today: coins.\n\n{BODY}"
    ).articles
    assert (letter.kind, letter.headline, len(letter.body)) == ("newsletter", "The ferry takes cash again", 3)


TOPICS = ("BUSINESS", "TECHNOLOGY", "SCIENCE")


def test_a_list_of_openings_that_end_in_dots_is_one_story_each() -> None:
    titles = ("The ferry takes cash again", "Nobody owns the harbor clock", "A lighthouse learns to type")
    opening = (
        "The company that runs the boats said on Monday that coins are welcome again, after two years in which a card"
        " was the only way aboard and a good many islanders walked. Those who kept a jar of change are..."
    )
    page = parse(
        "\n".join(f"{topic}\n{title}\n\n{opening}" for topic, title in zip(TOPICS, titles, strict=True))
    )
    assert tuple(story.headline for story in page.articles) == titles
    assert [story.kicker for story in page.articles] == list(TOPICS)
    for story in page.articles:
        assert story.truncated is not None
        assert story.truncated.text.startswith(opening[:50])


NOTE = (
    "Image: Protocol\n\nAfter eleven years the reading room closes its shutters. The desks go to a school, and the "
    "lamps go to whoever carries them out.\n\nKeep ReadingShow less\nConstance Abbey\n\n"
    "Constance Abbey is the general manager of Protocol. She sold advertising for a chain of ski resorts."
)


def test_a_note_of_the_site_without_headline_is_an_article_of_its_own() -> None:
    lead, note = parse(
        LEAD.split("Keep Reading")[0]
        + "The rope is no friend\n\nBy June the town had moved on to the ropes. The makers say that a pull takes a "
        f"second. It timed them at nine.\n\n{NOTE}{END}"
    ).articles
    assert [block.kind for block in lead.body] == ["paragraph", "paragraph", "subhead", "paragraph"]
    assert (note.headline, note.deck, len(note.body)) == (None, None, 1)


STORY = (
    "Policy\n\nThe harbor wants its bell back\n\nThe town sold it in 1991, and has regretted it every hour since.\n\n"
    "Photo: Ines Albrecht/Getty Images\n\nFor thirty years the harbor of Vellmouth has counted its hours by a bell of "
    "another town.\n\nIt has written eleven letters. The other town has answered two, and sent back the stamps.\n\n"
)


@pytest.mark.parametrize(
    "footer",
    [
        "Privacy Statement | Terms of Service | Do Not Sell My Info",
        "Terms of Service | Privacy",
        "About Us | Careers | Contact",
    ],
)
def test_links_side_by_side_at_the_foot_of_a_page_are_furniture(footer: str) -> None:
    page = parse(STORY + footer)
    assert (page.articles[0].truncated, page.furniture) == (None, (footer,))


@pytest.mark.parametrize(
    "line",
    [
        "Ringers in Vellmouth. Photo: Ines Albrecht via Getty Images",
        "Ringers in Vellmouth | Photo: Ines Albrecht",
    ],
)
def test_a_caption_and_its_credit_may_share_a_line(line: str) -> None:
    (article,) = parse(
        f"Why the ringers of Vellmouth sing at night\n\n{line}\n\n"
        "The ringers meet at the third bridge at eleven, when the ropes are dry.\n\n"
        "They sing the hours, since each tower has its tune."
    ).articles
    assert len(article.body) == 2
    assert [figure.credit for figure in article.figures] == [line]


def test_a_name_beside_a_button_is_no_furniture() -> None:
    assert parse(STORY + "Nan Okafor | Twitter").furniture == ()


@pytest.mark.parametrize("subject", ["Retail Resurgence", "Gig Work"])
def test_the_subject_above_a_headline_is_no_second_author(subject: str) -> None:
    assert after_lead(f"{subject}\n\n{MARKET}")[0].kicker == subject


def test_who_signs_below_an_empty_line_has_paid_if_its_description_follows_at_once() -> None:
    lead, paid = parse(
        f"The harbor wants its bell back\n\n{DECK}\n\nPhoto: Bo Lind/AFP\n\n{BODY}\n"
        "Bells will change how we travel, trade and meet. Getting ready begins with people, which is why we train "
        "ten thousand ringers in partnership with schools on every coast.\n\n"
        "Ardent Bronze\nArdent Bronze builds the world's loudest bells. We are headquartered in Hull."
    ).articles
    assert (lead.sponsored, len(lead.body), lead.authors, paid.sponsor) == (None, 2, (), "Ardent Bronze")


def test_a_bulletin_may_be_dated_below_its_text() -> None:
    *_, last = parse(
        "Bulletins\nVellmouth to lay off 9% of its ringers\n"
        "Vellmouth said on Tuesday that it will lay off 9% of its ringers, or about 34 people.\n"
        "Bulletins\nVellmouth un-lays off 2% of its ringers\n"
        "The harbor found that it had counted some of them twice.\nUpdated: Sept. 6, 2022 at 4:11 p.m. EDT."
    ).articles
    assert [block.text for block in last.body] == ["The harbor found that it had counted some of them twice."]
    assert last.published == "2022-09-06"


@pytest.mark.parametrize("second", ["via Getty Images", "/Bloomberg via Getty Images"])
def test_a_credit_goes_on_in_the_next_line_though_it_looks_whole(second: str) -> None:
    page = parse(LEAD.replace("Photo: Ines Albrecht/Getty Images", f"Photo: Ines Albrecht/AFP\n{second}"))
    (article,) = page.articles
    assert [figure.credit for figure in article.figures] == ["Photo: Ines Albrecht/AFP", second]
    assert len(article.body) == 2


def test_an_authors_name_alone_stands_above_a_body() -> None:
    article = parse(
        f"Policy\n\nThe harbor wants its bell back\n\n{DECK}\n\nPhoto: Bo Lind/AFP\n\nNan Okafor\n\n{BODY}"
    ).articles[0]
    assert (article.authors, len(article.body)) == (("Nan Okafor",), 2)


@pytest.mark.parametrize(
    ("signed", "authors"),
    [
        ("— Orla SedgwickWhat the ferry knew", ("Orla Sedgwick",)),
        ("— Orla Sedgwick (email | twitter)What the ferry knew", ("Orla Sedgwick",)),
        ("— Orla MacDonnell left in May", ()),
    ],
)
def test_a_sign_off_that_runs_into_the_next_heading_names_the_writer(
    signed: str, authors: tuple[str, ...]
) -> None:
    (letter,) = parse(
        "The slow bell has a bar\nGood morning! Casting a bell is decades off, but the bar is open now.\n"
        "A small bell, lightly rung\nAs half of the bell trade sweated through speeches last week, a humbler room met "
        "on a lake. There were no harps, and the hall had one sauna.\n"
        f"{signed}\nThree towns offered a chair in bells. Two of them are still folded, and pay is part of it."
    ).articles
    assert letter.authors == authors
