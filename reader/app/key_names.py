"""The names of keys: as people write them ("Ctrl-f", "PgDn", "}") and as the screen library does ("ctrl+f", …)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_MODIFIERS: Final = {
    "ctrl": "ctrl", "control": "ctrl", "c": "ctrl", "^": "ctrl", "alt": "alt", "meta": "alt", "option": "alt",
    "m": "alt", "shift": "shift", "super": "super", "cmd": "super",
}  # fmt: skip
_SHOWN: Final = {
    "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "backspace": "Backspace", "delete": "Del",
    "insert": "Ins", "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn",
    "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip
"""The keys that make no character, as they are shown."""
_WORDS: Final = {
    **{name: name for name in _SHOWN},
    **{f"f{n}": f"f{n}" for n in range(1, 25)},
    "esc": "escape", "return": "enter", "⏎": "enter", "spc": "space", "bs": "backspace", "del": "delete",
    "ins": "insert", "pgup": "pageup", "page up": "pageup", "page_up": "pageup", "pgdn": "pagedown",
    "pgdown": "pagedown", "page down": "pagedown", "page_down": "pagedown",
    "↑": "up", "↓": "down", "←": "left", "→": "right",
    "comma": "comma", "plus": "plus", "minus": "minus",
}  # fmt: skip
_SHORTER: Final = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
_SAME: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+h": "backspace",
}
"""What terminals cannot tell apart."""


def read_key(written: str) -> str | None:
    """The screen library's name of a key; None for what is no key."""
    text = written.strip()
    modifiers: set[str] = set()
    while len(text) > 1:
        head, mark, rest = _split(text)
        if not mark or head.casefold() not in _MODIFIERS:
            break
        modifiers.add(_MODIFIERS[head.casefold()])
        text = rest
    key = _base(text)
    if key is None:
        return None
    if len(key) == 1 and key.isalpha():
        if "shift" in modifiers and "ctrl" not in modifiers:
            modifiers.discard("shift")
            key = key.upper()
        elif "ctrl" in modifiers:
            key = key.lower()
    elif "shift" in modifiers and key not in _WORDS.values():
        # What Shift makes of it is another character, on each keyboard its own.
        return None
    name = "+".join([*sorted(modifiers), key])
    return _SAME.get(name, name)


@lru_cache(256)
def show_key(key: str) -> str:
    """A key that `read_key` has named, as people write it."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name) or (
        name.upper() if name[:1] == "f" and name[1:].isdecimal() else _character(name)
    )
    return "-".join([*(modifier.capitalize() for modifier in modifiers), shown])


def _split(text: str) -> tuple[str, str, str]:
    """A modifier, its mark and the rest: "Ctrl-f" and "ctrl+f", also "Ctrl--" and "^f"."""
    if text[0] == "^" and len(text) == 2:
        return "^", "^", text[1:]
    ends = [at for at in (text.find("-"), text.find("+")) if 0 < at < len(text) - 1]
    if not ends:
        return text, "", ""
    return text[: min(ends)], text[min(ends)], text[min(ends) + 1 :]


def _base(text: str) -> str | None:
    """A key without modifiers."""
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    if len(text) == 1:
        return _named(text) if text.isprintable() and not text.isspace() else None
    return text if _character(text) != text else None


def _named(character: str) -> str:
    """What the screen library calls the key of a character."""
    if character.isalnum():
        return character
    import unicodedata

    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _SHORTER.get(name, name)


@lru_cache(256)
def _character(name: str) -> str:
    """The character of a name such as "right_curly_bracket"; the name itself where it is none."""
    longer = {short: long for long, short in _SHORTER.items()}
    # The only names that have a dash where the library writes a line.
    words = {
        "hyphen_minus": "hyphen-minus",
        "less_than_sign": "less-than sign",
        "greater_than_sign": "greater-than sign",
    }
    name_there = longer.get(name, name)
    import unicodedata

    try:
        return unicodedata.lookup(words.get(name_there, name_there.replace("_", " ")))
    except KeyError:
        return name
