"""The sample captures beside their expected articles, which were written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reader.captures import read_captures
from reader.model import Capture
from reader.parsing import parse_capture
from tests.paths import SAMPLE_DATA

FOLDER = SAMPLE_DATA
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".txt", ".html"))
FIELDS = "headline kind kicker section deck authors published body bios truncated sponsored sponsor".split()
FIGURE_FIELDS = ("alt", "caption", "credit")


def capture_of(sample: Path) -> Capture:
    (capture,) = read_captures([str(sample)])
    assert isinstance(capture, Capture)
    return capture


def compared(articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields of articles that are compared; the texts of pictures stand in any order."""
    return [
        {field: article[field] for field in FIELDS}
        | {
            field: sorted(figure[field] for figure in article["figures"] if figure[field] is not None)
            for field in FIGURE_FIELDS
        }
        for article in articles
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_articles_and_the_furniture_are_the_expected_ones(sample: Path) -> None:
    found = parse_capture(capture_of(sample)).to_json()
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    assert compared(found["articles"]) == compared(expected["articles"])
    assert found["furniture"] == expected["furniture"]


def test_what_the_html_sample_hides_is_read() -> None:
    sample = next(sample for sample in SAMPLES if sample.suffix == ".html")
    capture = capture_of(sample)
    assert capture.url == "https://www.protocol.example/climate/tide-gauge-texts"
    lead = parse_capture(capture).articles[0]
    (link,) = (link for link in lead.links if link.block >= 0)
    assert lead.body[link.block].text[link.start : link.end] == "study"
    assert lead.figures[0].url == "https://assets.protocol.example/tide-gauge/980x.jpg"
