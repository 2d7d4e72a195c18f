"""The features of a single line, packed into an integer key that is scored once."""

from itertools import pairwise
from math import prod
from typing import Final, NamedTuple

from reader.parsing.openings import BYLINE, LONG_OPENINGS, OPENINGS, opening
from reader.parsing.vocabulary import (
    ABBREVIATED,
    ADDRESS,
    AFTER_A_TITLE,
    AGENCY_CREDIT,
    ANY_CALL,
    BREADCRUMBS,
    BUTTONS,
    CALL_VERBS,
    CAPTION_WITH_CREDIT,
    CREDIT_OPEN,
    DATE,
    FIXED,
    HAPPENED,
    INTRODUCTION,
    LIST_ROW,
    LONGEST_CALL,
    LONGEST_FIXED,
    LONGEST_MARKER,
    MARKER,
    MARKER_FIRST,
    NO_NAMES,
    NO_ORGANISATIONS,
    NO_SURNAMES,
    OFFER,
    ORGANISATION,
    PAGE_TITLE,
    PEOPLE_JOINT,
    PERSON,
    PROMO_ENDING,
    QUOTED,
    REPORTED,
    SELLING_CALL,
    SIGNOFF_LINKS,
    SITE_TITLE,
    SPONSOR_LABEL,
    SUBJECTS,
    TABS,
    TEAM,
    TRACKER,
    UPDATED,
    US,
    WIRE_SIGNS,
    YEAR_KICKER,
    Kind,
)
from reader.patterns import Pattern

SIZES: Final = (12, 28, 50, 85, 130, 190, 300)
"""Upper ends, in characters, of the length classes 0 to 6; class 7 is longer."""
SIZE_OF: Final = bytes(next((i for i, end in enumerate(SIZES) if n <= end), 7) for n in range(SIZES[-1] + 2))
LONG: Final = SIZES[-1]
SHORT: Final = 190
"""Only lines up to this length are looked at for the shapes of heads, credits and labels."""

LOOKED_AT: Final = 2_000
"""Patterns examine this many characters at each end of a line; the rest is only text."""

LONGEST_AUTHORS: Final = 110
"""The longest line that can name several authors."""

DESCRIPTION: Final = 90
"""The longest sentence without an everyday verb that looks like a description."""

ENDS: Final = {".": 1, "?": 2, "!": 3, ":": 4, "…": 5, ",": 6, ";": 6, "-": 6, "–": 6, "—": 6}
"""Codes for a line's end: 0 without punctuation, then full stop, question, exclamation, colon, dots, unfinished."""

CUT: Final = 7
"""Code for the last line of a page if it ends without punctuation."""

NO_NAME, A_PERSON, AN_ORGANISATION, EITHER = range(4)
NOT_NAMED, BIO_OF, MENTIONS = range(3)
NEW, REPEATED_LATER, REPEATS, REPEATS_ABOVE = range(4)
TIGHT, NORMAL, WIDE, UNKNOWN = range(4)
NOBODY, ABOUT_WRITER, ABOUT_ORGANISATION, IN_THE_NEWS = range(4)
HAS_VERB, NO_VERB, DESCRIBES, VERB_AND_NAME, IN_PICTURE = range(5)


