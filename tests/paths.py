"""Where the files that tests read stand, and how a test makes one of its own."""

from __future__ import annotations

import os
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


def put(path: Path, data: str | bytes) -> Path:
    """Write a file that was last changed long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    return path
