"""What a reader can set, with the values that hold where nothing is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

_NO_KEYS: Final[Mapping[str, tuple[str, ...]]] = {}


class Settings(NamedTuple):
    """Every setting, as it is in force."""

    theme: str = "auto"
    """A theme's name; "auto" for the light or the dark one, as the terminal is."""
    light_theme: str = "paper"
    dark_theme: str = "ink"
    screen_reader: bool = False
    """One pane, no line drawing, and each change announced in a line."""
    remember: bool = True
    """Whether the panes, the section and the article are as they were left."""
    sort: str = "kept"
    """The order to begin with: kept, newest, title, longest."""
    text_width: int = 72
    """Columns of text, at most."""
    line_spacing: int = 0
    """Empty lines between the lines of a paragraph."""
    paragraph_spacing: int = 1
    """Empty lines between paragraphs."""
    alignment: str = "ragged"
    """ragged or justified."""
    hyphenation: str = "off"
    """off, auto (the language of the terminal's locale) or a language such as en_US."""
    pictures: str = "auto"
    """on, off, or auto: on unless the line is slow."""
    picture_protocol: str = "auto"
    """auto, kitty, sixel or blocks."""
    citation_style: str = "apa"
    """The style that a citation is first offered in: apa, mla, chicago or bibtex."""
    wayback: str = "https://web.archive.org"
    """The web archive that captures are fetched from."""
    browser: str = ""
    """The command that opens addresses; empty for $BROWSER, else the system's."""
    keys: Mapping[str, tuple[str, ...]] = _NO_KEYS
    """Keys of actions, by the actions' stable names; what is not here has its usual keys."""
