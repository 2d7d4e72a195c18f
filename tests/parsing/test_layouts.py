"""Layouts: one short page for each kind of layout that real pages have."""

from __future__ import annotations

import pytest

from reader import parse
from reader.model import Article

KEEP = "Keep ReadingShow less"
BELLS = (
    "For thirty years the harbor of Vellmouth has counted its hours by the bell of another town, and paid for it.",
    "It has written eleven letters about that, and the other town has answered two of them in green ink.",
    "The third bell was cast by a family of tinsmiths, none of whom had ever seen a harbor or heard one.",
)


def page(*lines: str) -> list[Article]:
    return list(parse("\n\n".join(lines)).articles)


LEAD = (
    "Policy",
    "The harbor wants its bell back",
    "The town sold it in 1991, and has regretted it every hour since.",
    "A bell under a tarpaulin",
    "The bell at noon, seen from the ferry in Vellmouth.",
    "Photo: Ines Albrecht/Getty Images",
    *BELLS,
)


@pytest.mark.parametrize("missing", range(6))
def test_a_story_keeps_its_shape_when_one_line_of_its_head_is_missing(missing: int) -> None:
    lines = [line for i, line in enumerate(LEAD) if i != missing]
    (story,) = page(*lines)
    assert story.kicker == (None if missing == 0 else "Policy")
    if missing != 1:
        assert story.headline == LEAD[1]
    if missing not in (1, 2):
        assert story.deck == LEAD[2]
    assert [block.text for block in story.body] == list(BELLS)


def test_a_line_without_credit_below_a_headline_and_a_deck_is_body() -> None:
    (story,) = page(*LEAD[:3], "It has never been rung by anybody who was asked to do so.", *BELLS)
    assert story.figures == ()
    assert len(story.body) == 4


@pytest.mark.parametrize(
    "line",
    [
        "There are 31 bells in the ledger of the harbor, and not one of them is heard from a boat.",
        "On the third floor of the customs house, nine clerks count what the other nine have counted.",
        "The first sign of fog, according to a ledger that the harbor keeps, was that nobody rang.",
    ],
)
def test_a_line_that_reads_like_text_is_no_caption_of_a_story_without_picture(line: str) -> None:
    opening = page(
        *LEAD, "Climate", "A second bell is coming", "It is smaller.", line, BELLS[1], KEEP, "Nan Okafor"
    )[1]
    assert (opening.deck, opening.figures, len(opening.body)) == ("It is smaller.", (), 2)


ENTRIES = (
    (
        "Brellin",
        "Brellin, which had told its 4,000 ringers to come back in May, says that none of them has to.",
    ),
    (
        "Osk Foundry",
        "The foundry opened its yard in June, closed it in July and opened half of it again last week.",
    ),
    (
        "Tidewell",
        "Tidewell is a bell maker with offices in Hull. Its ringers may work from anywhere, it decided.",
    ),
    (
        "Marl Cove",
        "Ringers at Marl Cove come in when they like. The company withdrew that once, then thought again.",
    ),
    ("Quarrow", "Quarrow hasn't announced anything. Our letters to its office came back unopened, and wet."),
)


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("between", ["\n\n", "\n"])
@pytest.mark.parametrize("below", ["", "Policy\n\nA rope is not a bell\n\nPhoto: Bo Lind/AFP\n\n" + BELLS[1]])
def test_companies_that_head_the_entries_of_a_list_have_paid_for_nothing(
    first: int, between: str, below: str
) -> None:
    plea = (
        "We will keep this list current. If your bell has changed its hours, write to bells@harbor.example."
    )
    entries = [between.join(entry) for entry in ENTRIES[first:]]
    found = page(*LEAD[:6], BELLS[0], plea, *entries, *filter(None, [below]))
    assert [story.headline for story in found] == [LEAD[1], "A rope is not a bell"][: len(found)]
    assert len(found) == (2 if below else 1)
    assert [story.sponsored for story in found] == [None] * len(found)
    assert len(found[0].body) == 2 + 2 * len(entries)


