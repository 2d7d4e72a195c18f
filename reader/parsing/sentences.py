"""What the sentences of a line are like: whether one has a verb, describes a picture, or ends within the line."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_FINITE: Final = frozenset(
    "is are was were be been has have had do does did will would can could may might must should isn't aren't "
    "wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't shouldn't that's "
    "it's they're he's she's there's here's what's who's says say said wants want needs need gets get got goes go "
    "went comes come came makes make made takes take took knows know thinks think thought lets let keeps keep "
    "kept just show shows showed begin begins began find finds found lose loses lost leave leaves left build "
    "builds built sell sells sold buy buys bought win wins won open opens opened run runs ran set sets try tries "
    "tried learn learns learned turn turns turned cut cuts help helps helped start starts started stop stops "
    "stopped give gives gave tell tells told ask asks asked look looks looked work works worked become becomes "
    "became mean means meant pay pays paid call calls called move moves moved bring brings brought hold holds "
    "held launch launches launched plan plans planned hope hopes hoped worry worries see sees saw talk talks "
    "talked join joins joined face faces faced grow grows grew rise rises rose fall falls fell sit sits sat put "
    "puts share shares end ends stand stands carry carries wear wears live lives die dies eat eats drive drives "
    "fight fights send sends sent spend spends spent lead leads led read reads wrote writes write speak speaks "
    "spoke feel feels felt hear hears heard meet meets met choose chooses chose break breaks broke teach teaches "
    "taught catch catches caught draw draws drew fly flies flew hide hides hid lie lies lay ride rides rode seem "
    "seems seemed happen happens happened arrive arrives arrived remain remains remained appear appears appeared "
    "exist exists existed fail fails failed i'm we're you're they'll it'll we'll you'll i've we've they've".split()
)
"""Finite verbs of every day: a line of one sentence without any is rather a caption."""
_DETERMINERS: Final = frozenset("a an the its their his her our your my it them him us".split())
"""What has a verb before it where that ends in -ed or -s: "picked a ticker", "sells its maps"."""
_NO_VERBS: Final = frozenset(
    "across as towards versus besides plus minus always perhaps this its his us".split()
)
"""Words in -s that are none."""
_PREPOSITIONS = "on|in|at|with|from|outside|near|after|before|during|above|behind|beside"
_SCENE: Final = re.compile(
    r"(?:^(?:In|At|Outside|Near|Inside|During)| (?:in|at|outside|near|inside|during|on))(?: the| an?)?"
    r" (?:[A-Z]|(?:19|20)\d\d\b)"
    rf"|^[A-Z][\w'’.-]*(?:(?: [A-Z][\w'’.-]+){{1,3}}, |(?: [\w'’.-]+){{0,5}}, (?:{_PREPOSITIONS}) )"
)
"""Where or when a picture was taken, or whom it shows."""
_RELATIVE_CLAUSE: Final = re.compile(r", (?:who|which|whose|where|when) [^,]*")
_SIDE = "(?:left|right)"
_PLACE = (
    rf"(?:(?:far |at |top |bottom )?{_SIDE}|cent(?:er|re)|pictured|(?:second|third) from (?:the )?{_SIDE})"
)
_IN_PICTURE: Final = re.compile(
    rf"\((?:{_PLACE}|above|below|middle|seen here)\)|, {_PLACE}[,.]"
    r"|^(?:From (?:the )?left|Clockwise from|Left to right|Pictured)\b"
)
"""Where in a picture somebody is."""
_PICTURE_OPENINGS: Final = frozenset("From Cloc Left Pict".split())
"""What such a line opens with, if it has neither a bracket nor a comma."""

_BREAK: Final = re.compile(
    r"[.?!](?<!\b[A-Z]\.)(?<!\bSt\.)(?<!\b[DM]r\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSen\.)(?<!\bRep\.)"
    r"(?<!\bGov\.)(?<!\bvs\.)[\"'”’)]* +[\"'“‘(]?[^\W\d_a-z]"
)
"""Where one sentence ends and another begins; not after a title or an initial."""


def is_in_picture(line: str) -> bool:
    """Does a line say where in a picture somebody is?"""
    # A look for what stands around such words is quicker than the pattern, and mostly enough.
    may_be = "(" in line or ", " in line or line[:4] in _PICTURE_OPENINGS
    return may_be and _IN_PICTURE.search(line) is not None


def fragment(line: str) -> int:
    """1 for a sentence with no verb that is seen, neither finite nor, in the first place, a participle; 2 for such a
    one that names a place or a year, as captions do.
    """
    words = _RELATIVE_CLAUSE.sub("", line.lower().replace("’", "'")).split()
    if not words or not _FINITE.isdisjoint(words) or words[0].endswith("ing"):
        return 0
    for word, after in pairwise(words):
        if after in _DETERMINERS and (word[-2:] == "ed" or (word[-1] == "s" and word not in _NO_VERBS)):
            return 0
    return 2 if _SCENE.search(line) else 1


def has_break(line: str) -> bool:
    """Does a sentence end within the line?"""
    # A look for what ends one is quicker than the pattern, and mostly enough.
    return (". " in line or "? " in line or "! " in line or "” " in line or '" ' in line) and (
        _BREAK.search(line) is not None
    )
