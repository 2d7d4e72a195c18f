"""Links of the text: chosen by letters, by the mouse, and the address of the one under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reader.app.keys import keys_of, tell
from reader.app.screens.sending import Sending
from reader.app.widgets.linked import Linked

if TYPE_CHECKING:
    from reader.app.body_links import Seen
    from reader.app.link_letters import Following as Waiting
    from reader.library import Library


class Following(Sending):
    """The part of the main screen that goes where links of the text lead."""

    def __init__(self, library: Library, *, paths: Sequence[str] | None, title: str) -> None:
        """See `Shelf`."""
        super().__init__(library, paths=paths, title=title)
        self._links: list[Seen] = []
        """The links that have letters."""
        self._waiting: Waiting | None = None

    @property
    def following(self) -> Waiting | None:
        """What waits for letters; scrolling, another article and another layout end it."""
        return self._waiting if self.article.lettered else None

    def action_follow(self) -> None:
        """Give each link in sight letters to choose it by."""
        if self.stored is None:
            return
        from reader.app.link_letters import Following as Waiting
        from reader.app.link_letters import labels

        is_seen = self.standing_parts.article is not None
        self._links = self.article.links_in_sight() if is_seen else []
        if not self._links:
            elsewhere = len(self.stored.article.links)
            self.say(
                "No link is in sight"
                + (tell("; {out.links} lists those of the article") if elsewhere else "")
            )
            return
        letters = labels(len(self._links))
        self._wait(Waiting([(label, seen.url) for label, seen in zip(letters, self._links, strict=True)]))

    def take_key(self, key: str, character: str | None) -> bool:
        """Whether a key is meant for the letters; any that is not ends them and does what it always does."""
        following = self.following
        if following is None:
            return False
        from reader.app.link_letters import COPY

        letter = (character or "").lower()
        if key == "backspace" and following.typed:
            self._wait(following._replace(typed=following.typed[:-1]))
        elif key in (*keys_of("panes.back"), *keys_of("app.quit"), *keys_of("out.follow")):
            self.stop_following()
        elif not letter.isalpha():
            self.stop_following()
            return False
        elif letter == COPY and not following.typed:
            self._wait(following._replace(copies=not following.copies))
        else:
            self._wait(following._replace(typed=following.typed + letter))
        return True

    def stop_following(self) -> None:
        """Take the letters away."""
        if self._waiting is not None:
            self._wait(None)

    def _wait(self, following: Waiting | None) -> None:
        """Show the letters that can still be typed; where they name a link, go there."""
        left = following.left if following is not None else []
        if following is not None and not left:
            self.say(f"No link has the letters “{following.typed}”")
            following = None
        chosen = following is not None and left[0][0] == following.typed
        self._waiting = None if chosen else following
        shown = {label for label, _ in left} if self._waiting is not None else set()
        targets = following.targets if following is not None else ()
        lettered = zip(self._links, targets, strict=False)
        self.article.show_letters((seen, label) for seen, (label, _) in lettered if label in shown)
        self.tell_footer()
        self.paint_at_once()
        if following is not None and chosen:
            self._go(left[0][1], copies=following.copies)

    def _go(self, url: str, *, copies: bool) -> None:
        if copies:
            self.copy(url, "The address")
        else:
            self.browse(url)

    def on_linked_clicked(self, message: Linked.Clicked) -> None:
        """A link of the text was clicked."""
        self.stop_following()
        self.browse(message.url)

    def on_linked_pointed(self, message: Linked.Pointed) -> None:
        """The mouse came to a link, or left it."""
        self.pointed = message.url
        self.tell_footer()

    def on_screen_suspend(self) -> None:
        """What opens over the text takes the keys."""
        self.stop_following()
