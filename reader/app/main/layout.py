"""The panes of the main screen: which are shown, where they stand, and which one has the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from reader.app.main.bar_texts import HeaderState
from reader.app.messages import PanesArranged
from reader.app.widgets.bars import Texts
from reader.app.widgets.drawing import FRAME, cropped, filtered, style_of
from reader.app.widgets.panes import RegionLayout, Regions, is_narrow, side_width
from reader.library import ArticleRow

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

TALL = 22
"""From so many rows on there is room for a rule below the sections."""


class PaneState(NamedTuple):
    """Which panes the reader wants, and which has the keys."""

    pane: str = "list"
    """The pane that has the keys: "list" or "article"."""
    sidebar: bool = True
    """Whether the list is wanted beside the article."""
    zen: bool = False
    """Whether the article is wanted alone."""


class Parts(NamedTuple):
    """The place of each part; None where it is hidden."""

    header: Region | None = None
    strip: Region | None = None
    list: Region | None = None
    article: Region | None = None
    footer: Region | None = None
    rule: int | None = None
    """The row of the rule below the sections."""
    divider: int | None = None
    """The column of the line between list and article."""


class Speech(NamedTuple):
    """What a main screen that is read aloud needs: words instead of signs, and a place for announcements."""

    row: Callable[[ArticleRow, bool], str]
    """A row of the list in words; True for a pinned row."""
    header: Texts[HeaderState]
    announcer: Callable[[], Widget]


class Panes:
    """Arranges the parts of a main screen, and gives a pane the keys."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self.state = PaneState()
        self.layout = RegionLayout(self._regions)
        self.announcer = main.speech.announcer() if main.speech else None
        """The lines of announcements, on a screen that is read aloud."""

    @property
    def parts(self) -> Parts:
        """Where the parts stand: after a resize `size` is the new size before the screen is laid out for it."""
        return self._arrange(self._main.outer_size)

    def _arrange(self, size: Size) -> Parts:
        if self.announcer is None:
            return arrange(size, self.state)
        height = self.announcer.styles.height
        return arrange_spoken(size, self.state, int(height.value) if height else 0, self._main.prompt.is_open)

    def _regions(self, size: Size) -> Regions:
        main, parts = self._main, self._arrange(size)
        entry = main.prompt.entry
        return {
            main.header: parts.header,
            main.strip: parts.strip,
            main.list_pane.rows: parts.list,
            main.article_pane.view: parts.article,
            entry if entry is not None and main.prompt.is_open else main.footer: parts.footer,
        }

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the rule below the sections and the line between the panes."""
        main, parts = self._main, self.parts
        width, height = main.outer_size
        strips = frame_strips(parts, width, main.visual_style.rich_style, style_of(main, FRAME))
        plain, ruled = filtered(main, strips)
        lines = [ruled if y == parts.rule else plain for y in range(height)]
        return cropped(lines[crop.y : crop.bottom], crop, width)

    def arrange(self, state: PaneState) -> None:
        """Arrange the panes as asked, and give the keys to the one that is to have them."""
        main = self._main
        main.session.awaited = None
        self.state = state
        self.arrange_again()
        self.focus()
        main.update_footer()
        main.post_message(PanesArranged())

    def turn_to(self, pane: str) -> None:
        """Give the keys to "list" or "article", and show it where it is hidden."""
        listing = pane == "list"
        zen = self.state.zen and not listing
        self.arrange(PaneState(pane, sidebar=self.state.sidebar or listing, zen=zen))

    def toggle_sidebar(self) -> None:
        """Hide the list beside the article, or show it."""
        if not self.state.sidebar:
            self.turn_to("list")
        elif self._main.article_pane.stored is not None:
            self.arrange(PaneState("article", sidebar=False))

    def toggle_zen(self) -> None:
        """Show the article alone, or everything again."""
        if self._main.article_pane.stored is not None:
            self.arrange(self.state._replace(pane="article", zen=not self.state.zen))

    def leave(self) -> bool:
        """Leave zen mode or the article pane; False in the list."""
        if self.state.zen:
            self.toggle_zen()
        elif self.state.pane == "article":
            self.turn_to("list")
        else:
            return False
        return True

    def focus(self) -> None:
        """Give the keys to the pane that is to have them."""
        main = self._main
        pane = main.list_pane.rows if self.state.pane == "list" else main.article_pane.view
        # At once: `focus()` would come after whatever takes the keys next.
        main.set_focus(pane, scroll_visible=False)

    def follow_focus(self, widget: Widget) -> None:
        """Another widget has the keys, perhaps because it was clicked."""
        main = self._main
        for pane, own in (("list", main.list_pane.rows), ("article", main.article_pane.view)):
            if widget is own and pane != self.state.pane:
                self.state = self.state._replace(pane=pane)
                main.update_footer()

    def arrange_again(self) -> None:
        """Put the parts where they are wanted now."""
        # It takes a child to ask: a parent forgets where they were.
        self._main.header.refresh(layout=True)
        self._main.refresh()


def arrange(size: Size, pane_state: PaneState) -> Parts:
    """Place the parts on a screen of `size`."""
    width, height = size
    if pane_state.zen:
        return Parts(article=size.region)
    bars = Parts(header=Region(0, 0, width, 1), footer=Region(0, height - 1, width, 1))
    rows = max(1, height - 2)
    if is_narrow(width):
        if pane_state.pane == "article":
            return bars._replace(article=Region(0, 1, width, rows))
        return _with_list(bars, width, rows, height)
    if not pane_state.sidebar:
        return bars._replace(article=Region(0, 1, width, rows))
    side = side_width(width)
    parts = _with_list(bars, side, rows, height)
    return parts._replace(divider=side, article=Region(side + 1, 1, width - side - 1, rows))


def arrange_spoken(size: Size, pane_state: PaneState, announcement: int, typing: bool) -> Parts:
    """Place the parts on a screen that is read aloud: one pane below the header, and the prompt while `typing`.

    `announcement`: so many rows above the announcement's own stay empty.
    """
    width, height = size
    rows = max(1, height - 1 - announcement - typing)
    pane = Region(0, 1, width, rows)
    parts = Parts(header=Region(0, 0, width, 1), footer=Region(0, 1 + rows, width, 1) if typing else None)
    return parts._replace(article=pane) if pane_state.pane == "article" else parts._replace(list=pane)


def frame_strips(parts: Parts, width: int, blank: Style, frame: Style) -> tuple[Strip, Strip]:
    """Draw a usual line of what stands between the parts, and the line with the rule below the sections."""
    plain = ruled = Strip.blank(width, blank)
    if (side := parts.divider) is not None:
        right = Segment(" " * (width - side - 1), blank)
        plain = Strip([Segment(" " * side, blank), Segment("│", frame), right], width)
        ruled = Strip([Segment("─" * side + "┤", frame), right], width)
    elif parts.rule is not None:
        ruled = Strip([Segment("─" * width, frame)], width)
    return plain, ruled


def _with_list(parts: Parts, width: int, rows: int, height: int) -> Parts:
    above = 2 if height >= TALL else 1
    return parts._replace(
        strip=Region(0, 1, width, 1),
        rule=2 if above == 2 else None,
        list=Region(0, 1 + above, width, max(1, rows - above)),
    )
