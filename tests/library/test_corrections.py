"""Corrections change articles at once, can be undone, and are listed and exported by the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.cli import main
from reader.errors import LibraryError
from reader.library import Filters, Library, Sort, StoredPosition
from reader.library.articles import LineRef
from reader.library.ingest.reading import text_digest
from reader.library.repair import check
from reader.library.state import corrections
from reader.library.state.corrections import Statement
from reader.model import CORRECTED, Capture, LineHint
from reader.parsing import parse, parse_capture
from tests.app.features.corrections_stage import (
    BANK_TITLE,
    HARBOR,
    HARBOR_TITLE,
    a_library,
    articles,
    key_of,
    line_of,
    spot,
)
from tests.commands.stage import Run
from tests.filling import sql
from tests.parsing.test_confidence import UNCLEAR
from tests.paths import SAMPLE_DATA


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with a_library(tmp_path) as library:
        yield library


def say(library: Library, words: str, statement: Statement) -> str | None:
    return library.state.correct(
        spot(words), statement, next(line for line in HARBOR.split("\n") if line.startswith(words))
    )


def test_a_label_changes_a_line(library: Library) -> None:
    assert say(library, "Branches are", corrections.label("caption")) == (
        "said that “Branches are closing. One credit union has found…” is a caption"
    )
    caption = "Branches are closing. One credit union has found a way to keep visiting hours."
    bank = articles(library)[1]
    assert bank.deck is None
    assert bank.figures[0].caption == caption
    say(library, "The tablet is", corrections.label("caption"))
    bank = articles(library)[1]
    assert [(figure.caption, figure.credit) for figure in bank.figures] == [
        (caption, None),
        ("The tablet is named Ledger.", "Photo: Tomas Reuel/Getty Images"),
    ]
    assert bank.body[0].text.startswith("On Mondays")


def test_an_article_becomes_sponsored_or_not(library: Library) -> None:
    say(library, "Fintech", corrections.sponsored(True, "Tarn  Ledgers\n"))
    bank = articles(library)[1]
    assert bank.sponsor == "Tarn Ledgers"
    assert bank.sponsored is not None
    assert (bank.sponsored.because, bank.sponsored.line) == (CORRECTED, line_of("Fintech"))
    assert [section.name for section in library.sections()] == ["Enterprise", "Policy", "Sponsored"]
    say(library, "Fintech", corrections.sponsored(False))
    bank = articles(library)[1]
    assert (bank.sponsor, bank.sponsored) == (None, None)


def test_articles_get_a_section_become_whole_and_are_joined_and_divided(library: Library) -> None:
    say(library, BANK_TITLE, corrections.truncated(False))
    say(library, BANK_TITLE, corrections.section("Rural Banking"))
    bank = articles(library)[1]
    assert (bank.truncated, bank.section, bank.kicker) == (None, "Rural Banking", "Fintech")
    assert "Rural Banking" in [section.name for section in library.sections()]
    say(library, "Fintech", corrections.begins(False))
    (joined,) = articles(library)
    assert joined.headline == HARBOR_TITLE
    assert [block.text for block in joined.body[2:4]] == ["Fintech", BANK_TITLE]
    assert joined.authors == ("Ines Albrecht", "Tomas Reuel")
    say(library, "In May", corrections.begins(True))
    assert [article.first_line for article in articles(library)] == [1, line_of("In May")]
    for role, value in (("=poem", ""), ("section", ""), ("link", "0 4 https://x.example")):
        with pytest.raises(LibraryError):
            library.state.correct(spot("Fintech"), Statement(role, value), "Fintech")


def test_corrections_replace_hints_of_the_format() -> None:
    hints = (LineHint(1, "headline"), LineHint(3, "opens"), LineHint(3, "link", "0 3 x"))
    said = [
        corrections.Correction(b"", 1, "label", corrections.label("deck"), "Words"),
        corrections.Correction(b"", 3, "begins", corrections.begins(False), "More words"),
    ]
    corrected = corrections.with_corrections(Capture("a.html", "Words\n\nMore words", hints=hints), said)
    assert corrected.hints == (
        LineHint(1, "=deck"), LineHint(1, "checked"), LineHint(3, "joins"), LineHint(3, "checked"),
        LineHint(3, "link", "0 3 x"),
    )  # fmt: skip
    assert parse_capture(corrected).articles[0].deck == "Words"


@pytest.mark.parametrize("newer_parser", [False, True])
def test_corrections_apply_when_a_capture_is_read_again(
    library: Library, tmp_path: Path, newer_parser: bool
) -> None:
    say(library, "Fintech", corrections.begins(False))
    say(library, "Latest", corrections.label("signoff"))
    wanted = articles(library)
    folder = str(tmp_path / "captures")
    if newer_parser:
        sql(library, "UPDATE captures SET parser = -1")
        sql(library, "DELETE FROM files")
    else:
        remove_all(library, tmp_path)
        assert library.totals().articles == 0
    library.ingest([folder])
    assert articles(library) == wanted
    assert len(library.corrections()) == 2


def test_undo_and_redo(library: Library) -> None:
    before = articles(library)
    words = say(library, "Fintech", corrections.begins(False))
    after = articles(library)
    assert say(library, "Fintech", corrections.begins(False)) is None
    assert library.state.undo() == words == "said that no article begins at “Fintech”"
    assert articles(library) == before
    assert library.corrections() == ()
    assert library.state.redo() == words
    assert articles(library) == after
    (said,) = library.corrections()
    assert said.sentence == "no article begins at “Fintech”"
    assert library.state.take_back(said) == "withdrew the correction that no article begins at “Fintech”"
    assert articles(library) == before
    assert library.state.take_back(said) is None


def test_a_correction_leaves_the_stories_of_the_other_articles(tmp_path: Path) -> None:
    words = [f"{'harbor ledger bridge clock crane ferry'.split()[n * n % 6]}{n % 7}" for n in range(400)]
    end = HARBOR[HARBOR.index("\n\nKeep Reading") : HARBOR.index("Fintech")]

    def story(title: str, words: list[str]) -> str:
        return f"Enterprise\n\n{title}\n\nPhoto: Ines Albrecht/Getty Images\n\n{' '.join(words).capitalize()}.{end}"

    # So much alike that they would be one story, if the library had looked for that.
    other = story(
        "Cameras", ["changed" if n in (3, 9, 14, 20) else word for n, word in enumerate(words[:200])]
    )
    (tmp_path / "whole.txt").write_text(story(HARBOR_TITLE, words))
    (tmp_path / "two.txt").write_text(two := story(HARBOR_TITLE, words[:100]) + other)
    with Library.open(tmp_path / "library.db") as library:
        library.ingest([str(tmp_path / "whole.txt"), str(tmp_path / "two.txt")])
        assert library.totals().articles == 2
        assert library.state.correct(LineRef(text_digest(two), 5), corrections.label("caption"), "Photo")
        assert library.totals().articles == 2


def test_undo_after_the_capture_was_removed(library: Library, tmp_path: Path) -> None:
    say(library, "Fintech", corrections.begins(False))
    remove_all(library, tmp_path)
    library.state.undo()
    assert library.corrections() == ()
    library.ingest([str(tmp_path / "captures")])
    assert len(articles(library)) == 2


def listed(library: Library) -> list[tuple[str, str, str]]:
    """Section, title and capture of every article, in the order of the list."""
    listing = library.listing()
    rows = listing.rows(0, len(listing))
    return [(row.group, row.title, library.article(row.key).source) for row in rows]


SAYINGS = (
    corrections.begins(False),
    corrections.begins(True),
    corrections.label("furniture"),
    corrections.section("China"),
    corrections.section("Rural Banking"),
    corrections.sponsored(True, "Tarn Ledgers"),
    corrections.truncated(False),
)


def test_undo_restores_the_version_shown_and_the_places_in_the_list(tmp_path: Path, thorough: bool) -> None:
    folder = tmp_path / "pile"
    folder.mkdir()
    for path in SAMPLE_DATA.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text, encoding="utf-8")
        # The same articles in a second capture: which version is shown depends on which came first.
        (folder / f"again-{path.name}").write_text(
            f"{text}\n\nSign up for our newsletter\n", encoding="utf-8"
        )
    with Library.open(tmp_path / "pile.db") as library:
        library.ingest([str(folder)])
        digests = [digest for (digest,) in sql(library, "SELECT digest FROM captures ORDER BY digest")]
        before = listed(library)
        moved = 0
        chosen = list(enumerate(digests))[:: 1 if thorough else 5]
        for number, digest in chosen:
            steps = [
                library.state.correct(LineRef(digest, line), SAYINGS[(number + line) % len(SAYINGS)], "words")
                for line in (1, 5, 9)
            ]
            moved += listed(library) != before
            for words in steps:
                assert words is None or library.state.undo() is not None
            assert listed(library) == before
        assert moved > len(chosen) // 2
        assert list(check(library.path)) == []


def test_undo_in_a_mended_library_where_other_captures_have_the_keys(tmp_path: Path) -> None:
    """Mending numbers the captures anew, in their order; a corrected capture is the last."""
    folder = tmp_path / "captures"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_text(f"{HARBOR}\n\nRecommended {name}\n", encoding="utf-8")
    path = tmp_path / "library.sqlite"
    with Library.open(path) as library:
        library.ingest([str(folder)])
        before = listed(library)
        digest = library.article(1).digest
        for line in (line_of("Fintech"), line_of("The tablet")):
            assert library.state.correct(LineRef(digest, line), corrections.label("furniture"), "words")
        assert listed(library) != before
        sql(library, "DELETE FROM records WHERE key = 3")
    assert main(["check", "--mend", "--library", str(path)]) == 1
    with Library.open(path) as library:
        while library.state.undo():
            pass
        assert library.corrections() == ()
        assert [row[:2] for row in listed(library)] == [row[:2] for row in before]
    assert list(check(path)) == []


def test_marks_and_positions_follow_the_words(library: Library) -> None:
    library.state.set_starred(key_of(library, BANK_TITLE), True)
    library.state.set_read(key_of(library, "The harbor"), True)
    library.state.save_positions([StoredPosition(key_of(library, BANK_TITLE), 1, 7)])
    here = library.article(key_of(library, BANK_TITLE)).line
    say(library, "Fintech", corrections.begins(False))
    joined = library.article_at(here)
    assert joined == key_of(library, "The harbor")
    row, place = library.row(joined), library.last_position()
    assert row is not None
    assert row.starred
    assert not row.unread
    assert place is not None
    body = library.article(joined).article.body
    assert body[place.block].text.startswith("By ten there is a line")
    assert place.offset == 7
    library.state.undo()
    again = library.row(key_of(library, BANK_TITLE))
    harbor = library.row(key_of(library, "The harbor"))
    assert again is not None
    assert harbor is not None
    assert (again.starred, again.unread) == (True, True)
    assert (harbor.starred, harbor.unread) == (False, False)
    assert library.article_at(here) == again.key


def test_doubtful_articles_are_found_until_they_are_corrected(tmp_path: Path) -> None:
    farms = "Jinhe’s rooftop farms are not feeding anyone yet"
    for name, text in (
        ("clear", HARBOR[HARBOR.index("Fintech") : HARBOR.index("By ten")]),
        ("unclear", UNCLEAR),
    ):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library.db") as library:
        library.ingest([str(tmp_path / "clear.txt"), str(tmp_path / "unclear.txt")])

        def found(query: str) -> list[str]:
            """The titles that a filter of the list and a search find alike."""
            listing = library.listing(Filters(words=query), Sort.ADDED)
            titles = [row.title for row in listing.rows(0, len(listing))]
            assert sorted(titles) == sorted(hit.row.title for hit in library.search(query).hits), query
            return titles

        assert found("is:doubtful") == found("is:doubtful farms") == [farms]
        assert (found("is:doubtful tablet"), found("-is:doubtful")) == ([], [BANK_TITLE])
        for typed, count in ("is:doubt", 2), ("is:", 2), ("is:doubtfully", 0):
            assert len(library.listing(Filters(words=typed))) == count
        library.state.set_starred(1, True)
        for state in ("truncated", "whole", "sponsored", "unread", "read", "starred"):
            assert len(found(f"is:{state}")) + len(found(f"-is:{state}")) == 2
        train = LineRef(text_digest(UNCLEAR), 7)
        library.state.correct(train, corrections.label("subhead"), "The lettuce comes by train")
        assert found("is:doubtful") == []
        library.state.undo()
        assert found("is:doubtful") == [farms]
        assert list(check(library.path)) == []


def remove_all(library: Library, folder: Path) -> None:
    for captures in library.captures_from([str(folder / "captures")]).values():
        library.remove(captures)


def test_the_command_lists_and_exports_corrections(tmp_path: Path, run: Run) -> None:
    with a_library(tmp_path) as library:
        command = ("corrections", "--library", library.path)
        assert "There are no corrections" in run(*command, "--export", tmp_path / "cases").out
        assert not (tmp_path / "cases").exists()
        library.state.correct(spot("Fintech"), corrections.begins(False), "Fintech")
        library.state.correct(spot("Branches"), corrections.label("caption"), "Branches are closing.")

    source, *lines = run(*command).out.splitlines()
    assert source.endswith("harbor.txt")
    assert [line.split(None, 1) for line in lines] == [
        [str(line_of("Fintech")), "no article begins at “Fintech”"],
        [str(line_of("Branches")), "“Branches are closing.” is a caption"],
    ]

    first, second = run(*command, "--json").objects
    assert (first["kind"], first["says"], first["line"]) == ("begins", "joins", line_of("Fintech"))
    assert (second["kind"], second["says"], second["value"]) == ("label", "caption", None)
    assert second["words"] == "“Branches are closing.” is a caption"

    cases = tmp_path / "cases"
    status, out, err = run(*command, "--export", cases)
    (path,) = cases.glob("*.json")
    assert status == 0
    assert f"{path}: written" in err
    assert "written" not in out
    assert path.with_suffix(".txt").read_text(encoding="utf-8") == HARBOR
    expected = json.loads(path.read_text(encoding="utf-8"))
    (article,) = expected["articles"]
    assert article["headline"] == HARBOR_TITLE
    assert "Branches are closing. One credit union has found a way to keep visiting hours." in [
        figure["caption"] for figure in article["figures"]
    ]
    assert expected["furniture"] == list(parse(HARBOR).furniture)
    assert len(expected["corrections"]) == 2
    status, _, err = run(*command, "--export", cases)
    assert (status, "a file with this name exists already" in err) == (2, True)
    path.unlink()
    assert run(*command, "--export", cases).status == 1

    with a_library(tmp_path) as library:
        assert len(articles(library)) == 1
        remove_all(library, tmp_path)
    status, out, err = run(*command, "--export", tmp_path / "more")
    assert (status, "a capture that is no longer in the library" in out) == (3, True)
    assert "no longer in the library; add it again first" in err


@pytest.mark.parametrize(
    ("statement", "field", "value"),
    [
        (corrections.section("Ports"), "section", "Ports"),
        (corrections.sponsored(True, "Tarn"), "sponsor", "Tarn"),
        (corrections.truncated(False), "truncated", None),
    ],
)
def test_a_correction_counts_though_other_captures_have_the_same_article(
    library: Library, tmp_path: Path, statement: Statement, field: str, value: str | None
) -> None:
    """Of two versions of the same length, the one that was read first is listed."""
    twin = tmp_path / "twin.txt"
    twin.write_text(f"{HARBOR}\nRecommended\n", encoding="utf-8")
    library.ingest([str(twin)])
    say(library, "Protocol", statement)
    harbor = library.article(key_of(library, HARBOR_TITLE))
    assert Path(harbor.source).name != twin.name
    assert getattr(harbor.article, field) == value
    assert not harbor.completed
    assert list(check(library.path)) == []
