"""Keeps the texts that the tests of the parser read, for a fit of its costs."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

import reader.parsing
from reader.model import Capture, Page


@pytest.fixture(scope="session", autouse=True)
def _texts_are_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """With --keep-texts, write each text that is parsed without hints into that folder."""
    folder = request.config.option.keep_texts
    if folder is None:
        yield
        return
    parse_capture = reader.parsing.parse_capture
    Path(folder).mkdir(parents=True, exist_ok=True)

    def keep(capture: Capture) -> Page:
        if capture.text.strip() and not capture.hints:
            data = capture.text.encode("utf-8", "replace")
            (Path(folder) / f"{sha256(data).hexdigest()[:16]}.txt").write_bytes(data)
        return parse_capture(capture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.parsing, "parse_capture", keep)
        yield
