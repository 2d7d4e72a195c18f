"""Invented stories for pages of HTML, each with the fields that its article should have."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.captures.html_twins import REST, Story

_KICKERS = ("China", "Protocol | Fintech", "Workplace", "Climate", "From the Editor")
_HEADLINES = (
    "The lettuce on the roof", "Why Kestrel Cloud would rather forget its ferry", "A warehouse of routers wakes up",
    "Everyone is fighting over chairs. Here’s why.", "Tormere & Sons lost a year to its own currency",
)  # fmt: skip
_DECKS = (
    "It grew, and nobody ate it. Now the company would like it back.",
    "The plan has a name, a budget and no date — which is how everyone likes it.",
    "Supporters of the bill say that the exception is narrower than it looks.",
)
_TEXTS = (
    "Nobody in the room had seen the contract, and nobody asked to, since the coffee had only just arrived.",
    "The company says the change was announced in March; the staff remember a poster by the stairs.",
    "Two people who worked on the plan described it as a spreadsheet with a view of the harbor.",
    "Regulators asked for the minutes and were sent a photograph of the whiteboard, slightly out of focus.",
    "By the end of the week the queue reached the bicycle racks, and somebody had started to sell tea.",
)
_CAPTIONS = (
    "Lettuce under lamps in the third week of the trial.",
    "The ferry, which has never once left early, at noon.",
)
_CREDITS = (
    "Photo: Nan Ito/Getty Images",
    "Image: Protocol",
    "Illustration: Wendeline Pratt/Protocol; Getty Images",
)
_NAMES = ("Lian Huarong", "Bram Haas", "Zoë Castellà", "Oksana Adeyemi-Vu", "Tobias Whitlock")
_SPONSORS = ("Nimbuspay", "Quinlark Freight", "Selova Health Alliance")


def generated_story(random: Random, lead: bool) -> tuple[Story, dict[str, Any]]:
    """A story with parts left out and put in at random, and the fields of its article."""
    one = random.choice

    def has(chance: float) -> bool:
        return random.random() < chance

    sponsored = not lead and has(0.15)
    kicker = one(_KICKERS) if has(0.8) else None
    headline, deck = one(_HEADLINES), one(_DECKS) if has(0.7) else None
    alt = one(_HEADLINES) if lead and has(0.6) else None
    caption, credit = (one(_CAPTIONS) if has(0.6) else None), (one(_CREDITS) if has(0.8) else None)
    day = f"2022-{random.randint(1, 9):02}-{random.randint(10, 28)}" if has(0.4) else None
    printed = f"{_MONTHS[int(day[5:7]) - 1]} {int(day[8:])}, 2022" if day else None
    authors = [one(_NAMES)] if not sponsored and has(0.8) else []
    above = bool(authors) and has(0.4)
    head = [
        ("kicker", kicker),
        ("headline", headline),
        ("deck", deck),
        ("alt", alt),
        ("caption", caption),
        ("credit", credit),
    ]
    parts = [(label, words) for label, words in head if words]
    # The site's blocks put the author and the date wherever an editor dragged them.
    at = next(i for i, (label, _) in enumerate(parts) if label == "headline")
    if printed:
        parts.insert(at + (has(0.5) and not above), ("date", printed))
    if above:
        parts.insert(at, ("author", authors[0]))
    texts = random.sample(_TEXTS, random.randint(1, 4))
    kinds = [
        "item" if i and has(0.2) else "subhead" if 0 < i < len(texts) - 1 and has(0.2) else "paragraph"
        for i in range(len(texts))
    ]
    body = [
        (kind, one(("What comes next", "A question of chairs")) if kind == "subhead" else words)
        for kind, words in zip(kinds, texts, strict=True)
    ]
    parts += [(kind, f"• {words}" if kind == "item" else words) for kind, words in body]
    cut, rest = not lead and has(0.7), []
    if cut:
        parts.append(
            ("marker", one(("Keep ReadingShow less", "Keep Reading Show less", "Read moreShow less")))
        )
        rest = random.sample(REST, random.randint(1, 4)) if has(0.6) else []
    bios = []
    if authors and not above:
        bio = f"{authors[0]} covers the harbor for Protocol. Before that, there was a bakery."
        bios = [{"name": authors[0], "text": bio}] if has(0.7) else []
        parts += [("author", authors[0])] + [("bio", bio["text"]) for bio in bios]
    sponsor = one(_SPONSORS) if sponsored else None
    if sponsor:
        bios = [
            {"name": sponsor, "text": f"{sponsor} connects communities with the tools that they already use."}
        ]
        parts += [("sponsor", sponsor), ("bio", bios[0]["text"])]
    figures = [{"alt": alt, "caption": caption, "credit": credit}] if alt or caption or credit else []
    return Story(parts, rest, sponsored), {
        "kind": "story", "kicker": kicker, "headline": headline, "deck": deck, "authors": authors, "published": day,
        "figures": [figure | {"url": f"https://assets.example/{len(alt)}.jpg" if alt else None} for figure in figures],
        "body": [{"kind": kind, "text": words} for kind, words in body]
        + [{"kind": "paragraph", "text": words} for words in rest],
        "bios": bios, "truncated": cut and not rest, "sponsored": sponsored, "sponsor": sponsor,
    }  # fmt: skip


_MONTHS = "January February March April May June July August September October November December".split()
