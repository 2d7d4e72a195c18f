"""What is remembered between two starts: the file, whatever is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reader.settings.session_store import FILE, SessionStore, Window

LEFT = Window(pane="article", section="China", truncated="only", sort="newest", text_width=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_what_is_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "protocol-reader"
    memory, other = SessionStore(folder, "one"), SessionStore(folder, "other")
    assert (memory.window, memory.welcomed) == (None, False)
    memory.welcome()
    memory.keep(LEFT)
    other.keep(LEFT._replace(section="Fintech"))
    again = SessionStore(folder, "one")
    assert (again.window, again.welcomed) == (LEFT, True)
    assert [path.name for path in folder.iterdir()] == [FILE]
    found = SessionStore(folder, "other").window
    assert found is not None
    assert found.section == "Fintech"


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff\xfe", b'{"windows": 3}', b"[" * 100_000])
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE).write_bytes(damaged)
    memory = SessionStore(tmp_path, "one")
    assert memory.window is None
    memory.keep(LEFT)
    assert SessionStore(tmp_path, "one").window == LEFT


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(window=st.dictionaries(st.sampled_from(Window._fields), VALUES))
def test_whatever_a_window_says_its_values_have_their_types(tmp_path: Path, window: dict[str, Any]) -> None:
    (tmp_path / FILE).write_text(json.dumps({"windows": {"one": window}}))
    read = SessionStore(tmp_path, "one").window
    assert read is not None
    assert [type(value) for value in read] == [type(value) for value in Window()]


def test_a_file_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    memory = SessionStore(tmp_path / "file" / "state", "one")
    memory.welcome()
    memory.keep(LEFT)
    assert not SessionStore(tmp_path / "file" / "state", "one").welcomed
    os.mkfifo(tmp_path / FILE)
    assert SessionStore(tmp_path, "one").window is None
