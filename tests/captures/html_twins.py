"""HTML twins of text captures: the same lines as a RebelMouse page or as a page of no system, in varied markup.

A page is a list of stories, each a list of parts (a label of `reader.parsing.states.LABELS`, its line), with lines of
furniture between. The markup is drawn from a grammar: elements, wrappers, comments and scripts vary, the words do not.
All words are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import takewhile
from random import Random

from reader import parse
from reader.model import Capture, Page
from reader.parsing import parse_capture
from tests.captures.archives import html_page

Part = tuple[str, str]
LINK = 'a href="https://protocol.example/x"'
_BODY = frozenset(("paragraph", "subhead", "item", "signoff", "furniture"))
# Sentences that may stand in a paid post too, so none of them reports what somebody said.
REST = (
    "What came next took the harbor master by surprise, since nobody had told her about the second crane.",
    "There was a list. It was a short list, and then it was a long one.",
    "Two of the engineers have since moved to the bakery on the corner; the third still answers the phone.",
    "The minutes of that meeting run to four pages, three of which are about chairs.",
    "None of it will be decided before the spring, and perhaps not then.",
)


@dataclass
class Story:
    parts: list[Part]
    rest: list[str] = field(default_factory=list)
    """Paragraphs that the page hides behind its button."""

    @property
    def has_button(self) -> bool:
        return any(label == "marker" for label, _ in self.parts)


@dataclass
class Twin:
    """A page to be: stories, and lines that belong to none, in order."""

    items: list[Story | str]

    @property
    def stories(self) -> list[Story]:
        return [item for item in self.items if isinstance(item, Story)]


def page_of(html: str) -> Page:
    """The page that is read from HTML."""
    (capture,) = html_page(html)
    assert isinstance(capture, Capture)
    return parse_capture(capture)


def twin_of(text: str) -> Twin:
    """The stories of a text capture, as the parser tells them apart; a message in a newsletter is part of it."""
    page = parse(text)
    texts = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    last = {article.position: article.last_line for article in page.articles}
    items: list[Story | str] = []
    story, until = None, 0
    for line in page.lines:
        words = texts[line.n - 1].replace("\ufeff", "")
        if line.n > until:
            story = None
        if line.article is None:
            if story is None:
                items.append(words)
            else:
                story.parts.append(("furniture", words))
            continue
        if story is None or (line.n == page.articles[line.article].first_line and line.n > until):
            story, until = Story([]), last[line.article]
            items.append(story)
        outermost = next(a.position for a in page.articles if a.first_line <= line.n <= a.last_line)
        is_inner = line.n <= until and last[line.article] <= until and line.article != outermost
        story.parts.append(("paragraph" if is_inner and line.label != "item" else line.label, words))
    return Twin(items)


def hide_the_rest(twin: Twin, random: Random) -> dict[int, list[str]]:
    """Give some of the stories with a button the rest of their text, by their place among the stories."""
    hidden: dict[int, list[str]] = {}
    for i, story in enumerate(twin.stories):
        if story.has_button and random.random() < 0.7:
            story.rest = random.sample(REST, random.randint(1, len(REST)))
            hidden[i] = story.rest
    return hidden


def rebelmouse_page(twin: Twin, random: Random) -> str:
    """The page as the site's own system writes it."""
    m = Markup(random)
    stories = twin.stories
    done = ""
    for item in twin.items:
        if isinstance(item, str):
            done += _furniture(m, item)
            continue
        source = "current_post" if item is stories[0] else random.choice(["latest", "section", "site_stream"])
        story = _rebelmouse_story(m, item, 1000 + stories.index(item))
        posts = m.element("div", m.space() + story, class_="posts-wrapper clearfix")
        done += m.element("div", posts, class_="posts-custom section-holder", data_source=source) + m.noise()
    return _document(m, m.wrapped(done))


