"""The sample captures of a crawl: built again they are the same, and their pages are the expected ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader.captures import read_captures
from reader.model import Capture, Problem
from reader.parsing import parse_capture
from tests.captures import sample_archives
from tests.parsing.test_sample_data import joined, page_differences

SAMPLES = list(sample_archives.EXPECTED)


def test_they_can_be_built_again(tmp_path: Path) -> None:
    # Packed bytes differ from one zlib and one Python to another, inside the records too.
    again = tmp_path / sample_archives.WARC.name
    again.write_bytes(sample_archives.warc())
    assert records(again) == records(sample_archives.WARC) != []
    assert sample_archives.ROWS.read_bytes() == sample_archives.rows()


def records(path: Path) -> list[Capture | Problem]:
    """What is read of an archive, whatever it is called."""
    return [item._replace(source=item.source.replace(str(path), "")) for item in read_captures([str(path)])]


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
