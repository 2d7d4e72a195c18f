"""Which pages may be those of stories known by their headlines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.wayback.fitting import MOST, Fit, Trust, Wanted, fits, page_words, words

SITE = "https://www.protocol.com"
FARMS = Wanted("The rooftop farms aren’t feeding anyone yet", "China", None)
CAFE = Wanted("Who’s at the Café? Nobody", "Enterprise", None)


def trust(address: str, *wanted: Wanted) -> list[tuple[int, Trust]]:
    return [(fit.story, fit.trust) for fit in fits([f"{SITE}{address}"], wanted)]


def test_words_of_headlines_and_addresses() -> None:
    assert words("Who’s at the Café? $1.5 billion") == ["whos", "at", "the", "cafe", "1", "5", "billion"]
    assert page_words(f"{SITE}/china/Rooftop-farms") == ("china", ["rooftop", "farms"])
    assert page_words(f"{SITE}/policy/who-s-there-2655012345.html?a=b") == ("policy", ["whos", "there"])
    assert page_words(f"{SITE}/rooftop-farms-2") == ("", ["rooftop", "farms"])
    assert page_words(f"{SITE}/the-year-2022") == ("", ["the", "year", "2022"])
    assert page_words(f"{SITE}/") == ("", [])


def test_all_words_must_stand_in_the_headline_in_their_order() -> None:
    assert trust("/china/rooftop-farms-arent-feeding", FARMS) == [(0, Trust.SURE)]
    assert trust("/china/farms-rooftop-arent-feeding", FARMS) == []
    assert trust("/china/rooftop-farms-arent-hungry", FARMS) == []
    assert trust("/china/rooftop-farms-farms", FARMS) == []


def test_how_much_it_is_trusted_depends_on_the_words_that_tell_something() -> None:
    assert trust("/policy/rooftop-farms-feeding", FARMS) == [(0, Trust.LIKELY)]
    assert trust("/china/rooftop-farms", FARMS) == [(0, Trust.LIKELY)]
    assert trust("/policy/rooftop-farms", FARMS) == []
    assert trust("/china/the-rooftop", FARMS) == []
    assert trust("/enterprise/whos-at-the-cafe-nobody", CAFE) == [(0, Trust.SURE)]


def test_a_known_address_goes_before_all_others() -> None:
    known = FARMS._replace(address="http://protocol.com/china/lettuce/")
    pages = [f"{SITE}/china/rooftop-farms-arent-feeding", f"{SITE}/china/lettuce"]
    assert fits(pages, [known, FARMS]) == [Fit(0, 1, Trust.KNOWN), Fit(1, 0, Trust.SURE)]
    assert trust("/china/rooftop-farms-arent-feeding", known) == [(0, Trust.SURE)]


def test_of_several_pages_those_with_most_words_are_taken() -> None:
    pages = [
        f"{SITE}/china/rooftop-farms",
        f"{SITE}/china/rooftop-farms-arent-feeding-anyone",
        f"{SITE}/china/rooftop-farms-arent-feeding",
    ]
    assert fits(pages, [FARMS]) == [Fit(0, 1, Trust.SURE)]
    assert len(fits([f"{SITE}/{n}/rooftop-farms-feeding" for n in "abcdefg"], [FARMS])) == MOST


def test_one_page_may_fit_several_stories() -> None:
    assert trust("/china/rooftop-farms", FARMS, CAFE, FARMS._replace(headline="Rooftop farms")) == [
        (0, Trust.LIKELY),
        (2, Trust.SURE),
    ]


def test_stories_without_a_headline_and_pages_without_words_fit_nothing() -> None:
    assert fits([f"{SITE}/", f"{SITE}/china", f"{SITE}/%ff-%00"], [Wanted(None, "China", None), FARMS]) == []


_words = st.lists(st.sampled_from("rooftop farms are not feeding anyone lettuce bank".split()), max_size=6)


@given(st.lists(_words, max_size=6), st.lists(_words, max_size=4))
def test_what_fits_is_in_order_by_every_count(headlines: list[list[str]], pages: list[list[str]]) -> None:
    addresses = [f"{SITE}/china/{'-'.join(page) or 'x'}" for page in pages]
    wanted = [Wanted(" ".join(headline), None, None) for headline in headlines]
    for fit in fits(addresses, wanted):
        left = headlines[fit.story]
        for word in pages[fit.page]:
            assert word in left
            left = left[left.index(word) + 1 :]