def _rebelmouse_story(m: Markup, story: Story, number: int) -> str:
    before, body, after = _regions(story.parts)
    text = m.body(body)
    if story.has_button and m.chance(0.6):
        text = m.element("div", text, class_="widget__brief")
    text += _hidden(m, story.rest) if story.rest else ""
    text += "".join(_button(m, words) for label, words in story.parts if label == "marker")
    text = m.element("div", text, class_="body-description")
    inside = "".join(_rebelmouse_head(m, before))
    inside += m.wrapped(m.element("div", text, class_="body js-expandable clearfix", data_headline="x"))
    inside += "".join(_rebelmouse_authors(m, after))
    name, elid = f"clearfix image-article post-{number}", str(number)
    inner = m.element("article", m.space() + m.wrapped(inside), class_=name, elid=elid)
    return m.element("div", m.space() + inner, class_="widget tag-tech", elid=elid, data_category="Tech")


def _regions(parts: Sequence[Part]) -> tuple[list[Part], list[Part], list[Part]]:
    """(head, body, what comes after) of a story's parts."""
    labels = [label for label, _ in parts]
    first = next((i for i, label in enumerate(labels) if label in _BODY - {"furniture"}), len(parts))
    ends = ("marker", "author", "sponsor", "bio")
    end = next((i for i, label in enumerate(labels) if i >= first and label in ends), len(parts))
    return list(parts[:first]), list(parts[first:end]), [part for part in parts[end:] if part[0] != "marker"]


_ELEMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "kicker": (("a span div", "widget__section"),),
    "headline": (
        ("h1 h2 h3", "widget__headline h1"),
        ("a span", "widget__headline-text custom-post-headline"),
    ),
    "deck": (("h2 h3 div", "widget__subheadline-text h2"),),
    "caption": (("small div", "image-media media-caption"),),
    "credit": (("small div", "photo-credit"),),
    "date": (("div", "social-date"), ("span", "social-date__text")),
    **dict.fromkeys(("byline", "author"), (("div", "social-author clearfix"), ("a", "social-author__name"))),
}
"""The elements of a part, the outer one first: possible tags, and the class."""


def _rebelmouse_head(m: Markup, parts: Sequence[Part]) -> Iterator[str]:
    for label, words in parts:
        if label == "alt":
            image = m.open(
                "img", alt=words, src=f"https://assets.example/{len(words)}.jpg", class_="rm-shortcode"
            )
            yield m.element("div", image, class_="widget__image crop-16x9")
            continue
        text = m.text(words)
        for tags, name in reversed(_ELEMENTS.get(label, (("div", "row"),))):
            text = m.element(m.random.choice(tags.split()), text, class_=name)
        yield text


def _rebelmouse_authors(m: Markup, parts: Sequence[Part]) -> Iterator[str]:
    for i, (label, words) in enumerate(parts):
        if label in ("author", "sponsor"):
            inside = m.element("a", m.text(words), class_="social-author__name", href="/u")
            for _, bio in takewhile(lambda part: part[0] == "bio", parts[i + 1 :]):
                text = m.text(bio) if label == "sponsor" else m.element("p", m.text(bio))
                inside += m.element("div", text, class_="social-author__bio")
            yield m.element("div", inside, class_="social-author clearfix")
        elif label != "bio":
            yield m.element("div", m.text(words), class_="social-date__text" if label == "date" else "row")


def _hidden(m: Markup, rest: Sequence[str]) -> str:
    inside = m.body([("paragraph", words) for words in rest])
    if m.chance(0.5):
        inside = m.element("template", m.space() + inside)
    else:
        inside = m.element("script", m.space() + escape(inside), type="keep-reading-content")
    return m.element("div", m.space() + inside, class_="js-appear-on-expand")


def _button(m: Markup, words: str) -> str:
    more, less = (words[: -len("Show less")], "Show less") if words.endswith("Show less") else (words, "")
    inside = m.open("span", class_="show-more js-expand") + m.text(more) + "</span>"
    if less:
        inside += m.open("span", class_="show-less js-contract") + less + "</span>"
    return m.element("div", inside, class_="widget__show-more with-primary-color js-keep-reading")


def _furniture(m: Markup, words: str) -> str:
    text = m.text(words)
    return m.random.choice(
        [
            m.element("div", text),
            m.element("nav", m.element("ul", m.element("li", m.element("a", text, href="/x")))),
            m.element("footer", m.element("p", text)),
            m.element("span", text) + "<br>",
        ]
    )


