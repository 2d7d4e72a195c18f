"""Every setting: its type and default (`Settings`), and its place, values and sentence in config.toml (`OPTIONS`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from reader.permissions import Permission, permitted
from reader.settings.places import WAYBACK, WAYBACK_VARIABLE

GROUPS: Final = ("screen", "list", "text", "pictures", "citations", "network", "keys")
"""The file's tables in the order they are shown; the last is of the keys' names, not of options."""
KEYS: Final = "keys"
THEMES: Final = (
    "ink", "paper", "contrast", "ink-16", "paper-16",
    "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe", "catppuccin-latte",
    "catppuccin-macchiato", "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord", "rose-pine",
    "rose-pine-dawn", "rose-pine-moon", "solarized-dark", "solarized-light", "textual-dark", "textual-light",
    "tokyo-night",
)  # fmt: skip
"""The names of the app's themes, ours first; a test holds them against those that the app has."""

_A_THEME: Final = "the name of a theme"
Value = str | int | bool
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
    wayback: str = WAYBACK
    """The web archive that captures are fetched from."""
    browser: str = ""
    """The command that opens addresses; empty for $BROWSER, else the system's."""
    keys: Mapping[str, tuple[str, ...]] = _NO_KEYS
    """Keys of actions, by the actions' stable names; what is not here has its usual keys."""


class Option(NamedTuple):
    """One option."""

    name: str
    """As in the file: its table, a dot, and its key there."""
    field: str
    """The field of `Settings` that it sets."""
    about: str
    """What it does, as a sentence."""
    choices: tuple[str, ...] = ()
    """The words it takes; with `other` not only those."""
    other: str = ""
    """What else it takes, in words; the check is `reader.settings.checking`'s."""
    least: int = 0
    most: int = 0
    """The bounds of a whole number."""
    unit: str = ""
    """What the number counts."""
    brief: str = ""
    """What it takes in fewer words than those of all its choices."""
    later: bool = False
    """Whether a change holds from the next start only."""
    variable: str = ""
    """The environment variable that goes before the file."""
    owners: bool = False
    """Whether it is not for visitors in a browser: it acts on the machine that serves, or beyond the session."""

    @property
    def group(self) -> str:
        """The table it stands in."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Its key in that table."""
        return self.name.partition(".")[2]

    @property
    def usual(self) -> Value:
        """The value that holds where nothing is set."""
        value: Value = Settings._field_defaults[self.field]
        return value

    @property
    def takes(self) -> str:
        """What may be set, in words: "a whole number from 28 to 120"."""
        if isinstance(self.usual, bool):
            return "true or false"
        if isinstance(self.usual, int):
            return f"a whole number from {self.least} to {self.most}"
        words = [f'"{choice}"' for choice in self.choices] + [self.other] * bool(self.other)
        return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))

    @property
    def sentence(self) -> str:
        """What it does and takes, for people."""
        unit = f" ({self.unit})" if self.unit else ""
        before = f" The environment variable {self.variable} goes before it." if self.variable else ""
        return f"{self.about} It takes {self.brief or self.takes}{unit}.{before}"


OPTIONS: Final = (
    Option(
        "screen.theme",
        "theme",
        "The colours; auto takes the light or the dark theme, as the terminal is.",
        ("auto", *THEMES),
    ),
    Option(
        "screen.light_theme",
        "light_theme",
        "The theme that auto takes on a light terminal.",
        THEMES,
        brief=_A_THEME,
    ),
    Option(
        "screen.dark_theme",
        "dark_theme",
        "The theme that auto takes on a dark terminal.",
        THEMES,
        brief=_A_THEME,
    ),
    Option(
        "screen.screen_reader",
        "screen_reader",
        "For screen readers: one pane, no line drawing, each change announced in a line.",
        later=True,
        owners=True,
    ),
    Option(
        "screen.remember",
        "remember",
        "Open with the panes, the section and the article as they were left.",
        owners=True,
    ),
    Option("list.sort", "sort", "The order to begin with.", ("kept", "newest", "title", "longest")),
    Option("text.width", "text_width", "How wide text is at most.", least=28, most=120, unit="columns"),
    Option(
        "text.line_spacing",
        "line_spacing",
        "Empty lines between the lines of a paragraph.",
        least=0,
        most=2,
        unit="lines",
    ),
    Option(
        "text.paragraph_spacing",
        "paragraph_spacing",
        "Empty lines between paragraphs.",
        least=0,
        most=3,
        unit="lines",
    ),
    Option(
        "text.alignment",
        "alignment",
        "Whether lines end where their words do, or all at the right margin.",
        ("ragged", "justified"),
    ),
    Option(
        "text.hyphenation",
        "hyphenation",
        "Whether long words are divided; auto goes by the language of the terminal.",
        ("off", "auto"),
        other="a language such as en_US",
    ),
    Option(
        "pictures.show",
        "pictures",
        "Whether pictures are shown; auto shows them unless the line is slow.",
        ("auto", "on", "off"),
    ),
    Option(
        "pictures.protocol",
        "picture_protocol",
        "How pictures are drawn; auto asks the terminal what it can.",
        ("auto", "kitty", "sixel", "blocks"),
    ),
    Option(
        "citations.style",
        "citation_style",
        "The style that a citation is first offered in.",
        ("apa", "mla", "chicago", "bibtex"),
    ),
    Option(
        "network.wayback",
        "wayback",
        "The web archive that captures are fetched from.",
        other="the address of a web archive, with https:// or http://",
        variable=WAYBACK_VARIABLE,
        owners=True,
    ),
    Option(
        "network.browser",
        "browser",
        "The command that opens addresses; empty for $BROWSER, else the system's.",
        other="a command, to which the address is added or put in the place of %s",
        owners=True,
    ),
)
"""Every option, group by group."""


def offered() -> tuple[Option, ...]:
    """The options that may be set here."""
    all_of_them = permitted(Permission.OWN_SETTINGS)
    return tuple(option for option in OPTIONS if all_of_them or not option.owners)


BY_NAME: Final = {option.name: option for option in OPTIONS}
