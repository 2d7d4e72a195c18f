"""Every setting: its type and default (`Settings`), and its place, values and description (`OPTIONS`)."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from reader.addresses import clean_url
from reader.permissions import Permission, permitted

WAYBACK_VARIABLE: Final = "PROTOCOL_READER_WAYBACK"
WAYBACK: Final = "https://web.archive.org"
"""The web archive from which captures are fetched by default."""

GROUPS: Final = ("screen", "search", "text", "pictures", "citations", "network", "keys")
"""The tables of the file, in the order in which they are shown; the last has keys of actions, not options."""
KEYS: Final = "keys"
THEMES: Final = (
    "ink", "paper", "contrast", "ink-256", "paper-256", "ink-16", "paper-16",
    "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe", "catppuccin-latte",
    "catppuccin-macchiato", "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord", "rose-pine",
    "rose-pine-dawn", "rose-pine-moon", "solarized-dark", "solarized-light", "textual-dark", "textual-light",
    "tokyo-night",
)  # fmt: skip
"""The names of the app's themes, ours first; a test compares them with those that the app has."""

_A_THEME: Final = 'a theme such as "ink" or "contrast"'
Value = str | int | bool
_NO_KEYS: Final[Mapping[str, tuple[str, ...]]] = {}


class Settings(NamedTuple):
    """The value of every setting; `OPTIONS` describes them, field by field."""

    theme: str = "auto"
    light_theme: str = "paper"
    dark_theme: str = "ink"
    screen_reader: bool = False
    stems: bool = True
    text_width: int = 72
    line_spacing: int = 0
    paragraph_spacing: int = 1
    alignment: str = "ragged"
    hyphenation: str = "off"
    pictures: str = "auto"
    picture_protocol: str = "auto"
    citation_style: str = "apa"
    wayback: str = WAYBACK
    browser: str = ""
    keys: Mapping[str, tuple[str, ...]] = _NO_KEYS
    """Keys of actions, by the actions' stable names; other actions have their default keys."""


class Option(NamedTuple):
    """One option."""

    name: str
    """As in the file: table, dot, key."""
    field: str
    """The field of `Settings` that it sets."""
    about: str
    """Its effect, in a sentence."""
    choices: tuple[str, ...] = ()
    """The words that it accepts; with `other`, not only these."""
    other: str = ""
    """Other values that it accepts, in words."""
    check: Callable[[str], bool] | None = None
    """Whether it accepts a text that is none of its choices; None if it accepts no such text."""
    least: int = 0
    most: int = 0
    """The limits of a whole number."""
    brief: str = ""
    """The accepted values, in fewer words than all choices."""
    later: bool = False
    """True if a change takes effect only at the next start."""
    variable: str = ""
    """The environment variable that overrides the file."""
    owner_only: bool = False
    """True if visitors in a browser cannot set it: it acts on the machine that serves, or beyond the session."""

    @property
    def group(self) -> str:
        """Its table."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Its key in that table."""
        return self.name.partition(".")[2]

    @property
    def default(self) -> Value:
        """The value if nothing is set."""
        value: Value = Settings._field_defaults[self.field]
        return value

    @property
    def takes(self) -> str:
        """The accepted values, in words: "a whole number from 28 to 120"."""
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, int):
            return f"a whole number from {self.least} to {self.most}"
        words = [f'"{choice}"' for choice in self.choices] + [self.other] * bool(self.other)
        return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _is_language(value: str) -> bool:
    return re.fullmatch(r"[a-z]{2,3}([_-][A-Z][A-Za-z]{1,3})?", value) is not None


def _is_address(value: str) -> bool:
    return clean_url(value) is not None


def _is_command(value: str) -> bool:
    import shlex  # 5 ms that the start of the app would wait for.

    with suppress(ValueError):
        return value.isprintable() and shlex.split(value) is not None
    return False


OPTIONS: Final = (
    Option("screen.theme", "theme", "The theme; auto picks the light or the dark one to match the terminal.",
           ("auto", *THEMES), brief=f'"auto" or {_A_THEME}'),
    Option("screen.light_theme", "light_theme", "The theme that auto uses on a light terminal.",
           THEMES, brief=_A_THEME),
    Option("screen.dark_theme", "dark_theme", "The theme that auto uses on a dark terminal.",
           THEMES, brief=_A_THEME),
    Option("screen.screen_reader", "screen_reader",
           "For screen readers: one pane, no line drawing, and a line that announces each change.",
           later=True, owner_only=True),
    Option("search.stems", "stems", "Whether a search for a word also finds its other forms: “runs” finds “running”.",
           later=True),
    Option("text.width", "text_width", "The maximum width of text.", least=28, most=120),
    Option("text.line_spacing", "line_spacing", "Empty lines between the lines of a paragraph.", most=2),
    Option("text.paragraph_spacing", "paragraph_spacing", "Empty lines between paragraphs.", most=3),
    Option("text.alignment", "alignment", "Whether text is ragged on the right or justified.", ("ragged", "justified")),
    Option("text.hyphenation", "hyphenation",
           "Whether long words are hyphenated; auto uses the language of the terminal.",
           ("off", "auto"), other="a language such as en_US", check=_is_language),
    Option("pictures.show", "pictures", "Whether pictures are shown; auto shows them unless the connection is slow.",
           ("auto", "on", "off")),
    Option("pictures.protocol", "picture_protocol", "How pictures are drawn; auto goes by the name of the terminal.",
           ("auto", "kitty", "sixel", "blocks")),
    Option("citations.style", "citation_style", "The citation style offered first.",
           ("apa", "mla", "chicago", "bibtex")),
    Option("network.wayback", "wayback", "The web archive that captures are fetched from.",
           other="the address of a web archive, with https:// or http://", check=_is_address,
           variable=WAYBACK_VARIABLE, owner_only=True),
    Option("network.browser", "browser",
           "The command that opens web addresses; if empty, $BROWSER or the system's browser.",
           other="a command; the address replaces %s, or is added at the end", check=_is_command, owner_only=True),
)  # fmt: skip


def offered() -> tuple[Option, ...]:
    """The options that this process may set."""
    is_owner = permitted(Permission.OWN_SETTINGS)
    return tuple(option for option in OPTIONS if is_owner or not option.owner_only)


BY_NAME: Final = {option.name: option for option in OPTIONS}
