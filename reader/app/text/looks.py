"""How pieces of a widget's text look, in a few words each: "text-accent bold", "foreground on panel".

The first words are attributes of the text and one colour of the theme; after "on" comes the colour behind it.
What is not said is as the widget has it. They stand in for component classes: Textual would parse a rule for every
one and apply it to a node of its own before the first paint, though few are seen then.
"""

from __future__ import annotations

from typing import Any

from rich.style import Style
from textual.color import TRANSPARENT, Color
from textual.widget import Widget

_ATTRIBUTES = frozenset(("bold", "italic", "underline", "reverse", "strike"))
FRAME = "panel-lighten-2"
"""Lines that carry no words."""


def style_of(widget: Widget, look: str) -> Style:
    """A look on a mounted widget, in the colours of the theme that is chosen now."""
    base = widget.visual_style
    words, _, behind = look.partition(" on ")
    variables = widget.app.theme_variables
    # A screen gives both to all that is on it.
    background, colour = base.background or TRANSPARENT, base.foreground or TRANSPARENT
    if behind:
        background += _colour(variables[behind])
    attributes: dict[str, Any] = {}
    for word in words.split():
        if word in _ATTRIBUTES:
            attributes[word] = True
        elif (value := variables[word]).startswith("auto"):
            colour = background.get_contrast_text(_colour(value).a)
        else:
            colour = _colour(value)
    return base.rich_style + Style(
        color=(background + colour).rich_color if background.a or colour.a else None,
        bgcolor=background.rich_color if background.a else None,
        **attributes,
    )


def _colour(value: str) -> Color:
    """A theme's "#8ab4d8", "ansi_blue 50%" or "auto 87%"; of the last only how much of it covers."""
    name, _, share = value.partition(" ")
    colour = Color(255, 255, 255) if name == "auto" else Color.parse(name)
    return colour.multiply_alpha(float(share.rstrip("%")) / 100) if share else colour
