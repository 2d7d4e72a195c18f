"""The sample captures of a crawl: built again they are the same, and their pages are the expected ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from reader.captures import read_captures
from reader.model import Capture
from reader.parsing import parse_capture
from tests import sample_archives
from tests.test_sample_data import joined, page_differences

SAMPLES = list(sample_archives.EXPECTED)


def test_they_can_be_built_again() -> None:
    # Packed bytes differ from one zlib to another.
    assert gzip.decompress(sample_archives.WARC.read_bytes()) == gzip.decompress(sample_archives.warc())
    assert sample_archives.ROWS.read_bytes() == sample_archives.rows()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_pages_are_the_expected_ones(sample: Path) -> None:
    expected = json.loads(sample_archives.EXPECTED[sample].read_text("utf-8"))["pages"]
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
    found = list(read_captures([str(sample_archives.FOLDER)]))
    sources = {Path(item.source.partition(":")[0]).name for item in found if isinstance(item, Capture)}
    assert {sample.name for sample in SAMPLES} <= sources
    assert not {name for name in sources if name.endswith(".json")}
