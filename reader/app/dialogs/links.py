"""The links dialog: the article's own page, the links in its text, its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from reader.app.browser import host_first
from reader.app.keys import hint
from reader.app.notices import show_notice
from reader.app.screen_keys import screen_bindings
from reader.app.text.wrapping import fit
from reader.app.widgets.chooser import LETTERS_MOVE, Chooser, GroupedRows
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
