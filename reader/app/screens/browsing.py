"""Authors and sponsors as ways to browse, beside sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.app.screens.opening import Opening
from reader.app.view import View
from reader.errors import LibraryError
from reader.library import Filters, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.app.screens.names import Known
    from reader.app.screens.profile import ProfileScreen
    from reader.app.widgets.article_view import ArticleView
    from reader.library import Library
    from reader.library.names import Name


class Browsing(Opening):
    """The part of the main screen that goes from articles to those who wrote or paid for them, and back."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self._known_names: Known = {}

    def action_authors(self) -> None:
        """Let an author be chosen, those of the article being read first."""
        self._choose_name(
            "of this article", self.stored.article.authors if self.stored else (), sponsors=False
        )

    def action_sponsors(self) -> None:
        """Let a sponsor be chosen, that of the article being read first."""
        paid = [self.stored.article] if self.stored and self.stored.article.sponsored else []
        self._choose_name("of this article", [article.sponsor or "" for article in paid], sponsors=True)

    def open_name(self, name: str, *, sponsor: bool = False) -> None:
        """Show the page of an author, or of a `sponsor` ("" for those no page names); the list stays as it is."""
        from reader.app.screens.profile import ProfileScreen

        def choose_another(sponsors: bool) -> None:
            first = () if sponsors else screen.companions
            self._choose_name("on the same articles", first, sponsors=sponsors, instead_of=screen)

        def chosen(key: int | None) -> None:
            if key is not None:
                self._open_piece(key, self._view_of(name, sponsor))

        screen = ProfileScreen(self.library, self.clerk, name, choose_another, sponsor=sponsor)
        self.app.push_screen(screen, chosen)

    def on_article_view_name_clicked(self, message: ArticleView.NameClicked) -> None:
        """A name in the article leads to the page of whoever bears it."""
        self.open_name(message.name, sponsor=message.sponsor)

    def _choose_name(
        self,
        heading: str,
        first: Sequence[str],
        *,
        sponsors: bool,
        instead_of: ProfileScreen | None = None,
    ) -> None:
        """Let somebody be chosen, and then list and show what is theirs, instead of a page that is open."""
        from reader.app.screens.names import NamesScreen

        def chosen(name: Name | None) -> None:
            if name is None:
                return
            if instead_of is not None:
                instead_of.dismiss(None)
            self.choose(self._view_of(name.name, sponsors))
            self.open_name(name.name, sponsor=sponsors)

        filters = self.view.filters
        self.app.push_screen(
            NamesScreen(
                self.clerk,
                self._known_names,
                self._stamps.content,
                (heading, [fold(name) for name in first]),
                filters.sponsor if sponsors else filters.author,
                sponsors=sponsors,
            ),
            chosen,
        )

    def _view_of(self, name: str, sponsor: bool) -> View:
        """All of theirs in the order that is chosen, whatever else is filtered now."""
        return View(Filters(sponsor=name) if sponsor else Filters(author=name), self.view.sort)

    def _open_piece(self, key: int, view: View) -> None:
        """Read an article, and list what it was chosen from."""
        try:
            stored, row = self.library.article(key), self.library.row(key)
        except LibraryError as error:
            self.complain(str(error))
            return
        if row is not None and self.point_at(row):
            self.read(stored)
            self.choose(view)
            self.paint_article()
