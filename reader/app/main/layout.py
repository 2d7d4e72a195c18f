"""The panes of the main screen: which are shown, where, and which one has the focus."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from reader.app.main.bar_texts import HeaderState
from reader.app.messages import ArticleShown
from reader.app.widgets.drawing import FRAME, StyleCache
from reader.app.widgets.panes import Piece, RegionLayout, Regions, divided, is_narrow, side_width
from reader.library import ArticleRow

if TYPE_CHECKING:
    from reader.app.main.screen import MainScreen

TALL: Final = 22
"""From this many rows on there is a rule below the strip of sections."""
_RULE: Final = 2
"""The row of that rule."""


class PaneState(NamedTuple):
    """Which panes the reader wants to see, and which has the focus."""

    pane: str = "list"
    """The pane with the focus: "list" or "article"."""
    sidebar: bool = True
    zen: bool = False


class Speech(NamedTuple):
    """Parts of the main screen for a screen reader: words instead of symbols, and a widget for announcements."""

    row: Callable[[ArticleRow], str]
    """Describes a row of the list."""
    header: Callable[[HeaderState, int], list[Piece]]
    announcer: Callable[[str], Widget]


class Panes:
    """Arranges the widgets of the main screen, and moves the focus between panes."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self.state = PaneState()
        self.layout = RegionLayout(self._widget_regions)
        self._styles = StyleCache(main, {FRAME: FRAME})
        self.announcer = main.speech.announcer("") if main.speech else None
        """The widget for announcements, for a screen reader."""

    @property
    def regions(self) -> dict[str, Region]:
        # Not `size`: right after a resize that is the new size, before the screen is laid out for it.
        return self._regions_for(self._main.outer_size)

    def _regions_for(self, size: Size) -> dict[str, Region]:
        divide = regions_for if self.announcer is None else spoken_regions_for
        return divide(size, self.state, self._main.prompt.is_open)

    def _widget_regions(self, size: Size) -> Regions:
        main, entry = self._main, self._main.prompt.entry
        widgets = {
            "header": main.header,
            "strip": main.strip,
            "list": main.list_pane.rows,
            "article": main.article_pane.view,
            "footer": entry if entry is not None and main.prompt.is_open else main.footer,
        }
        return {widgets[name]: region for name, region in self._regions_for(size).items()}

    def lay_out(self) -> None:
        """Move the widgets to their current regions."""
        # A child must ask for the layout: if the screen asks, it forgets where the widgets were.
        self._main.header.refresh(layout=True)
        self._main.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line of the screen itself: the rule below the sections, or the line between the panes."""
        main, regions = self._main, self.regions
        width, blank, frame = main.outer_size.width, main.visual_style.rich_style, self._styles[FRAME]
        is_rule = "list" in regions and y == _RULE < regions["list"].y
        if not regions.keys() >= {"list", "article"}:
            return Strip([Segment("─" * width, frame)] if is_rule else [Segment(" " * width, blank)], width)
        side = regions["list"].width
        if is_rule:
            return Strip([Segment("─" * side + "┤", frame), Segment(" " * (width - side - 1), blank)], width)
        return divided(side, width, blank, frame)

    def arrange(self, state: PaneState) -> None:
        self.state = state
        self.lay_out()
        self.focus()
        self._main.update_footer()
        self._main.post_message(ArticleShown())

    def focus_pane(self, pane: str) -> None:
        """Focus "list" or "article", and show it if it is hidden."""
        is_list, state = pane == "list", self.state
        self.arrange(PaneState(pane, sidebar=state.sidebar or is_list, zen=state.zen and not is_list))

    def act(self, name: str) -> None:
        """Focus a pane ("list", "article" or "other"), or show or hide all others ("zen") or the list ("sidebar").

        A narrow terminal has no sidebar, so "sidebar" focuses the other pane.
        """
        has_article = self._main.article_pane.stored is not None
        if name == "zen":
            if has_article:
                self.arrange(self.state._replace(pane="article", zen=not self.state.zen))
        elif name == "sidebar" and not self._main.narrow:
            if not self.state.sidebar:
                self.focus_pane("list")
            elif has_article:
                self.arrange(PaneState("article", sidebar=False))
        else:
            if name not in ("list", "article"):
                name = "article" if self.state.pane == "list" else "list"
            if name == "list" or has_article:
                self.focus_pane(name)

    def focus(self) -> None:
        is_list = self.state.pane == "list"
        pane = self._main.list_pane.rows if is_list else self._main.article_pane.view
        # At once: `focus()` acts later, and might take the focus from a widget that got it meanwhile.
        self._main.set_focus(pane, scroll_visible=False)

    def follow_focus(self) -> None:
        """Update the state after the focus has moved, for example by a click."""
        main = self._main
        panes: dict[Widget | None, str] = {main.list_pane.rows: "list", main.article_pane.view: "article"}
        # The message may be late: what has the focus by now counts.
        pane = panes.get(main.focused, self.state.pane)
        if pane != self.state.pane:
            self.state = self.state._replace(pane=pane)
            main.update_footer()


def regions_for(size: Size, pane_state: PaneState, typing: bool = False) -> dict[str, Region]:
    """The regions of what a screen of `size` shows: some of "header", "strip", "list", "article" and "footer".

    In zen mode there is a footer only for the prompt, while `typing`.
    """
    width, height = size
    if pane_state.zen:
        rows = max(1, height - typing)
        footer = {"footer": Region(0, rows, width, 1)} if typing else {}
        return {"article": Region(0, 0, width, rows), **footer}
    rows = max(1, height - 2)
    regions = {
        "header": Region(0, 0, width, 1),
        "article": Region(0, 1, width, rows),
        "footer": Region(0, height - 1, width, 1),
    }
    if pane_state.pane == "article" if is_narrow(width) else not pane_state.sidebar:
        return regions
    side = width if is_narrow(width) else side_width(width)
    above = 2 if height >= TALL else 1
    regions["strip"] = Region(0, 1, side, 1)
    regions["list"] = Region(0, 1 + above, side, max(1, rows - above))
    regions["article"] = Region(side + 1, 1, width - side - 1, rows)
    if is_narrow(width):
        del regions["article"]
    return regions


def spoken_regions_for(size: Size, pane_state: PaneState, typing: bool = False) -> dict[str, Region]:
    """Divide what the announcer leaves of a screen: header, one pane, and the prompt while `typing`."""
    width, height = size
    rows = max(1, height - 1 - typing)
    footer = {"footer": Region(0, 1 + rows, width, 1)} if typing else {}
    return {"header": Region(0, 0, width, 1), pane_state.pane: Region(0, 1, width, rows), **footer}