class Features(NamedTuple):
    """The features of a line, which do not depend on labels; all small integers."""

    kind: int
    size: int
    end: int
    name: int
    """NO_NAME, A_PERSON, AN_ORGANISATION or EITHER: the kind of name that the whole line could be."""
    repeat: int
    """NEW, REPEATED_LATER, REPEATS or REPEATS_ABOVE: whether the same line stands close by, or directly above."""
    bio: int
    """NOT_NAMED; BIO_OF: opens with the name above it; MENTIONS: has that name near its start."""
    subject: int
    """NOBODY; ABOUT_WRITER: it reads like a writer’s biography, or credits the site itself; ABOUT_ORGANISATION: like an
    organisation’s description of itself; IN_THE_NEWS: it reports something."""
    several: int
    """1 when it is more than one sentence."""
    fragment: int
    """HAS_VERB, a finite one; NO_VERB: a sentence without one; DESCRIBES: such a sentence names a place, a year or a
    person, or one with a verb ends with a place; VERB_AND_NAME: it has a verb and names one of these; IN_PICTURE: the
    line says where in a picture somebody is. `lines` changes it above a credit, for what the text below names too."""
    narrative: int
    """1 when it reads like a sentence of a story, as captions hardly do ("There was", "On Monday"), or has a verb and
    no full stop, as descriptions of pictures rarely do."""
    advert: int
    """1 when it stands where a paid text may and reads like one, or is the link of one that names who paid."""
    open: int
    """1 when the line before it is a credit that goes on here."""
    gap: int
    """TIGHT: follows without an empty line; NORMAL; WIDE: after more empty lines than is usual; UNKNOWN where the page
    has no rhythm, or another one."""


_RADIX: Final = (len(Kind), 8, 8, 4, 4, 4, 4, 2, 5, 2, 2, 2, 4)
_FACTOR: Final = tuple(prod(_RADIX[i + 1 :]) for i in range(len(_RADIX)))
KEYS: Final = prod(_RADIX)
"""Number of keys. A format's hints about a line are added above, in multiples of it (see `hints`)."""
(
    KIND_UNIT,
    SIZE_UNIT,
    END_UNIT,
    NAME_UNIT,
    REPEAT_UNIT,
    BIO_UNIT,
    SUBJECT_UNIT,
    SEVERAL_UNIT,
    FRAGMENT_UNIT,
    NARRATIVE_UNIT,
    ADVERT_UNIT,
    OPEN_UNIT,
    GAP_UNIT,
) = _FACTOR


