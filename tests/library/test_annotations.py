"""Highlights, notes and tags: kept with the story, undone, found by search, and placed in the text again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reader.errors import LibraryError
from reader.library import Library
from reader.library.repair import rebuild
from reader.library.state import corrections
from reader.library.state.anchors import Quote, Span, locate, quote
from tests.app.features.corrections_stage import FERRY_TITLE, HARBOR, HARBOR_TITLE, a_library, key_of, spot

LEDGER = "a ledger with a blue spine"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with a_library(tmp_path) as library:
        yield library


@pytest.fixture
def harbor(library: Library) -> int:
    return key_of(library, HARBOR_TITLE)


def found(library: Library, query: str) -> list[str]:
    return [hit.row.title for hit in library.search(query).hits]


def quotes(library: Library, key: int) -> list[tuple[str, str, str]]:
    return [(note.quote.text, note.color, note.note) for note in library.annotations.of(key)]


# Changes, and their undoing


def test_a_highlight_gets_a_color_and_a_note_and_each_step_is_undone(library: Library, harbor: int) -> None:
    notes, state = library.annotations, library.state
    named = f"“{LEDGER}” in “{HARBOR_TITLE}”"
    assert notes.highlight(harbor, Quote(LEDGER, "by hand, in ", "."), "yellow") == f"highlighted {named}"
    number = notes.of(harbor)[0].number
    assert notes.change(number, color="green") == f"highlighted in green: {named}"
    assert notes.change(number, note=" Ask the harbor.\n") == f"changed the note on {named}"
    assert quotes(library, harbor) == [(LEDGER, "green", "Ask the harbor.")]
    assert notes.remove(number) == f"removed the highlight {named} and its note"
    assert quotes(library, harbor) == []
    steps = []
    while state.undo():
        steps.append(quotes(library, harbor))
    assert steps == [
        [(LEDGER, "green", "Ask the harbor.")],
        [(LEDGER, "green", "")],
        [(LEDGER, "yellow", "")],
        [],
    ]
    while state.redo():
        steps.append(quotes(library, harbor))
    assert steps[4:] == [*reversed(steps[:3]), []]
    assert notes.highlight(harbor, Quote(LEDGER), "blue", "Ask.") == f"highlighted {named}, with a note"


def test_an_article_has_one_note_until_it_is_empty(library: Library, harbor: int) -> None:
    notes = library.annotations
    assert notes.write_note(harbor, "  ") is None
    assert notes.write_note(harbor, "For the port story") == f"wrote a note on “{HARBOR_TITLE}”"
    assert notes.write_note(harbor, "For the port story ") is None
    assert notes.write_note(harbor, "For page one") == f"changed the note on “{HARBOR_TITLE}”"
    assert quotes(library, harbor) == [("", "yellow", "For page one")]
    assert notes.write_note(harbor, "") == f"removed the note on “{HARBOR_TITLE}”"
    assert quotes(library, harbor) == []
    library.state.undo()
    assert quotes(library, harbor) == [("", "yellow", "For page one")]


def test_tags_are_kept_once_and_counted(library: Library, harbor: int) -> None:
    notes = library.annotations
    assert notes.set_tags(harbor, ["#Ports", "ports", " follow  up", ""]) == (
        f"tagged “{HARBOR_TITLE}” with Ports, follow up"
    )
    assert notes.tags(harbor) == ("follow up", "Ports")
    ferry = key_of(library, FERRY_TITLE)
    notes.set_tags(ferry, ["Ports"])
    assert notes.all_tags() == (("follow up", [harbor]), ("Ports", sorted([harbor, ferry])))
    assert notes.set_tags(harbor, ["ports", "follow up"]) is not None  # another capital
    assert notes.set_tags(harbor, []) == f"removed the tags of “{HARBOR_TITLE}”"
    assert notes.all_tags() == (("Ports", [ferry]),)
    library.state.undo()
    assert notes.tags(harbor) == ("follow up", "ports")


def test_what_is_too_long_is_refused_and_controls_are_taken_out(library: Library, harbor: int) -> None:
    notes = library.annotations
    writes: dict[str, Callable[[], object]] = {
        "a highlight can have 1 to": lambda: notes.highlight(harbor, Quote(""), "blue"),
        "at most 60 characters": lambda: notes.set_tags(harbor, ["x" * 61]),
        "no double quotes": lambda: notes.set_tags(harbor, ['a"b']),
        "at most 50 tags": lambda: notes.set_tags(harbor, map(str, range(51))),
    }
    for says, write in writes.items():
        with pytest.raises(LibraryError, match=says):
            write()
    assert (notes.all(), notes.all_tags()) == ((), ())
    notes.write_note(harbor, "one\x1b[31m\r\ntwo\u202e")
    notes.set_tags(harbor, ["a\x1bb"])
    assert (notes.of(harbor)[0].note, notes.tags(harbor)) == ("one␛[31m\ntwo", ("a␛b",))


# What they survive


@pytest.fixture
def annotated(library: Library, harbor: int) -> int:
    """The article that has a highlight and a tag."""
    library.annotations.highlight(harbor, Quote(LEDGER), "blue", "Ask.")
    library.annotations.set_tags(harbor, ["ports"])
    return harbor


def still_there(library: Library) -> int:
    """The article that has them now."""
    key = key_of(library, HARBOR_TITLE)
    assert quotes(library, key) == [(LEDGER, "blue", "Ask.")]
    assert library.annotations.tags(key) == ("ports",)
    return key


def test_they_outlive_their_captures_and_come_back(library: Library, annotated: int, tmp_path: Path) -> None:
    pile = str(tmp_path / "captures")
    library.state.set_starred(annotated, True)
    library.remove(library.captures_from([pile])[pile])
    ((annotation, key),) = library.annotations.all()
    assert (annotation.quote.text, annotation.title, key) == (LEDGER, HARBOR_TITLE, None)
    assert annotation.source.endswith(".txt")
    assert library.annotations.all_tags() == (("ports", []),)
    (story,) = library.annotations.gone()
    assert (story.title, story.tags, story.annotations) == (HARBOR_TITLE, ("ports",), (annotation,))
    assert library.annotations.remove_tags(story) == f"removed the tags of “{HARBOR_TITLE}”"
    assert library.annotations.gone()[0].tags == ()
    library.state.undo()
    assert library.annotations.gone() == (story,)
    library.ingest([pile])
    key = library.annotations.all()[0][1]
    assert key == still_there(library)
    assert [row.starred for row in library.listing().rows(0, 9) if row.key == key] == [True]
    assert found(library, "tag:ports") == [HARBOR_TITLE]


def test_they_survive_a_correction_its_undoing_and_a_repair(library: Library, annotated: int) -> None:
    library.state.correct(spot("In May a company"), corrections.begins(True), "In May a company")
    assert still_there(library) != annotated
    assert library.annotations.gone() == ()
    library.state.undo()
    still_there(library)
    assert library.annotations.gone() == ()
    library.close()
    rebuild(library.path, lambda _: None)
    with Library.open(library.path) as rebuilt:
        rebuilt.annotations.write_note(still_there(rebuilt), "Another")


def test_they_belong_to_all_versions_of_a_story(library: Library, annotated: int, tmp_path: Path) -> None:
    body = HARBOR[: HARBOR.index("Keep ReadingShow less")]
    longer = tmp_path / "longer.txt"
    longer.write_text(f"{body}\nThe council will vote on the cameras in June, once the ice has gone.\n")
    library.ingest([str(longer)])
    assert still_there(library) != annotated


# Search


def test_search_finds_what_was_added(library: Library, harbor: int) -> None:
    ferry = key_of(library, FERRY_TITLE)
    library.annotations.highlight(harbor, Quote(LEDGER), "blue")
    library.annotations.write_note(ferry, "Call the captain, then Étienne")
    library.annotations.set_tags(ferry, ["Follow up"])
    everything = {
        "has:highlight": [HARBOR_TITLE],
        "has:tag": [FERRY_TITLE],
        "has:note": [FERRY_TITLE],
        'tag:"follow up"': [FERRY_TITLE],
        "tag:follow-up": [FERRY_TITLE],
        "tag:FOLLOW*": [FERRY_TITLE],
        "tag:follow": [],
        "in:notes etienne": [FERRY_TITLE],
        "in:notes capt*": [FERRY_TITLE],
        "in:notes capt": [],
        'in:notes "blue spine"': [HARBOR_TITLE],
        "in:notes blue captain": [],
        "ferry -has:note": [],
        "has:highlight OR has:note": [HARBOR_TITLE, FERRY_TITLE],
        "ledger has:highlight": [HARBOR_TITLE],
    }
    assert {query: sorted(found(library, query)) for query in everything} == {
        query: sorted(titles) for query, titles in everything.items()
    }


def test_the_passage_of_a_hit_is_from_the_note_that_matches(library: Library, harbor: int) -> None:
    library.annotations.write_note(harbor, "Nothing yet.")
    library.annotations.highlight(harbor, Quote(LEDGER), "blue", "Call the captain,\nthen Étienne")
    _, highlight = library.annotations.of(harbor)
    for query, text, marked in (
        ("in:notes etienne", "Call the captain, then Étienne", "Étienne"),
        ("in:notes led*", LEDGER, "ledger"),
        ("cameras in:notes etienne", None, "cameras"),  # The text comes first.
    ):
        (hit,) = library.search(query).hits
        assert text in (None, hit.passage)
        assert marked in [hit.passage[start:end] for start, end in hit.marks]
        assert hit.annotation == (highlight.number if text else None)


# Places in the text

TEXTS = [
    "The ferry is late, and “nobody” has asked.",
    "The council answered: the ferry is late.",
    "It came with the ferry.",
]


def test_a_quote_is_found_by_its_words_and_what_is_around_them() -> None:
    repeated = quote(TEXTS, (1, 22), (1, 39))
    assert repeated.text == "the ferry is late"
    assert locate(repeated, TEXTS) == (Span(1, 22, 39),)
    assert locate(Quote("The ferry is late"), TEXTS) == (Span(0, 0, 17),)
    several = quote(TEXTS, (2, 7), (0, 23))
    assert several.text == "“nobody” has asked.\nThe council answered: the ferry is late.\nIt came"
    assert locate(several, TEXTS) == (Span(0, 23, 42), Span(1, 0, 40), Span(2, 0, 7))
    assert locate(several, TEXTS[1:]) == ()
    retyped = ["A caption", 'The ferry  is late, and "Nobody" has asked.']
    assert locate(quote(TEXTS, (0, 4), (0, 31)), retyped) == (Span(1, 4, 32),)
    assert locate(Quote("die STRASSE"), ["Auf die Straße"]) == (Span(0, 4, 14),)
    for one, other in ((0, 3), (0, 4)), ((0, 42), (1, 0)), ((5, 0), (9, 1)):
        assert quote(TEXTS, one, other) == Quote("")
