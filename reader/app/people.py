"""Authors and sponsors: the dialogs that list all of them, and the profile screen of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import ClassVar

from textual import on

from reader.app.keymap import screen_bindings
from reader.app.messages import errors_shown, report_error, show_notice, toggle
from reader.app.text.article_lines import day, file_name, why_words
from reader.app.text.document import Document, Part
from reader.app.text.typesetting import StyledSpan
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.threads import POLL_SECONDS, QueryWorker, Write
from reader.app.view import month_words
from reader.app.widgets.article_list import badge_of, sign_of
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedList, GroupedRows, PagedRows
from reader.app.widgets.line_view import LineView
from reader.app.widgets.panes import Hint, Piece, has_one_pane, key_line, title_line
from reader.app.widgets.screens import STEPS, TextScreen, TwoPanes
from reader.library import Library, fold, folded_words
from reader.library.overview import NameCount, Profile, ProfileRow
from reader.sanitize import many, sanitize

# Words


def years(count: NameCount) -> str:
    """The first and last year, such as "2020–2022"; "" without dates."""
    first, last = (count.first or "")[:4], (count.last or "")[:4]
    return sanitize(first if first == last else f"{first}–{last}")


def months(count: NameCount) -> str:
    """The first and last month; "" without dates."""
    if not count.first or not count.last:
        return ""
    first, last = month_words(count.first[:7]), month_words(count.last[:7])
    return sanitize(first if first == last else f"{first} to {last}")


def article_counts(count: NameCount, noun: str) -> str:
    """Say how many articles there are, and how many of them are whole and truncated."""
    total = many(count.articles, noun)
    if not count.truncated:
        return f"{total}, {'whole' if count.articles == 1 else 'all whole'}"
    if not count.whole:
        return f"{total}, {'truncated' if count.articles == 1 else 'all truncated'}"
    return f"{total}: {count.whole:,} whole, {count.truncated:,} truncated"


def about(profile: Profile, *, sponsor: bool) -> Document:
    """Compose the facts about an author or a sponsor."""
    totals = profile.totals
    much = [article_counts(totals, "paid article" if sponsor else "article"), months(totals)]
    if profile.sponsored and not sponsor:
        much.insert(1, f"{profile.sponsored:,} sponsored")
    parts = [Part("fact", f"{'; '.join(filter(None, much))}.")]
    if sponsor and not totals.name:
        parts.append(Part("note", "The captures do not say who paid."))
    for bio in profile.bios:
        source = file_name(bio.source) + (f", {day(bio.date)}" if bio.date else "")
        parts += [Part("said", bio.text, 0), Part("note", f"— {source}")]
    if profile.sections and not sponsor:
        label = "Sections:"
        counts = " · ".join(f"{sanitize(section)} {count:,}" for section, count in profile.sections)
        parts.append(Part("fact", f"{label} {counts}", styled=(StyledSpan(0, len(label), "label"),)))
    return Document([*parts[:-1], parts[-1]._replace(gap=0)])


def facts(article: ProfileRow, *, sponsor: bool) -> str:
    """The second line of an article: date, then section and sponsor, or the authors of an article of a `sponsor`."""
    row, words = article.row, []
    # The articles without a date stand under a heading that says so.
    if row.published:
        words.append(sanitize(day(row.published)))
    elif article.seen:
        words.append(f"captured {sanitize(day(article.seen))}")
    if sponsor:
        words += [f"by {sanitize(row.authors)}"] if row.authors else []
    else:
        words.append(sanitize(row.group))
        words += [f"paid for by {sanitize(row.sponsor)}"] if row.sponsored and row.sponsor else []
    return " · ".join(words)


# The dialogs

_COUNT, _YEARS = 9, 11
_WIDE = 48
"""From this many cells on, there is room for the years."""


class NamesScreen(Chooser[NameCount]):
    """Closes with an author or a sponsor."""

    PLACEHOLDER = "Type to filter"
    NOTHING = "No name contains that."
    KEYS = "{panes.read} shows · {panes.back} closes"

    def __init__(self, library: Library, queries: QueryWorker, start: str | None, *, sponsors: bool) -> None:
        """Offer `sponsors`, else authors. The cursor starts on the name `start`."""
        super().__init__("Sponsors" if sponsors else "Authors")
        self._library = library
        self._queries = queries
        self._start = start
        self._sponsors = sponsors
        self._names: Sequence[tuple[str, ChooserRow[NameCount]]] | None = None
        """The rows with the folded names; None until they are counted."""
        self._content = -1
        """The stamp of the content that was counted last."""

    def on_mount(self) -> None:
        self._recount()
        self.set_interval(POLL_SECONDS, self._recount)

    def _recount(self) -> None:
        with errors_shown(self):
            content = self._library.stamps().content
            if content != self._content and not self._queries.busy("names"):
                self._content = content
                self.run_worker(self._count())

    async def _count(self) -> None:
        is_first = self._names is None
        self._names = await self._queries.ask("names", self._read_rows)
        if not is_first:
            self.show_again(attrgetter("name"))
            return
        typed, cursor = self.entry.value, 0
        if not typed and self._start is not None:
            folded = fold(self._start)
            cursor = next((n for n, (name, _) in enumerate(self._names) if name == folded), 0)
        self.show(typed, cursor)

    def _read_rows(self, library: Library) -> list[tuple[str, ChooserRow[NameCount]]]:
        """In the query worker: the rows with the folded names. There may be tens of thousands."""
        rows = []
        for count in library.sponsors() if self._sponsors else library.authors():
            detail = " · ".join(filter(None, (article_counts(count, "article"), months(count))))
            row = ChooserRow(count, sanitize(count.name) or "Sponsor unknown", detail=detail)
            rows.append((fold(count.name), row))
        return rows

    def draw(self, row: ChooserRow[NameCount], part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        count = row.result
        right = years(count).rjust(_YEARS) if width >= _WIDE else ""
        right += f"{count.articles:,}".rjust(_COUNT if right else 0)
        look = "list--title" if count.name else "list--untitled"
        return [(look, f"{pad(row.text, max(0, width - len(right) - 1))} "), ("list--detail", right)]

    def matching(self, text: str) -> GroupedRows[ChooserRow[NameCount]]:
        """The names with every word of `text`, those that begin with it first."""
        words = folded_words(text)
        matches = [pair for pair in self._names or () if all(word in pair[0] for word in words)]
        if words:
            matches.sort(key=lambda pair: not pair[0].startswith(words[0]))
        return GroupedRows([("", [row for _, row in matches])])

    def nothing(self) -> str:
        if self._names is None:
            return "Counting…"
        if self._names:
            return self.NOTHING
        return "No article here is sponsored." if self._sponsors else "No article here names an author."


# The profile

WIDEST = 64
"""Columns of the facts beside the list, at most."""
ROOMY = 16
"""From this many lines on, both parts have room for a rule between them."""


class ProfileList(GroupedList[ProfileRow]):
    """Articles: title and badge, then date and more, and for a sponsor how each was recognised as sponsored."""

    MARGIN = 2

    def __init__(self, *, sponsor: bool) -> None:
        """List the articles of an author, or of a `sponsor`."""
        self.ROW_LINES = 3 if sponsor else 2
        self._sponsor = sponsor
        super().__init__(id="articles")

    def lines_in(self, row: ProfileRow, width: int) -> int:  # noqa: ARG002
        return 1 + len(self._details(row))

    def _details(self, row: ProfileRow) -> list[str]:
        why = "another capture says so" if row.paid is None else why_words(row.paid)
        details = [facts(row, sponsor=self._sponsor), *([why] if self._sponsor else [])]
        return [words for words in details if words]

    def margin(self, row: ProfileRow, part: int) -> str:
        return sign_of(row.row, part)

    def draw(self, row: ProfileRow, part: int, width: int) -> list[tuple[str, str]]:
        article = row.row
        if part:
            return [("list--detail", fit(self._details(row)[part - 1], width))]
        title, style = sanitize(article.title), "list--untitled" if article.untitled else "list--title"
        badge, badge_style = badge_of(article)
        if self._sponsor:  # All are sponsored.
            badge = "TRUNCATED" if article.truncated else ""
        if not badge:
            return [(style, fit(title, width))]
        return [(style, f"{pad(title, max(0, width - width_of(badge) - 2))}  "), (badge_style, badge)]


class AboutView(LineView):
    """Shows the facts about an author or a sponsor."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **LineView.LOOKS,
        "fact": "foreground",
        "label": "foreground bold",
        "said": "foreground italic",
        "note": "text-muted",
        "mark": "text-accent",
    }

    def column(self, width: int) -> tuple[int, int]:
        return 1, max(2, width - 2)

    def rows_at(self, width: int) -> int:
        """How many rows the text needs in a view of `width` cells, including the scrollbar."""
        document, text = self.document, self.column(max(0, width - self.styles.scrollbar_size_vertical))[1]
        return sum(len(document.lay_out(unit, text).rows) for unit in range(len(document)))