def unpack(key: int) -> Features:
    """The features that a key stands for."""
    return Features(*[key // factor % radix for factor, radix in zip(_FACTOR, _RADIX, strict=True)])


FINITE: Final = frozenset(
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
    "suggest suggests suggested argue argues argued believe believes believed warn warns warned insist insists "
    "insisted prove proves proved reveal reveals revealed exist exists existed fail fails failed i'm we're you're "
    "they'll it'll we'll you'll i've we've they've".split()
)
"""Everyday finite verbs: a line of one sentence without any is more likely a caption."""
_DETERMINERS: Final = frozenset("a an the its their his her our your my it them him us".split())
"""Words that follow a verb in -ed or -s: "picked a ticker", "sells its maps"."""
_NO_VERBS: Final = frozenset(
    "across as towards versus besides plus minus always perhaps this its his us".split()
)
"""Words in -s that are no verbs."""
_PREPOSITIONS = "on|in|at|with|from|outside|near|after|before|during|above|behind|beside"
_SCENE: Final = Pattern(
    r"(?:^(?:In|At|Outside|Near|Inside|During)| (?:in|at|outside|near|inside|during|on|off|along|aboard))(?: the| an?)?"
    r" (?:[A-Z]|(?:19|20)\d\d\b)"
    rf"|^[A-Z][\w'’.-]*(?:(?: [A-Z][\w'’.-]+){{1,3}}, |(?: [\w'’.-]+){{0,5}}, (?:{_PREPOSITIONS}) )"
    r"|^An? (?:[\w'’-]+ ){1,4}?(?:from|in|at|outside|near)\b"
    r"|^(?:[A-Z][\w.-]+ ){1,3}[A-Z][\w.-]+['’]s? "
)
"""The place or time of a picture, or the person in it."""
_SHOWN: Final = Pattern(
    r"(?!(?:As|At|But|By|Every|Except|For|From|Here|How|If|In|It|On|Once|One|There|Two|When)\b)"
    r"(?:(?:[A-Z]\w+\. )?[A-Z][\w'’.-]+ [A-Z][\w'’.-]+ "
    r"|.* (?:in|at|outside|near|inside|during|on|from)(?: the| an?)? (?:[A-Z]|(?:19|20)\d\d\b))"
)
"""A sentence that names a place, a year or a person as captions do: not in its first words as decks do."""
_AT_A_PLACE: Final = Pattern(
    r" (?:in|at|near|outside|inside|off)(?: the| an?)? [A-Z][\w'’-]*(?:,? [A-Z][\w'’-]*)*\.$"
)
"""A sentence that ends with a place, or a month."""
_RELATIVE_CLAUSE: Final = Pattern(r",[”\"’']? (?:who|which|whose|where|when) [^,]*")
_SIDE = "(?:left|right)"
_PLACE = (
    rf"(?:(?:far |at |top |bottom )?{_SIDE}|cent(?:er|re)|pictured|(?:second|third) from (?:the )?{_SIDE})"
)
_IN_PICTURE: Final = Pattern(
    rf"\((?:{_PLACE}|above|below|middle|seen here)\)|, {_PLACE}[,.]"
    r"|^(?:From (?:the )?left|Clockwise from|Left to right|Pictured)\b"
)
"""The position of somebody in a picture."""
_PICTURE_OPENINGS: Final = frozenset("From Cloc Left Pict".split())
"""Openings of such a line if it has neither a bracket nor a comma."""

_BREAK: Final = Pattern(rf"[.?!](?!{AFTER_A_TITLE})[\"'”’)]* +[\"'“‘(]?[^\W\d_a-z]")
"""Where one sentence ends and another begins; not after a title or an initial."""


_NOUNS: Final = {verb for verb in FINITE if f"{verb}s" in FINITE} - {"put", "read", "set"}
"""Verbs that are nouns after an article: "a talk", "the trade show"."""


def _is_verb(word: str, before: str, before_that: str) -> bool:
    """Is a word a finite verb, given the two before it?"""
    if word not in FINITE:
        return False
    noun = before in _DETERMINERS or (before_that in _DETERMINERS and before[-1:] != "s")
    return not (noun and word in _NOUNS)


_NARRATIVE_OPENINGS: Final = frozenset(
    "after ask at before between by every everyone everything for he how i if in it last most nobody nothing on once "
    "she since somebody somewhere that there they this until what when why you".split()
)
"""Words that often begin paragraphs, and rarely captions."""
_NARRATIVE: Final = Pattern(r"(?:\b(?:was|were|had|did|[Ii]t|[Yy]ou|[Nn]obody)|, (?:but|so|yet)| and)\b")
"""Words inside such paragraphs; a caption is mostly one clause in the present tense."""


def is_narrative(line: str) -> bool:
    """Does a line read like the text of a story, rather than a caption?"""
    first = line.partition(" ")[0].replace("’", "'").partition("'")[0].lower()
    return first in _NARRATIVE_OPENINGS or _NARRATIVE.search(QUOTED.sub("", line)) is not None


def is_in_picture(line: str) -> bool:
    """Does a line give somebody's position in a picture?"""
    # A look for what stands around such words is quicker than the pattern, and mostly enough.
    may_be = "(" in line or ", " in line or line[:4] in _PICTURE_OPENINGS
    return may_be and _IN_PICTURE.search(line) is not None


def has_verb(words: list[str]) -> bool:
    """Is one of these words, in lower case, recognisably a finite verb?"""
    return any(map(_is_verb, words, ["", *words], ["", "", *words])) or any(
        after in _DETERMINERS and (word[-2:] == "ed" or (word[-1] == "s" and word not in _NO_VERBS))
        for word, after in pairwise(words)
    )


def fragment(line: str) -> int:
    """How much a sentence is like a caption, see `Features.fragment`."""
    words = _RELATIVE_CLAUSE.sub("", line.lower().replace("’", "'")).split()
    if not words or words[0].endswith("ing"):
        return HAS_VERB
    if has_verb(words):
        if not _SHOWN.match(line):
            return HAS_VERB
        return DESCRIBES if _AT_A_PLACE.search(line) else VERB_AND_NAME
    return DESCRIBES if _SCENE.search(line) else NO_VERB


def has_break(line: str) -> bool:
    """Does a sentence end within the line?"""
    # A look for what ends one is quicker than the pattern, and mostly enough.
    return (". " in line or "? " in line or "! " in line or "” " in line or '" ' in line) and (
        _BREAK.search(line) is not None
    )


CLOSING: Final = frozenset("\"'”’)]»")
HEXADECIMAL: Final = "0123456789abcdef"
TRACKER_ENDS: Final = frozenset(HEXADECIMAL + "-") | frozenset("abcdefghijklmnopqrstuvwxyz")
SPONSOR_LABEL_FIRST: Final = frozenset(
    "a ad brought content from in paid partner presented sponsor sponsored together".split()
)
# The members as plain integers, which are compared several times as fast.
WIRE_LINE: Final = int(Kind.WIRE)
CREDIT, AGENCY, NUMBERED, KICKER, SIGNOFF, DOCUMENT_TITLE, TRACKER_LINE = map(int, (
    Kind.CREDIT, Kind.AGENCY_CREDIT, Kind.NUMBERED, Kind.KICKER, Kind.SIGNOFF, Kind.DOCUMENT_TITLE, Kind.TRACKER,
))  # fmt: skip
CHROME, SPONSOR, PROMO, DATE_LINE, MARKER_LINE, BYLINE_LINE, CALL, ROW = map(int, (
    Kind.CHROME, Kind.SPONSOR_LABEL, Kind.PROMO, Kind.DATE, Kind.MARKER, Kind.BYLINE, Kind.CALL, Kind.ROW,
))  # fmt: skip


def _end(line: str) -> int:
    last = line[-1:]
    if last in CLOSING:
        last = line[-2:-1]
    end = ENDS.get(last, 0)
    if end == 1:
        if line.endswith("..."):
            return 5
        if line.endswith(ABBREVIATED):
            return 0
    if not end and line[0] in '"“' and line.count('"') < 2 and "”" not in line:
        return ENDS[","]  # A quotation that is not closed breaks off.
    return end


NO_CREDIT, WHOLE_CREDIT, OPEN_CREDIT = range(3)


class Shape(NamedTuple):
    """The features of a short line."""

    key: int
    name: int
    """The kind of name that the line could be, see `features.Features.name`."""
    credit: int
    """NO_CREDIT, WHOLE_CREDIT, or OPEN_CREDIT: one that may go on in the next line."""


def looked_at(line: str) -> str:
    """The part of a line that patterns look at: all of it, or both ends of a very long one."""
    return line if len(line) <= 2 * LOOKED_AT else line[:LOOKED_AT] + line[-LOOKED_AT:]


def _is_wire(line: str) -> bool:
    return any(map(line.__contains__, WIRE_SIGNS))


def short_line(line: str, size: int) -> Shape:
    """The features of a line short enough to be a head."""
    end = _end(line)
    kind = FIXED.get(line.replace("’", "'").lower(), 0) if size <= LONGEST_FIXED else 0
    if not kind:
        kind = _shape(line, size, end)
    if not kind and size > SIZES[2] and _is_wire(line):
        kind = WIRE_LINE
    key = kind * KIND_UNIT + SIZE_OF[size] * SIZE_UNIT + end * END_UNIT
    if kind in (CREDIT, AGENCY):
        if line.endswith(": Protocol"):
            key += ABOUT_WRITER * SUBJECT_UNIT
        return Shape(
            key, NO_NAME, OPEN_CREDIT if line.endswith(CREDIT_OPEN) or "/" not in line else WHOLE_CREDIT
        )
    name = NO_NAME
    if kind == BYLINE_LINE:
        names = after_by(line)
        name = A_PERSON if _are_people(names) else _name(names, len(names))
    if not kind and size > SIZES[2] and HAPPENED.search(line):
        key += IN_THE_NEWS * SUBJECT_UNIT
    if not kind or kind == NUMBERED:
        if size <= SIZES[4] and (
            is_narrative(line) or (not end and has_verb(line.lower().replace("’", "'").split()))
        ):
            key += NARRATIVE_UNIT
        if has_break(line):
            key += SEVERAL_UNIT
            return Shape(key + IN_PICTURE * FRAGMENT_UNIT if is_in_picture(line) else key, NO_NAME, NO_CREDIT)
        if size <= 60 and (not end or (size <= 40 and line[-1] == ".")):
            name = _name(line, size)
        elif size <= LONGEST_AUTHORS and not end and " and " in line and _are_people(line):
            name = A_PERSON
        if is_in_picture(line):
            key += IN_PICTURE * FRAGMENT_UNIT
        elif size <= DESCRIPTION and (end == 1 or line[-1] == "."):
            key += fragment(line) * FRAGMENT_UNIT
    return Shape(key + name * NAME_UNIT, name, NO_CREDIT)


_WORD: Final = Pattern(r"\w+")


def says_who_spoke(text: str) -> bool:
    """Does a text report what somebody says, as furniture and advertising never do?"""
    return not REPORTED.isdisjoint(_WORD.findall(text))


_IN_AGENCY_CREDITS: Final = ("/", "Getty", " via ", " on ", " for ", " Noun ")
"""One of these stands in every credit of an agency: a look for them is quicker than the pattern."""


def _shape(line: str, size: int, end: int) -> int:
    """The kind of a short line by its words; PLAIN if they show none."""
    first = line.partition(" ")[0].lower().strip("[(:")
    if first in MARKER_FIRST and size <= LONGEST_MARKER and MARKER.fullmatch(line):
        return MARKER_LINE
    for kind, shape in OPENINGS.get(opening(line), ()):
        if shape.match(line):
            if (kind != KICKER or not end) and (kind not in (CHROME, PROMO) or not says_who_spoke(line)):
                return kind
            break
    if not line[0].isalnum() and not any(map(str.isalnum, line)):
        return CHROME
    if first in BUTTONS and line.lower() not in SUBJECTS and BUTTONS.issuperset(_WORD.findall(line.lower())):
        return CHROME
    if first.startswith("http") and ADDRESS.fullmatch(line):
        return CHROME
    last = line[-1:]
    if "author" in line[:60] and TRACKER.search(line):
        return TRACKER_LINE
    if not end:
        if ("hoto" in line or "mage" in line or "llustr" in line or "redit" in line) and (
            CAPTION_WITH_CREDIT.match(line) and not _is_wire(line)
        ):
            return CREDIT
        if any(map(line.__contains__, _IN_AGENCY_CREDITS)) and AGENCY_CREDIT.match(line):
            return AGENCY
        if last == ")" and SIGNOFF_LINKS.match(line):
            return SIGNOFF
        if line.endswith((" Protocol", " of tech")) and SITE_TITLE.match(line):
            return CHROME
        if " | " in line and _are_links(line.split(" | ")):
            return CHROME
        if line.count(" | ") > 1:
            return ROW if TABS.match(line) else DOCUMENT_TITLE
        if (" — " in line or " – " in line or "$" in line or "€" in line) and LIST_ROW.match(line):
            return ROW
        if (">" in line or "»" in line or "›" in line or line.startswith("Home ")) and BREADCRUMBS.match(
            line
        ):
            return CHROME
        if (last in TRACKER_ENDS or "author" in line) and _is_tracker(line, size):
            return TRACKER_LINE
        if line[-4:].isdigit() and YEAR_KICKER.fullmatch(line):
            return KICKER
        if line.endswith(" updates") and PAGE_TITLE.match(line):
            return CHROME
    if size <= LONGEST_CALL and first in CALL_VERBS and end < 2 and line[1:].islower() and " " in line:
        return CALL
    if size <= 90 and first in SPONSOR_LABEL_FIRST and SPONSOR_LABEL.fullmatch(line):
        return SPONSOR
    if (
        "ign up" in line or "ubscri" in line or "inbox" in line or "newsletter" in line
    ) and PROMO_ENDING.search(line):
        return PROMO
    if size <= 75 and ("20" in line or "19" in line) and DATE.fullmatch(line):
        return DATE_LINE
    if size <= 50 and first in ("last", "updated:", "updated") and UPDATED.fullmatch(line):
        return DATE_LINE
    return 0


def _are_links(parts: list[str]) -> bool:
    """Is at least every other part a button or a notice of the site, and none a person's name?"""
    kinds = [FIXED.get(part.lower()) or (_shape(part, len(part), 0) if part else 0) for part in parts]
    others = [part for part, kind in zip(parts, kinds, strict=True) if kind != CHROME]
    return 2 * len(others) <= len(parts) and not any(map(_is_person, others))


def _is_tracker(line: str, size: int) -> bool:
    # A hexadecimal tail, "None", or one long word: a look for those is quicker than the pattern.
    return (
        not line[-8:].strip(HEXADECIMAL)
        or line.endswith("None")
        or "author" in line
        or line[-1] == "-"
        or (size >= 28 and " " not in line)
    ) and TRACKER.search(line) is not None


def long_line(line: str, size: int) -> int:
    """The key of a line that is too long for a head."""
    key = (SIZE_OF[size] if size <= LONG else 7) * SIZE_UNIT + SEVERAL_UNIT
    end = ENDS.get(line[-1])
    if end is None or line.endswith("..."):
        end = _end(line)
        if not end and _is_tracker(line, size):
            key += TRACKER_LINE * KIND_UNIT
    if _is_wire(line):
        key += WIRE_LINE * KIND_UNIT
    if key < KIND_UNIT:
        for kind, shape in LONG_OPENINGS.get(opening(line), ()):
            if shape.match(line):
                key += kind * KIND_UNIT
                break
    return key + end * END_UNIT


def _name(line: str, size: int) -> int:
    if not line[0].isalnum():
        return NO_NAME
    words = line.split()
    if line.lower() in NO_ORGANISATIONS or (len(words) > 1 and words[0] in ("A", "An")):
        return NO_NAME
    small = sum([word[0].islower() for word in words])
    if 2 * small > len(words) or len(words) > 8:
        return NO_NAME if len(words) > 1 or size > 45 else AN_ORGANISATION
    if _is_person(line):
        return AN_ORGANISATION if _is_organisation(line, words) else A_PERSON
    if _are_people(line):
        return A_PERSON
    capitals = all(word[0].isupper() or word[0].isdigit() or word in _JOINTS for word in words)
    is_long = size > 45 or len(words) > 6
    if len(words) == 1 or (_is_organisation(line, words) and (capitals or not is_long)):
        return AN_ORGANISATION
    return EITHER if capitals and not is_long else NO_NAME


def after_by(line: str) -> str:
    """The names in a byline; any other line as it is."""
    match = BYLINE.match(line)
    return match["who"] if match else line


def _are_people(line: str) -> bool:
    """Does a byline name people, a team or both?"""
    return all(map(_is_person, filter(None, PEOPLE_JOINT.split(TEAM.sub("", line)))))


def _is_person(name: str) -> bool:
    """Could this be a person's name?"""
    return (
        PERSON.fullmatch(name) is not None
        and NO_NAMES.isdisjoint(name.lower().split())
        and not name.endswith(NO_SURNAMES)
    )


def _is_organisation(line: str, words: list[str]) -> bool:
    return "&" in line or not ORGANISATION.isdisjoint([word.strip(".,") for word in words])


_JOINTS: Final = frozenset("of the and for in on & + de".split())


def is_advert(line: str) -> bool:
    """Does a text end in a call to act, as only paid texts do?"""
    end = line[-300:]
    if " your " in end and ("new" in end or "free" in end) and OFFER.search(end):
        return True
    end = line[-200:]
    if "Protocol" in line or says_who_spoke(end):
        return False
    return SELLING_CALL.search(end) is not None or (
        ANY_CALL.search(end) is not None and US.search(QUOTED.sub("", line)) is not None
    )


def names_in_third_person(name: str, text: str) -> bool:
    """Does a text mention this name other than in "I'm NAME"?"""
    if name not in text or name.startswith("Protocol"):
        return False
    return all(match[1] not in name and name not in match[1] for match in INTRODUCTION.finditer(text))
