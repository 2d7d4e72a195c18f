"""`--site`: the pages of one site out of everything, and what is said of the others."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from reader.captures import PASSED_OVER, PathsOfSite, read_captures
from reader.captures.site import Site, host_in
from reader.cli import DONE, WRONG_USE, main
from reader.errors import SettingsError
from reader.model import Capture, Problem
from tests.archives import http, packed, record, zipped

URLS = (
    "https://www.protocol.com/a",
    "https://other.example/b",
    "https://protocol.com/c",
    "http://other.example/d",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pages in each of some formats, two of them of another site, and a page of text."""
    records = [record(http(f"Page {url}"), url=url) for url in URLS]
    rows = "".join(json.dumps({"text": f"Row {url}", "url": url}) + "\n" for url in URLS)
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    (tmp_path / "b.warc.gz").write_bytes(packed(records))
    (tmp_path / "c.jsonl").write_text(rows)
    (tmp_path / "d.zip").write_bytes(zipped({"e.jsonl": rows.encode()}))
    (tmp_path / "f.txt").write_text("A page that does not say where it is from")
    return tmp_path


@pytest.mark.parametrize("site", ["protocol.com", "PROTOCOL.COM", "https://protocol.com/china?x"])
def test_in_every_format(folder: Path, site: str) -> None:
    found = list(read_captures([str(folder)], site))
    captures = [item for item in found if isinstance(item, Capture)]
    assert len(captures) == 4 * 2 + 1
    assert all("other.example" not in (capture.url or "") for capture in captures)
    assert found[-1] == Problem(
        "protocol.com", PASSED_OVER, "8 pages of other sites passed over", partial=True
    )
    assert found[:-1] == captures


def test_any_site_unless_told(folder: Path) -> None:
    assert len(list(read_captures([str(folder)]))) == 4 * 4 + 1


def test_paths_carry_it(folder: Path) -> None:
    paths = PathsOfSite([str(folder)], "protocol.com")
    assert list(read_captures(paths)) == list(read_captures([str(folder)], "protocol.com"))
    again = pickle.loads(pickle.dumps(paths))
    assert (again, again.site) == (paths, "protocol.com")


@pytest.mark.parametrize("site", ["", " ", "a b", "http://", "ftp://protocol.com", "protocol.com\u202e"])
def test_what_is_no_site(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SettingsError):
        Site(site)
    with pytest.raises(SystemExit) as ended:
        main(["parse", "--site", site, "x.txt"])
    assert ended.value.code == WRONG_USE
    assert "no site" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/b", "a.example"),
        ("https://u:p@A.Example:80?x", "a.example"),
        ("https://a.example\\@b.example/", "a.example"),
        ("dns:a.example", ""),
        ("", ""),
        ("https://a.example.", "a.example"),
        ("https://a.example#b://c", "a.example"),
    ],
)
def test_hosts(url: str, host: str) -> None:
    assert host_in(url) == host


def test_the_command(folder: Path) -> None:
    command = [sys.executable, "-m", "reader", "parse", "--site", "protocol.com", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == DONE
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(pages) == 9
    assert pages[0]["url"] == "https://www.protocol.com/a"
    assert pages[0]["captured"] == "2022-08-12T10:30:00Z"
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("protocol.com: 8 pages of other sites passed over\n")
