"""Invented pictures, made here, and captures that have them: pages, files beside them, archives."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from reader.captures import read_captures
from reader.library import Library
from reader.model import Article, Capture
from reader.parsing import parse_capture
from tests.captures.archives import http, record

SITE = "https://www.protocol.com"
CAPTION = "Lettuce under lamps in a hall near Wuxi."
Pixel = tuple[int, int, int]


def picture(size: tuple[int, int] = (64, 40), form: str = "PNG", colour: Pixel = (200, 40, 10)) -> bytes:
    """A picture of one colour, with noise in a corner so that it is not too small to be one."""
    image = pytest.importorskip("PIL.Image")
    made = image.new("RGB", size, colour)
    for n in range(min(100, size[0] * size[1] // 4)):
        made.putpixel((n * 7 % size[0], n * 3 % max(1, size[1] // 4)), (n * 5 % 256, n * 11 % 256, 7))
    return written(made, form)


def written(made: Any, form: str) -> bytes:
    out = io.BytesIO()
    made.save(out, form)
    return out.getvalue()


def data(content: bytes, media: str = "image/png") -> str:
    """A picture as an address."""
    return f"data:{media};base64,{b64encode(content).decode()}"


def page(
    *sources: str,
    title: str = "The rooftop farms",
    paragraphs: int = 12,
    lazy: str = "",
    things: str = "lamps",
) -> str:
    """A page with a story and these pictures, the first with a caption, the others with descriptions."""
    head, *others = sources
    extra = f' data-src="{lazy}"' if lazy else ""
    figures = (
        f'<figure><img src="{head}"{extra} alt="A lamp"><figcaption>{CAPTION}</figcaption></figure>'
        + "".join(f'<figure><img src="{one}" alt="Lamp {n}"></figure>' for n, one in enumerate(others, 2))
    )
    body = "".join(
        f"<p>{things} {n}: the {things} cost more than the {things} of last year, said the man with the {things}.</p>"
        for n in range(paragraphs)
    )
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><article>'
        f'<h1>{title}</h1><p class="byline">By Mara Feld</p>{figures}{body}</article></body></html>'
    )


def warc(html: str, files: dict[str, tuple[bytes, str]], status: str = "200 OK") -> list[bytes]:
    """Records of a page, and of files by their paths with their types."""
    return [
        record(http(html, "text/html; charset=utf-8"), url=f"{SITE}/story"),
        *(
            record(http(content, media, status), url=f"{SITE}{path}")
            for path, (content, media) in files.items()
        ),
    ]


def only_article(path: str | Path) -> tuple[Capture, Article]:
    """The first capture at a path, and its first article."""
    capture = next(item for item in read_captures([str(path)]) if isinstance(item, Capture))
    return capture, parse_capture(capture).articles[0]


def pictures_at(path: str | Path) -> dict[int, bytes]:
    """The pictures of the first article at a path, as a library finds them that has it."""
    capture, article = only_article(path)
    with Library.temporary() as library:
        library.ingest([str(path)])
        return library.pictures(capture.source, article)
