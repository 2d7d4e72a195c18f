"""Where words may be broken: by language, and what is said where that is not known."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from reader.app.text import hyphens
from reader.app.text.hyphens import HyphenationError, hyphenation, terminal_language


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
def test_the_language_is_that_of_the_terminal(environment: dict[str, str], language: str | None) -> None:
    assert terminal_language(environment) == language


def test_words_are_broken_as_in_their_language() -> None:
    english = hyphenation("en_US", {})
    german = hyphenation("auto", {"LANG": "de_DE.UTF-8"})
    assert english is not None
    assert german is not None
    assert [*english("dictionary")] == [3, 6]
    assert [*german("Wörterbuch")] == [3, 6]
    # Two letters before, three after.
    assert [*english("only")] == []
    assert all(2 <= point <= len("extraordinary") - 3 for point in english("extraordinary"))


@pytest.mark.parametrize("environment", [{}, {"LANG": "C"}, {"LANG": "xx_YY.UTF-8"}])
def test_words_stay_whole_where_the_terminals_language_is_not_known(environment: dict[str, str]) -> None:
    assert hyphenation("auto", environment) is None
    assert hyphenation("off", {"LANG": "en_US"}) is None


def test_a_language_that_is_missing_is_named() -> None:
    with pytest.raises(HyphenationError, match="no hyphenation for “tlh”; name a language"):
        hyphenation("tlh", {"LANG": "en_US"})


@pytest.mark.parametrize("wanted", ["en_US", "auto"])
def test_without_pyphen_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    usual = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pyphen":
            raise ImportError(name)
        return usual(name, *rest)

    hyphens._dictionary.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(HyphenationError, match=r"pip install 'protocol-reader\[hyphenation\]'"):
        hyphenation(wanted, {"LANG": "en_US"})
