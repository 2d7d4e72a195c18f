"""Why lines are read as they are: the next-best reading is exact, and the reasons add up to what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.model import Capture, LineHint
from reader.parsing import parse, parse_capture
from reader.parsing.confidence import Reading, alternatives, begins
from reader.parsing.decoder import decode, end_cost, options, steps_into
from reader.parsing.explain import (
    CLOSE,
    FEATURES,
    KINDS,
    Explainer,
    LineReason,
    Rival,
    likelihood_words,
    reading_words,
    rival_words,
)
from reader.parsing.features import Features
from reader.parsing.lines import read_lines
from reader.parsing.scoring import _FEATURES, Costs
from reader.parsing.states import LABELS, NOUNS, STATES
from reader.parsing.vocabulary import Kind
from tests.app.features.corrections_stage import HARBOR, line_of
from tests.parsing.test_confidence import UNCLEAR, cheapest
from tests.paths import SAMPLE_DATA

SAMPLES = sorted(SAMPLE_DATA.glob("*.txt"))
LINES = (
    "China", "Protocol | Enterprise", "The harbor that counts its own ships", "Photo: Ines Albrecht/Getty Images",
    "For nine years the harbor has counted its ships by hand, in a ledger with a blue spine.", "Ines Albrecht",
    "Keep ReadingShow less", "Latest Stories", "• One thing.", "Sponsored Content", "Where did it come from?",
    "Ines Albrecht is a reporter at Protocol.", "Good morning! This is the newsletter.", "March 4, 2021", "",
)  # fmt: skip


def reading_of(before: int, state: int, key: int) -> Reading:
    return Reading(STATES[state].label, begins(None if before < 0 else before, state, key))


def check_exactness(text: str) -> None:
    keys = read_lines(text).keys
    states = decode(keys).states
    found = alternatives(keys, states, 0, len(keys), 0)
    best = cheapest(keys)
    for i, (other, before) in enumerate(zip(found, [-1, *states], strict=False)):
        own = reading_of(before, states[i], keys[i])
        second = cheapest(keys, (i, own), reading_of)
        if other is None:
            assert second == float("inf")
        else:
            assert other.reading != own
            assert other.worse * 100 == pytest.approx(max(0.0, second - best), abs=0.01)


@pytest.mark.thorough
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_next_best_reading_of_a_sample_is_exact(sample: Path) -> None:
    check_exactness(sample.read_text(encoding="utf-8"))


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=4))
def test_the_next_best_reading_is_exact_whatever_the_lines(lines: list[str]) -> None:
    text = "\n".join(lines)
    # The parser gives up hopeless readings, so its labelling of odd pages may not be the cheapest.
    keys = read_lines(text).keys
    if keys and cheapest(keys) == cost_of(keys):
        check_exactness(text)


def cost_of(keys: list[int]) -> float:
    """What the parser's own labelling costs."""
    total, before = 0.0, -1
    for i, (state, key) in enumerate(zip(decode(keys).states, keys, strict=True)):
        total += options(key)[state] + steps_into(state, key, first=i == 0)[before]
        before = state
    return total + end_cost(before)


@pytest.fixture(scope="module")
def explained(thorough: bool) -> list[tuple[Explainer, list[LineReason]]]:
    """Samples, with what is said of each line."""
    texts = [sample.read_text(encoding="utf-8") for sample in SAMPLES[:: 1 if thorough else 4]]
    explainers = [Explainer(Capture("-", text)) for text in texts]
    assert [explainer.page for explainer in explainers] == list(map(parse, texts))
    return [(explainer, explainer.explain(0, len(explainer))) for explainer in explainers]


def test_reasons_add_up(explained: list[tuple[Explainer, list[LineReason]]]) -> None:
    for _, whys in explained:
        for why in whys:
            if why.other is not None and len(why.reasons) < 5:
                # What weighs less than 0.3 is not told, and there are few such terms.
                assert sum(reason.nats for reason in why.reasons) == pytest.approx(why.worse, abs=2.0)


def test_readings_are_those_of_the_page(explained: list[tuple[Explainer, list[LineReason]]]) -> None:
    for explainer, whys in explained:
        page = explainer.page
        numbers, labels, _ = page.labels
        assert [(why.n, why.reading.label) for why in whys] == list(zip(numbers, labels, strict=True))
        firsts = {article.first_line for article in page.articles}
        assert {why.n for why in whys if why.reading.begins} == firsts


