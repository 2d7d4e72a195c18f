"""Parquet and Zstandard, which need extras: where those are installed, and what is said where they are not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reader.captures import PASSED_OVER, read_captures
from reader.model import Capture, Problem
from tests.archives import PAGE, packed, read, tarred, text_of, warc, zipped


@pytest.mark.parametrize(("data", "extra"), [(b"\x28\xb5\x2f\xfd123", "zstd"), (b"PAR1PAR1", "parquet")])
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, extra: str
) -> None:
    monkeypatch.setattr("reader.captures.unpacking.zstd", None)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    found = read(tmp_path / "a", data)
    assert (found.captures, found.kinds) == ([], [("needs an extra", False)])
    assert found.reasons.endswith(f"needs the extra `{extra}`: pip install 'protocol-reader[{extra}]'")


class TestParquet:
    @pytest.fixture
    def made(self, tmp_path: Path) -> Callable[[str], Path]:
        """Makes a Parquet file of what a query selects."""
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
        assert list(read_captures([str(path)], "protocol.com"))[1:] == [
            Problem("protocol.com", PASSED_OVER, "1 page of another site passed over", partial=True)
        ]

    @pytest.mark.parametrize("kept", ["plain", "zip", "tar"])
    def test_in_archives_and_with_nested_columns(
        self, made: Callable[[str], Path], tmp_path: Path, kept: str
    ) -> None:
        data = made(
            "select 'A page' as raw_content, {'url': 'https://www.protocol.com/a', 'date': '2022-08-12'} as metadata"
        ).read_bytes()
        data = data if kept == "plain" else (zipped if kept == "zip" else tarred)({"a.parquet": data})
        (capture,) = read(tmp_path / "x", data).captures
        assert (capture.text, capture.url, capture.captured) == (
            "A page",
            "https://www.protocol.com/a",
            "2022-08-12",
        )

    def test_rows_and_files_without_text(self, made: Callable[[str], Path]) -> None:
        path = made("select unnest(['A page', null, '']) as content")
        capture, problem = list(read_captures([str(path)]))
        assert isinstance(capture, Capture)
        assert isinstance(problem, Problem)
        assert (problem.kind, problem.partial) == (PASSED_OVER, True)
        assert problem.reason.startswith("2 rows passed over: 2 without text")
        (problem,) = list(read_captures([str(made("select 1 as a"))]))
        assert isinstance(problem, Problem)
        assert problem.kind == "no page"

    def test_many_rows_come_in_order(self, made: Callable[[str], Path]) -> None:
        path = made("select 'Page ' || i as text from range(10000) t(i)")
        texts = [item.text for item in read_captures([str(path)]) if isinstance(item, Capture)]
        assert texts == [f"Page {n}" for n in range(10_000)]

    @pytest.mark.parametrize("where", [4, -6, -1])
    def test_damage_is_told(self, made: Callable[[str], Path], tmp_path: Path, where: int) -> None:
        data = bytearray(made("select 'Page ' || i as text from range(5000) t(i)").read_bytes())
        data[where] ^= 0xFF
        found = read(tmp_path / "a.parquet", bytes(data))
        assert found.kinds in ([("damaged", True)], [("damaged", False)])
        assert "\n" not in found.reasons
        found = read(tmp_path / "a.parquet", bytes(data[: len(data) // 2]))
        assert found.kinds == [("damaged", False)]


class TestZstd:
    @pytest.fixture
    def zstd(self) -> Any:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            zstd = pytest.importorskip("backports.zstd")
        return zstd

    def test_anything_packed_with_it(self, zstd: Any, tmp_path: Path) -> None:
        rows = b"".join(json.dumps({"text": text_of(n)}).encode() + b"\n" for n in range(100))
        texts = [text_of(n) for n in range(100)]
        assert read(tmp_path / "a.jsonl.zst", zstd.compress(rows)).texts == texts
        frames = b"".join(zstd.compress(rows[at : at + 100]) for at in range(0, len(rows), 100))
        assert read(tmp_path / "a", frames).texts == texts
        skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
        assert read(tmp_path / "a", skipped + zstd.compress(rows) + skipped).texts == texts
        assert read(tmp_path / "a.tar.zst", zstd.compress(tarred({"a.txt": PAGE.encode()}))).texts == [PAGE]
        assert read(tmp_path / "a.txt.zst", zstd.compress(PAGE.encode())).texts == [PAGE]

    @pytest.mark.parametrize("packed_dictionary", [False, True])
    def test_a_warc_with_its_dictionary(self, zstd: Any, tmp_path: Path, packed_dictionary: bool) -> None:
        records = warc(200)
        trained = zstd.train_dict(records, 2000)
        content = trained.dict_content
        content = zstd.compress(content) if packed_dictionary else content
        frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
        data = frame + b"".join(zstd.compress(one, zstd_dict=trained) for one in records)
        found = read(tmp_path / "a.warc.zst", data)
        assert (found.texts, found.problems) == ([text_of(n) for n in range(200)], [])

    def test_a_damaged_frame_costs_no_other(self, zstd: Any, tmp_path: Path) -> None:
        frames = [
            zstd.compress(one, options={zstd.CompressionParameter.checksum_flag: 1}) for one in warc(10, 300)
        ]
        for at in (5, 20, -10, -1):
            damaged = bytearray(frames[4])
            damaged[at] ^= 0xFF
            found = read(tmp_path / "a.warc.zst", b"".join([*frames[:4], bytes(damaged), *frames[5:]]))
            expected = [text_of(n, 300) for n in range(10) if n != 4]
            assert set(expected) <= set(found.texts)
            assert ("damaged", True) in found.kinds

    def test_bombs(self, zstd: Any, tmp_path: Path) -> None:
        found = read(tmp_path / "a.txt.zst", zstd.compress(b"a" * (200 << 20)))
        assert found.kinds == [("too large", True)]
        assert len(found.texts[0]) < 20 << 20
        twice = read(tmp_path / "a.txt.zst", zstd.compress(zstd.compress(PAGE.encode())))
        assert twice.kinds == [("binary", False)]

    def test_a_window_that_takes_too_much_memory(self, zstd: Any, tmp_path: Path) -> None:
        options = {zstd.CompressionParameter.window_log: 30}
        packer = zstd.ZstdCompressor(options=options)
        data = packer.compress(b"a page " * 10) + packer.compress(b"again") + packer.flush()
        found = read(tmp_path / "a.txt.zst", data)
        assert found.captures == []
        assert found.kinds == [("damaged", False)]

    def test_gzip_in_a_warc_of_gzip_is_not_meant(self, zstd: Any, tmp_path: Path) -> None:
        assert read(tmp_path / "a.warc.zst", zstd.compress(packed(warc(1)))).kinds == [("binary", False)]
