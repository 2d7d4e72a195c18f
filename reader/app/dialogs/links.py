"""The dialogs of an article's links, and of its citation."""

from __future__ import annotations

from collections.abc import Iterator

from reader.app.browser import host_first
from reader.app.notices import show_notice
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedRows
from reader.export.citations import STYLES, bibtex_entry, cite
from reader.export.items import ExportItem
from reader.model import HEADLINE_LINK, Article
from reader.sanitize import clean_url, sanitize


class LinksScreen(Chooser[str], keys="list links"):
    """Closes with the address to open; y copies one."""

    TITLE = "Links of this article"
    KEYS = "{panes.read} opens · {out.address} copies · {panes.back} closes"
    ROW_LINES = 2
    COUNTS = True
    NOTHING = "No links. Captures of plain text do not keep them."

    def __init__(self, article: Article) -> None:
        groups = (
            ("the page of the story", _links(article, own=True)),
            ("in the text", _links(article, own=False)),
            ("pictures", _pictures(article)),
        )
        # Each once.
        super().__init__(rows=GroupedRows([(heading, dict.fromkeys(rows)) for heading, rows in groups]))

    def action_copy(self) -> None:
        """Copy the address under the cursor to the clipboard."""
        if (url := self.chosen) is not None:
            self.app.copy_to_clipboard(url)
            show_notice(self, f"{url} copied to the clipboard")


def _links(article: Article, *, own: bool) -> Iterator[ChooserRow[str]]:
    """The links of the headline (`own`) or of the body, checked: a record may be forged."""
    for link in article.links:
        url = clean_url(link.url)
        if url is None or (link.block == HEADLINE_LINK) is not own or link.block >= len(article.body):
            continue
        text = article.headline if own else article.body[link.block].text
        yield _row(sanitize((text or "")[link.start : link.end]).strip() or host_first(url), url)


def _pictures(article: Article) -> Iterator[ChooserRow[str]]:
    for figure in article.figures:
        if figure.url and (url := clean_url(figure.url)):
            yield _row(figure.caption or figure.alt or figure.credit or "Picture", url)


def _row(words: str, url: str) -> ChooserRow[str]:
    return ChooserRow(url, words, below=host_first(url), detail=url)


class CitationScreen(Chooser[tuple[str, str]], keys="list citation"):
    """Closes with the name of a style and the citation in it."""

    TITLE = "Copy a citation"
    KEYS = "{panes.read} copies · {panes.back} closes"
    TALLEST = 0
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CitationScreen {
        & > #dialog { height: auto; min-height: 0; max-height: 100%; }
        & GroupedList { height: 4; }
        & #detail { max-height: 16; border-top: solid $border; color: $foreground; }
    }
    """

    def __init__(self, item: ExportItem, style: str) -> None:
        """`style`: the style to begin with, if there is one of that name, in upper or lower case."""
        texts = {name: write(cite(item)) for name, write in STYLES.items()}
        texts["BibTeX"] = bibtex_entry(item).rstrip()
        rows = [ChooserRow((name, text), name, detail=text) for name, text in texts.items()]
        names = [name.casefold() for name in texts]
        start = names.index(style.casefold()) if style.casefold() in names else 0
        super().__init__(rows=GroupedRows([("", rows)]), start=start)
