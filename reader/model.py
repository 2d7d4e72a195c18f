"""The records that the layers exchange: frozen, with no behaviour beyond what follows from their own fields.

They are named tuples, since a page consists of hundreds of them.
"""

from typing import Any, Final, Literal, NamedTuple

BlockKind = Literal["paragraph", "subhead", "item", "quote", "signoff"]
ArticleKind = Literal["story", "newsletter"]

TITLE_LENGTH = 80
"""The most characters that `Article.title` borrows from a body."""
WORDS_A_MINUTE: Final = 230
MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


def minutes_to_read(words: int) -> int:
    """Return how many minutes a text of so many words takes, one at least."""
    return max(1, round(words / WORDS_A_MINUTE))


class Block(NamedTuple):
    """One line of a body, in page order."""

    kind: BlockKind
    text: str
    """The line without its bullet mark."""


class Figure(NamedTuple):
    """The words about one picture of an article."""

    alt: str | None = None
    """The picture's description, often the headline again."""
    caption: str | None = None
    credit: str | None = None
    """The whole credit line, label included ("Photo: …")."""
    url: str | None = None
    """The picture's address; None if the capture does not have it, and text captures never do."""


class Bio(NamedTuple):
    """The lines about an author or a sponsor at an article's end."""

    name: str | None
    text: str


class Link(NamedTuple):
    """Words of an article that lead somewhere."""

    block: int
    """Index of the body's block; -1 for the headline, which leads to the story's own page."""
    start: int
    end: int
    """The linked characters of the block's text: from `start` up to, not including, `end`."""
    url: str
    """As `addresses.clean_url` gives it."""


HEADLINE_LINK: Final = -1

EVIDENCE_LENGTH: Final = 200
"""The most characters of a line that a reason repeats."""

MARKER: Final = "marker"
CUT_OFF: Final = "cut off"
CUT_CAPTURE: Final = "cut capture"
LABEL: Final = "label"
AUTHOR_SLOT: Final = "author slot"
ADVERTISING: Final = "advertising"
CORRECTED: Final = "correction"

DOUBTFUL_BELOW: Final = 0.75
"""An article whose `confidence` is less is doubtful: another reading of it is at least a third as likely."""

REASONS: Final = {
    MARKER: "the text ends at a “keep reading” marker",
    CUT_OFF: "the text ends in the middle of a sentence",
    CUT_CAPTURE: "the capture is cut off there",
    LABEL: "the page labels it as paid for",
    AUTHOR_SLOT: "an organisation is named in place of an author",
    ADVERTISING: "it reads like advertising and has no heading or author",
    CORRECTED: "a reader corrected it",
}
MERGED_FIELDS: Final = {
    "section": "section", "kicker": "section", "deck": "deck", "authors": "byline", "published": "date",
    "sponsor": "sponsor", "figures": "captions", "bios": "biography", "links": "links",
}  # fmt: skip
"""The fields that a library merges from all captures of a story, in words for a reader."""


UNSECTIONED: Final = "Unsectioned"
"""The group of articles whose page prints no section."""
SPONSORED: Final = "Sponsored"
"""The group of paid posts, whatever their section."""


class Reason(NamedTuple):
    """Why an article has a badge, and which line shows it."""

    because: str
    """MARKER, CUT_OFF or CUT_CAPTURE for truncated; LABEL, AUTHOR_SLOT or ADVERTISING for sponsored; CORRECTED for
    either."""
    line: int
    """Number of the line that shows it, from 1."""
    text: str
    """That line, cut to EVIDENCE_LENGTH characters."""


