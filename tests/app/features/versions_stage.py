"""A small library in which one story was captured three times, once cut off, once whole, once edited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reader.library import Library
from reader.model import Block, Capture, Page
from tests.app.stage import KEEP_READING, story
from tests.filling import add_pages
from tests.generated import a_page

HEADLINE = "The harbor that counts its own ships"
SENTENCES = (
    "For nine years the harbor of Vellmouth has counted its ships by hand, in a ledger with a blue spine.",
    "In May a company from the hills offered to do it with cameras and asked for nothing but the pictures.",
    "The harbor master, who keeps the ledger, said she would think about it over the winter.",
    "Her deputy had already signed, and the first forty cameras stood in the fish hall in their boxes.",
    "Nobody could say who owned the pictures, least of all the people who were in them.",
    "By the time the council met, the ledger had been counted too: it held eleven thousand ships.",
)
BODY = tuple(Block("paragraph", sentence) for sentence in SENTENCES)
EDITED = (
    *BODY[:2],
    Block("paragraph", SENTENCES[2].replace("over the winter", "before the autumn fair")),
    *BODY[3:],
)
OTHER = tuple(
    Block("paragraph", f"{start} the ferry is late, and the timetable has been printed on both sides.")
    for start in ("On Mondays", "On Tuesdays", "On Wednesdays")
)


def pages() -> Iterator[tuple[Capture, Page]]:
    """Two captures with the start, two with a whole text, and another story."""
    cut = story(0, "Power", HEADLINE, body=BODY[:2], truncated=KEEP_READING)
    for name, shown, captured in (
        ("front-page.txt", cut, "2022-05-10T08:00:00"),
        ("edited.txt", story(0, "Power", HEADLINE, body=EDITED), "2022-05-12T08:00:00"),
        ("harbor.txt", story(0, "Power", HEADLINE, body=BODY), "2022-05-11T08:00:00"),
        ("ferries.txt", story(0, "Power", "The ferry is late again", body=OTHER), None),
    ):
        yield a_page(f"pile/{name}", shown, captured=captured)


@contextmanager
def a_library() -> Iterator[Library]:
    """A temporary library with the articles of `pages`."""
    with Library.temporary() as library:
        add_pages(library, pages())
        yield library
