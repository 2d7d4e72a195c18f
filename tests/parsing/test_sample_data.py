"""The sample captures beside their expected articles, which were written by hand."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from reader.captures import read_captures
from reader.model import Capture
from reader.parsing import parse_capture
from tests.paths import SAMPLE_ARCHIVES, SAMPLE_DATA

FOLDER = SAMPLE_DATA
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".txt", ".html"))
PLAIN_FIELDS = (
    "kind",
    "kicker",
    "section",
    "headline",
    "deck",
    "authors",
    "published",
    "bios",
    "truncated",
    "sponsored",
    "sponsor",
)
FIGURE_FIELDS = ("alt", "caption", "credit")
UNNAMED_LINE = re.compile(
    r"(Keep Reading|Read more)(Show less| Show less)?|Updated: .+|A MESSAGE FROM .+|SPONSORED CONTENT FROM .+"
)
"""Lines whose meaning, but not whose words, the expected articles hold."""

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)


def capture_of(sample: Path) -> Capture:
    (capture,) = read_captures([str(sample)])
    assert isinstance(capture, Capture)
    return capture


def text_of(sample: Path) -> str:
    return capture_of(sample).text


def expected_of(sample: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    return expected


def parsed(sample: Path) -> dict[str, Any]:
    return parse_capture(capture_of(sample)).to_json(lines=True)


def non_empty_lines(text: str) -> dict[int, str]:
    lines = re.split(r"\r\n|\n|\r", text)
    return {n: line.strip() for n, line in enumerate(lines, 1) if line.strip()}


def figure_texts(article: dict[str, Any], field: str) -> list[str]:
    return sorted(figure[field] for figure in article["figures"] if figure[field] is not None)


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


def body_differences(found: list[Any], expected: list[Any]) -> Iterator[str]:
    for i, (have, want) in enumerate(zip_longest(found, expected)):
        if have != want:
            yield f"body[{i}]: {have!r}\n      should be {want!r}"


def article_differences(found: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    for field in PLAIN_FIELDS:
        if found[field] != expected[field]:
            yield f"{field}: {found[field]!r}\n      should be {expected[field]!r}"
    for field in FIGURE_FIELDS:
        have, want = figure_texts(found, field), figure_texts(expected, field)
        if have != want:
            yield f"figures, {field}: {have!r}\n      should be {want!r}"
    yield from body_differences(found["body"], expected["body"])


def name_of(article: dict[str, Any] | None) -> str:
    if article is None:
        return "no article"
    return repr(article["headline"] or (article["body"][0]["text"][:60] if article["body"] else "nothing"))


def page_differences(found: list[Any], expected: list[Any]) -> Iterator[str]:
    """Each difference of two lists of articles in page order, under the article's name."""
    for i, (have, want) in enumerate(zip_longest(found, expected)):
        if have is None or want is None:
            yield f"article {i}: {name_of(have)}, should be {name_of(want)}"
            continue
        for difference in article_differences(have, want):
            yield f"article {i}, {name_of(want)}\n  {difference}"


def joined(differences: Iterable[str]) -> str:
    return "\n".join(differences)


@each_sample
def test_the_articles_are_the_expected_ones(sample: Path) -> None:
    found = parsed(sample)["articles"]

    differences = joined(page_differences(found, expected_of(sample)["articles"]))

    if differences:
        pytest.fail(f"{sample.name}\n{differences}", pytrace=False)


@each_sample
def test_what_belongs_to_no_article_is_furniture(sample: Path) -> None:
    assert parsed(sample)["furniture"] == expected_of(sample)["furniture"]


@each_sample
def test_every_non_empty_line_is_labelled_once(sample: Path) -> None:
    lines = non_empty_lines(text_of(sample))

    labelled = [line["n"] for line in parsed(sample)["lines"]]

    missing = {n: line for n, line in lines.items() if n not in labelled}
    assert not missing, f"not labelled: {missing}"
    assert labelled == sorted(lines)


@each_sample
def test_the_expected_articles_hold_the_words_of_the_capture(sample: Path) -> None:
    """Guards the expectations themselves: a line left out of one, or put in twice, would go unnoticed."""
    lines = [re.sub(r"^• ", "", line) for line in non_empty_lines(text_of(sample)).values()]
    articles, furniture = expected_of(sample)["articles"], expected_of(sample)["furniture"]
    held = [*furniture]
    for article in articles:
        held += [article[field] for field in ("kicker", "headline", "deck") if article[field]]
        held += strings_in(article["figures"])
        held += [block["text"] for block in article["body"]]
        held += [bio["text"] for bio in article["bios"]]
        held += article["authors"] if article["kind"] == "story" else []

    left = Counter(lines)
    left.subtract(held)
    # The page's data may name an author that its text does not.
    left.update(hint.value for hint in capture_of(sample).hints if hint.role == "writer")
    sponsors = {article["sponsor"] for article in articles}
    unexplained = {line for line in left.elements() if not UNNAMED_LINE.fullmatch(line)} - sponsors

    assert not unexplained, f"in {sample.name} but not expected: {unexplained}"
    assert not [line for line, count in left.items() if count < 0], "expected but not in the capture"


def test_each_capture_lies_beside_its_expected_articles() -> None:
    folder = {path.name for path in FOLDER.iterdir()}
    archives = {path.name for pair in SAMPLE_ARCHIVES.items() for path in pair}

    assert folder - archives == {name for sample in SAMPLES for name in (sample.name, f"{sample.stem}.json")}
    assert Counter(sample.suffix for sample in SAMPLES) == {".txt": 14, ".html": 1}


def test_what_the_html_sample_hides_is_read() -> None:
    sample = next(sample for sample in SAMPLES if sample.suffix == ".html")
    cut_off = {
        article["headline"]
        for other in SAMPLES
        if other != sample
        for article in expected_of(other)["articles"]
        if article["truncated"]
    }
    whole = {article["headline"] for article in expected_of(sample)["articles"] if not article["truncated"]}
    assert len(whole & cut_off) == 2
    capture = capture_of(sample)
    assert capture.url == "https://www.protocol.example/climate/tide-gauge-texts"
    lead = parse_capture(capture).articles[0]
    (link,) = (link for link in lead.links if link.block >= 0)
    assert lead.body[link.block].text[link.start : link.end] == "study"
    assert lead.figures[0].url == "https://assets.protocol.example/tide-gauge/980x.jpg"


def test_the_samples_together_show_what_the_reader_is_for() -> None:
    articles = [article for sample in SAMPLES for article in expected_of(sample)["articles"]]
    whole = {a["headline"] for a in articles if not a["truncated"]}
    cut_off = {a["headline"] for a in articles if a["truncated"]}

    assert len({a["section"] for a in articles}) >= 12
    assert {a["kind"] for a in articles} == {"story", "newsletter"}
    assert {b["kind"] for a in articles for b in a["body"]} == {
        "paragraph",
        "subhead",
        "item",
        "quote",
        "signoff",
    }
    assert any(a["sponsored"] and not a["headline"] for a in articles)
    assert any(a["published"] for a in articles)
    assert (whole & cut_off) - {None}, "no story is whole in one capture and cut off in another"
    assert any(b"\r\n" in sample.read_bytes() for sample in SAMPLES)
