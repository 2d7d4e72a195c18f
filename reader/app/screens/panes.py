"""The list beside the article: which of them is seen and has the keys, and how the body follows the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events, messages
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from reader.app.arrangement import Parts, Wishes, arrange, one_pane
from reader.app.article_lines import Sightings
from reader.app.looks import FRAME, style_of
from reader.app.screens.shelf import Shelf
from reader.app.widgets import bar_texts
from reader.app.widgets.article_pane import ArticlePane
from reader.app.widgets.article_view import ArticleView, Place
from reader.app.widgets.bar_texts import FooterState, match_words
from reader.app.widgets.bars import Bar
from reader.app.widgets.direct import cropped, finished
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.settings import Settings

if TYPE_CHECKING:
    from reader.app.asking import Opened
    from reader.app.link_letters import Following
    from reader.app.widgets.entry_bar import EntryBar

PLACES_KEPT = 1_000
"""How many articles' places are remembered."""


class PartsLayout(Layout):
    """Puts the screen's parts where `arrange` says."""

    name = "parts"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        """A placement for each part that is seen."""
        assert isinstance(parent, Panes)
        regions = parent.regions(size)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (region := regions.get(child)) is not None
        ]


class Panes(Shelf):
    """Two panes, or one at a time where the terminal is narrow; the body follows the list's cursor."""

    AUTO_FOCUS = ""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self.article = ArticlePane(id="article")
        self.footer = Bar(bar_texts.footer, FooterState(), id="footer")
        self.wishes = Wishes()
        self.stored: StoredArticle | None = None
        """The article being read."""
        self.matches: tuple[int, int] | None = None
        """Which match of how many, while something is looked for in the article."""
        self.entry: EntryBar | None = None
        """The line for typing, once it has been needed."""
        self.hit: Opened | None = None
        """The hit of a search that is being read; None when the article was opened in another way."""
        self.listed: StoredArticle | None = None
        """What was read before, while another version of it is; None else."""
        self.pointed: str | None = None
        """Where the link under the mouse leads."""
        self._parts_layout = PartsLayout()
        self._places: dict[int, Place] = {}

    @property
    def layout(self) -> Layout:
        """Where the parts stand."""
        return self._parts_layout

    @property
    def pane(self) -> str:
        """The pane that has the keys: "list" or "article"."""
        return self.wishes.pane

    @property
    def narrow(self) -> bool:
        """Whether one pane is seen at a time."""
        return one_pane(self, self.app.size.width)

    def compose(self) -> ComposeResult:
        """The parts."""
        yield from (self.header, self.strip, self.articles, self.article, self.footer)

    def on_mount(self) -> None:
        """Give a pane the keys; nothing is shown yet, so that the text is set once."""
        self.article.set_text(self.first_settings())
        self.set_focus(self.articles if self.pane == "list" else self.article, scroll_visible=False)

    def first_settings(self) -> Settings:
        """How the text is set to begin with."""
        return self.settings

    def on_resize(self, _: events.Resize) -> None:
        """The footer says other things in a narrow terminal."""
        self.tell_footer()

    @property
    def following(self) -> Following | None:
        """The links in sight that wait for letters; None when none do."""
        raise NotImplementedError

    def apply_text_settings(self, settings: Settings) -> None:
        """Set the text as `settings` say; the place stays."""
        self.article.set_text(settings)
        self.tell_footer()
        self.paint_at_once()

    @property
    def standing_parts(self) -> Parts:
        """Where the parts stand: after a resize `self.size` is the new size before the screen is laid out for it."""
        return arrange(self.outer_size, self.wishes)

    def regions(self, size: Size) -> dict[Widget, Region | None]:
        """The place of each widget on a screen of `size`."""
        parts = arrange(size, self.wishes)
        bottom: Widget = self.entry if self.entry is not None and self.typing else self.footer
        return {
            self.header: parts.header,
            self.strip: parts.strip,
            self.articles: parts.list,
            self.article: parts.article,
            bottom: parts.footer,
        }

    def wish(self, wishes: Wishes) -> None:
        """Arrange the parts as asked, and give the keys to the pane that is to have them."""
        self.wishes = wishes
        self.arrange_again()
        pane = self.articles if self.pane == "list" else self.article
        # At once: `focus()` would come after whatever takes the keys next.
        self.set_focus(pane, scroll_visible=False)
        self.tell_footer()

    def arrange_again(self) -> None:
        """Put the parts where they are wanted now. It takes a child to ask: a parent forgets where they were."""
        self.header.refresh(layout=True)
        self.refresh()

    def turn_to(self, pane: str) -> None:
        """Give the keys to "list" or "article"; where it is not seen, it is from now on."""
        listing = pane == "list"
        zen = self.wishes.zen and not listing
        self.wish(Wishes(pane, sidebar=self.wishes.sidebar or listing, zen=zen))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The mouse can change panes too."""
        for pane, widget in (("list", self.articles), ("article", self.article)):
            if event.widget is widget and pane != self.pane:
                self.wishes = self.wishes._replace(pane=pane)
                self.tell_footer()

    def render_lines(self, crop: Region) -> list[Strip]:
        """What stands between the parts: the rule below the sections and the line between the panes."""
        width, height = self.outer_size
        parts = self.standing_parts
        blank, frame = self.visual_style.rich_style, style_of(self, FRAME)
        plain = ruled = Strip.blank(width, blank)
        if (side := parts.divider) is not None:
            right = Segment(" " * (width - side - 1), blank)
            plain = Strip([Segment(" " * side, blank), Segment("│", frame), right], width)
            ruled = Strip([Segment("─" * side + "┤", frame), right], width)
        elif parts.rule is not None:
            ruled = Strip([Segment("─" * width, frame)], width)
        plain, ruled = finished(self, (plain, ruled))
        lines = [ruled if y == parts.rule else plain for y in range(height)]
        return cropped(lines[crop.y : crop.bottom], crop, width)

    # The body follows the cursor, and all that changes is painted at once.

    def opened(self, index: int | None) -> None:
        """Show the article at `index` of the list in the article pane."""
        try:
            stored = None if index is None else self.library.article(self.articles.row(index).key)
        except LibraryError as error:
            stored = None
            self.complain(str(error))
        self.read(stored)

    def read(self, stored: StoredArticle | None) -> None:
        """Show an article in the article pane, where it was left."""
        self._keep_place()
        self.matches = self.hit = self.listed = None
        self.stored = stored
        if stored is None:
            self.article.show(None)
        else:
            self.article.show(stored, self._places.get(stored.key), self._sightings(stored))
        self.tell_footer()

    def _sightings(self, stored: StoredArticle) -> Sightings:
        """What to say of an article's other versions; nothing is asked where there is none."""
        if stored.sightings < 2:
            return Sightings()
        try:
            face = self.library.face(stored.key)
        except LibraryError as error:
            self.complain(str(error))
            return Sightings()
        if face is None:
            return Sightings()
        if face.key != stored.key:
            return Sightings(listed=face.source)
        return Sightings(cut_off=face.cut_off if stored.completed else 0)

    def go_to(self, index: int) -> None:
        """Put the cursor on row `index` and read it."""
        if self.articles.move(index):
            self.opened(self.articles.cursor)
        self.paint_at_once()

    def _keep_place(self) -> None:
        if self.stored is None:
            return
        self._places.pop(self.stored.key, None)
        self._places[self.stored.key] = self.article.place
        if len(self._places) > PLACES_KEPT:
            del self._places[next(iter(self._places))]

    def paint_at_once(self) -> None:
        """Have row, body, footer and scrollbars painted in one frame.

        Each widget reports its changes when it is next idle, one after the other; with the reports of all of them
        in the screen's queue already, the screen paints only after the last.
        """
        bars = (self.articles.vertical_scrollbar, self.article.vertical_scrollbar)
        for widget in (self.articles, self.article, self.footer, *bars):
            self.post_message(messages.Update(widget))

    # The line for typing, in the footer's place

    @property
    def typing(self) -> bool:
        """Whether something is being typed."""
        return self.entry is not None and bool(self.entry.purpose)

    def typed(self, purpose: str, text: str) -> None:
        """`text` stands in the line for typing now."""
        raise NotImplementedError

    def gave_up_typing(self, purpose: str) -> None:
        """Typing was ended with Esc."""
        raise NotImplementedError

    async def start_typing(self, purpose: str, label: str, text: str) -> None:
        """Let the reader type for `purpose`."""
        if self.entry is None:
            from reader.app.widgets.entry_bar import EntryBar

            entry = EntryBar(id="entry")
            await self.mount(entry)
            self.entry = entry
        self.wishes = self.wishes._replace(zen=False)
        self.entry.open(purpose, label, text)
        self.arrange_again()

    def stop_typing(self, *, keep: bool) -> None:
        """Give the keys back to the pane; what was typed stays in force if `keep`."""
        if self.entry is None:
            return
        purpose = self.entry.purpose
        self.entry.close()
        if not keep:
            self.gave_up_typing(purpose)
        self.turn_to(self.pane)

    def on_entry_bar_changed(self, message: EntryBar.Changed) -> None:
        """Act on what is typed, as it is typed."""
        self.typed(message.purpose, message.text)

    def on_entry_bar_submitted(self, _: EntryBar.Submitted) -> None:
        """Back to the pane."""
        self.stop_typing(keep=True)

    # Footer

    def tell_footer(self) -> None:
        """Bring the footer up to date."""
        line, lines, percent = self.article.where if self.stored is not None else (0, None, 0)
        self.footer.state = FooterState(
            pane=self.pane,
            narrow=self.narrow,
            line=line,
            lines=lines,
            percent=percent,
            match=self.matches,
            hit=self.hit is not None,
            following=self.following,
            pointed=self.pointed,
        )

    def on_article_view_moved(self, _: ArticleView.Moved) -> None:
        """The article was scrolled."""
        self.tell_footer()
        self.paint_at_once()

    def on_article_view_hyphens(self, message: ArticleView.Hyphens) -> None:
        """Say why words are not broken, where that is not as it was asked for."""
        if message.error is not None:
            self.complain(message.error)

    def on_article_view_found(self, message: ArticleView.Found) -> None:
        """Something was looked for in the article."""
        self.matches = (message.current, message.count)
        if self.entry is not None and self.typing:
            self.entry.tell(match_words(self.matches))
        self.tell_footer()
        self.paint_at_once()
