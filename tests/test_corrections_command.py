"""`corrections`: listed, as JSON, and written out as test cases that hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader.cli import main
from reader.library.state import corrections
from reader.parsing import parse
from tests.corrections_stage import HARBOR, a_library, articles, line_of, spot


def correct(folder: Path) -> str:
    """A library with two corrections; its path."""
    with a_library(folder) as library:
        library.state.correct(spot("Fintech"), corrections.begins(False), "Fintech")
        library.state.correct(spot("Branches"), corrections.label("caption"), "Branches are closing.")
        return str(library.path)


def test_nothing_corrected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with a_library(tmp_path) as library:
        path = str(library.path)
    assert main(["corrections", "--library", path]) == 0
    assert "Nothing has been corrected" in capsys.readouterr().out


def test_they_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = correct(tmp_path)
    assert main(["corrections", "--library", path]) == 0
    source, *lines = capsys.readouterr().out.splitlines()
    assert source.endswith("harbor.txt")
    assert [line.split(None, 1) for line in lines] == [
        [str(line_of("Fintech")), "no article begins at “Fintech”"],
        [str(line_of("Branches")), "“Branches are closing.” is a caption"],
    ]


def test_they_are_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = correct(tmp_path)
    assert main(["corrections", "--library", path, "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["kind"], first["says"], first["line"]) == ("begins", "joins", line_of("Fintech"))
    assert (second["kind"], second["says"], second["value"]) == ("label", "caption", None)
    assert second["words"] == "“Branches are closing.” is a caption"


def test_cases_hold_what_the_reader_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, folder = correct(tmp_path), tmp_path / "cases"
    assert main(["corrections", "--library", path, "--export", str(folder)]) == 0
    (expected_path,) = folder.glob("*.json")
    assert expected_path.with_suffix(".txt").read_text(encoding="utf-8") == HARBOR
    expected = json.loads(expected_path.read_text(encoding="utf-8"))
    (article,) = expected["articles"]
    assert article["headline"] == "The harbor that counts its own ships"
    assert "Branches are closing. One credit union has found a way to keep visiting hours." in [
        figure["caption"] for figure in article["figures"]
    ]
    assert expected["furniture"] == list(parse(HARBOR).furniture)
    assert len(expected["corrections"]) == 2
    # Nothing is overwritten.
    assert main(["corrections", "--library", path, "--export", str(folder)]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err


def test_the_form_is_that_of_the_samples(tmp_path: Path) -> None:
    path, folder = correct(tmp_path), tmp_path / "cases"
    main(["corrections", "--library", path, "--export", str(folder)])
    (own,) = folder.glob("*.json")
    sample = next((Path(__file__).parent.parent / "sample_data").glob("*.json"))
    mine, theirs = (json.loads(one.read_text(encoding="utf-8")) for one in (own, sample))
    assert set(theirs) <= set(mine)
    assert set(mine["articles"][0]) == set(theirs["articles"][0])


def test_what_is_not_kept_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = correct(tmp_path)
    with a_library(tmp_path) as library:
        assert len(articles(library)) == 1
        for _, chosen in library.captures_from([str(tmp_path / "captures")]):
            library.remove([one.key for one in chosen])
    assert main(["corrections", "--library", path, "--export", str(tmp_path / "cases")]) == 1
    said = capsys.readouterr()
    assert "a capture that is not kept now" in said.out
    assert "not in the library now; add it again first" in said.err
