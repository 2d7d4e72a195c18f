"""The manual page: made from the parsers and the keys, as roff with the macros of man(7)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from reader import __version__
from reader.commands.described import PROGRAM, Described, Option, Value, described

_DATE: Final = "2026-11-25"
"""When what this page says by itself was last changed."""
_WIDTH: Final = 66
"""Columns of a line of roff, before escapes."""
_SUMMARY: Final = "read what is left of the news site Protocol, in a terminal"
_DESCRIPTION: Final = (
    "Protocol closed in 2022. Its pages survive as captures, in which a lead story is followed by cut-off openings "
    "of others, unlabelled paid posts, biographies and page furniture, with nothing marked. This program tells the "
    "articles apart, lists them by section, shows them to be read, and says of each whether it is TRUNCATED or "
    "SPONSORED, and why.",
    "With a PATH it reads the captures there without keeping them; without, it opens the library.",
)
_FILES: Final = (
    ("~/.local/share/protocol-reader/library.sqlite", "The library; in $XDG_DATA_HOME where that is set."),
    ("~/.config/protocol-reader/config.toml", "Settings; in $XDG_CONFIG_HOME where that is set."),
)
_ENVIRONMENT: Final = (
    ("PROTOCOL_READER_LIBRARY", "The library file, unless --library names one."),
    ("PROTOCOL_READER_SCREEN_READER", "Anything but 0 or no asks for what --screen-reader does."),
    ("PROTOCOL_READER_WAYBACK", "The web archive that “fetch” asks, unless --server names one."),
    ("PROTOCOL_READER_TOKEN", "What the address of “serve” must have in it, unless --token says so."),
    ("BROWSER", "The command that opens addresses, unless the settings name one."),
    ("NO_COLOR", "When set, no colours are used."),
    ("SOURCE_DATE_EPOCH", "The date that exports carry, in seconds since 1970."),
)
_STATUSES: Final = (
    ("0", "Done."),
    ("1", "Done in part: each failure is named on standard error."),
    ("2", "Wrong use."),
    ("3", "Nothing could be read."),
)
_EXAMPLES: Final = (
    ("protocol-reader captures/", "Read a folder of captures."),
    (
        "protocol-reader add captures/",
        "Keep them in the library; afterwards “protocol-reader” alone opens it.",
    ),
    ("protocol-reader export --output protocol.epub is:whole", "All whole articles as a book."),
)


def page() -> str:
    """The page as roff, in UTF-8 when it is written."""
    return "\n".join(_lines(described())) + "\n"


def _lines(commands: tuple[Described, ...]) -> Iterator[str]:
    program, *others = commands
    yield f'.TH {_text(PROGRAM.upper())} 1 {_DATE} "{PROGRAM} {__version__}" "User Commands"'
    yield from (".SH NAME", f"{_text(PROGRAM)} \\- {_text(_SUMMARY)}")
    yield ".SH SYNOPSIS"
    yield from _synopsis(program)
    yield from (f".br\n\\fB{_text(PROGRAM)}\\fR \\fICOMMAND\\fR ...",)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(_DESCRIPTION)
    yield ".SH OPTIONS"
    yield from _options(program)
    yield from _paragraphs(program.more.split("\n\n"), first=".PP")
    yield ".SH COMMANDS"
    for one in others:
        yield f".SS {_text(one.name)}"
        yield from _synopsis(one)
        yield from (".PP", *_filled(one.about))
        yield from _options(one)
        if one.more:
            yield ".PP"
            yield from _as_it_stands(one.more)
    yield ".SH KEYS"
    yield from _keys()
    for title, rows in (
        ("EXIT STATUS", _STATUSES), ("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES), ("EXAMPLES", _EXAMPLES),
    ):  # fmt: skip
        yield f'.SH "{title}"' if " " in title else f".SH {title}"
        yield from _tagged(rows)


def _synopsis(command: Described) -> Iterator[str]:
    parts = [f"\\fB{_text(f'{PROGRAM} {command.name}'.strip())}\\fR"]
    parts += [
        f"[{_named(option.names[-1], option.value)}]"
        for option in command.options
        if "--help" not in option.names
    ]
    for value in command.values:
        shown = f"\\fI{_text(value.name)}\\fR" + (" ..." if value.repeated else "")
        parts.append(f"[{shown}]" if value.optional else shown)
    yield from parts


def _options(command: Described) -> Iterator[str]:
    values = [value for value in command.values if value.choices]
    yield from (
        line for value in values for line in _tag(_value(value), f"One of {', '.join(value.choices)}.")
    )
    for option in command.options:
        if "--help" not in option.names:
            yield from _tag(_heading(option), _sentence(option))


def _heading(option: Option) -> str:
    *first, last = option.names
    return ", ".join([*(_named(name, None) for name in first), _named(last, option.value)])


def _sentence(option: Option) -> str:
    choices = option.value.choices if option.value is not None else ()
    listed = f"; one of {', '.join(choices)}" if choices and choices[0] not in option.does else ""
    text = f"{option.does}{listed}"
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _named(name: str, value: Value | None) -> str:
    return f"\\fB{_text(name)}\\fR" + ("" if value is None else f" {_value(value)}")


def _value(value: Value) -> str:
    return f"\\fI{_text(value.name)}\\fR"


def _keys() -> Iterator[str]:
    from reader.app.keys import shown_keys

    yield "In the app, “?” shows these too."
    for group, keys in groupby(shown_keys(), key=lambda key: key.group):
        yield f".SS {_text(group)}"
        for key in keys:
            yield from _tag(f"\\fB{_text(key.shown)}\\fR", f"{key.does[:1].upper()}{key.does[1:]}.")


def _tagged(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, sentence in rows:
        yield from _tag(f"\\fB{_text(name)}\\fR", sentence)


def _tag(heading: str, sentence: str) -> Iterator[str]:
    yield from (".TP", heading, *_filled(sentence))


def _paragraphs(paragraphs: Iterable[str], first: str = "") -> Iterator[str]:
    macro = first
    for paragraph in paragraphs:
        if macro:
            yield macro
        yield from _filled(paragraph)
        macro = ".PP"


def _as_it_stands(text: str) -> Iterator[str]:
    """Paragraphs; what stands in columns stays so."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        if number:
            yield ".PP"
        if re.search(r"\S   *\S|^ ", paragraph, re.MULTILINE):
            yield ".nf"
            yield from map(_line, paragraph.split("\n"))
            yield ".fi"
        else:
            yield from _filled(paragraph)


def _filled(text: str) -> Iterator[str]:
    """Words, in lines short enough for editors; a page of any width fills its own."""
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)
    yield from map(_line, lines)


def _line(text: str) -> str:
    """A line of text: no command, whatever it begins with."""
    escaped = _text(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return escaped.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