def plain_page(twin: Twin, random: Random) -> str:
    """The page as any system might write it: no classes to go by, hidden text left out."""
    m = Markup(random)
    done = ""
    first = True
    for item in twin.items:
        if isinstance(item, str):
            done += m.random.choice(
                [m.element("footer", m.element("p", m.text(item))), m.element("nav", m.text(item))]
            )
            continue
        done += m.element(
            random.choice(["article", "article", "div", "section"]), "".join(_plain_story(m, item, first))
        )
        first = False
    return _document(m, m.element("main", m.wrapped(done)))


def _plain_story(m: Markup, story: Story, first: bool) -> Iterator[str]:
    before, body, after = _regions(story.parts)
    figure = ""
    for label, words in [*before, ("", "")]:
        text = m.text(words)
        if label == "alt":
            figure += m.open("img", src="/pictures/a.jpg", alt=words)
        elif label in ("caption", "credit"):
            figure += m.element("figcaption", text)
        else:
            if figure:
                yield m.element("figure", figure)
                figure = ""
            if label == "headline":
                yield m.element("h1" if first else m.random.choice(["h2", "h3"]), text)
            elif label:
                yield m.element("p", m.element("time", text) if label == "date" else text)
    yield m.wrapped(m.body(body))
    for label, words in story.parts:
        if label == "marker":
            yield m.element(m.random.choice(["div", "button", "p"]), m.text(words))
    for label, words in after:
        if label == "author":
            yield m.element("div", m.element("a", m.text(words), rel="author", href="/u"))
        else:
            yield m.element("div" if label == "sponsor" else m.random.choice(["p", "div"]), m.text(words))


def _document(m: Markup, inside: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page &amp; more</title>'
        "<script>var a = '</p>' + 1 < 2;</script><style>p > a { }</style></head>"
        f'<body class="home">{m.noise()}{inside}{m.noise()}</body></html>'
    )


class Markup:
    """Ways to write the same markup; how tags themselves may be written is up to the parser of HTML."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def text(self, words: str, *marks: str) -> str:
        """Words as HTML, some of them marked."""
        done = escape(words, quote=False)
        if self.chance(0.15) and " " in words and "&" not in done:
            first, middle, *others = done.split(" ")
            tag = self.random.choice(["em", "b", "i", "strong", "span", *marks])
            done = " ".join([first, f"<{tag}>{middle}</{tag.split()[0]}>", *others])
        return done

    def open(self, tag: str, **attributes: str) -> str:
        written = "".join(
            f' {name.strip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items()
        )
        return f"<{tag}{written}>"

    def element(self, tag: str, inside: str, **attributes: str) -> str:
        return f"{self.open(tag, **attributes)}{inside}</{tag}>{self.space()}"

    def space(self) -> str:
        return "\n" + " " * self.random.randint(0, 8) if self.chance(0.6) else ""

    def wrapped(self, inside: str) -> str:
        """In up to two wrappers that mean nothing."""
        for _ in range(self.random.choice([0, 0, 1, 2])):
            tag = self.random.choice(["div", "section", "div", "x-row"])
            inside = self.element(
                tag, self.space() + inside, class_=self.random.choice(["row px10", "col sm-mb-1", "u-7"])
            )
        return inside

    def noise(self) -> str:
        return self.random.choice(
            [
                "", "", "", "<!-- a > comment <p> -->", '<div class="ad-tag"></div>',
                "<noscript><p>no text</p></noscript>", "<script>if (a < b) document.write('<p>no text</p>');</script>",
                "<style>.a > p { color: red }</style>",
                "<iframe src='https://frame.example/'></iframe>",
            ]
        )  # fmt: skip

    def body(self, parts: Sequence[Part]) -> str:
        """Lines of a body as paragraphs, headings and lists."""
        done = ""
        items: list[str] = []
        for label, words in [*parts, ("", "")]:
            if items and label != "item":
                done += self.element(self.random.choice(["ul", "ul", "menu"]), self.space() + "".join(items))
                items = []
            if label == "item" and words[:1] in "•◦▪‣*-–·●":
                items.append(self.element("li", self.text(words[1:].strip())))
            elif label == "subhead" and self.chance(0.5):
                done += self.element(self.random.choice(["h2", "h3", "h4"]), self.text(words))
            elif label:
                done += self.element("p", self.text(words, LINK)) + self.noise()
        return done
