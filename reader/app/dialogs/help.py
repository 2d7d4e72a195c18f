"""Help: a dialog that lists every key and every page of the manual, and the screen that shows a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from textual.screen import Screen

from reader.app.keymap import SCREENS, screen_bindings
from reader.app.keys import FIRST, GROUPS, Key, is_permitted, shown_keys, with_own_keys
from reader.app.text.document import BULLET, Document, Part
from reader.app.text.typesetting import StyledSpan
from reader.app.widgets.article_view import ArticleView
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedRows
from reader.app.widgets.screens import TextScreen
from reader.manual import TOPICS, Topic, for_terminal, read_page

if TYPE_CHECKING:
    from reader.app.app import ReaderApp

_CODE = "mark"
"""The role in which the article view draws code."""
_INDENT = "  "

Marked = tuple[str, str]
"""Text and its role, "" for that of the paragraph."""


def page_parts(page: str) -> list[Part]:
    """Turn a page of Markdown into parts of a document. A row of a table becomes an item of a list."""
    parts = [Part("space", "", 0)]
    for node in SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(page)).children:
        parts += _parts(node)
    return parts


def _parts(node: SyntaxTreeNode) -> list[Part]:
    if node.type == "heading":
        return [_part("headline" if node.tag == "h1" else "subhead", _inline(node))]
    if node.type == "fence":
        lines = node.content.rstrip("\n").split("\n")
        return _close_together([Part("paragraph", line, 0, _INDENT, _INDENT + "  ") for line in lines])
    if node.type in ("bullet_list", "ordered_list"):
        bullets = [f"{item.info}. " if node.type == "ordered_list" else BULLET for item in node.children]
        items = zip(node.children, bullets, strict=True)
        return _close_together([_part("item", _inline(item), bullet) for item, bullet in items])
    if node.type == "table":
        names, *rows = [
            [list(_inline(cell)) for cell in row.children] for part in node.children for row in part.children
        ]
        return _close_together([_row(row, names) for row in rows])
    return [_part("paragraph", _inline(node))]


def _close_together(parts: list[Part]) -> list[Part]:
    """Remove the empty rows between parts, except before a subhead and after the last part."""
    following = [*(part.role for part in parts[1:]), "subhead"]
    return [part._replace(gap=int(role == "subhead")) for part, role in zip(parts, following, strict=True)]


def _row(cells: list[list[Marked]], names: list[list[Marked]]) -> Part:
    """A table row as one line: the first cell, then the others, each after its column's name if there are several."""
    others = [(name, cell) for name, cell in zip(names[1:], cells[1:], strict=True) if cell]
    if not others:
        return _part("subhead", cells[0])
    pieces = list(cells[0])
    for number, (name, cell) in enumerate(others):
        pieces.append(("; " if number else " – ", ""))
        pieces += [*name, (": ", "")] if len(names) > 2 else []
        pieces += cell
    return _part("item", pieces)


def _part(role: str, pieces: Iterable[Marked], bullet: str = BULLET) -> Part:
    text, styled = "", []
    for piece, own_role in pieces:
        if own_role:
            styled.append(StyledSpan(len(text), len(text) + len(piece), own_role))
        text += piece
    first = bullet if role == "item" else ""
    return Part(role, text, 1, first, " " * len(first), tuple(styled))


def _inline(node: SyntaxTreeNode) -> Iterator[Marked]:
    for child in node.children:
        if child.type == "text":
            yield child.content, ""
        elif child.type == "code_inline":
            yield child.content, _CODE
        elif child.type == "softbreak":
            yield " ", ""
        else:
            yield from _inline(child)


class ManualScreen(TextScreen[None]):
    """Shows the page of a topic as an article."""

    app: ReaderApp
    BINDINGS = screen_bindings("manual")

    def __init__(self, topic: Topic, typed: str = "") -> None:
        """`typed`: what the page was found by. Unless that is its name, the page opens where it has these words."""
        self._page = ArticleView()
        super().__init__(self._page, "Manual", topic.title)
        self._topic = topic
        self._typed = " ".join(typed.casefold().split())

    def on_mount(self) -> None:
        self._page.text_width = self.app.settings.text_width
        page = for_terminal(read_page(self._topic.name))
        self._page.set_document(Document(page_parts(page), spoken=is_spoken(self)))
        in_page = [word for word in self._typed.split() if word not in _names(self._topic)]
        if in_page:
            self.find.find(self._typed if self._typed in page.casefold() else in_page[0])


def _names(topic: Topic) -> str:
    return f"manual {topic.name} {topic.title} {topic.about}".casefold()