def test_companies_whose_names_could_be_peoples_are_neither_sponsors_nor_authors() -> None:
    entries = (
        ("Amber Coast", "Amber Coast has told nobody when it opens. Its gates were painted in the spring."),
        (
            "Dana Point",
            "Dana Point lets its ringers choose. A third of them come in at noon, and none at night.",
        ),
        (
            "Harper Wells",
            "Harper Wells wants its people back. It sent a map of the nearest piers to all of them.",
        ),
    )
    (story,) = page(*LEAD[:6], BELLS[0], *("\n\n".join(entry) for entry in entries))
    assert (story.sponsored, story.authors, story.bios) == (None, (), ())
    assert [block.text for block in story.body] == [BELLS[0], *(line for entry in entries for line in entry)]


GREETING = "Good morning! Today: bells, boats, and the end of quiet, with a short word about rope."


@pytest.mark.parametrize("tagline", ["", "What counts in harbors, in your inbox each morning."])
@pytest.mark.parametrize("credit", ["", "Photo: Bo Lind/AFP"])
@pytest.mark.parametrize("greeting", ["", GREETING])
def test_a_newsletters_label_stands_above_what_it_may_lack(tagline: str, credit: str, greeting: str) -> None:
    text = " ".join(BELLS)
    lines = ("Protocol Source Code", tagline, credit, "The loudest hour of the week", greeting, text)
    (letter,) = page(*filter(None, lines))
    assert (letter.kicker, letter.headline) == ("Protocol Source Code", "The loudest hour of the week")
    assert letter.deck is None
    assert letter.body[0].text == (greeting or text)