class Article(NamedTuple):
    """An article on a page: a story, a newsletter edition, a bulletin or a paid post."""

    position: int
    """Its position on the page, from 0."""
    kind: ArticleKind
    kicker: str | None
    """The printed section line."""
    section: str | None
    """The section's canonical name; None when the page prints none."""
    headline: str | None
    deck: str | None
    authors: tuple[str, ...]
    published: str | None
    """The printed date as YYYY-MM-DD; None when the page prints none."""
    figures: tuple[Figure, ...]
    body: tuple[Block, ...]
    bios: tuple[Bio, ...]
    truncated: Reason | None
    """Why the text counts as cut off; None when it does not."""
    sponsored: Reason | None
    """Why it counts as paid for; None when it does not."""
    sponsor: str | None
    """The sponsor; None if nobody paid or the page does not say who."""
    first_line: int
    last_line: int
    links: tuple[Link, ...] = ()
    """Where its words lead, in page order; text captures keep none."""
    confidence: float | None = None
    """Confidence in the reading, from 0.5 (another reading is as likely) to 1; None if an older version read it."""
    own_id: str | None = None
    """The `id` of its own words, where a library has merged what other captures know of the story."""

    @property
    def doubtful(self) -> bool:
        """Is the article likely enough to be misread?"""
        return self.confidence is not None and self.confidence < DOUBTFUL_BELOW

    @property
    def title(self) -> str:
        """The headline, or else the start of the body, or of any other text; never empty."""
        text = self.headline or (self.body[0].text if self.body else None) or self.deck
        if text is None:
            words = [w for f in self.figures for w in (f.caption, f.credit, f.alt) if w]
            text = words[0] if words else self.sponsor or (self.authors or ("Untitled",))[0]
        if self.headline or len(text) <= TITLE_LENGTH:
            return text
        return text[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:—–-") + "…"

    @property
    def id(self) -> str:
        """16 hex digits from the article's words: the same text has the same id in every capture."""
        if self.own_id is not None:
            return self.own_id
        from hashlib import blake2b  # Imported here: the first screen does not need it.

        words = "\x1f".join([self.headline or "", self.deck or "", *(block.text for block in self.body)])
        return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def words(self) -> int:
        """Number of words in the body."""
        return sum(block.text.count(" ") + 1 for block in self.body)

    def _repr_html_(self) -> str:
        """The article as a notebook shows it."""
        from html import escape  # Only here: loading it takes 1 ms.

        badges = ["TRUNCATED"] * bool(self.truncated) + ["SPONSORED"] * bool(self.sponsored)
        byline = " · ".join(filter(None, (", ".join(self.authors), self.published, self.sponsor)))
        return "".join(
            f"<{tag}>{escape(text)}</{tag}>"
            for tag, text in (
                ("small", " · ".join(filter(None, (self.section, *badges)))),
                ("h3", self.title),
                ("em", self.deck or ""),
                ("p", byline),
                *(("p", block.text) for block in self.body),
            )
            if text
        )

    def to_json(self) -> dict[str, Any]:
        """The article as the contract's JSON object."""
        reasons = {"truncated": self.truncated, "sponsored": self.sponsored}
        return {
            "id": self.id,
            "position": self.position,
            "kind": self.kind,
            "kicker": self.kicker,
            "section": self.section,
            "headline": self.headline,
            "title": self.title,
            "deck": self.deck,
            "authors": list(self.authors),
            "published": self.published,
            "figures": [figure._asdict() for figure in self.figures],
            "body": [block._asdict() for block in self.body],
            "bios": [bio._asdict() for bio in self.bios],
            "truncated": self.truncated is not None,
            "sponsored": self.sponsored is not None,
            "sponsor": self.sponsor,
            "reasons": {name: reason._asdict() for name, reason in reasons.items() if reason},
            "first_line": self.first_line,
            "last_line": self.last_line,
            "links": [link._asdict() for link in self.links],
            "confidence": self.confidence,
            "doubtful": self.doubtful,
        }


# Roles of hints from markup, beside those that speak for a label

OPENS: Final = "opens"
"""An article begins in this line, unless it is furniture after all."""
WITHIN: Final = "within"
"""The line belongs to the article of the line before."""
IS_SPONSORED: Final = "sponsored"
"""The line belongs to something that was paid for; its value may name who paid."""
PUBLISHED: Final = "published"
"""The article of this line came out on the day in the value, YYYY-MM-DD: counts where the page prints none."""
WRITER: Final = "writer"
"""The value is an author of the article of this line: counts where the page prints none."""
LINK: Final = "link"
"""Value "START END ADDRESS": these characters of the cleaned line lead there."""
IMAGE: Final = "image"
"""The value is the address of the picture that this line is about."""


class LineHint(NamedTuple):
    """A format's knowledge about one line of a capture, from before the capture became text."""

    n: int
    """Number of the line, from 1."""
    role: str
    """One of `reader.parsing.hints.ROLES` ("headline", "author", …), one of the constants above, or what a reader has
    said (see `reader.parsing.hints`). The parser ignores any other."""
    value: str = ""
    """The value of such a mark (a date, an address); "" for a role."""


class Capture(NamedTuple):
    """One captured page: its text and where it came from."""

    source: str
    """The path or address it was read from, as the user would write it; "-" is standard input."""
    text: str
    """The decoded text, line ends as they were. Lines count from 1."""
    url: str | None = None
    """The page's own address; None when the capture does not say."""
    captured: str | None = None
    """When the page was captured, as ISO 8601; None if unknown."""
    encoding: str = "utf-8"
    """The encoding the bytes were read with."""
    partial: str | None = None
    """Why only a part was kept ("longer than 32 MB: the rest was left out"); None if it is complete."""
    hints: tuple[LineHint, ...] = ()
    """The format's hints about individual lines, by line number."""


NOT_A_CAPTURE: Final = "not a capture"
"""The kind of a problem that is not a failure: a file in a folder that is something else."""
PASSED_OVER: Final = "passed over"
"""The kind of a problem that is not a failure: parts of a file that are not pages, or not of the site."""
SKIPPED: Final = (NOT_A_CAPTURE, PASSED_OVER)
"""The kinds of problems that are skipped on purpose. A user need not act on them."""
MISSING: Final = "missing"
EMPTY_FOLDER: Final = "empty folder"
UNREADABLE: Final = "unreadable"
DIGEST_FACT: Final = "SHA-256 of the capture’s text"
"""Exports say this about each article, so that they are not read as captures."""
NEEDS_EXTRA: Final = "needs an extra"
CRASH: Final = "crash"
PARSER_FAILED: Final = "parser"
"""Kinds that the program acts on; others are only shown and counted."""


class Problem(NamedTuple):
    """A file, or a part of one, that could not be read. Nothing is skipped without one of these."""

    source: str
    """The path as the user wrote it, with a line or record number where that helps ("a.jsonl:12")."""
    kind: str
    """A short name to count by: "binary", "unreadable", "not a file", "too large", "damaged", …."""
    reason: str
    """The problem and its remedy, to follow a colon, without a full stop."""
    partial: bool = False
    """True if the rest of the file was still read."""

    @property
    def is_skipped(self) -> bool:
        """Was it skipped on purpose? Then it needs no action."""
        return self.kind in SKIPPED

    @property
    def skip_reason(self) -> str:
        """Why it was skipped on purpose, in a few words, to group by."""
        if self.kind == PASSED_OVER:
            return "parts of files: pictures, rows without text, unclear times, pages of other sites and the like"
        return self.reason.partition(";")[0]


class LineLabel(NamedTuple):
    """The label of one non-empty line of a capture."""

    n: int
    """Number of the line, from 1."""
    label: str
    """One of `reader.parsing.states.LABELS`."""
    article: int | None
    """Position of the article it belongs to; None for furniture outside articles."""


class Page(NamedTuple):
    """A parsed capture: its articles in page order, and the lines that belong to none of them."""

    source: str
    url: str | None
    captured: str | None
    articles: tuple[Article, ...]
    furniture: tuple[str, ...]
    labels: tuple[tuple[int, ...], tuple[str, ...], tuple[int | None, ...]]
    """Number, label and article of every non-empty line, side by side; `lines` gives them line by line."""

    @property
    def lines(self) -> tuple[LineLabel, ...]:
        """Every non-empty line of the capture, once, in page order."""
        return tuple(map(LineLabel, *self.labels))

    def _repr_html_(self) -> str:
        """The page as a notebook shows it: a table of its articles."""
        from html import escape  # Only here: loading it takes 1 ms.

        rows = "".join(
            f"<tr><td>{escape(article.section or '')}</td><td>{escape(article.title)}</td>"
            f"<td>{article.words}</td><td>{'TRUNCATED ' * bool(article.truncated)}"
            f"{'SPONSORED' * bool(article.sponsored)}</td></tr>"
            for article in self.articles
        )
        head = "<tr><th>Section</th><th>Title</th><th>Words</th><th></th></tr>"
        return f"<table><caption>{escape(self.source)}</caption>{head}{rows}</table>"

    def to_json(self, lines: bool = False) -> dict[str, Any]:
        """Return the page as the contract's JSON object; with `lines`, also the label of every line."""
        page: dict[str, Any] = {
            "source": self.source,
            "url": self.url,
            "captured": self.captured,
            "articles": [article.to_json() for article in self.articles],
            "furniture": list(self.furniture),
        }
        if lines:
            page["lines"] = [line._asdict() for line in self.lines]
        return page
