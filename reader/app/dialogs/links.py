"""The dialogs of an article's links, and of its citation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from reader.app.browser import host_first
from reader.app.keys import hint
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser
from reader.app.widgets.grouped_list import GroupedRows
from reader.export.citations import STYLES, bibtex_entry, cite
from reader.export.items import ExportItem
from reader.model import HEADLINE_LINK, Article
from reader.sanitize import clean_url, sanitize


class ListedLink(NamedTuple):
    """An address with its text."""

    words: str
    url: str


class LinksScreen(Chooser[ListedLink, str]):
    """Closes with the address to open; y copies one."""

    TITLE = "Links of this article"
    ROW_LINES = 2
    COUNTS = True
    NOTHING = "No links. Captures of plain text do not keep them."
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("links")]

    def __init__(self, article: Article) -> None:
        super().__init__()
        self.box.show_keys(hint("{panes.read} opens · {out.address} copies · {panes.back} closes"))
        self._article = article

    def draw(self, row: ListedLink, part: int, width: int) -> list[tuple[str, str]]:
        """Draw the text or the address."""
        if part:
            return [("list--detail", " " + fit(host_first(row.url), width - 1))]
        return [("list--title", fit(row.words, width))]

    def matching(self, text: str) -> GroupedRows[ListedLink]:  # noqa: ARG002
        """All links, each once."""
        return GroupedRows(
            [
                ("the page of the story", list(dict.fromkeys(self._links(own=True)))),
                ("in the text", list(dict.fromkeys(self._links(own=False)))),
                ("pictures", list(dict.fromkeys(self._pictures()))),
            ]
        )

    def detail(self, row: ListedLink) -> str:
        """The address in full."""
        return row.url

    def result(self, row: ListedLink) -> str:
        """The address."""
        return row.url

    def action_copy(self) -> None:
        """Copy the address under the cursor to the clipboard."""
        if (link := self.chosen) is not None:
            self.app.copy_to_clipboard(link.url)
            show_notice(self, f"{link.url} copied to the clipboard")

    def _links(self, *, own: bool) -> Iterator[ListedLink]:
        """The links of the headline (`own`) or of the body, checked: a record may be forged."""
        article = self._article
        for link in article.links:
            url = clean_url(link.url)
            if url is None or (link.block == HEADLINE_LINK) is not own or link.block >= len(article.body):
                continue
            text = article.headline if own else article.body[link.block].text
            yield ListedLink(sanitize((text or "")[link.start : link.end]).strip() or host_first(url), url)

    def _pictures(self) -> Iterator[ListedLink]:
        for figure in self._article.figures:
            if figure.url and (url := clean_url(figure.url)):
                yield ListedLink(sanitize(figure.caption or figure.alt or figure.credit or "Picture"), url)


_BIBTEX = "BibTeX"


class CitationScreen(Chooser[str, tuple[str, str]]):
    """Closes with the name of a style and the citation in it."""

    TITLE = "Copy a citation"
    CHOOSES = "copies"
    TALLEST = 0
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CitationScreen {
        & > #dialog { height: auto; min-height: 0; max-height: 100%; }
        & GroupedList { height: 4; }
        & #detail { max-height: 16; border-top: solid $border; color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LETTERS_MOVE, *screen_bindings("citation")]

    def __init__(self, item: ExportItem, style: str) -> None:
        """`style`: the style to begin with, in upper or lower case."""
        super().__init__()
        self._item = item
        self._first = style.casefold()
        self._styles = [*STYLES, _BIBTEX]

    def draw(self, row: str, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the name."""
        return [("list--title", fit(row, width))]

    def matching(self, text: str) -> GroupedRows[str]:  # noqa: ARG002
        """All styles."""
        return GroupedRows([("", self._styles)])

    def start(self) -> int:
        """The style to begin with, if there is one of that name."""
        names = [style.casefold() for style in self._styles]
        return names.index(self._first) if self._first in names else 0

    def detail(self, row: str) -> str:
        """The citation."""
        if row == _BIBTEX:
            return bibtex_entry(self._item).rstrip()
        return STYLES[row](cite(self._item))

    def result(self, row: str) -> tuple[str, str]:
        """The style and the citation."""
        return row, self.detail(row)
