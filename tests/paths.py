"""Where the files that tests read stand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent
ROOT: Final = TESTS.parent
SAMPLE_DATA: Final = ROOT / "sample_data"
CAPTURES: Final = TESTS / "parsing" / "captures"
"""Invented captures, each beside its truth."""
JUDGED: Final = TESTS / "parsing" / "judged"
"""Sets of captures that were written without the parser, each beside its truth."""
SIGNED: Final = TESTS / "parsing" / "signed.json"
"""Sponsors and reporters, with what is said of them, that were made up without the parser."""
SAMPLE_ARCHIVES: Final = {
    SAMPLE_DATA / "crawl.warc.gz": SAMPLE_DATA / "crawl.json",
    SAMPLE_DATA / "corpus.jsonl": SAMPLE_DATA / "corpus.json",
}
"""The sample captures of a crawl, and beside each what is expected of it, written by hand."""
