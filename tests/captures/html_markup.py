"""Many ways to write the same HTML: wrappers, attributes, quotes, capitals, ends left out, entities, comments."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from random import Random

Part = tuple[str, str]
LINK = 'a href="https://protocol.example/x"'


class Markup:
    """Ways to write the same markup."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.capitals = random.random() < 0.15
        self.bare = random.random() < 0.2
        self.loose = random.random() < 0.3
        self.spread = random.random() < 0.5

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def text(self, words: str, *marks: str) -> str:
        """Words as HTML, some of them marked."""
        if self.chance(0.1):
            done = "".join(f"&#{ord(c)};" if not c.isascii() else escape(c, quote=False) for c in words)
        else:
            done = escape(words, quote=self.chance(0.3)).replace("—", self.random.choice(["—", "&mdash;"]))
        if self.chance(0.15) and " " in words and "&" not in done:
            first, middle, *others = done.split(" ")
            tag = self.random.choice(["em", "b", "i", "strong", "span", *marks])
            done = " ".join([first, f"<{tag}>{middle}</{tag.split()[0]}>", *others])
        return done

    def open(self, tag: str, **attributes: str) -> str:
        pairs = [(name.strip("_").replace("_", "-"), value) for name, value in attributes.items()]
        if self.chance(0.3):
            pairs.append(
                (self.random.choice(["data-x", "id", "style"]), self.random.choice(["a1", "b-2", "c:3"]))
            )
        self.random.shuffle(pairs)
        written = ""
        for name, value in pairs:
            quote = self.random.choice(['"', '"', '"', "'"])
            if self.bare and value and not set(value) & set(" \"'=<>`/"):
                quote = ""
            space = self.random.choice([" ", "\n", "  "]) if self.spread else " "
            written += f"{space}{name}={quote}{escape(value)}{quote}"
        return f"<{tag.upper() if self.capitals else tag}{written}>"

    def element(self, tag: str, inside: str, **attributes: str) -> str:
        end = "" if tag in ("p", "li") and self.loose else f"</{tag.upper() if self.capitals else tag}>"
        return self.open(tag, **attributes) + inside + end + self.space()

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
