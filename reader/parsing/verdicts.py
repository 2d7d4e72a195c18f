"""Truncated? Sponsored? Each with its reason and the line that shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reader.model import ADVERTISING, AUTHOR_SLOT, CUT_OFF, EVIDENCE_LENGTH, LABEL, Block, Reason
from reader.parsing.features import has_break, is_advert, looked_at
from reader.parsing.vocabulary import SIGNED_AT_END
from reader.patterns import Pattern

_TITLE: Final = 25
"""A shorter last line may be a name or a title."""
_LONG: Final = 85
"""A longer line is neither a title in a list nor a note, and one of several sentences is a paragraph."""
_LONGEST_TITLE: Final = 130
_FINISHED: Final = ".?!…:\"'”’)]"
_NOTE: Final = Pattern(
    r"^(?:With (?:help|contributions) from|(?:Additional )?[Rr]eporting by|Edited by|Updated|Thanks(?! to\b)|See you"
    r"|Have an?) "
    r"|\b(?:contributed to this|(?:first|originally) (?:published|appeared))\b"
)
"""A short line that may stand at the end of a text without a full stop."""

_RECORD: Final = Pattern(r"(?:[^,;|]*[^\s,;|][,;|](?=[^\s])){2}")
_CODE: Final = Pattern(
    r"[{}\[;]$|[)\]]:?,?$|\.\.\.$(?<=: \.\.\.)|^(?:#|//|/?\*|<[a-z/!]|@\w|[{}\[\]]|[\w.\"']+ ?[:=] ?[\[{\"'(\d])"
    r"|\w\(.*\)| (?:=|==|=>|->|:=|&&|\|\|) |^(?:def|class|import|from|return|if|elif|else|for|try|with|case|typedef) "
)
_ADDRESS: Final = Pattern(r"(?:https?://|www\.)\S+|^/?[\w-]+(?:/[\w.-]+)+$")
_ONE_WORD: Final = Pattern(r"^\S+(?:[,;:] \S+)?$")
"""A word, a number, a pair of them or coded data. Buttons are such lines too, but an article has others."""
_LOOKED_AT: Final = 300
_FEWEST_LINES, _MOST_LINES = 4, 200
"""How many lines a page without articles has at least, and how many of them are examined."""
_PROSE: Final = 100
"""Characters: longer lines may be paragraphs."""
_PARAGRAPHS: Final = 3
"""How many paragraphs a page needs to be an article though it says "404"."""


_AFTER_NOTICE = r"[.!]?(?: ?[-–|] ?.*|: ?.{0,20})?"
"""The site's name, but not the rest of a headline."""
_NOT_FOUND: Final = Pattern(
    rf"(?:(?:error )?404(?: error)?|(?:404[-–:|. ]*)?(?:oops[,!.]? ?)?page not found){_AFTER_NOTICE}"
    r"|(?:oops[,!.]? ?|sorry[,.]? )?we (?:couldn['’]t|can['’]t|could not|cannot) find (?:that|the|this|your) page.*"
    r"|(?:sorry[,.]? )?(?:this|that|the) page (?:doesn['’]t exist|does not exist|no longer exists"
    r"|(?:couldn['’]t|could not) be found).*",
    re.I,
)
_NOTICE_SIGNS: Final = ("404", "found", "find", "exist")
"""Every such notice contains one of these."""
_NOTICE: Final = 12
"""How many lines from the top the notice may be."""
_LONGEST_NOTICE: Final = 90


def _not_found(texts: Sequence[str]) -> bool:
    """Is this the notice of a site that it has no such page? An article about one has paragraphs."""
    top = [text for text in texts[:_NOTICE] if len(text) < _LONGEST_NOTICE]
    # A look for its words spares most pages the pattern.
    words = "\n".join(top).lower()
    return (
        any(map(words.__contains__, _NOTICE_SIGNS))
        and any(map(_NOT_FOUND.fullmatch, top))
        and sum(map(_is_prose, texts)) < _PARAGRAPHS
    )


def _is_prose(text: str) -> bool:
    """Is a line a paragraph of prose?"""
    return (
        len(text) > _PROSE
        and text[-1] in _FINISHED
        and text.count(" ") > _PROSE // 10
        and not _CODE.search(text[:_LOOKED_AT])
    )


def holds_no_article(texts: Sequence[str]) -> bool:
    """Is a page only a notice that it was not found, or mostly records, source code, addresses or words?"""
    if _not_found(texts):
        return True
    if len(texts) < _FEWEST_LINES:
        return False
    sample = texts[:_MOST_LINES]
    for text in sample:
        # One paragraph of prose is enough, and is found sooner than the patterns are tried.
        if _is_prose(text):
            return False
    return any(
        sum(1 for text in sample if pattern.search(text[:_LOOKED_AT])) > share * len(sample)
        for pattern, share in ((_RECORD, 0.5), (_CODE, 0.5), (_ADDRESS, 0.5), (_ONE_WORD, 0.9))
    )


def reason(because: str, n: int, text: str) -> Reason:
    """A reason with the line that shows it, which may be a long one."""
    return Reason(because, n, text if len(text) <= EVIDENCE_LENGTH else f"{text[: EVIDENCE_LENGTH - 1]}…")


def _ends(text: str) -> bool:
    """Does a text end with a sentence, which may be quoted?"""
    return text.rstrip("\"'”’)]")[-1:] in (".", "?", "!")


def cut_off(n: int, text: str, body: Sequence[Block], *, page_ends: bool) -> Reason | None:
    """The reason when the last line of an article's body stops in mid-sentence; advertising may end in a bare call.

    Where the page does not end there, that takes a long paragraph. Items of a list need no full stop: one is cut off
    where it is long, others end in a full stop, or a sentence ends within it.
    """
    kind, last = body[-1].kind, body[-1].text
    is_note = len(last) <= _LONG and _NOTE.search(last)
    if last[-1] in _FINISHED or is_note or SIGNED_AT_END.search(last) or is_advert(looked_at(last)):
        return None
    if not page_ends:
        stops = (
            kind == "paragraph"
            and ((len(last) > _LONG and has_break(last)) or len(last) > _LONGEST_TITLE)
            and last.rpartition(" ")[2].isalpha()
        )
    elif " " not in last:
        stops = kind != "signoff" and last.isalpha() and (len(last) == 1 or not last.isupper())
    elif len(last) < _TITLE and not any(map(str.islower, last.split())):
        stops = False
    else:
        stops = kind == "paragraph" or (
            kind == "item"
            and (
                len(last) > _LONG
                or has_break(last)
                or any(b.kind == kind and _ends(b.text) for b in body[:-1])
            )
        )
    return reason(CUT_OFF, n, text) if stops else None


def sponsorship(
    label: tuple[int, str] | None, slot: tuple[int, str] | None, advert: tuple[int, str] | None
) -> Reason | None:
    """The strongest reason for calling an article paid for: a label, a sponsor in the author slot, its copy.

    Each argument is (line number, text) of the line that shows it, or None.
    """
    for because, line in ((LABEL, label), (AUTHOR_SLOT, slot), (ADVERTISING, advert)):
        if line is not None:
            return reason(because, *line)
    return None
