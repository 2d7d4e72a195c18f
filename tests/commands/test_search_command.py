"""`protocol-reader search`, as a list and as JSON Lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.library import Library
from reader.model import Block, Reason
from tests.commands.stage import Done, Run
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


@pytest.fixture
def search(library: str, run: Run) -> Run:
    return lambda *words: run("search", "--library", library, *words)


def test_a_list_tells_what_is_known_of_each(search: Run) -> None:
    listed = (
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
    assert search("lettuce") == Done(0, listed, "")
    assert "1 of 2 matches" in search("lettuce", "--limit", "1", "--relevance").err
    assert search("nothing") == Done(0, "", "protocol-reader: nothing in the library matches\n")
    assert search("") == Done(2, "", "protocol-reader: there is nothing here to search for\n")


def test_json_lines_have_the_same_fields_always(search: Run) -> None:
    assert search("--json", "-is:sponsored", "LETTUCE").objects == [
        {
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
    ]


def test_a_fault_is_pointed_at(search: Run) -> None:
    status, _, err = search("東京", "is:new", "lettuce")
    assert status == 2
    assert "truncated, whole" in err.splitlines()[0]
    # Each of the two characters takes two columns.
    assert err.splitlines()[1:] == ["  東京 is:new lettuce", "          ^^^"]


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_shows_matches_in_bold(library: str, colour: bool) -> None:
    command = python("-m", "reader", "search", "--library", library, "lettuce is:truncated")
    with Terminal(command, env={} if colour else {"NO_COLOR": "1"}) as terminal:
        assert terminal.status() == 0
        assert ("“\x1b[1mlettuce\x1b[0m”".encode() in terminal.output) is colour
        assert "“lettuce”" in terminal.text


def test_another_spelling_is_suggested(search: Run) -> None:
    assert search("letuce", "weighed") == Done(
        0, "", "protocol-reader: nothing in the library matches; did you mean lettuce weighed?\n"
    )
    assert search("--json", "letuce").objects == [{"did_you_mean": "lettuce"}]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config.toml that can be written."""
    file = tmp_path / "protocol-reader" / "config.toml"
    file.parent.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return file


def test_the_settings_say_whether_other_forms_are_found(search: Run, config: Path) -> None:
    assert len(search("--json", "lettuces").objects) == 2
    config.write_text("[search]\nstems = false\n", encoding="utf-8")
    assert search("--json", "lettuces").objects == [{"did_you_mean": "lettuce"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[search]\nstems = "false"', 'line 2: search.stems must be true or false, not "false"'),
        ("[serach]\nstems = false", "line 1: there is no table [serach]; did you mean search?"),
        ("[search", "line 1: this is not valid TOML"),
    ],
)
def test_a_query_needs_the_setting_for_other_forms(
    library: str, run: Run, config: Path, text: str, says: str
) -> None:
    config.write_text(text, encoding="utf-8")
    for command in ("search", "export --format text", "notes", "missing"):
        done = run(*command.split(), "--library", library, "lettuce")
        assert (done.status, done.out, says in done.err) == (2, "", True)
    # It needs no other one.
    config.write_text("[screen]\ntheme = 5\nthme = 5\n[text]\nwith = 3", encoding="utf-8")
    assert run("search", "--library", library, "lettuce").status == 0
