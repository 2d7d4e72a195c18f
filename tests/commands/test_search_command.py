"""`protocol-reader search`, as a list and as JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader.cli import main
from reader.library import Library
from reader.model import Block, Reason
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.pseudo_terminal import Terminal, python

LETTUCE = an_article(
    headline="The lettuce on the roof",
    body=(Block("paragraph", "Nobody has weighed the “lettuce” yet, and nobody asked."),),
    truncated=Reason("marker", 9, "Keep Reading"),
    published="2021-03-04",
)
PAID = an_article(
    headline="Payments are faster",
    body=(Block("paragraph", "Faster \x1b[31mthan lettuce."),),
    sponsored=Reason("label", 9, "A message"),
    sponsor="Nimbuspay",
    published="2020-01-01",
    authors=(),
)


@pytest.fixture
def library(tmp_path: Path) -> str:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        add_pages(library, [a_page("pile/a.txt", LETTUCE, PAID)])
    return str(path)


def search(library: str, *words: str) -> int:
    return main(["search", "--library", library, *words])


def test_a_list_tells_what_is_known_of_each(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(library, "lettuce") == 0
    out, err = capsys.readouterr()
    assert out == (
        "The lettuce on the roof\n"
        "  China · 2021-03-04 · Lian Huarong · TRUNCATED\n"
        "  Nobody has weighed the “lettuce” yet, and nobody asked.\n"
        "  pile/a.txt\n"
        "\n"
        "Payments are faster\n"
        "  China · 2020-01-01 · SPONSORED · Nimbuspay\n"
        "  Faster ␛[31mthan lettuce.\n"
        "  pile/a.txt\n"
    )
    assert not err


def test_json_lines_have_the_same_fields_always(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(library, "--json", "-is:sponsored", "LETTUCE") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "id": LETTUCE.id,
        "title": "The lettuce on the roof",
        "section": "China",
        "published": "2021-03-04",
        "authors": ["Lian Huarong"],
        "truncated": True,
        "sponsored": False,
        "sponsor": None,
        "merged": {},
        "source": "pile/a.txt",
        "url": None,
        "passage": "Nobody has weighed the “lettuce” yet, and nobody asked.",
        "marks": [[24, 31]],
    }


def test_what_is_not_shown_is_told(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(library, "lettuce", "--limit", "1", "--relevance") == 0
    assert "1 of 2 matches" in capsys.readouterr().err
    assert search(library, "nothing") == 0
    out, err = capsys.readouterr()
    assert (out, "nothing in the library matches" in err) == ("", True)


def test_a_fault_is_pointed_at(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(library, "東京", "is:new", "lettuce") == 2
    err = capsys.readouterr().err.splitlines()
    assert "truncated, whole" in err[0]
    # Each of the two characters takes two columns.
    assert err[1:] == ["  東京 is:new lettuce", "          ^^^"]


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_shows_matches_in_bold(library: str, colour: bool) -> None:
    command = python("-m", "reader", "search", "--library", library, "lettuce is:truncated")
    with Terminal(command, env={} if colour else {"NO_COLOR": "1"}) as terminal:
        assert terminal.status() == 0
        assert ("“\x1b[1mlettuce\x1b[0m”".encode() in terminal.output) is colour
        assert "“lettuce”" in terminal.text


def test_another_spelling_is_suggested(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(library, "letuce", "weighed") == 0
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        "protocol-reader: nothing in the library matches; did you mean lettuce weighed?\n",
    )
    assert search(library, "--json", "letuce") == 0
    assert json.loads(capsys.readouterr().out) == {"did_you_mean": "lettuce"}


def test_the_settings_say_whether_other_forms_are_found(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(library, "--json", "lettuces") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    config = tmp_path / "protocol-reader" / "config.toml"
    config.parent.mkdir()
    config.write_text("[search]\nstems = false\n", encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert search(library, "--json", "lettuces") == 0
    assert json.loads(capsys.readouterr().out) == {"did_you_mean": "lettuce"}
