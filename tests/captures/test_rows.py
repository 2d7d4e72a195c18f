"""JSON Lines, JSON and Parquet: which rows are pages, and what is saved of those that are broken, endless or bombs."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import NOT_A_CAPTURE, PASSED_OVER, SelectedPaths, read_captures
from reader.captures.source import Columns
from reader.dates import time_of
from reader.model import Capture, Problem
from tests.captures.archives import PAGE, flips, found_at, read, tarred, text_of, zipped
from tests.commands.stage import Run

ROW = {"text": PAGE, "url": "https://www.protocol.com/story", "timestamp": "2022-08-12T10:30:00Z"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pages.jsonl"


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def written(path: Path, *rows: object) -> Path:
    """Write rows as JSON Lines, or as Parquet if the name says so."""
    path.write_bytes(lines(*rows))
    if path.suffix == ".parquet":
        duckdb = pytest.importorskip("duckdb")
        duckdb.sql(f"COPY (FROM read_json('{path.rename(path.with_suffix('.rows'))}')) TO '{path}'")
    return path


def test_a_page_a_line(file: Path) -> None:
    assert read(file, lines(ROW, {"text": "Another"})).items == [
        Capture(f"{file}:1", PAGE, "https://www.protocol.com/story", "2022-08-12T10:30:00Z"),
        Capture(f"{file}:2", "Another"),
    ]


@pytest.mark.parametrize("column", ["text", "raw_content", "content", "html", "raw_html"])
def test_columns_of_text_and_html(file: Path, column: str) -> None:
    texts = ["Words", "<!DOCTYPE html><html><body><p>Words</p></body></html>"]
    found = read(file, lines(*({**ROW, "text": "", column: text} for text in texts)))
    assert found.texts == ["Words"] * 2
    assert [(capture.url, capture.captured) for capture in found.captures] == [
        (ROW["url"], ROW["timestamp"])
    ] * 2


@pytest.mark.parametrize(
    "about",
    [
        {"url": ROW["url"], "created": "2022-08-12"},
        {"created": "2022-08-12T00:00:00.000Z", "metadata": {"url": ROW["url"]}},  # Dolma
        {"url": ROW["url"], "date_download": "2022-08-12T10:30:00Z"},  # RedPajama
        {"warc_headers": {"warc-target-uri": ROW["url"], "warc-date": "2022-08-12T10:30:00Z"}},  # OSCAR
        {"URL": ROW["url"], "Crawl_Date": "20220812"},
        {"Meta": {"Url": ROW["url"], "DATE": "2022-08-12"}},
        {"metadata": json.dumps({"url": ROW["url"], "crawl_date": "20220812103000"})},
        {"meta": json.dumps({"url": ROW["url"], "crawl_date": "20220812103000"})},
    ],
)
def test_columns_of_well_known_corpora_in_any_case(file: Path, about: dict[str, object]) -> None:
    (capture,) = read(file, lines({"Text": PAGE, **about})).captures
    assert (capture.text, capture.url) == (PAGE, ROW["url"])
    assert capture.captured
    assert capture.captured.startswith("2022-08-12")


class TestNamedColumns:
    """Columns that the user names with --columns."""

    NAMES = "text=Page.Body,url=page.at.link,date=seen"
    ROW: ClassVar = {
        "text": "Not this",
        "page": {"body": PAGE, "at": {"link": "https://www.protocol.com/story"}},
        "seen": "2022-08-12",
    }

    @pytest.mark.parametrize("text", ["[Updated] The branch opens at noon.", "{x} marks the spot.", "[1]"])
    def test_a_text_that_starts_like_json_in_a_column_with_dots(self, file: Path, text: str) -> None:
        file.write_bytes(lines({"page.body": text}))
        found = list(read_captures(SelectedPaths([str(file)], None, Columns("page.body"))))
        assert found == [Capture(f"{file}:1", text)]

    @pytest.mark.parametrize("name", ["rows.jsonl", "part-0000", "rows.parquet"])
    def test_nested_columns(self, tmp_path: Path, run: Run, name: str) -> None:
        (page,) = run("parse", "--columns", self.NAMES, written(tmp_path / name, self.ROW)).objects
        assert (page["url"], page["captured"]) == ("https://www.protocol.com/story", "2022-08-12")
        assert "bank" in json.dumps(page["articles"])

    @pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
    @pytest.mark.parametrize(
        ("names", "status", "words"),
        [
            ("text=nope", 3, "1 {} without text in the column nope; name its columns with --columns"),
            ("text=page.body,url=link", 1, "no {} has a value in the column link"),
            ("text=page.body,date=page.seen", 1, "no {} has a value in the column page.seen"),
        ],
    )
    def test_a_misspelt_name_is_reported(
        self, tmp_path: Path, run: Run, name: str, names: str, status: int, words: str
    ) -> None:
        path = written(tmp_path / name, {**self.ROW, "url": "https://www.protocol.com/story"})
        done = run("parse", "--columns", names, path)
        assert done.status == status
        assert words.format("row" if name.endswith("parquet") else "object") in done.err

    @pytest.mark.parametrize("names", ["body", "text=", "title=headline", "text=a,,url=b"])
    def test_what_names_no_columns(self, file: Path, names: str, run: Run) -> None:
        assert "write text=NAME,url=NAME,date=NAME" in run("parse", "--columns", names, file).err

    def test_the_library_reads_a_file_again_with_other_columns(
        self, file: Path, tmp_path: Path, run: Run
    ) -> None:
        pages = [
            f"Policy\n\n{title}\n\nNobody in the room had seen the contract." for title in ("One", "Another")
        ]
        file.write_bytes(lines({"text": pages[0], "body": pages[1]}))
        os.utime(file, (1_600_000_000, 1_600_000_000))  # so that the library notes that it has read it
        add = ("add", "--library", tmp_path / "library", "--json", file)
        for more, new in ((), 1), (("--columns", "text=body"), 1), (("--columns", "text=body"), 0):
            assert [added["new"] for added in run(*add, *more).objects] == [new]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("protocol.com/a", "https://protocol.com/a"),
        (
            " www.Protocol.com:8080/a?b=http://x.example/ ",
            "https://www.protocol.com:8080/a?b=http://x.example/",
        ),
        ("protocol.com", None),
        ("pages/a.txt", None),
        ("./protocol.com/a", None),
        ("a story.com/a", None),
        ("me@protocol.com/a", None),
        ("1.5/2", None),
        ("javascript:x", None),
        (5, None),
        (["x"], None),
    ],
)
def test_an_address_without_a_scheme_and_what_is_none(file: Path, url: object, address: str | None) -> None:
    (capture,) = read(file, lines({"text": PAGE, "url": url})).captures
    assert capture.url == address
    selected = SelectedPaths([str(file)], "other.example")
    assert any(isinstance(item, Capture) for item in read_captures(selected)) is (address is None)


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        ("2022-08-12T10:30:00Z", (
            "2022-08-12T10:30:00Z", "2022-08-12T10:30:00.123456Z", "2022-08-12 10:30:00", "2022-08-12T10:30",
            "2022-08-12T12:30:00+02:00", "2022-08-12T05:00:00-0530", "2022/08/12 10:30:00", "20220812 103000",
            "20220812103000", 20220812103000, 1660300200, 1660300200.5, 1660300200123, "1660300200",
            "Fri, 12 Aug 2022 10:30:00 GMT",
        )),
        ("2022-08-12", (
            "2022-08-12", "20220812", 20220812, "2022/08/12", "2022/8/12", "August 12, 2022", "Aug. 12, 2022",
            "12 August 2022",
        )),
        ("2022-09-02", ("Sept. 2, 2022", "2 September 2022")),
        (None, (
            -5, 5, True, None, 1e300, -1e17, float("nan"), 10**30, "2022-08-12T99:00:00Z", "", "soon", "2022-13-01",
            "2022-02-30", "2022/02/30", "03/05/2022", "May 32, 2022", "1022-08-12", "9" * 5000, "٢٠٢٢-٠٨-١٢",
        )),
    ],
)  # fmt: skip
def test_times(expected: str | None, values: tuple[object, ...]) -> None:
    assert [(value, time_of(value)) for value in values if time_of(value) != expected] == []


def test_unclear_times_are_counted_in_one_sentence(file: Path, run: Run) -> None:
    dates = ["03/05/2022", "2022-05-03", "yesterday", None, "", 1e20, True, " "]
    file.write_bytes(lines(*({"text": PAGE, "date": date} for date in dates)))
    done = run("parse", file)
    assert (done.status, [page["captured"] for page in done.objects]) == (
        0, [None, "2022-05-03", *[None] * 6]
    )  # fmt: skip
    assert done.err.count("\n") == 1
    assert "4 lines (1, 3, 6, …): its time of capture can mean several days or none" in done.err


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.datetimes(), st.dates(), st.from_regex(r"[\d:TZ +-]{0,25}")
    )
)
def test_any_time(value: object) -> None:
    assert time_of(value) is None or time_of(time_of(value)) == time_of(value)


class TestJson:
    ROWS = [{"text": text_of(n), "n": {"deep": ["}", "{", '"', "\\"]}} for n in range(5)]  # noqa: RUF012

    @pytest.mark.parametrize(
        "form",
        [
            lambda rows: json.dumps(rows),
            lambda rows: json.dumps(rows, indent=2),
            lambda rows: "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n",
            lambda rows: "[" + ",\n".join(map(json.dumps, rows)) + "]",
            lambda rows: "[\n\t" + ",\n\t".join(map(json.dumps, rows)) + "\n]\n",  # of DuckDB
            lambda rows: "\ufeff[" + "\r\n,".join(map(json.dumps, rows)) + "]",
            lambda rows: "\n".join(json.dumps(part) for part in (rows[:1], rows[1:3], rows[3:])),
            lambda rows: "\n".join(json.dumps(part) for part in (rows[0], rows[1:3], rows[3:])),
            lambda rows: "\n".join(json.dumps(row, indent=1) for row in rows),
            lambda rows: "\ufeff" + "\n".join(map(json.dumps, rows)),
            lambda rows: "\r\n\r\n".join(map(json.dumps, rows)),
        ],
    )
    def test_forms(self, tmp_path: Path, form: object) -> None:
        data = form(self.ROWS).encode()  # type: ignore[operator]
        for name in ("a.json", "a.jsonl", "a", "a.txt"):
            found = read(tmp_path / name, data)
            assert found.texts == [row["text"] for row in self.ROWS]
            assert found.problems == []

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_a_file_in_utf_16_as_powershell_writes_it(self, tmp_path: Path, encoding: str) -> None:
        texts = [f"{text_of(n)} 🪴 – é" * 200 for n in range(40)]
        data = "\ufeff" + "\r\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts)
        found = read(tmp_path / "a.jsonl", data.encode(encoding))
        assert (found.texts, found.problems) == (texts, [])

    def test_a_file_too_large_to_be_read_at_once_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("reader.captures.tables.MAX_JSON", 3_000)
        found = read(tmp_path / "a.json", json.dumps([{"text": text_of(n, 200)} for n in range(30)]).encode())
        assert (found.texts, found.kinds) == ([], [("too large", False)])
        assert "jq -c" in found.reasons

    def test_an_array_with_an_object_a_line_may_have_any_size_and_loses_only_what_is_broken(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("reader.captures.tables.MAX_JSON", 3_000)
        rows = [json.dumps({"text": text_of(n, 200)}) for n in range(30)]
        rows[7] = rows[7][:-9]
        found = read(tmp_path / "a.json", b"[\n" + ",\n".join(rows).encode() + b"\n]\n")
        assert found.texts == [text_of(n, 200) for n in range(30) if n != 7]
        assert found.kinds == [("damaged", True)]
        assert found.reasons.startswith("1 line (9): ")

    def test_a_broken_object_costs_what_follows_it(self, tmp_path: Path) -> None:
        data = "\n".join(json.dumps(row, indent=1) for row in self.ROWS).replace("Page 2", 'Page 2"', 1)
        found = read(tmp_path / "a.json", data.encode())
        assert found.texts == [text_of(n) for n in (0, 1)]
        assert found.kinds == [("damaged", True)]
        assert "after its first 2 objects" in found.reasons

    @pytest.mark.parametrize("indent", [None, 1])
    def test_an_array_that_is_cut_off_is_read_up_to_there(self, tmp_path: Path, indent: int | None) -> None:
        found = read(tmp_path / "a.json", json.dumps(self.ROWS, indent=indent)[:-10].encode())
        assert found.texts == [row["text"] for row in self.ROWS[:-1]]
        assert found.kinds == [("damaged", True)]


class TestBrokenLines:
    def test_each_kind_is_told_once(self, file: Path) -> None:
        rows: list[bytes] = [json.dumps({"text": text_of(n)}).encode() for n in range(100)]
        for n in range(10, 60):
            rows[n] = b'{"text": "no end'
        rows[70] = b'{"text": "a", "n": ' + b"[" * 100_000 + b"}"
        rows[71] = b'{"text": "a", "n": ' + b"9" * 100_000 + b"}"
        rows[72] = b"\xff\xfe\0"
        found = read(file, b"\n".join(rows))
        expected = [n for n in range(100) if not (10 <= n < 60 or 70 <= n < 73)]
        assert found.texts == [text_of(n) for n in expected]
        assert found.kinds == [("damaged", True)]
        assert found.reasons.startswith("53 lines (11, 12, 13, …)")

    @pytest.mark.parametrize(
        "long",
        [b'{"text": "' + b"a" * 9_000_000 + b'"}', b'{"text": "a", "n": [' + b"[]," * 600_000 + b"0]}"],
    )
    def test_a_line_longer_than_any_page_or_of_a_million_values(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, long: bytes
    ) -> None:
        monkeypatch.setattr("reader.captures.tables.MAX_LINE", 4_000_000)
        found = read(file, lines(ROW) + long + b"\n" + lines(ROW))
        assert found.sources == [":1", ":3"]
        assert found.kinds == [("too large", True)]
        assert found.reasons.startswith("1 line (2)")

    def test_bytes_that_are_no_utf_8_and_half_of_a_surrogate_pair_cost_a_character(self, file: Path) -> None:
        assert read(file, b'{"text": "caf\xe9"}\n').texts == ["caf\ufffd"]
        for column in ("text", "html"):
            found = read(file, lines({column: "Caf\u00e9 \ud800 \U0001f600"}))
            assert found.texts == ["Caf\u00e9 \ufffd \U0001f600"]

    def test_a_file_that_ends_early(self, file: Path) -> None:
        data = lines(*({"text": text_of(n)} for n in range(4)))
        found = read(file, data[:-30])
        assert found.texts == [text_of(n) for n in range(3)]
        assert found.kinds == [("damaged", True)]
        assert found.reasons.startswith("1 line (4): it ends too early")
        assert read(file, gzip.compress(data[:-30])).reasons == found.reasons
        assert "not JSON" in read(file, data + b"{broken}\n").reasons
        found = read(file, gzip.compress(data)[:-60])
        assert found.texts == [text_of(n) for n in range(len(found.texts))]
        assert len(found.texts) >= 2
        assert {kind for kind, _ in found.kinds} == {"damaged"}

    def test_each_byte_flipped_costs_at_most_its_lines(self, file: Path, thorough: bool) -> None:
        rows = [json.dumps({"text": text_of(n, 5)}).encode() + b"\n" for n in range(3)]
        ends = [sum(map(len, rows[: n + 1])) for n in range(3)]
        for at, data in flips(b"".join(rows), 1 if thorough else 3):
            touched = next(n for n, end in enumerate(ends) if at < end)
            joined = {touched, touched + 1} if at == ends[touched] - 1 else {touched}
            found = read(file, data)
            assert {text_of(n, 5) for n in range(3) if n not in joined} <= set(found.texts), at


class TestWhatIsNoCapture:
    PARSED = {"source": "page.txt", "url": None, "articles": [{"headline": "A"}], "furniture": []}  # noqa: RUF012

    @pytest.mark.parametrize("data", [PARSED, {"articles": []}, {"name": "x"}, [{"a": 1}], {}])
    @pytest.mark.parametrize("indent", [None, 1])
    def test_json_without_a_page_is_a_failure_only_when_named(
        self, tmp_path: Path, data: object, indent: int | None
    ) -> None:
        path = tmp_path / "a.json"
        named = read(path, json.dumps(data, indent=indent).encode())
        assert (named.captures, named.kinds) == ([], [("no page", False)])
        (problem,) = found_at(tmp_path).problems
        assert (problem.source, problem.kind) == (str(path), NOT_A_CAPTURE)
        if data is self.PARSED:
            assert "already separated; read the captures that they are from" in named.reasons

    def test_it_is_counted_among_pages(self, file: Path) -> None:
        found = read(file, lines(ROW, self.PARSED, {"name": "x"}, [], ROW))
        assert len(found.captures) == 2
        assert found.kinds == [(PASSED_OVER, True)]
        assert found.reasons.startswith("3 lines skipped on purpose: ")
        assert "1 with articles" in found.reasons
        assert "2 without text" in found.reasons

    def test_a_text_that_cannot_be_used_is_a_problem(self, file: Path, run: Run) -> None:
        rows = [{"text": text} for text in ("", None, 5, ["a"])]
        found = read(file, lines(ROW, *rows, ROW))
        assert (len(found.captures), found.kinds) == (2, [("no text", True)])
        assert found.reasons == "4 lines (2, 3, 4, …): its text is empty or not a text, so skipped"
        assert run("parse", file).status == 1


def test_text_that_starts_with_json_is_text(tmp_path: Path) -> None:
    text = '{"a": [true, false]}\n\nThat is how the file began.\n'
    for name in ("page.txt", "page"):
        (tmp_path / name).write_text(text)
    assert found_at(tmp_path).texts == [text, text]


def test_in_pieces_it_is_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": text_of(n, 50), "e": '\\"{'} for n in range(40)]
    for data in (lines(*rows), json.dumps(rows, indent=1).encode(), json.dumps(rows).encode()):
        whole = read(file, data)
        for size in (1, 7, 100):
            monkeypatch.setattr("reader.captures.source.NEXT_READ", size)
            monkeypatch.setattr("reader.captures.source.FIRST_READ", size)
            assert read(file, data).items == whole.items
        monkeypatch.undo()
        assert len(whole.captures) == 40


@pytest.mark.parametrize(("data", "extra"), [(b"\x28\xb5\x2f\xfd123", "zstd"), (b"PAR1PAR1", "parquet")])
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, extra: str
) -> None:
    monkeypatch.setattr("reader.captures.unpacking.zstd", None)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    found = read(tmp_path / "a", data)
    assert (found.captures, found.kinds) == ([], [("needs an extra", False)])
    assert f"needs the extra “{extra}”: " in found.reasons


class TestParquet:
    @pytest.fixture
    def made(self, tmp_path: Path) -> Callable[[str], Path]:
        duckdb = pytest.importorskip("duckdb")

        def make(query: str) -> Path:
            path = tmp_path / "rows[1]*.parquet"
            with duckdb.connect() as database:
                database.execute(f"copy ({query}) to '{path}' (format parquet, row_group_size 2048)")
            return path

        return make

    def test_a_page_a_row(self, made: Callable[[str], Path]) -> None:
        path = made(
            "select 7 as id, 'A page' as text, 'https://www.protocol.com/a' as url,"
            " timestamp '2022-08-12 10:30:00' as date"
            " union all select 8, 'Another', 'https://other.example/', null"
        )
        assert list(read_captures([str(path)])) == [
            Capture(f"{path}:1", "A page", "https://www.protocol.com/a", "2022-08-12T10:30:00Z"),
            Capture(f"{path}:2", "Another", "https://other.example/"),
        ]
        assert list(read_captures(SelectedPaths([str(path)], "protocol.com")))[1:] == [
            Problem("--site protocol.com", PASSED_OVER, "1 page of another site skipped", partial=True)
        ]

    @pytest.mark.parametrize("pack", [zipped, tarred])
    def test_in_archives_and_with_nested_columns(
        self, made: Callable[[str], Path], tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
    ) -> None:
        data = made(
            "select 'A page' as raw_content, {'url': 'https://www.protocol.com/a', 'date': '2022-08-12'} as metadata"
        ).read_bytes()
        (capture,) = read(tmp_path / "x", pack({"a.parquet": data})).captures
        assert (capture.text, capture.url, capture.captured) == (
            "A page",
            "https://www.protocol.com/a",
            "2022-08-12",
        )

    def test_rows_and_files_without_text(self, made: Callable[[str], Path]) -> None:
        path = made("select unnest(['A page', null, '']) as content")
        found = found_at(path)
        assert (found.texts, found.kinds) == (["A page"], [("no text", True)])
        assert found.reasons.startswith("2 rows (2, 3): its text is empty")
        assert found_at(made("select 1 as a")).kinds == [("no page", False)]

    def test_many_rows_come_in_order(self, made: Callable[[str], Path]) -> None:
        path = made("select 'Page ' || i as text from range(5000) t(i)")
        assert found_at(path).texts == [f"Page {n}" for n in range(5_000)]

    @pytest.mark.parametrize("where", [4, -6, -1])
    def test_damage_is_told(self, made: Callable[[str], Path], tmp_path: Path, where: int) -> None:
        data = bytearray(made("select 'Page ' || i as text from range(5000) t(i)").read_bytes())
        data[where] ^= 0xFF
        found = read(tmp_path / "a.parquet", bytes(data))
        assert found.kinds in ([("damaged", True)], [("damaged", False)])
        assert "\n" not in found.reasons
        found = read(tmp_path / "a.parquet", bytes(data[: len(data) // 2]))
        assert found.kinds == [("damaged", False)]