class ProfileScreen(TextScreen[int | None]):
    """Closes with the key of an article to read, or with None."""

    AUTO_FOCUS = "ProfileList"
    BINDINGS = screen_bindings("profile")

    def __init__(
        self,
        library: Library,
        name: str,
        choose_another: Callable[[bool], None],
        write: Write,
        *,
        sponsor: bool,
    ) -> None:
        """The profile of an author, or of a `sponsor`.

        `choose_another` opens the dialog of all authors, or with True of all sponsors; `write` marks an article.
        """
        self.listed = ProfileList(sponsor=sponsor)
        self.about = AboutView(id="about")
        panes = TwoPanes(
            self.about,
            self.listed,
            lambda width: [Piece("─" * width, "bar--rule")],
            upper=lambda rows: min(self.about.rows_at(self.app.size.width), max(2, rows * 2 // 5)),
            left=lambda width: min(WIDEST, width * 2 // 5) - 1,
            # The rule needs room, and only stands between parts that are one above the other.
            has_legend=lambda size: has_one_pane(self, size.width) and size.height >= ROOMY,
        )
        super().__init__(self.about, panes=panes)
        self.library = library
        self.queries = QueryWorker(library, partial(report_error, self))
        self._subject = name
        self._choose_another = choose_another
        self._write = write
        self._sponsor = sponsor
        self.profile: Profile | None = None
        """None until it is loaded."""

    def heading(self, width: int) -> list[Piece]:
        count = "" if self.profile is None else f" {many(len(self.profile.keys), 'article')} "
        kind = "Sponsor" if self._sponsor else "Author"
        return title_line(f" {kind} ─ {sanitize(self._subject) or 'unknown'} ", width, Piece(count))

    def footer(self, width: int) -> list[Piece]:
        hints: list[Hint] = [
            ("{panes.read}", "read", "open"),
            ("{panes.other}", "list" if self.focused is self.about else "about", "other"),
            ("{browse.authors}", "authors", "names(False)"),
            ("{browse.sponsors}", "sponsors", "names(True)"),
            ("{state.read}", "mark", "mark('read')"),
            ("{state.star}", "star", "mark('star')"),
        ]
        if self.find.place:
            hints.insert(0, STEPS)
        return key_line(hints, self.closing_hints(), self.find.place if width >= 70 else "", width)

    def on_mount(self) -> None:
        self.listed.show(self.listed.model, 0, ("Looking…",))
        self.run_worker(self._show_profile())

    def on_unmount(self) -> None:
        self.queries.close()

    async def _show_profile(self) -> None:
        shown = self.profile = await self.queries.ask(
            "profile", lambda own: own.profile(self._subject, sponsor=self._sponsor)
        )
        self.about.set_document(about(shown, sponsor=self._sponsor))
        note = () if shown.keys else ("None of their articles is in the library any more.",)
        years = [(year or "Without a date", count) for year, count in shown.years]
        rows = PagedRows(years, lambda start, stop: self.library.profile_rows(shown.keys[start:stop]))
        self.listed.show(rows, 0, note)
        self.refresh_bars()
        self.about.refresh(layout=True)

    def action_move(self, how: str) -> None:
        if self.focused is self.about:
            self.about.scroll_by_key(how)
        else:
            self.listed.move_by_key(how)

    def action_open(self) -> None:
        if (row := self.listed.chosen) is not None:
            self.dismiss(row.row.key)

    def action_mark(self, mark: str) -> None:
        if (row := self.listed.chosen) is None:
            return

        def report(notice: str) -> None:
            self.listed.reread()
            show_notice(self, notice)

        key = row.row.key
        self._write(lambda own: toggle(own, key, mark), report)

    def action_names(self, sponsors: bool) -> None:
        self._choose_another(sponsors)

    @on(GroupedList.Clicked)
    def _clicked(self, message: GroupedList.Clicked) -> None:
        self.listed.move(message.index)
        self.action_open()
