"""Shards that are read back: nothing is lost on the way, and nothing in them is believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader import shards
from reader.captures import read_captures, shard
from reader.model import Capture, LineHint, Problem
from reader.parsing import PARSER_VERSION, parse, parse_capture
from reader.shards import ShardOptions
from tests.benchmarks.pages import captures
from tests.shard_stage import FORMS, made_here, pile, put
from tests.test_sample_data import FOLDER, capture_of

PACKED = ("jsonl.gz", "jsonl.zst", "parquet")


@pytest.fixture(autouse=True)
def no_ends_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards end where a test says, not where the name of its temporary folder does."""
    monkeypatch.setattr(shards, "_USUAL_FILES", 1 << 32)


ODD = (
    Capture(
        "odd/1",
        "China\n\nA headline\n\nA \ud800 body\x00 with\u2028all.",
        "https://protocol.com/a",
        "2022-08-12",
    ),
    Capture("odd/2", "", None, "2022-08-12T10:30:00Z", "cp1252", "longer than 32 MB: the rest was left out"),
    Capture("odd/3", "A headline\nA body.", hints=(LineHint(1, "headline"), LineHint(2, "body"))),
)


@pytest.mark.parametrize("form", FORMS)
class TestTheWayBack:
    def test_every_capture_comes_back_with_its_articles(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
    ) -> None:
        given = [*captures(), *ODD, capture_of(FOLDER / "2022-11-tide-gauge.html")]
        problem = Problem("a.txt", "damaged", "it is cut off", partial=True)
        monkeypatch.setattr(shards, "read_files", lambda *_: iter([*given, problem]))
        made_here([put(tmp_path / "a.txt", "")], tmp_path / "out", ShardOptions(form))
        *found, last = read_captures([str(tmp_path / "out")])
        assert last == problem
        for before, after in zip(given, found, strict=True):
            assert isinstance(after, Capture)
            if form == "parquet":  # It has no place for half of a surrogate pair.
                before = before._replace(text=before.text.replace("\ud800", "\ufffd"))
            assert after._replace(told=None) == before
            page = parse_capture(before)
            assert after.told is not None
            assert after.told.parser == PARSER_VERSION
            assert after.told.page.articles == page.articles
            assert after.told.page._replace(labels=page.labels) == page
        assert any(article.links and article.figures[0].url for article in page.articles)

    def test_pages_of_one_site(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
        given = [
            Capture(host, f"Page {host}.", f"https://{host}/a") for host in ("protocol.com", "other.example")
        ]
        monkeypatch.setattr(shards, "read_files", lambda *_: iter(given))
        made_here([put(tmp_path / "a.txt", "")], tmp_path / "out", ShardOptions(form))
        found, passed = read_captures([str(tmp_path / "out")], site="protocol.com")
        assert found.source == "protocol.com"
        assert isinstance(passed, Problem)


def test_what_an_older_parser_told_apart_is_told_apart_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.txt", "China\n\nA headline\n\nA body that ends.\n")
    monkeypatch.setattr(shards, "PARSER_VERSION", PARSER_VERSION - 1)
    made_here([path], tmp_path / "out")
    (found,) = read_captures([str(tmp_path / "out")])
    assert isinstance(found, Capture)
    assert found.told
    assert parse_capture(found) is not found.told.page
    assert parse_capture(found) == parse(found.text, source=str(path))


def test_what_was_told_apart_is_not_told_apart_again(tmp_path: Path) -> None:
    made_here([put(tmp_path / "a.txt", "A page.")], tmp_path / "out")
    (found,) = read_captures([str(tmp_path / "out")])
    assert isinstance(found, Capture)
    assert found.told
    assert parse_capture(found) is found.told.page


class TestDamage:
    @pytest.fixture
    def lines(self, tmp_path: Path) -> list[bytes]:
        for number in range(4):
            put(tmp_path / "in" / f"{number}.txt", f"China\n\nA headline {number}\n\nA body that ends.\n")
        made_here([tmp_path / "in"], tmp_path / "made")
        (path,) = (tmp_path / "made").glob("*.jsonl")
        return path.read_bytes().splitlines(keepends=True)

    def read(self, tmp_path: Path, lines: list[bytes]) -> tuple[list[str], list[Problem]]:
        path = put(tmp_path / "shard.jsonl", b"".join(lines))
        found = list(read_captures([str(path)]))
        names = [Path(item.source).name for item in found if isinstance(item, Capture)]
        return names, [item for item in found if isinstance(item, Problem)]

    def test_none(self, tmp_path: Path, lines: list[bytes]) -> None:
        assert self.read(tmp_path, lines) == (["0.txt", "1.txt", "2.txt", "3.txt"], [])

    def test_shards_strung_together(self, tmp_path: Path, lines: list[bytes]) -> None:
        names, problems = self.read(tmp_path, lines + lines)
        assert (len(names), problems) == (8, [])

    def test_the_last_line_that_earlier_versions_wrote(self, tmp_path: Path, lines: list[bytes]) -> None:
        names, problems = self.read(tmp_path, [*lines, b'{"end": true, "pages": 4, "articles": 4}\n'])
        assert (len(names), problems) == (4, [])

    def test_a_line_that_was_cut_off_is_a_problem(self, tmp_path: Path, lines: list[bytes]) -> None:
        names, (problem,) = self.read(tmp_path, [*lines[:-1], lines[-1][:-40]])
        assert (len(names), problem.kind, problem.partial) == (3, "damaged", True)

    def test_lines_that_are_no_rows_are_counted(self, tmp_path: Path, lines: list[bytes]) -> None:
        bad = [
            b"\xff\xfe\n",
            b"[1]\n",
            b"[" * 100_000 + b"\n",
            b'{"source": 1, "text": "a", "encoding": ""}\n',
            b'{"problem": 1}\n',
        ]
        names, (problem,) = self.read(tmp_path, [lines[0], *bad, *lines[1:]])
        assert len(names) == 4
        assert problem.reason.startswith("5 lines (2, 3, 4, …)")

    def test_a_row_of_too_many_values_is_none(self, tmp_path: Path, lines: list[bytes]) -> None:
        bad = b'{"a": [' + b"1," * 600_000 + b"1]}\n"
        names, (problem,) = self.read(tmp_path, [lines[0], bad, *lines[1:]])
        assert (len(names), problem.kind) == (4, "too large")

    @pytest.mark.parametrize(
        "change",
        [
            {"articles": None},
            {"articles": [{}]},
            {"articles": [1]},
            {"furniture": [1]},
            {"parser": "1"},
        ],
    )
    def test_articles_that_cannot_be_are_told_apart_again(
        self, tmp_path: Path, lines: list[bytes], change: dict[str, object]
    ) -> None:
        row = json.dumps(json.loads(lines[1]) | change).encode() + b"\n"
        path = put(tmp_path / "shard.jsonl", b"".join([lines[0], row]))
        (found,) = read_captures([str(path)])
        assert isinstance(found, Capture)
        assert found.told is None

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": "sermon"},
            {"published": "yesterday"},
            {"position": True},
            {"first_line": 1 << 60},
            {"body": [{"kind": "paragraph", "text": None}]},
            {"figures": [{"sound": "a"}]},
            {"reasons": {"truncated": {"because": "a hunch", "line": 1, "text": ""}}},
            {"reasons": []},
            {"authors": "Lian Huarong", "deck": 3},
            {"what": "else"},
        ],
    )
    def test_nor_is_an_article_that_cannot_be_believed(
        self, tmp_path: Path, lines: list[bytes], change: dict[str, object]
    ) -> None:
        row = json.loads(lines[1])
        row["articles"][0] |= change
        path = put(tmp_path / "shard.jsonl", b"".join([lines[0], json.dumps(row).encode() + b"\n"]))
        (found,) = read_captures([str(path)])
        assert isinstance(found, Capture)
        assert found.told is None

    def test_what_a_row_says_of_its_capture_is_made_safe(self, tmp_path: Path, lines: list[bytes]) -> None:
        change = {
            "source": "\x1b[31ma",
            "url": "javascript:alert(1)",
            "captured": "soon",
            "encoding": "\x07utf-8",
        }
        row = json.dumps(json.loads(lines[1]) | change).encode() + b"\n"
        path = put(tmp_path / "shard.jsonl", b"".join([lines[0], row]))
        (found,) = read_captures([str(path)])
        assert isinstance(found, Capture)
        assert (found.source, found.url, found.captured, found.encoding) == ("␛[31ma", None, None, "␇utf-8")
        assert found.told
        assert (found.told.page.source, found.told.page.url) == (found.source, None)

    @pytest.mark.parametrize(
        "link",
        [
            {"block": 0, "start": 0, "end": 1, "url": "javascript:alert(1)"},
            {"block": 0, "start": 0, "end": 1, "url": "https://user@protocol.com/"},
            {"block": 0, "start": 0, "end": 1_000, "url": "https://protocol.com/"},
            {"block": 0, "start": 2, "end": 1, "url": "https://protocol.com/"},
            {"block": 0, "start": -1, "end": 1, "url": "https://protocol.com/"},
            {"block": 9, "start": 0, "end": 1, "url": "https://protocol.com/"},
            {"block": -2, "start": 0, "end": 1, "url": "https://protocol.com/"},
            "https://protocol.com/",
        ],
    )
    def test_with_a_link_that_leads_nowhere_it_is_told_apart_again(
        self, tmp_path: Path, lines: list[bytes], link: object
    ) -> None:
        row = json.loads(lines[1])
        row["articles"][0]["links"] = [link]
        path = put(tmp_path / "shard.jsonl", b"".join([lines[0], json.dumps(row).encode() + b"\n"]))
        (found,) = read_captures([str(path)])
        assert isinstance(found, Capture)
        assert found.told is None

    @pytest.mark.parametrize("form", PACKED)
    def test_a_packed_shard_that_was_cut_off_is_a_problem(self, tmp_path: Path, form: str) -> None:
        made_here([pile(tmp_path / "pile", 20)], tmp_path / "made", ShardOptions(form))
        (path,) = (tmp_path / "made").glob("0*")
        path.write_bytes(path.read_bytes()[:-40])
        found = list(read_captures([str(path)]))
        assert isinstance(found[-1], Problem)
        assert found[-1].kind == "damaged"


def test_a_page_with_too_much_in_it_for_a_row_is_kept_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard, "_FREE_VALUES", 1_000)
    path = put(tmp_path / "a.txt", "x\n" * 3_000)
    (made,) = made_here([path], tmp_path / "out")
    (found,) = read_captures([str(tmp_path / "out")])
    assert made.pages == 1
    assert isinstance(found, Capture)
    assert (found.text, found.told) == (path.read_text(), None)
