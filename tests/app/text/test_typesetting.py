"""How paragraphs are set: rows that tile the text, fit the width, and can be read back from what is drawn."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from reader.app.text.typesetting import (
    HYPHEN,
    JUSTIFIED_FROM,
    MAX_GAP_GROWTH,
    HyphenationError,
    Insertion,
    Row,
    StyledSpan,
    Typesetting,
    UnitLayout,
    cell_of,
    gap_growth,
    load_hyphenation,
    offset_at,
    terminal_language,
    text_runs,
    typeset_rows,
)
from reader.app.text.wrapping import is_wide


def every_other(word: str) -> Sequence[int]:
    """A word may be broken before every second letter, with at least two before and three after."""
    return range(2, len(word) - 2, 2)


words = st.one_of(
    st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=14),
    st.sampled_from(["a", "the", "city,", "“never", "farms—the", "well-known", "it’s", "2022", "é", "ß"]),
    st.sampled_from(["会议在中国开", "👍🏽", "protocol.example/farms", "e\u0301tudes", "  ", "ＡＢＣ"]),
)
texts = st.lists(words, max_size=60).map(" ".join)
widths = st.integers(8, 90)
settings_of_text = st.builds(
    Typesetting,
    line_spacing=st.integers(0, 2),
    paragraph_spacing=st.integers(0, 3),
    justified=st.booleans(),
    hyphenate=st.sampled_from([None, every_other]),
)
firsts = st.sampled_from([("", ""), ("• ", "  "), ("  ", ""), ("│ ", "│ ")])


def laid_of(
    text: str,
    width: int,
    setting: Typesetting,
    first: str = "",
    rest: str = "",
    styled: tuple[StyledSpan, ...] = (),
) -> UnitLayout:
    rows = typeset_rows(text, width, setting, first=first, rest=rest)
    return UnitLayout(text, rows, "text", "mark", styled)


def drawn_row(laid: UnitLayout, row: Row) -> str:
    return row.prefix + "".join(stretch.text for stretch in text_runs(laid, row))


@given(texts, widths, settings_of_text, firsts)
@example("会议在中国开" * 3, 8, Typesetting(justified=True), ("• ", "  "))
def test_rows_tile_the_text_fit_the_width_and_can_be_read_back(
    text: str, width: int, setting: Typesetting, around: tuple[str, str]
) -> None:
    laid = laid_of(text, width, setting, *around)
    assert laid.rows[0].start == 0
    assert max(row.end for row in laid.rows) == len(text)
    assert all(before.end == after.start for before, after in pairwise(laid.rows))
    read = ""
    for row in laid.rows:
        line = drawn_row(laid, row)
        assert cell_len(line) <= width
        line = line.removeprefix(row.prefix)
        read += (
            line.removesuffix(HYPHEN) if row.hyphen else line + " " * text[row.start : row.end].endswith(" ")
        )
    assert re.sub(" +", " ", read).rstrip() == re.sub(" +", " ", text).rstrip()


@given(texts, widths, settings_of_text)
def test_a_row_is_filled_or_as_it_was(text: str, width: int, setting: Typesetting) -> None:
    laid = laid_of(text, width, setting)
    *others, last = [row for row in laid.rows if row.end > row.start] or [laid.rows[0]]
    assert last.extra == 0
    for row in others:
        cells = gap_growth(text, row)
        assert max(cells.values(), default=0) <= MAX_GAP_GROWTH
        assert max(cells.values(), default=0) - min(cells.values(), default=0) <= 1
        if row.extra:
            assert setting.justified
            assert width >= JUSTIFIED_FROM
            assert cell_len(drawn_row(laid, row)) == width
            assert not is_wide(text[row.start : row.end])
        else:
            assert set(cells.values()) <= {0}
            line = drawn_row(laid, row)
            if setting.justified and width >= JUSTIFIED_FROM and not is_wide(line):
                gaps = len(re.findall(r"(?<=\S) +(?=\S)", line))
                assert not 0 < width - cell_len(line) <= MAX_GAP_GROWTH * gaps


def test_a_word_is_broken_only_where_much_would_be_empty() -> None:
    def shown(text: str, width: int) -> list[str]:
        laid = laid_of(text, width, Typesetting(hyphenate=every_other))
        return [drawn_row(laid, row) for row in laid.rows]

    assert shown("a bb ccc abcdefghij and so on", 16) == ["a bb ccc abcdef-", "ghij and so on"]
    assert shown("a bb ccc dd ee abcdefghij and", 18) == ["a bb ccc dd ee", "abcdefghij and"]
    # Never the last word, nor what is no plain word.
    assert shown("a bb ccc abcdefghij", 16) == ["a bb ccc", "abcdefghij"]
    assert shown("a bb ccc abcdef.hij and so on", 16)[0] == "a bb ccc"
    assert shown("a bb ccc abcdef9hij and so on", 16)[0] == "a bb ccc"
    assert shown("a bb ccc well-abcdefg and so", 16)[0] == "a bb ccc well-"
    assert shown("a bb ccc “abcdefghij,” and so on", 16) == ["a bb ccc “abcd-", "efghij,” and so", "on"]


@given(texts, widths, settings_of_text, firsts, st.data())
def test_words_drawn_within_a_text_take_room_but_are_no_text(
    text: str, width: int, setting: Typesetting, prefixes: tuple[str, str], data: st.DataObject
) -> None:
    letters = [offset for offset, char in enumerate(text) if char.isascii() and char != " "]
    first = data.draw(st.sampled_from(letters or [0]))
    last = data.draw(st.sampled_from([offset for offset in letters if offset >= first] or [0]))
    signs = (Insertion(first, "[", first), Insertion(last + 1, "] (blue)", last)) if letters else ()
    rows = typeset_rows(text, width, setting, first=prefixes[0], rest=prefixes[1], insertions=signs)
    assert [rows[0].start, *(row.end for row in rows)] == [0, *(row.start for row in rows[1:]), len(text)]
    laid = UnitLayout(text, rows, "text", "mark")
    shown = " ".join(sign.text for row in rows for sign in row.insertions).split()
    assert "".join(shown) == "".join("".join(sign.text for sign in signs).split())
    for row in rows:
        runs = text_runs(laid, row)
        assert "".join(run.text for run in runs if run.role == "inserted") == "".join(
            sign.text for sign in row.insertions
        )
        assert {run.role for run in runs} <= {"text", "inserted"}
        if cell_len(drawn_row(laid, row)) > width:  # A cluster or a word that is wider than the row.
            assert width < 12
        for offset in range(row.start, row.end):
            if letters and offset in letters:
                assert offset_at(laid, row, cell_of(laid, row, offset)) == offset


def test_a_click_on_words_drawn_within_a_text_hits_what_they_belong_to() -> None:
    signs = (Insertion(4, "[", 4), Insertion(7, "]", 6))
    (row,) = typeset_rows("The hot tea", 40, Typesetting(), insertions=signs)
    laid = UnitLayout("The hot tea", [row], "text", "mark")
    assert [(run.text, run.role) for run in text_runs(laid, row, [StyledSpan(4, 7, "match")])] == [
        ("The ", "text"), ("[", "inserted"), ("hot", "text"), ("]", "inserted"), (" tea", "text"),
    ]  # fmt: skip
    hit = [offset_at(laid, row, cell) for cell in range(14)]
    assert hit == [*range(4), 4, 4, 5, 6, 6, 7, 8, 9, 10, None]


# Where words may be broken: by language, and what is said where that is not known


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "en_US.UTF-8"}, "en_US"),
        ({"LC_MESSAGES": "de_CH@euro", "LANG": "en_US"}, "de_CH"),
        ({"LC_ALL": "fr", "LC_MESSAGES": "de_CH", "LANG": "en_US"}, "fr"),
        ({"LC_ALL": "", "LANG": "nl_NL"}, "nl_NL"),
        ({"LC_ALL": "C.UTF-8", "LANG": "nl_NL"}, None),
        ({"LANG": "POSIX"}, None),
        ({}, None),
    ],
)
def test_the_language_is_that_of_the_terminal(
    environment: dict[str, str], language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(variable, environment.get(variable, ""))
    assert terminal_language() == language


@pytest.fixture
def lang(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the language of the terminal."""
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    return lambda language: monkeypatch.setenv("LANG", language)


def test_words_are_broken_as_in_their_language(lang: Callable[[str], None]) -> None:
    lang("de_DE.UTF-8")
    english, german = load_hyphenation("en_US"), load_hyphenation("auto")
    assert english is not None
    assert german is not None
    assert [*english("dictionary")] == [3, 6]
    assert [*german("Wörterbuch")] == [3, 6]
    # Two letters before, three after.
    assert [*english("only")] == []
    assert all(2 <= point <= len("extraordinary") - 3 for point in english("extraordinary"))


def test_words_stay_whole_where_no_language_is_known_and_a_missing_one_is_named(
    lang: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in ("", "C", "xx_YY.UTF-8"):
        lang(language)
        assert load_hyphenation("auto") is None
    lang("en_US")
    assert load_hyphenation("off") is None
    with pytest.raises(HyphenationError, match="no hyphenation for “tlh”; choose a language"):
        load_hyphenation("tlh")
    monkeypatch.setitem(sys.modules, "pyphen", None)
    with pytest.raises(HyphenationError, match="needs the extra “hyphenation”: "):
        load_hyphenation("auto")
