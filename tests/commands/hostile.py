"""Texts that a terminal, a markup language or a reader's eye would take for something else, and captures of them."""

from __future__ import annotations

import os
from pathlib import Path

from reader.model import Article, Bio, Block, Capture, Figure, Page, Reason

SEQUENCES = {
    "colour": "\x1b[31m",
    "clear the screen": "\x1b[2J",
    "title": "\x1b]0;OWNED\x07",
    "link": "\x1b]8;;http://owned.example\x1b\\here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;T1dORUQ=\x07",
    "where is the cursor": "\x1b[6n",
    "leave the other screen": "\x1b[?1049l",
    "device control": "\x1bP+q544e\x1b\\",
    "application command": "\x1b_Gf=100;AAAA\x1b\\",
    "reset": "\x1bc",
    "character set": "\x1b(0lqqk",
    "unfinished": "\x1b[",
    "C1 CSI": "\x9b31m",
    "C1 OSC": "\x9d0;OWNED\x9c",
}
"""What a terminal obeys, or answers."""
CONTROLS = {
    "bell": "\x07",
    "backspaces": "abc\x08\x08\x08xyz",
    "carriage return": "seen\rhidden",
    "nul": "a\x00b",
    "vertical tab, form feed": "a\x0bb\x0cc",
    "delete": "a\x7fb",
    "tab": "a\tb",
    "line feed": "a\nb",
    "line and paragraph separators": "a\u2028b\u2029c",
}
"""Single characters that a terminal obeys."""
UNSEEN = {
    "right to left": "\u202egpj.exe\u202c",
    "marks of direction": "\u200f\u061c\u200e",
    "zero width": "a\u200b\u200c\u200d\u2060b",
    "byte order mark": "\ufeffa",
    "private use": "\ue000\U000f0000",
    "lone surrogates": "\ud800a\udc00",
    "selectors": "a\ufe0f\U000e0100",
    "soft hyphen": "a\u00adb",
    "fillers": "\u3164a\u115f",
    "noncharacters": "\uffffa\ufdd0",
    "tags": "a\U000e0041\U000e007f",
    "blank braille": "a\u2800b",
    "a pile of marks": "a" + "\u0301" * 200,
}
"""What is not seen, or makes a text look like another."""
MARKUP = {
    "closing": "[/]",
    "an opening bracket": "a [ b",
    "bold": "[bold]x[/bold]",
    "no such style": "[nosuchstyle]x",
    "action": "[@click=app.quit]x[/]",
    "link": "[link='http://owned.example']x[/link]",
    "list": '{"a": [true, false]}',
    "assignment": "[a=b]x",
    "variable": "[$nope]x",
    "correction": "Q&A [Updated]",
    "backslash": "\\[bold]x",
    "emoji name": ":smile: [red]:bomb:",
    "HTML": "<b>x</b>&amp;",
    "Markdown": "**x** [a](http://owned.example)",
}
"""What a markup language would make something of; it must be shown as it is."""
HOSTILE = {**SEQUENCES, **CONTROLS, **UNSEEN, **MARKUP}
_UNMARKED = [*{**SEQUENCES, **CONTROLS, **UNSEEN}.values()]
CROWDED = {**MARKUP, **{f"some {at}": " ".join(_UNMARKED[at : at + 4]) for at in range(0, len(_UNMARKED), 4)}}
"""The same texts, several at once where they need not be seen whole: fewer articles to go through."""


def capture_text(text: str, number: int) -> str:
    """A page whose every line of a story, a paid post and of furniture starts with `text`, or holds it."""
    return f"""\
{text} Log in to read on

Protocol | China

{text} Rooftop farm {number} is not feeding anyone yet

{text} The grocery giant said it would grow lettuce for a third of the city.

{text} Lettuce under lamps on the roof of a store.

Photo: {text} Ren Kaiping/Getty Images

{text} For years, vertical farming has been sold as the answer to everything from droughts to dinner.


{text} The lamps cost more than the lettuce, said three of the people who signed the lease for farm {number}.

• {text} Water was the other thing that nobody had put into the plan, and it was not cheap.

Keep ReadingShow less
{text} Mara Feld

{text} Mara Feld (@mfeld) covers retail for Protocol from Oslo. She was a farmer long before that.

SPONSORED CONTENT FROM {text}

{text} Payments are moving faster than the people who make them, number {number}

{text} Every shop that we know has asked us for a faster way to be paid, so here it is at last, they say.

{text} Sign up for our newsletter
"""


def write_captures(folder: Path, texts: dict[str, str]) -> None:
    """A capture for each text, with the text in its name too, and a file each that cannot be read."""
    folder.mkdir()
    for number, text in enumerate(texts.values()):
        name = (
            f"{number} {text}".encode("utf-8", "surrogatepass").replace(b"/", b"_").replace(b"\0", b"_")[:200]
        )
        data = capture_text(text, number).encode("utf-8", "surrogatepass")
        _write(os.fsencode(folder) + b"/" + name + b".txt", data)
        if number % 8 == 0:
            _write(os.fsencode(folder) + b"/" + name + b" binary.txt", b"\0" * 100)


def _write(path: bytes, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(file, data)
    os.close(file)


def dirty_record(text: str, number: int) -> tuple[Capture, Page]:
    """A page of one article with `text` in every field."""
    column = encodable(text)
    source = f"{number} {column}.txt"
    story = f"{text} Rooftop farm {number}"
    article = Article(
        position=0,
        kind="story",
        kicker=f"{text} kicker",
        section=f"{text} section",
        headline=story if number % 4 else None,
        deck=f"{text} deck",
        authors=(f"{text} author",),
        published=text,
        figures=(Figure(f"{text} alt", f"{text} caption", f"{text} credit"), Figure(f"{text} alt")),
        body=(Block("paragraph", story), Block("item", text), Block("quote", text), Block("signoff", text)),
        bios=(Bio(text, f"{text} bio"), Bio(None, text)),
        truncated=Reason("marker", 3, text) if number % 2 else None,
        sponsored=Reason("label", 2, text) if number % 3 == 0 else None,
        sponsor=text if number % 3 == 0 else None,
        first_line=1,
        last_line=9,
    )
    page = Page(source, f"https://example.org/{column}", column, (article,), (text,), ((), (), ()))
    raw = f"{text} raw\n{text}\n"
    return Capture(source, raw, page.url, column, encoding=column, partial=column), page


def encodable(text: str) -> str:
    """`text` as a column of a database can hold it."""
    return text.encode("utf-8", "replace").decode()
