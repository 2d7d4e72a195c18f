"""The why screen: how each line of an article was read, for which reasons, and how to correct it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from textual import on

from reader.app.keymap import screen_bindings
from reader.app.keys import key_for, with_keys
from reader.app.messages import no_more, redo, report_error, show_error, undo
from reader.app.text.article_lines import file_name
from reader.app.text.wrapping import fit
from reader.app.threads import QueryWorker, Task, Write
from reader.app.why.lines import (
    Explained,
    WhyDetails,
    WhyLine,
    WhyView,
    explain_capture,
    line_labels,
    reasons_document,
)
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedRows
from reader.app.widgets.panes import Hint, Piece, key_line, side_width, title_line
from reader.app.widgets.screens import TextScreen, TwoPanes
from reader.errors import LibraryError
from reader.library import SPONSORED, UNSECTIONED, Library, StoredArticle
from reader.library.articles import LineRef
from reader.library.state import corrections
from reader.library.state.corrections import Correction, Statement
from reader.parsing.states import NOUNS
from reader.sanitize import many, sanitize

# Corrections

_REMOVED: Final = "This capture was removed from the library, so nothing was corrected"
_OTHER_LISTED: Final = "; the list shows the version from {}"
_QUOTED: Final = 60
"""Cells of a line in the title."""
_NAME: Final = 60
"""A line of one of these labels may be the name of a sponsor, up to this length."""
_NAMES: Final = frozenset(("author", "byline", "sponsor", "subhead", "furniture"))


_worded_name = re.compile(
    r"(?:(?P<sponsor>paid for by)|(?:in the )?section) +[“\"]?(?P<name>.+?)[”\"]?", re.IGNORECASE
).fullmatch
"""Matches a name that is typed in the wording of its row."""


class Choice(NamedTuple):
    """A correction to make, or to withdraw."""

    words: str
    correction: Correction
    withdraws: bool = False


Grouped = list[tuple[str, list[Choice]]]


def choices(explained: Explained, line: WhyLine, typed: str = "") -> Grouped:
    """What can be corrected about a line and its article: choices with every word of `typed`, under headings.

    Choices that begin with `typed` come first, and so do their headings; those that use it as a name come last. It is
    not a name if the line or its article is read so already.
    """
    article = explained.article if line.own else None
    title = "" if article is None else article.title
    first, last = (line.n, line.n) if article is None else (article.first_line, article.last_line)
    nearby = [made for made in explained.corrections if first <= made.line <= last]
    typed = typed.strip()

    def of_line(words: str, word: Statement, n: int = line.n, shown: str = line.text) -> Choice:
        return Choice(words, Correction(explained.digest, n, corrections.kind_of(word), word, shown))

    def of_article(words: str, word: Statement) -> Choice:
        """A correction of the article, on the line that already has one of this kind, else on the first line."""
        kind = corrections.kind_of(word)
        made = next((made for made in nearby if made.kind == kind), None)
        return of_line(words, word, *((first, title) if made is None else (made.line, made.shown)))

    # The next-best reading comes first.
    next_best = None if line.why.other is None else line.why.other.label
    labels = sorted(NOUNS.items(), key=lambda row: row[0] != next_best)
    groups = {
        "this line is": [
            of_line(noun, corrections.label(name)) for name, noun in labels if name != line.label
        ]
    }
    if not line.begins:
        groups["articles"] = [of_line("a new article begins here", corrections.begins(True))]
    elif line.why.at:
        words = "no article begins here; this continues the one above"
        groups["articles"] = [of_line(words, corrections.begins(False))]
    as_read = [NOUNS[line.label]]
    if article is not None:
        is_paid, is_cut = article.sponsored is not None, article.truncated is not None
        as_read += ["paid for" if is_paid else "not paid for", "truncated" if is_cut else "whole"]
        paid = [of_article("not paid for" if is_paid else "paid for", corrections.sponsored(not is_paid))]
        if len(line.text) <= _NAME and line.label in _NAMES and line.text != article.sponsor:
            paid.append(of_article(f"paid for by “{line.text}”", corrections.sponsored(True, line.text)))
        cut = of_article("whole" if is_cut else "truncated", corrections.truncated(not is_cut))
        others = (SPONSORED, UNSECTIONED, article.section)
        sections = [name for name in explained.sections if name not in others]
        groups["the article was"] = paid
        groups["its text is"] = [cut]
        groups["its section is"] = [of_article(name, corrections.section(name)) for name in sections]
    groups["your corrections"] = [Choice(f"withdraw: {made.sentence}", made, True) for made in nearby]

    def begins(words: str) -> bool:
        return re.sub("^(?:an?|the) ", "", words.casefold()).startswith(typed.casefold())

    def matches(heading: str, row: Choice) -> bool:
        return all(word in f"{heading} {row.words}".casefold() for word in typed.casefold().split())

    narrowed = [
        (
            heading,
            sorted((row for row in rows if matches(heading, row)), key=lambda row: not begins(row.words)),
        )
        for heading, rows in groups.items()
    ]
    narrowed.sort(key=lambda group: not any(begins(row.words) for row in group[1]))
    if typed and article is not None and not (any(map(begins, as_read)) or _begun_wording(typed)):
        worded = _worded_name(typed)
        name = typed if worded is None else worded["name"]
        sponsored = of_article(f"paid for by “{name}”", corrections.sponsored(True, name))
        section = of_article(f"in the section “{name}”", corrections.section(name))
        is_sponsor = worded is not None and worded["sponsor"] is not None
        # A name alone is rather a section: taken for a sponsor, it would change more.
        narrowed.append(
            (f"or “{name}” as a name", [sponsored, section] if is_sponsor else [section, sponsored])
        )
    return narrowed


def _begun_wording(typed: str) -> bool:
    """Is the wording of a row being typed, before the name in it?"""
    least = 4  # Fewer letters may be a name.
    return len(typed) >= least and any(
        wording.startswith(typed.casefold()) for wording in ("paid for by", "in the section", "section")
    )


class CorrectScreen(Chooser[Choice]):
    """Closes with the correction to make or to take back."""

    TITLE = "Correct"
    PLACEHOLDER = "Type to filter, or type a name"
    NOTHING = "No other reading matches these words."

    def __init__(self, explained: Explained, line: WhyLine) -> None:
        super().__init__(f"Line {line.n}: “{fit(sanitize(line.text), _QUOTED)}”")
        self._explained = explained
        self._line = line

    def matching(self, text: str) -> GroupedRows[ChooserRow[Choice]]:
        """The choices with every word of `text`, with the sentence that would be kept."""
        groups = choices(self._explained, self._line, text)
        return GroupedRows([(heading, map(_row, rows)) for heading, rows in groups])


def _row(choice: Choice) -> ChooserRow[Choice]:
    correction = choice.correction
    sentence = choice.words if choice.withdraws else f"Line {correction.line}: {correction.sentence}"
    return ChooserRow(choice, choice.words, detail=f"{sentence}.")


def _correct_line(library: Library, correction: Correction) -> str | None:
    """Make a correction; say how many other lines are read in another way because of it."""
    digest, line, _, statement, shown = correction
    before = line_labels(library, digest)
    words = library.state.correct(LineRef(digest, line), statement, shown)
    after = line_labels(library, digest)
    others = sum(label != after.get(n) for n, label in before.items() if n != line)
    if words is None or not others:
        return words
    return f"{words}; {many(others, 'other line is', 'other lines are')} read differently too"


# The screen


class WhyScreen(TextScreen[None]):
    """Lines with their labels, and the reasons for the line under the cursor."""

    AUTO_FOCUS = "WhyView"
    BINDINGS = screen_bindings("why")
    SHOWS_ARTICLE = True

    def __init__(
        self,
        library: Library,
        stored: StoredArticle,
        write: Write,
        follow: Callable[[int], None],
        open_raw: Callable[[int | None, StoredArticle], None],
        paragraph: str,
    ) -> None:
        """`stored`: the article that is open; `paragraph`: the one to start on, "" for its first line.

        `follow` gets its new key after a correction; `open_raw` shows its capture from a line on.
        """
        view = WhyView(id="lines")
        self.details = WhyDetails(id="reasons")
        panes = TwoPanes(
            view,
            self.details,
            self._legend,
            upper=lambda rows: max(1, rows - max(1, rows * 2 // 5) - 1),
            left=lambda width: width - side_width(width) - 1,
        )
        super().__init__(view, panes=panes)
        self.view: WhyView = view
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self._stored = stored
        self._write = write
        self._follow = follow
        self._open_raw = open_raw
        self._explained: Explained | None = None
        self._is_explaining = True
        """Are some lines not explained yet?"""
        self._paragraph = paragraph
        self._line = 0
        """The number of the line to start on once the capture is explained; 0 until it is known."""

    def heading(self, width: int) -> list[Piece]:
        article = self._stored.article
        badges = (
            ("TRUNCATED", article.truncated is not None),
            ("SPONSORED", article.sponsored is not None),
            ("DOUBTFUL", article.doubtful),
        )
        shown = " ".join(badge for badge, applies in badges if applies)
        right = Piece(f" {shown} ", "bar--alert") if shown and width >= 60 else Piece("")
        return title_line(f" Why ─ {sanitize(article.title)} ", width, right)

    def _legend(self, width: int) -> list[Piece]:
        if (line := self.view.line) is not None:
            return title_line(f" line {line.n:,} ─ {NOUNS[line.why.reading.label]} ", width)
        return title_line(" Explaining… " if self._is_explaining else " ", width)

    def footer(self, width: int) -> list[Piece]:
        scrolling = self.focused is self.details
        hints: list[Hint] = [
            ("{move.down}/{move.up}", "scroll" if scrolling else "line", "move('down')"),
            ("{why.correct}", "correct", "correct"),
            ("{find.next}/{find.previous}", "match" if self.find.place else "close call", "find_step(1)"),
            ("{panes.other}", "lines" if scrolling else "reasons", "other"),
            ("{view.raw}", "raw", "raw"),
            ("{find.start}", "find", "find"),
            ("{state.undo}", "undo", "undo"),
        ]
        close = sum(line.why.close for line in self.view.lines)
        place = f"{many(close, 'close call')} " if close else ""
        place = self.find.place or place
        if self._is_explaining:
            place = "Explaining… "
        place = place if width >= 70 else ""
        return key_line(hints, self.closing_hints(), place, width)

    @property
    def is_opening(self) -> bool:
        """Should keys wait for the lines?"""
        return self._explained is None

    def on_mount(self) -> None:
        self._explain()

    def on_unmount(self) -> None:
        self.queries.close()

    def _explain(self) -> None:
        self._is_explaining = True
        self.run_worker(self._show_lines(), exclusive=True)

    async def _show_lines(self) -> None:
        """Show the lines from that of the cursor on; those of a long article are added as they are explained."""
        explain = partial(explain_capture, stored=self._stored, paragraph=self._paragraph)
        explained = await self.queries.ask("explain", explain)
        self._line = self._line or explained.start
        lines: list[WhyLine] = []
        shown = 0
        while portion := await self.queries.ask("explain", lambda _: next(explained.portions, ())):
            lines += portion
            # Laying out all lines for every portion would take too long.
            if portion[-1].n >= self._line and len(lines) >= 2 * shown:
                self._show_explained(explained, [*lines], is_more=shown > 0)
                shown = len(lines)
        if not lines:
            show_error(self, "The capture has no lines to explain")
        elif shown < len(lines):
            self._show_explained(explained, lines, is_more=shown > 0)
        self._is_explaining = False
        self.refresh_bars()

    def _show_explained(self, explained: Explained, lines: Sequence[WhyLine], *, is_more: bool) -> None:
        """Show the lines; the cursor stays where it is if `is_more` of the same lines."""
        is_first, self._explained = self._explained is None, explained
        cursor = self.view.cursor
        if not is_more:  # The line, or the next one.
            cursor = next((at for at, line in enumerate(lines) if line.n >= self._line), len(lines) - 1)
        self.view.show(lines, cursor, stay=not is_first)
        self._show_reasons()

    def _show_reasons(self) -> None:
        line, explained = self.view.line, self._explained
        if line is None or explained is None:
            return
        made = [correction.sentence for correction in explained.corrections if correction.line == line.n]
        self.details.set_document(reasons_document(line, made, explained.confidence))
        self.refresh_bars()

    # Keys

    def action_move(self, how: str) -> None:
        if self.focused is self.details:
            self.details.scroll_by_key(how)
        elif self.view.move(how):
            self._show_reasons()

    def on_finder_found(self) -> None:
        if self.view.move_to_match():
            self._show_reasons()

    def action_find_step(self, step: int) -> None:
        """Go to the next match of a search, or to the next close call."""
        if self.find.match is not None:
            self.find.step(step)
            return
        close = [
            index
            for index, line in enumerate(self.view.lines)
            if line.why.close and (index - self.view.cursor) * step > 0
        ]
        if close:
            self.view.move_to(min(close) if step > 0 else max(close))
            self._show_reasons()
        else:
            self.notice(no_more("close calls", step))

    def action_raw(self) -> None:
        line = self.view.line
        self._open_raw(None if line is None else line.n, self._stored)

    def action_correct(self) -> None:
        if self._explained is not None and self.view.line is not None:
            self.app.push_screen(CorrectScreen(self._explained, self.view.line), self._correct)

    def _correct(self, choice: Choice | None) -> None:
        if choice is None:
            return
        correction, done = choice.correction, "You have already made this correction"
        if choice.withdraws:
            self._change(self._if_kept(lambda own: own.state.take_back(correction)), "You {}", done)
            return
        self._change(
            self._if_kept(partial(_correct_line, correction=correction)),
            f"You {{}}; {key_for('state.undo')} undoes it",
            done,
            # The corrected line may leave the article, which stays open.
            next((line.n for line in self.view.lines if line.own and line.n != correction.line), None),
        )

    def _if_kept(self, correct: Task[str | None]) -> Task[str | None]:
        """Make a task correct nothing if the capture has been removed, since nobody would see the effect."""

        def task(own: Library) -> str | None:
            if self._explained is not None and own.kept_capture(self._explained.digest) is None:
                raise LibraryError(_REMOVED)
            return correct(own)

        return task

    def action_undo(self) -> None:
        self._change(undo)

    def action_redo(self) -> None:
        self._change(redo)

    def _change(
        self,
        change: Task[str | None],
        notice: str = "{}",
        no_change: str = "",
        follow: int | None = None,
    ) -> None:
        """Make a change that may read the capture again, and show its lines as they are then.

        `notice` has {} for the words that `change` returns; `no_change` is shown if it returns None. The article that
        has line `follow` is shown, by default that of the cursor.
        """
        explained, line = self._explained, self.view.line
        if explained is None or line is None:
            return
        if follow is None:
            article = explained.article
            follow = line.n if line.own or article is None else article.first_line
        followed = LineRef(explained.digest, follow)

        def write(own: Library) -> tuple[str | None, int | None, bool]:
            words = change(own)
            key = own.article_at(followed)
            versions = () if key is None else own.versions(key)
            if words is not None and versions and versions[0].key != key:
                words += _OTHER_LISTED.format(file_name(versions[0].source))
            return words, key, own.kept_capture(followed.capture) is not None

        def report(changed: tuple[str | None, int | None, bool]) -> None:
            words, key, is_kept = changed
            self.notice(no_change if words is None else notice.format(words))
            if words is not None and key is None and is_kept:
                show_error(
                    self, with_keys("The correction left no article here; {state.undo} brings it back")
                )
            elif words is not None and key is not None:
                self._stored, self._line = self.library.version(key), line.n
                self._follow(key)
                self._explain()

        self._write(write, report)

    @on(WhyView.Clicked)
    def _clicked(self, message: WhyView.Clicked) -> None:
        if self.view.move_to(message.line):
            self._show_reasons()