@pytest.mark.parametrize("description", ["A bell on a raft", "Two ringers in the rain", "An empty pier"])
@pytest.mark.parametrize("tagline", ["", "What counts in harbors, in your inbox each morning."])
@pytest.mark.parametrize("credit_above", [True, False])
def test_what_a_newsletters_picture_shows_is_no_subhead(
    description: str, tagline: str, *, credit_above: bool
) -> None:
    head, credit = "The slow harbor", "Photo: Bo Lind/AFP"
    lines = (credit, head, description) if credit_above else (head, description, credit)
    (letter,) = page(*filter(None, ("Protocol Source Code", tagline, *lines, *BELLS, "Elsewhere", BELLS[0])))
    assert letter.headline == head
    assert [block.text for block in letter.body] == [*BELLS, "Elsewhere", BELLS[0]]
    assert {(f.alt, f.credit) for f in letter.figures} <= {
        (description, credit), (description, None), (None, credit)
    }  # fmt: skip


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Ivor Tressel and the Harbor team", ("Ivor Tressel",)),
        ("By Ivor Tressel, Lucinda Farrow and the Rope team", ("Ivor Tressel", "Lucinda Farrow")),
        ("By Tobin Achterberg, Ivor Tressel, Lucinda Farrow, and the Protocol staff",
         ("Tobin Achterberg", "Ivor Tressel", "Lucinda Farrow")),
        ("By Tobin Achterberg & Lucinda Farrow", ("Tobin Achterberg", "Lucinda Farrow")),
        ("By the Harbor team", ()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("subject", ["Protocol Harbors: The bell grows up", "Who rang at noon?"])
def test_an_archived_mail_is_a_subject_a_byline_and_a_date(
    subject: str, byline: str, authors: tuple[str, ...], gap: str
) -> None:
    (letter,) = parse(gap.join((subject, byline, "June 9, 2022")) + "\n\n" + "\n\n".join(BELLS)).articles
    assert (letter.headline, letter.authors, letter.published) == (subject, authors, "2022-06-09")
    assert [block.text for block in letter.body] == list(BELLS)


def test_a_message_of_two_paragraphs_stays_together_up_to_the_next_head() -> None:
    letter, message = page(
        "Protocol Policy", "The tractor lobby finds a friend", GREETING, BELLS[0],
        "A MESSAGE FROM OPEN HARBOR COUNCIL",
        "Every harbor is shared water. By opening more of it, towns can hear each other.",
        "See what open water means for your town by visiting the map of the Council.", "Number of the day", BELLS[1],
    )  # fmt: skip
    assert len(message.body) == 2
    assert [block.text for block in letter.body] == [GREETING, BELLS[0], "Number of the day", BELLS[1]]


@pytest.mark.parametrize("company", ["Tollbridge", "Share"])
def test_an_earnings_card_credits_a_company_above_its_bullets(company: str) -> None:
    head = f"{company} beats on revenue, blames the moon"
    items = "• Q3 revenue: $1.31 billion\n• Q3 net loss: $18 million"
    (card,) = page("Earnings", head, f"{head}\n{company}\n{items}", f"The big number: {BELLS[0]}")
    assert [figure.credit for figure in card.figures] == [company]
    assert [block.kind for block in card.body] == ["item", "item", "paragraph"]


@pytest.mark.parametrize("kicker", ["+", "2 min read", "- The bell of the week"])
def test_a_section_is_a_name(kicker: str) -> None:
    assert all(story.kicker != kicker for story in page(kicker, *LEAD[1:]))


def test_a_long_wire_description_is_no_body() -> None:
    wire = (
        "Bell ringers hold candles at a rehearsal in praise of a bell in Vellmouth, Cornwall, on Sunday, May 15, 2016."
        " The Brass and Rope Society meets every week. Photographer: Ines Albrecht/Bloomberg via Getty Images"
    )
    (story,) = page(*LEAD[:3], wire, *LEAD[4:])
    assert [block.text for block in story.body] == list(BELLS)
    assert [figure.alt for figure in story.figures] == [wire]


def test_a_biography_without_an_authors_line_closes_a_story() -> None:
    (story,) = page(
        *LEAD, "Rosalba Finch is Protocol's harbor reporter. She used to ring for a living in Hull."
    )
    assert len(story.body) == 3
    assert len(story.bios) == 1


def test_a_biography_may_stand_below_the_head_where_a_page_was_flattened() -> None:
    bio = "Rosalba Finch covers harbors and bells for Protocol. She used to ring for a living in Hull."
    head = (
        "The harbor wants its bell back",
        "It was sold in 1991. Nobody asked the ringers.",
        "A bell in Hull.",
    )
    (story,) = page(*LEAD, *head, bio, *BELLS)[1:]
    assert [bio.text for bio in story.bios] == [bio]
    assert len(story.body) == len(BELLS)


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("— Ivor Tressel (email | twitter)The harbor yawns", ("Ivor Tressel",)),
        ("— Tobin Achterberg and Lucinda Farrow", ("Tobin Achterberg", "Lucinda Farrow")),
        ("— Ada Reyes, editor in chief, and Bo Lind, executive editor", ("Ada Reyes", "Bo Lind")),
        ("The bells will be back on Monday. — Ada Reyes", ("Ada Reyes",)),
        ("— Nan Okafor-Lind (nan@protocol.example | @okafor)", ("Nan Okafor-Lind",)),
        ("- Enzo on Twitter", ()),
        ("- The Guild of Bell Founders", ()),
    ],
)
def test_who_signs_a_newsletter(line: str, authors: tuple[str, ...]) -> None:
    (letter,) = page("Protocol Source Code", "The loudest hour", GREETING, BELLS[0], line, BELLS[1])
    assert letter.authors == authors


def test_who_a_byline_names_is_described_at_the_end_without_the_site_s_name() -> None:
    bio = "Rosalba Finch is a fellow at the Hull Institute and was a ringer for nine years."
    (story,) = page(*LEAD[:4], "By Rosalba Finch", *LEAD[4:], *BELLS, bio)
    assert (story.authors, [bio.text for bio in story.bios]) == (("Rosalba Finch",), [bio])


def test_an_update_may_lack_its_year_and_is_no_body_all_the_same() -> None:
    (story,) = page(*LEAD[:6], "Updated: Sept. 15, 4:52 p.m. ET", *BELLS)
    assert (story.published, len(story.body)) == (None, 3)


