"""The sample captures of a crawl: their pages are the expected ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader.captures import read_captures
from reader.model import Capture
from reader.parsing import parse_capture
from tests.parsing.test_sample_data import joined, page_differences
from tests.paths import SAMPLE_ARCHIVES, SAMPLE_DATA


@pytest.mark.parametrize("sample", SAMPLE_ARCHIVES, ids=lambda path: path.name)
def test_the_pages_are_the_expected_ones(sample: Path) -> None:
    expected = json.loads(SAMPLE_ARCHIVES[sample].read_text("utf-8"))["pages"]
    found = list(read_captures([str(sample)]))
    pages = [parse_capture(item) for item in found if isinstance(item, Capture)]
    assert len(pages) == len(found) == len(expected)
    for page, want in zip(pages, expected, strict=True):
        have = page.to_json()
        assert (have["url"], have["captured"]) == (want["url"], want["captured"])
        assert have["furniture"] == want["furniture"]
        if differences := joined(page_differences(have["articles"], want["articles"])):
            pytest.fail(f"{page.source}\n{differences}", pytrace=False)


def test_in_the_folder_of_samples_they_are_found_and_what_is_expected_is_not() -> None:
    found = list(read_captures([str(SAMPLE_DATA)]))
    sources = {Path(item.source.partition(":")[0]).name for item in found if isinstance(item, Capture)}
    assert {sample.name for sample in SAMPLE_ARCHIVES} <= sources
    assert not {name for name in sources if name.endswith(".json")}
