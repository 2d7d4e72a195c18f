"""Articles as one web page that needs nothing but itself: no script, no picture, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reader.export.piece import About, Piece
from reader.export.xhtml import STYLE, article_markup, escape

_HEAD = """\
<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="byline">Exported from page captures by Protocol Reader on {date}.</p>
"""


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:
    """The page, an article at a time."""
    yield _HEAD.format(title=escape(about.title), date=about.date.isoformat(), style=STYLE)
    for one in pieces:
        yield article_markup(one) + "\n"
    yield "</body>\n</html>\n"