@pytest.mark.parametrize(
    "text",
    [
        "id,name,bells\n1,Vellmouth,3\n2,Hull,14\n3,Leith,0\n4,Cork,2",
        "import bells\n\ndef ring(count):\n    for i in range(count):\n        bells.ring(i)\n    return count",
        "https://protocol.example/bells\nhttps://protocol.example/boats\nhttps://protocol.example/rope\n"
        "https://protocol.example/quiet",
        '{\n  "bells": 3,\n  "harbor": "Vellmouth",\n  "about": "A port with a bell that was cast in 1910, and that'
        ' nobody in the town has rung since the war, or so they say."\n}',
        "from typing import Final\nCOUNT: Final = 3\nclass Bell:\n    def ring(self): ...\n    def hang(self): ...",
        "anchor\nbarge\nbell\nbuoy\nclapper\nferry\nharbor\nmooring",
    ],
)
def test_data_source_code_and_lists_of_addresses_or_words_hold_no_article(text: str) -> None:
    page = parse(text)
    assert page.articles == ()
    assert [line.label for line in page.lines] == ["furniture"] * len(page.furniture)


def test_buttons_of_one_word_do_not_hide_a_story() -> None:
    (story,) = page(
        *"Policy China Fintech Enterprise Workplace Share Tweet Email".split(), *LEAD[:3], "The bell is back."
    )
    assert story.headline == LEAD[1]


def test_a_mirrors_own_name_and_what_it_says_of_itself_are_no_kicker_and_headline() -> None:
    text = (
        "Harbor Shelf\n\nEvery letter about bells that I found worth keeping.\n\nWhat is a bell for?\n\n\n\n"
    )
    (letter,) = parse(text + "\n\n".join((GREETING, *BELLS))).articles
    assert (letter.kicker, letter.headline) == (None, "What is a bell for?")


def test_buttons_stand_between_a_kicker_and_its_headline() -> None:
    (story,) = parse(
        "Policy\n\n12 shares\n\nThe harbor wants its bell back\n\nThe town sold it in 1991.\n\nPhoto: Bo Lind/AFP\n\n"
        + "\n\n".join(BELLS)
    ).articles
    assert (story.kicker, story.headline, len(story.body)) == ("Policy", "The harbor wants its bell back", 3)


def test_bulletins_without_headlines_end_with_who_signs_them() -> None:
    biography = (
        "{} is a reporter at Protocol, covering harbors. Before that, she mended nets for nine years in Hull."
    )
    text = (*BELLS, "Nan Okafor", biography.format("Nan Okafor"))
    first, second, third = page(
        *text, "Latest Bulletins", *text, BELLS[1], BELLS[0], "Ida Lind", biography.format("Ida Lind")
    )
    assert [first.authors, second.authors, third.authors] == [("Nan Okafor",), ("Nan Okafor",), ("Ida Lind",)]
    assert [len(one.body) for one in (first, second, third)] == [3, 3, 2]
    assert (first.headline, second.headline, third.headline) == (None, None, None)


@pytest.mark.parametrize(
    ("line", "deck"),
    [
        (
            "The port authority said that it would buy a second bell before the fog comes back in autumn.",
            False,
        ),
        ("The harbor voted on Thursday to buy a second bell before the fog comes back in autumn.", False),
        ("Nobody in the harbor wants to buy a second bell before the fog comes back in autumn.", True),
    ],
)
def test_below_a_headline_without_picture_a_report_is_no_deck(line: str, deck: bool) -> None:
    opening = page(*LEAD, "Climate", "A second bell is coming", line, BELLS[1], KEEP, "Nan Okafor")[1]
    assert (opening.deck, len(opening.body)) == ((line, 1) if deck else (None, 2))


def test_a_call_that_closes_a_paid_post_is_not_all_of_it() -> None:
    pitch = (
        "Fog is not leaving; it is moving faster. More than 700 small ports have joined an open network that rings "
        "within a second of any sighting, at any hour, and asks for nothing but a rope and a socket."
    )
    call = "Register today and receive the first chapter of “The Patient Harbor,” a guide for pilots."
    sponsor = (
        "Pellworth is a member-owned utility. It connects harbors of every size, and charges each the same."
    )
    lead, post = page(*LEAD, pitch, call, f"{KEEP}\nPellworth\n{sponsor}")
    assert [block.text for block in lead.body] == list(BELLS)
    assert ([block.text for block in post.body], post.sponsor) == ([pitch, call], "Pellworth")


