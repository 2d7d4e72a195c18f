"""What the terminal says of its background while the app runs, taken out of what would else be read as keys.

Textual's parser knows neither the answer to the question for the background's colour, which may come late
over a slow line, nor the report that light and dark have changed (mode 2031).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

from reader.app.background import COLOUR, LAST, is_light

FOLLOW: Final = "\x1b[?2031h"
"""Please say when light and dark change."""
LEAVE: Final = "\x1b[?2031l"
_REPORT: Final = re.compile(r"\x1b\[\?997;([12])n")
_BEGUN: Final = re.compile(r"\x1b(?:\]1(?:1(?:;[^\x07\x1b]*\x1b?)?)?|\[\?[0-9;]*)\Z")
_LONGEST: Final = 64


class BackgroundTold(Message):
    """The terminal has said whether it is light."""

    def __init__(self, light: bool) -> None:
        super().__init__()
        self.light = light


class Replies(XTermParser):
    """Textual's parser without the replies."""

    def __init__(self, debug: bool = False) -> None:
        self._begun = ""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """What the parser makes of `data`, and a message for each reply in it."""
        if not data or ("\x1b" not in data and not self._begun):
            return super().feed(data)
        data, self._begun = self._begun + data, ""
        colours = [is_light(match) for match in COLOUR.finditer(data)]
        told: list[Message] = [BackgroundTold(light) for light in colours if light is not None]
        told += [BackgroundTold(match[1] == "2") for match in _REPORT.finditer(data)]
        for pattern in (COLOUR, _REPORT, LAST):
            data = pattern.sub("", data)
        if (begun := _BEGUN.search(data)) and len(begun[0]) < _LONGEST:
            data, self._begun = data[: begun.start()], begun[0]
        return self._all(told, data)

    def _all(self, told: list[Message], data: str) -> Iterator[Message]:
        yield from told
        # Nothing would mean the end.
        if data:
            yield from super().feed(data)
