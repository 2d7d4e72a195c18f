"""The captures that are measured, and how they would look as HTML: bare, and as a news site sends them."""

from __future__ import annotations

from html import escape

from reader.model import Capture
from tests.paths import CAPTURES, SAMPLE_DATA

_SECTIONS = ("China", "Climate", "Enterprise", "Fintech", "Gaming", "Policy", "Power", "Workplace")
_PROPERTIES = ("title", "description", "image", "url", "type", "site_name", "locale")
_DATA = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
    ' "headline": "A story", "datePublished": "2022-03-01", "author": {"@type": "Person", "name": "A. Writer"}}'
    "</script>"
)
_CODE = (
    "<script>window.dataLayer = window.dataLayer || []; (function (d) { var s = d.createElement('script');"
    " s.async = true; s.src = '/static/bundle.js'; d.head.appendChild(s); })(document);</script>"
)
_STYLE = "<style>.story { margin: 0 auto; max-width: 40em } .story__line { line-height: 1.5 }</style>"


def captures() -> list[Capture]:
    """Every capture of the sample data and of the tests."""
    paths = [path for folder in (SAMPLE_DATA, CAPTURES) for path in sorted(folder.glob("*.txt"))]
    return [Capture(path.name, path.read_text("utf-8")) for path in paths]


def bare_html(capture: Capture) -> str:
    """The page's lines as paragraphs and nothing else."""
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in _lines(capture))
    return f"<!doctype html><html><body>\n{lines}</body></html>"


def site_html(capture: Capture) -> str:
    """The page with the head, navigation, scripts and nesting that a news site wraps around its text."""
    lines = _lines(capture)
    meta = "".join(f'<meta property="og:{name}" content="The {name} of it">' for name in _PROPERTIES)
    links = "".join(f'<li class="nav__item"><a href="/{name.lower()}">{name}</a></li>' for name in _SECTIONS)
    navigation = f'<nav class="nav"><ul class="nav__list">{links}</ul></nav>'
    widgets = "".join(
        f'<div class="widget" data-id="{n}"><div class="story"><div class="story__body">'
        f'<p class="story__line">{escape(line)}</p></div></div></div>\n'
        for n, line in enumerate(lines)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(lines[0])}</title>'
        f"{meta}{_DATA}{_STYLE}{_CODE * 3}</head>\n<body><header>{navigation}</header>\n"
        f'<main><div class="page">{widgets}</div><aside>{navigation}</aside></main>\n'
        f"<footer>{navigation}<p>© A publisher. All rights reserved.</p></footer>{_CODE * 2}</body></html>"
    )


def _lines(capture: Capture) -> list[str]:
    return [line for line in capture.text.split("\n") if line.strip()] or [""]