def test_a_paid_post_may_end_in_a_list() -> None:
    pitch = (
        "Three in four fogs begin with a gull that nobody counted. The network that Pellworth runs lets you:"
    )
    items = ("Count every gull", "Ring from any telephone")
    sponsor = (
        "Pellworth is a member-owned utility. It connects harbors of every size, and charges each the same."
    )
    lead, post = page(*LEAD, f"{pitch}\n• {items[0]}\n• {items[1]}\n{KEEP}\nPellworth\n{sponsor}")
    assert [block.text for block in lead.body] == list(BELLS)
    assert ([block.text for block in post.body], post.sponsor) == ([pitch, *items], "Pellworth")


def test_a_picture_may_be_credited_to_a_company_by_its_name_alone() -> None:
    (story,) = page(*LEAD[:3], LEAD[1], "The foundry at Vellmouth Bellworks.", "Vellmouth Bellworks", *BELLS)
    assert [figure.credit for figure in story.figures] == ["Vellmouth Bellworks"]
    assert [block.text for block in story.body] == list(BELLS)


def test_an_address_in_a_mail_is_no_text() -> None:
    address = "https://assets.example.net/30114527/bell.png"
    (letter,) = page("Protocol Source Code", "The loudest hour", "PRESENTED BY", address, GREETING, *BELLS)
    assert address not in [block.text for block in letter.body]
    assert letter.body[0].text == GREETING


def test_an_earnings_card_may_show_a_logo_and_no_credit() -> None:
    (card,) = parse(
        "Earnings\n\nPellworth earnings: Nobody stopped ringing\n\nPellworth logo\n• Revenue: $3M\n• Bells: 11\n\n"
        + BELLS[0]
    ).articles
    assert [(figure.alt, figure.credit) for figure in card.figures] == [("Pellworth logo", None)]


def test_an_earnings_card_may_have_a_deck() -> None:
    (card,) = parse(
        "Earnings\n\nPellworth earnings: Nobody stopped ringing\n\nA tax on ropes took $9 million out of the quarter."
        "\n\nPellworth\n• Revenue: $3M\n• Bells: 11\n\n" + BELLS[0]
    ).articles
    assert card.deck == "A tax on ropes took $9 million out of the quarter."


@pytest.mark.parametrize(
    "rows",
    [
        ("Pellworth — $210 million, led by Tarn Partners", "Corvane & Daughters — €95 million, Series B"),
        ("Aug. 29 — Pellworth: 820 ringers (14%)", "July 28 — Corvane: all of its ropes"),
    ],
)
def test_rows_of_a_list_are_no_headlines(rows: tuple[str, ...]) -> None:
    (story,) = page(*LEAD, "Bells", "\n".join(rows), "Ropes", rows[0], BELLS[0])
    assert [block.text for block in story.body if block.kind == "subhead"] == ["Bells", "Ropes"]


def test_a_deck_with_a_verb_needs_no_full_stop() -> None:
    deck = "Companies have cut up to half of their ringers"
    *_, story = page(
        *LEAD, *BELLS, "Policy", "The bell ringers come back", deck, "Photo: Bo Lind/AFP", BELLS[1], KEEP
    )
    assert (story.deck, story.figures[0].alt) == (deck, None)


def test_a_wire_text_below_a_pictures_description_is_its_caption() -> None:
    described = (
        "A ringer carries a rope past the bells of Vellmouth while looking at a gull on the tower's edge."
    )
    wire = (
        "VELLMOUTH, ENGLAND - MAY 15: A ringer carries a rope past the bells on May 15, 2021 in Vellmouth."
        " (Photo by Bo Lind/AFP via Getty Images)"
    )
    (story,) = page(*LEAD[1:3], f"{described}\n{wire}\nBo Lind / Contributor/ Getty Images", *BELLS)
    (figure,) = story.figures
    assert (figure.alt, figure.caption) == (described, wire)
    assert [block.text for block in story.body] == list(BELLS)


def test_a_panel_that_a_page_is_about_repeats_its_question_above_the_deck() -> None:
    question = "What is the one thing that no bell will ever do?"
    deck = "Ringing twice for the same person is still beyond the reach of any bell, members of the Braintrust say."
    (panel,) = parse(
        "Braintrust\nPresented by\nProtocol's experts on the biggest questions in tech.\n\n"
        f"{question}\n\n{question}\nFeaturing\n\n{deck}\n\n{GREETING}\n\nNan Okafor\n\nHead of Ropes at Vellmouth\n\n"
        + "\n\n".join(BELLS)
    ).articles
    assert (panel.kicker, panel.headline, panel.deck) == ("Braintrust", question, deck)


