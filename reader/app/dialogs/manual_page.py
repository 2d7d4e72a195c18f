"""A page of the manual, made from Markdown into the paragraphs that the article view shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from reader.app.text.flow import Styled
from reader.app.text.parts import BULLET, Part

_CODE, _STRONG = "mark", "subhead"
"""Roles in which the article view draws code and strong words."""
_INDENT = "  "

Piece = tuple[str, str]
"""Text, and the role it is drawn in if that is not its paragraph's."""


def page_parts(page: str) -> list[Part]:
    """The parts of a page, in order. A row of a table becomes an item of a list."""
    parts = [Part("space", "", 0)]
    for node in SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(page)).children:
        parts += _parts(node)
    return parts


def _parts(node: SyntaxTreeNode) -> list[Part]:
    if node.type == "heading":
        return [_part("headline" if node.tag == "h1" else "subhead", _inline(node))]
    if node.type == "fence":
        lines = node.content.rstrip("\n").split("\n")
        return _together(Part("paragraph", line, 0, _INDENT, _INDENT + "  ") for line in lines)
    if node.type == "bullet_list":
        return _together(_part("item", _inline(item)) for item in node.children)
    if node.type == "ordered_list":
        return _together(_part("item", _inline(item), f"{item.info}. ") for item in node.children)
    if node.type == "table":
        names = [_cell(cell) for cell in node.children[0].children[0].children]
        rows = node.children[1].children if len(node.children) > 1 else []
        return _together(_row([_cell(cell) for cell in row.children], names) for row in rows)
    return [_part("paragraph", _inline(node))]


def _together(parts: Iterable[Part]) -> list[Part]:
    """The parts without empty rows between them, but with one after the last, and before a heading."""
    close: list[Part] = []
    for part in parts:
        if part.role == "subhead" and close:
            close[-1] = close[-1]._replace(gap=1)
        close.append(part._replace(gap=0))
    close[-1] = close[-1]._replace(gap=1)
    return close


def _row(cells: list[list[Piece]], names: list[list[Piece]]) -> Part:
    """A row in a line: its first cell, then the others, named by their columns if there are several."""
    first, *others = cells
    others_named = [(name, cell) for name, cell in zip(names[1:], others, strict=True) if cell]
    if not others_named:
        return _part("subhead", first)
    pieces = [*first, (" – ", "")]
    for number, (name, cell) in enumerate(others_named):
        pieces += [("; ", "")] if number else []
        pieces += [*name, (" ", "")] if len(names) > 2 else []
        pieces += cell
    return _part("item", pieces)


def _part(role: str, pieces: Iterable[Piece], bullet: str = BULLET) -> Part:
    text, styled = "", []
    for piece, own_role in pieces:
        if own_role and role != "subhead":
            styled.append(Styled(len(text), len(text) + len(piece), own_role))
        text += piece
    first = bullet if role == "item" else ""
    return Part(role, text, 1, first, " " * len(first), tuple(styled))


def _cell(node: SyntaxTreeNode) -> list[Piece]:
    return list(_inline(node))


def _inline(node: SyntaxTreeNode) -> Iterator[Piece]:
    """The text in a block, with the roles of what is marked in it."""
    for child in node.children:
        if child.type == "text":
            yield child.content, ""
        elif child.type == "code_inline":
            yield child.content, _CODE
        elif child.type == "softbreak":
            yield " ", ""
        elif child.type == "strong":
            yield from ((text, _STRONG) for text, _ in _inline(child))
        else:
            yield from _inline(child)
