"""Names of people, organisations and sections, in forms that no list of them foresees."""

from __future__ import annotations

import pytest

from reader import parse
from tests.parsing.test_rules import END, LEAD, after_lead

_PEOPLE = (
    "Omar al-Harbi",
    "Celia d’Aubrey",
    "Inés de la Vega",
    "Joost van der Meer",
    "Mx. Robin Vale",
    "Rev. Ada Tarn",
    "Yo-Yo Tan",
    "J.T. Alvarez",
    "Siobhán O'Rourke Jr.",
    "Ike Ng",
    "Siân ap Rhys",
    "Hendrik ten Have",
    "Augusta wa Kamau",
    'Dolores "Lola" Price',
)


@pytest.mark.parametrize("name", _PEOPLE)
def test_a_story_is_signed_by_a_name_of_any_form(name: str) -> None:
    (story,) = parse(LEAD.replace("Nan Okafor", name)).articles
    assert (story.authors, [bio.name for bio in story.bios]) == ((name,), [name])


@pytest.mark.parametrize("name", [*_PEOPLE, "王小明", "王明"])
def test_a_byline_has_a_name_of_any_form(name: str) -> None:
    (story,) = parse(LEAD.replace("\n\nPhoto:", f"\n\nBy {name}\n\nPhoto:").partition("Keep")[0]).articles
    assert story.authors == (name,)


@pytest.mark.parametrize("name", ["Omar al-Harbi", "Celia d’Aubrey", "Inés de la Vega", "Joost van der Meer"])
@pytest.mark.parametrize(
    "signed",
    [
        "— {}",
        "— {} (email | twitter)",
        "Today's Source Code was written by {}. Thoughts, questions, tips? Send them to us.",
    ],
)
def test_a_letter_is_signed_by_a_name_of_any_form(signed: str, name: str) -> None:
    text = (
        "A bell on a rope\n\nProtocol Source Code\n\nGood morning! The harbor of Vellmouth has a bell again, and it"
        f" rings at noon.\n\nThe rope is new. Nobody in town has pulled it yet.\n\n{signed}"
    )
    (letter,) = parse(text.format(name)).articles
    assert letter.authors == (name,)


def test_a_name_in_a_list_with_hyphens_is_no_signature() -> None:
    (story,) = parse(
        LEAD.partition("Keep")[0] + "- The bell was cast in 1910.\n- Nobody rings it.\n- They"
    ).articles
    assert (story.authors, story.truncated is not None) == ((), True)


@pytest.mark.parametrize(
    "sponsor",
    [
        "monday.bells",
        "2Ring",
        "U.S. Chamber of Bells",
        "The St. Clement Foundation",
        "Hodge & Pell LLP",
        "Ding!",
    ],
)
def test_a_label_names_a_sponsor_of_any_form(sponsor: str) -> None:
    (post,) = after_lead(
        f"Sponsored by {sponsor}\n\nFive questions to ask before you ring\n\nA bell says more about a town than its"
        " mayor does, and it is rarely asked. These five questions take an afternoon.\n\nKeep ReadingShow less\n"
    )
    assert (post.sponsored is not None, post.sponsor) == (True, sponsor)


@pytest.mark.parametrize(
    "kicker", ["How we ring", "Return to the harbor", "Bells and whistles", "Sea policy"]
)
def test_a_short_line_above_a_headline_is_a_section(kicker: str) -> None:
    (story,) = parse(LEAD.replace("Policy", kicker, 1)).articles
    assert (story.kicker, story.headline) == (kicker, "The harbor wants its bell back")


def test_an_officer_of_a_company_signs_a_paid_post_and_has_not_paid_for_it() -> None:
    (post,) = after_lead(
        "Sponsored Content\n\nWhat your harbor knows about bells\n\nA rope can save a town a walk of four hours.\n\n"
        "When the old bell fell on a Sunday in May, the nearest founder was 180 miles off.\n\nKeep ReadingShow less\n"
        "Ike Ng\n\nIke Ng is chief technology officer of Meridian Bells, which runs 90 towers in the mountain states.\n"
    )
    assert (post.authors, post.sponsor) == (("Ike Ng",), None)


def test_the_first_of_two_authors_has_not_paid_though_only_the_second_is_described() -> None:
    (story,) = parse(
        "In a letter seen by Protocol, the town told the ringers that the bell would not move again. Others saw."
        "\n\nThe sale, which Tarlun Bells calls “open hours for everyone,” took five weeks. “If you ask ten ringers you"
        " will get eleven bells,” said Cleo Green, who ran the harbor until 2016. Most were still ringing nine months"
        " later.\n\nKeep Reading Show less\nImani Tanaka\n\nKeiko Keane\n\n"
        "Keiko Keane ( @keikokeane) is an award-winning reporter who covers harbors for Protocol."
    ).articles
    assert (story.sponsored, story.authors) == (None, ("Imani Tanaka", "Keiko Keane"))


def test_who_wrote_the_page_may_stand_below_a_paid_post() -> None:
    body, _, signed = LEAD.partition("Keep ReadingShow less\n")
    lead, paid = parse(
        f"{body}Cross-harbor tolls have long been a slow business. Over the past two years many towns have seen"
        " them paid by phone.\nCorvane\nCorvane moves tolls between 90 harbors. Its platform is used by ferries.\n\n\n"
        + signed
        + END
    ).articles
    assert (lead.authors, len(lead.bios), lead.sponsored) == (("Nan Okafor",), 1, None)
    assert paid.sponsor == "Corvane"


@pytest.mark.parametrize(
    ("sponsor", "about"),
    [
        ("The Tidewater Bell Council", "The Council speaks for 90 towers. Each of them hangs its own ropes."),
        ("Ashgrove College of Ringing", "Among the ten oldest of its kind, Ashgrove has 400 ringers in its towers."),
        ("Fonderie Lorraine d’Airain", "At home in Metz, FLA casts and exports bells of up to nine tons."),
        ("Larch Mutual", "An insurer of towers for a century, the company looks after 2,000 spires."),
        ("3rd Belfry", "3rd Belfry sells clocks that need no hands. Harbors in nine countries are set by them."),
        ("Marlow Tam", "Marlow Tam manufactures ropes and pulleys in Vellmouth, as it did in 1949."),
        ("Pell & Tarn", "Wooden rattles and very small gongs, cast in Vellmouth for ringers of nine to ninety."),
        (
            "American Association of Independent Bell Inspectors",
            "Four hundred members sign the little card that hangs inside of the tower door.",
        ),
        ("Harbor + Hill", "Each spring the fair brings founders, sextons and their neighbors to Vellmouth."),
    ],
)  # fmt: skip
def test_who_paid_is_known_by_the_text_below_whatever_it_calls_him(sponsor: str, about: str) -> None:
    body = LEAD.partition("Keep ReadingShow less\n")[0]
    copy = (
        "A bell that nobody hears is an expensive clock. In most towns the rope has been cut to save a wage, and"
        " the hour is told by a telephone."
    )
    lead, paid = parse(f"{body.strip()}\n\n{copy}\n{sponsor}\n{about}\n\n\n{LEAD}").articles[:2]
    assert (lead.sponsored, paid.sponsor, len(paid.bios)) == (None, sponsor, 1)


def test_wherever_a_page_is_cut_off_no_story_seems_paid() -> None:
    page = LEAD + LEAD.replace("Nan Okafor", "Ottilie Brandt").replace("Policy", "Sea policy") + LEAD
    paid = [n for n in range(60, len(page), 3) if any(story.sponsored for story in parse(page[:n]).articles)]
    assert paid == []