def test_a_span_of_a_long_page_is_explained_like_the_whole() -> None:
    explainer = Explainer(Capture("-", "\n".join([HARBOR] * 6)))
    whole = explainer.explain(0, len(explainer))
    for start in range(0, len(explainer), 24):
        stop = min(len(explainer), start + 24)
        assert explainer.explain(start, stop) == whole[start:stop]


def test_a_fixed_reading_names_who_fixed_it() -> None:
    hints = (LineHint(line_of("The fish"), "=deck"), LineHint(line_of("In May"), "paragraph"))
    capture = Capture("-", HARBOR, hints=hints)
    explainer = Explainer(capture)
    whys = {why.n: why for why in explainer.explain(0, len(explainer))}
    assert explainer.page == parse_capture(capture)
    assert (whys[line_of("The fish")].reading.label, whys[line_of("The fish")].fixed_by) == (
        "deck",
        "a reader",
    )
    assert whys[line_of("In May")].fixed_by == "the page’s markup"
    assert whys[line_of("Fintech")].fixed_by is None
    assert not whys[line_of("The fish")].close


@given(st.integers(min_value=0, max_value=15), st.sampled_from(LABELS))
def test_a_reader_is_always_heard(line: int, label: str) -> None:
    numbers = parse(HARBOR).labels[0]
    n = numbers[min(line, len(numbers) - 1)]
    page = parse(HARBOR, hints=(LineHint(n, f"={label}"),))
    assert dict(zip(page.labels[0], page.labels[1], strict=True))[n] == label


def test_everything_has_words() -> None:
    assert Explainer(Capture("-", "\n\n")).explain(0, 0) == []
    assert set(NOUNS) == set(LABELS)
    assert set(KINDS) == set(Kind)
    assert set(FEATURES) == set(_FEATURES) <= set(Features._fields)
    assert {name: len(values) for name, values in FEATURES.items()} == {
        name: len(getattr(Costs(), name)) for name in FEATURES
    }
    assert reading_words(Reading("kicker", True)) == "a kicker, where an article begins"
    assert [likelihood_words(nats) for nats in (0.1, CLOSE - 0.1, 3.0, 9.0)] == [
        "nearly as likely", "less likely", "much less likely", "far less likely",
    ]  # fmt: skip


def test_the_next_best_reading_of_a_doubtful_article_is_put_into_words() -> None:
    explainer = Explainer(Capture("page.txt", UNCLEAR))
    (article,) = explainer.page.articles
    rival = explainer.rival(article)
    assert article.doubtful
    assert rival is not None
    other = next(line for line in explainer.explain(0, len(explainer)) if line.n == rival.n).other
    assert other is not None
    assert rival_words(rival) == f"the next best reading takes line {rival.n} as {NOUNS[other.label]}"


@pytest.mark.parametrize(
    ("own", "other", "part", "paid", "words"),
    [
        (("deck", False), ("headline", True), True, None, "takes line 12 as a headline, where an article begins"),
        (("kicker", True), ("paragraph", False), True, None, "takes line 12 as a paragraph, where no article begins"),
        (("paragraph", False), ("paragraph", True), False, None, "begins an article at line 12"),
        (("paragraph", True), ("item", False), False, None, "begins no article at line 12"),
        (("paragraph", False), ("paragraph", False), False, True, "takes line 12 as paid for"),
        (("author", False), ("sponsor", False), True, True, "takes line 12 as a sponsor, paid for"),
        (("sponsor", False), ("author", False), True, False, "takes line 12 as an author, not paid for"),
    ],
)  # fmt: skip
def test_each_kind_of_rival_has_its_words(
    own: tuple[str, bool], other: tuple[str, bool], part: bool, paid: bool | None, words: str
) -> None:
    rival = Rival(12, Reading(*own), Reading(*other), part, paid)
    assert rival_words(rival) == f"the next best reading {words}"


def test_an_article_that_a_reader_has_corrected_has_no_rival() -> None:
    explainer = Explainer(Capture("page.txt", UNCLEAR, hints=(LineHint(7, "checked"),)))
    assert explainer.rival(explainer.page.articles[0]) is None