@pytest.mark.parametrize(
    ("opening", "authors"),
    [
        ("Good morning! Tobin Achterberg here. I'm minding the bells today.", ("Tobin Achterberg",)),
        ("Good morning! I'm Tobin Achterberg, and I'm back.", ("Tobin Achterberg", "Ivor Tressel")),
        ("Good morning! We start at 3 p.m. PT. RSVP here.", ("Ivor Tressel",)),
    ],
)
def test_who_writes_a_newsletter_says_so_in_its_greeting(opening: str, authors: tuple[str, ...]) -> None:
    signed = "Ivor Tressel" in authors
    lines = [f"{opening} Ring with us."]
    (letter,) = page(
        "Protocol Source Code", "The loudest hour", *lines, BELLS[0], *(["— Ivor Tressel"] if signed else [])
    )
    assert letter.authors == authors


def test_a_head_that_is_printed_again_below_a_notice_is_no_text() -> None:
    deck, caption = "The town sold it in 1991.", "Ringers at the gate in Vellmouth."
    (story,) = parse(
        f"Policy\nThe harbor wants its bell back\n{deck}\n{caption}\nPhoto: Bo Lind/AFP\n"
        "Source Code: Your daily look at what matters in tech.\nThis site uses cookies, as all of them do.\n"
        f"{deck}\n{caption}\nFor thirty years the harbor has counted its hours by the bell of another town.\n"
    ).articles
    assert (story.deck, [figure.caption for figure in story.figures], len(story.body)) == (deck, [caption], 1)


def test_an_earnings_card_may_have_lost_its_figures() -> None:
    (card,) = page(
        "Earnings", "Pellworth earnings: Nobody rang", f"{BELLS[2]}\n\nPellworth", BELLS[0], BELLS[1]
    )
    assert [figure.credit for figure in card.figures] == ["Pellworth"]
    assert [block.text for block in card.body] == [*BELLS[:2]]


def test_a_newsletter_may_have_a_label_that_nobody_knows() -> None:
    (letter,) = page("A bell at dusk.\nPhoto: Bo Lind/AFP", "The loudest hour", "Protocol Belfry", *BELLS)
    assert (letter.headline, letter.kicker, letter.kind) == (
        "The loudest hour",
        "Protocol Belfry",
        "newsletter",
    )
    assert [block.text for block in letter.body] == list(BELLS)


@pytest.mark.parametrize(
    ("line", "is_credit"),
    [
        ("Protocol screengrab via Vellmouth Harbor", True),
        ("Screenshot via Talloway", True),
        ("Bell image by tinsmith9 from the Noun Project", True),
        ("Video via Talloway is how the ringers meet", False),
    ],
)
def test_a_credit_may_say_from_where_a_picture_came(line: str, is_credit: bool) -> None:
    story = page(*LEAD[:5], line, *BELLS)[0]
    assert ([figure.credit for figure in story.figures] == [line]) == is_credit


def test_a_guest_who_teaches_is_no_sponsor() -> None:
    bio = "Tamar Quist teaches bell founding at a college in Hull and advises several harbors."
    story = page(
        *LEAD, "Don't ban the bells. Ring them.", "A ban is a headline.", BELLS[0], KEEP, "Tamar Quist", bio
    )[1]
    assert (story.sponsored, story.authors) == (None, ("Tamar Quist",))


def test_a_quotation_that_breaks_off_is_no_headline_of_the_paid_post_below() -> None:
    pitch = "Ringing a bell from a telephone costs less than a rope, and the difference grows each year that it rains."
    sponsor = (
        "Pellworth is a member-owned utility. It connects harbors of every size, and charges each the same."
    )
    lead, post = page(
        *LEAD, '"What I mostly try to do here is to keep my thumbs', f"{pitch}\nPellworth\n{sponsor}"
    )
    assert lead.body[-1].text.startswith('"What I')
    assert (post.headline, post.sponsor) == (None, "Pellworth")