def keys_of_screen(screen: Screen[Any]) -> list[Key]:
    """The keys that work on a screen other than the main one."""
    missing = {"app.everywhere('find.start')"}
    if not getattr(screen, "SHOWS_ARTICLE", False):
        missing.add("app.everywhere('state.star')")
    keys: dict[str, Key] = {}
    for name, (_, binding, enabled, _) in screen.active_bindings.items():
        id_ = binding.id
        if not id_ or binding.action in missing:
            continue
        if id_ in keys:
            keys[id_] = keys[id_]._replace(keys=f"{keys[id_].keys},{name}")
        elif enabled and binding.description and is_permitted(id_):
            keys[id_] = Key(id_, name, binding.action, binding.description)
    return list(keys.values())


_ALL_KEYS = ""
"""The result of the row that lists the other keys, too."""
_SELECTING = "while you select"
Choice = str | Topic | None
"""An action to run, a page of the manual to show, or nothing for a key that cannot be run from here."""


class HelpScreen(Chooser[Choice]):
    """Closes with the action of the chosen key; a page of the manual opens on top."""

    TITLE = "Keys"
    KEYS = "{panes.read} runs it · {panes.back} closes"
    PLACEHOLDER = "Type to search keys and the manual"
    label_width = 11

    def __init__(self, listed: Sequence[Key] | None = None, *, selecting: bool = False) -> None:
        """`listed`: the keys of the screen below; None for those of the main screen.

        `selecting`: is text selected there? Then the keys for that come first.
        """
        super().__init__("" if listed is None else "Keys of this screen")
        self._selecting = selecting
        self._listed = list(shown_keys()) if listed is None else listed
        self._first_only = listed is None
        """List only the keys to learn first, until the reader asks for all or searches?"""
        # The keys that act on a selection cannot be run from here.
        self._for_selection = [
            with_own_keys(key)._replace(action="") for key in (SCREENS["selection"] if listed is None else ())
        ]

    def matching(self, text: str) -> GroupedRows[ChooserRow[Choice]]:
        """The keys whose names or descriptions have every word of `text`, and the pages of the manual that do."""
        words = text.casefold().split()

        def has_words(topic: Topic) -> bool:
            named = _names(topic)
            # A letter or two, such as a key's, stand in every page.
            page = read_page(topic.name).casefold()
            return all(word in named or (len(word) > 2 and word in page) for word in words)

        topics = [
            ChooserRow[Choice](topic, topic.title, detail=f"{topic.title}: {topic.about}")
            for topic in TOPICS
            if not words or has_words(topic)
        ]
        if self._first_only and not words:
            by_id = {key.id: key for key in self._listed}
            first = [_key_row(by_id[id_]) for id_ in FIRST if id_ in by_id]
            about = f"{len(self._listed)} keys; type to search them all"
            first.append(ChooserRow(_ALL_KEYS, "all keys", label="…", detail=about))
            selecting = [_key_row(key) for key in self._for_selection if self._selecting]
            return GroupedRows([(_SELECTING, selecting), ("to begin with", first), ("manual", topics)])

        def matches(key: Key) -> bool:
            description = f"{key.does} {key.group} {key.id}".casefold()
            return all(word in description or word in key.shown.casefold().split() for word in words)

        keys = [key for key in self._listed if matches(key)]
        others = dict.fromkeys(key.group for key in self._listed if key.group not in GROUPS)

        def group_of(key: Key) -> str:
            # What Enter does belongs to the screen, if that has a group of its own.
            return next(iter(others), key.group) if key.id == "panes.read" else key.group

        groups = [
            (GROUPS.get(group, group), [_key_row(key) for key in keys if group_of(key) == group])
            for group in (*others, *GROUPS)
        ]
        selecting = [_key_row(key) for key in self._for_selection if matches(key)]
        groups.insert(list(GROUPS).index("notes") + 1, (_SELECTING, selecting))
        return GroupedRows([*groups, ("manual", topics)])

    def action_choose(self) -> None:
        if isinstance(self.chosen, Topic):
            self.app.push_screen(ManualScreen(self.chosen, self.entry.value))
        elif self.chosen == _ALL_KEYS:
            self._first_only = False
            self.show("")
        else:
            super().action_choose()


def _key_row(key: Key) -> ChooserRow[Choice]:
    # The nine digits of the sections share a row.
    action = None if key.id == "filter.section" else key.action or None
    return ChooserRow(action, key.does, label=key.shown, detail=f"{key.id}: {key.does}")
