"""A capture's text -> its non-empty lines, each with its key: the features of the line and of those around it."""

from collections import Counter
from typing import Final, NamedTuple

from reader.parsing.features import (
    A_PERSON,
    ABOUT_ORGANISATION,
    ABOUT_WRITER,
    ADVERT_UNIT,
    BIO_OF,
    BIO_UNIT,
    CUT,
    DESCRIBES,
    EITHER,
    END_UNIT,
    FINITE,
    FRAGMENT_UNIT,
    GAP_UNIT,
    IN_PICTURE,
    IN_THE_NEWS,
    KIND_UNIT,
    LONG,
    LOOKED_AT,
    MENTIONS,
    NAME_UNIT,
    NEW,
    NO_CREDIT,
    NO_NAME,
    NOBODY,
    NORMAL,
    NOT_NAMED,
    OPEN_CREDIT,
    OPEN_UNIT,
    REPEAT_UNIT,
    REPEATED_LATER,
    REPEATS,
    REPEATS_ABOVE,
    SHORT,
    SIZES,
    SUBJECT_UNIT,
    UNKNOWN,
    VERB_AND_NAME,
    WIDE,
    Shape,
    after_by,
    is_advert,
    long_line,
    looked_at,
    names_in_third_person,
    says_who_spoke,
    short_line,
)
from reader.parsing.vocabulary import (
    COMMON_IN_NAMES,
    CREDIT_GOES_ON,
    CREDIT_REST,
    FIRST_PERSON,
    HEADINGS,
    LINK_TO_SPONSOR,
    NEWS,
    ORGANISATION,
    ORGANISATIONS_SAY,
    PEOPLE_JOINT,
    SELF_BIO,
    WRITERS_SAY,
    Kind,
)
from reader.patterns import Pattern
from reader.sanitize import is_sanitized, sanitize

_MARKER: Final = int(Kind.MARKER)
_BYLINE: Final = int(Kind.BYLINE)
_AMONG_ENTRIES: Final = frozenset(map(int, (Kind.PROMO, Kind.BULLET, Kind.NUMBERED, Kind.DATE)))
"""Kinds of lines between the paragraphs of a list's entry."""
_FURNITURE: Final = frozenset(map(int, (Kind.CHROME, Kind.TRAILER)))
_NOTICES: Final = frozenset(map(int, (Kind.CHROME, Kind.PROMO)))
_ROW: Final = int(Kind.ROW)
_IN_FIELDS: Final = frozenset(map(int, (Kind.PLAIN, Kind.DATE)))
_LABEL: Final = 26
"""Characters of the longest label of a field, with what follows it."""
_FIELD: Final = Pattern(r"[A-Z][\w '’-]{1,23}: ")
_FEWEST_FIELDS: Final = 3
"""How often each of two labels comes on a page with fields, at least."""
_AGENCY_CREDIT: Final = int(Kind.AGENCY_CREDIT)
_LINK: Final = int(Kind.LINK)
_CREDITS: Final = frozenset(map(int, (Kind.CREDIT, Kind.AGENCY_CREDIT)))
_CAPITALISED: Final = Pattern(r"[^\W\d_a-z][\w-]{2,}")
_NAMED: Final = Pattern(rf"(?<=[\w,] ){_CAPITALISED.pattern}")
"""A name in the middle of a sentence."""
_DRAWN: Final = Pattern("llustration|^Image")
"""The credit of a drawing, which rarely has a caption."""
_MORE_LIKE_A_CAPTION: Final = (VERB_AND_NAME, DESCRIBES, DESCRIBES, DESCRIBES, IN_PICTURE)
"""For each value of `Features.fragment`, the next one that is more typical of captions than of decks."""
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
INVISIBLE_LINE: Final = "\u2060"
_LINE_END: Final = Pattern("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
NORMAL_GAP: Final = NORMAL * GAP_UNIT
WIDE_GAP: Final = WIDE * GAP_UNIT
UNKNOWN_GAP: Final = UNKNOWN * GAP_UNIT

_PARAGRAPH: Final = SIZES[3]
"""A line that is longer and ends in punctuation is probably a paragraph."""
_NEAR_LINES: Final = 4
"""The largest distance, in lines, at which a line counts as repeating another above it."""
_BELOW_A_NOTICE: Final = 6
"""The same below a notice of the site, under which a head may be printed again."""
_INITIAL: Final = Pattern(r"(?:(?<=[\s’'-])|^)[^\W\d_a-z]")
_NEAR: Final = 120
"""Characters of a biography before the name."""
_MOST_NAMES: Final = 24
"""A biography may be about one of the last names above it, up to this many."""
_LONGEST_POST: Final = 40
"""Lines of a paid post that are searched for the sponsor's name."""
CACHE_SIZE: Final = 10_000
"""Number of short lines whose features are cached: captures of one site share most of their teasers."""
_INVISIBLE_SHAPE: Final = Shape(Kind.NOTHING * KIND_UNIT, NO_NAME, NO_CREDIT)
_known: dict[str, Shape] = {INVISIBLE_LINE: _INVISIBLE_SHAPE}


class Lines(NamedTuple):
    """The non-empty lines of a capture, as parallel lists."""

    numbers: list[int]
    """Line numbers from 1."""
    texts: list[str]
    """Cleaned text, single spaces; "" for a line of nothing but invisible characters."""
    keys: list[int]


def with_plain_ends(text: str) -> str:
    r"""The text with \n for each line end that the contract counts: \r\n, \r, else only the rarer ones."""
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" not in text:
        return _LINE_END.sub("\n", text)
    return text


def read_lines(text: str) -> Lines:
    """Every non-empty line of a text with its key."""
    text = with_plain_ends(text)
    if is_sanitized(text):
        while "  " in text:
            text = text.replace("  ", " ")
        lines = text.replace(" \n", "\n").replace("\n ", "\n").strip(" ").split("\n")
    else:
        lines = [_tidy(line) for line in text.split("\n")]
    numbers = [n for n, line in enumerate(lines, 1) if line]
    texts = list(filter(None, lines))
    seen = texts
    if max(map(len, texts), default=0) > 2 * LOOKED_AT:
        seen = list(map(looked_at, texts))
    gaps = [n - before - 1 for before, n in zip([0, *numbers], numbers, strict=False)]
    if gaps:
        gaps[0] = max(gaps[0], 1)  # The top of a page counts as an empty line.
    keys = _PageKeys(seen, gaps).make()
    if INVISIBLE_LINE in texts:
        texts = [line.strip(INVISIBLE_LINE) for line in texts]
    return Lines(numbers, texts, keys)


def _tidy(raw: str) -> str:
    """Sanitize a line and reduce its spaces to one; INVISIBLE_LINE if something stands there that does not show."""
    if not raw.translate(_INVISIBLE).strip():
        return ""
    return " ".join(sanitize(raw).split()) or INVISIBLE_LINE


class _PageKeys:
    """Makes the keys of a page's lines, which may depend on the lines around them."""

    def __init__(self, texts: list[str], gaps: list[int]) -> None:
        """`gaps`: how many empty lines stand before each line."""
        self._texts = texts
        self._gaps = gaps
        # A page laid out in another rhythm than one empty line says nothing by its gaps.
        self._spaced = 2 * gaps.count(1) > len(gaps)
        self._keys: list[int] = []
        self._names: list[int] = []
        """For each line, the kind of name that it is, if any."""
        self._entry, self._company = -1, False
        """The last name that may head an entry of a list, and whether it may be a company's."""

    def make(self) -> list[int]:
        """The key of each line."""
        self._read_shapes()
        self._even_out()
        self._mark_headings()
        self._mark_fields()
        self._mark_pictures()
        self._mark_repetitions()
        self._mark_people()
        keys = self._keys
        if len(keys) > 1 and not (keys[-1] // KIND_UNIT or keys[-1] // END_UNIT % 8):
            keys[-1] += CUT * END_UNIT
        return keys

    def _read_shapes(self) -> None:
        """Make the key of each line by itself, and join credits that go on in the next line.

        How many empty lines stand before a line is part of its key.
        """
        global _known
        if len(_known) > CACHE_SIZE:
            # A new one: another thread may be looking something up in the old.
            _known = {INVISIBLE_LINE: _INVISIBLE_SHAPE}
        known, keys, names = _known, self._keys, self._names
        tight, normal, wide = (0, NORMAL_GAP, WIDE_GAP) if self._spaced else (UNKNOWN_GAP,) * 3
        opened = NO_CREDIT
        for line, gap in zip(self._texts, self._gaps, strict=True):
            size = len(line)
            name, credit = NO_NAME, NO_CREDIT
            if size > SHORT:
                key = long_line(line, size)
            else:
                shape = known.get(line)
                if shape is None:
                    shape = known[line] = short_line(line, size)
                key, name, credit = shape
                if (
                    opened
                    and (opened == OPEN_CREDIT or line.startswith(CREDIT_GOES_ON))
                    and CREDIT_REST.match(line)
                ):
                    key += OPEN_UNIT
            if line[0] == "/" and names and names[-1] and not keys[-1] // KIND_UNIT:
                # The name above is the first half of a credit that goes on here.
                keys[-1] += _AGENCY_CREDIT * KIND_UNIT - names[-1] * NAME_UNIT
                key += 0 if key // OPEN_UNIT % 2 else OPEN_UNIT
            keys.append(key + (normal if gap == 1 else wide if gap else tight))
            names.append(name)
            opened = credit

    def _even_out(self) -> None:
        """Ignore the gaps on a page whose paragraphs often follow one another without an empty line."""
        if not self._spaced:
            return
        texts = [self._is_paragraph(i) for i in range(len(self._keys))]
        between = [
            gap for gap, above, text in zip(self._gaps[1:], texts, texts[1:], strict=False) if above and text
        ]
        if 10 * between.count(0) > len(between):
            self._keys[:] = [key - key // GAP_UNIT % 4 * GAP_UNIT + UNKNOWN_GAP for key in self._keys]

    def _mark_headings(self) -> None:
        """Treat words such as "Next" as plain where they head a paragraph below at least two others."""
        keys = self._keys
        for i, key in enumerate(keys[2:-1], 2):
            kind = key // KIND_UNIT
            if (
                kind in _FURNITURE
                and self._texts[i].lower() in HEADINGS
                and self._gaps[i]
                and all(map(self._is_paragraph, (i - 2, i - 1, i + 1)))
            ):
                keys[i] -= kind * KIND_UNIT

    def _mark_fields(self) -> None:
        """Mark lines such as "Location: Austin" side by side, on a page where two labels come again and again."""
        texts = self._texts
        labels = {
            i: label[0]
            for i, line in enumerate(texts)
            if ": " in line[:_LABEL]
            and len(line) <= _PARAGRAPH
            and (label := _FIELD.match(line))
            and self._keys[i] // KIND_UNIT in _IN_FIELDS
        }
        if sum(count >= _FEWEST_FIELDS for count in Counter(labels.values()).values()) < 2:
            return
        for i in labels:
            # A rare label is one too beside others.
            if any(labels.get(beside) for beside in (i - 1, i + 1)):
                self._keys[i] += (_ROW - self._keys[i] // KIND_UNIT) * KIND_UNIT

    def _mark_pictures(self) -> None:
        """Mark lines above a credit as more like captions if they share a name with the text below it.

        A deck rarely does. Both may report news, so that says nothing there.
        """
        keys, texts = self._keys, self._texts
        for credit, key in enumerate(keys[:-1]):
            if key // KIND_UNIT not in _CREDITS:
                continue
            for i in range(max(credit - 3, 0), credit):
                keys[i] -= keys[i] // SUBJECT_UNIT % 4 * SUBJECT_UNIT
            i = credit - 1
            if i < 1 or keys[i] // KIND_UNIT or len(texts[i]) > SHORT or _DRAWN.search(texts[credit]):
                continue
            if not set(_CAPITALISED.findall(texts[i])).isdisjoint(_NAMED.findall(texts[credit + 1])):
                fragment = keys[i] // FRAGMENT_UNIT % 5
                keys[i] += (_MORE_LIKE_A_CAPTION[fragment] - fragment) * FRAGMENT_UNIT

    def _is_paragraph(self, i: int) -> bool:
        """Does line `i` look like a paragraph?"""
        key = self._keys[i]
        return not key // KIND_UNIT and len(self._texts[i]) > _PARAGRAPH and key // END_UNIT % 8 > 0

    def _mark_repetitions(self) -> None:
        """For lines repeated close by, record which comes first."""
        keys = self._keys
        seen: dict[str, int] = {}
        for i, line in enumerate(self._texts):
            if len(line) > LONG:
                continue
            first = seen.get(line, -9)
            above = keys[i - 1] if i else 0
            again = above // REPEAT_UNIT % 4 >= REPEATS or above // KIND_UNIT in _NOTICES
            if i - first <= (_BELOW_A_NOTICE if again else _NEAR_LINES):
                keys[i] += (REPEATS_ABOVE if first == i - 1 else REPEATS) * REPEAT_UNIT
                if i - first <= _NEAR_LINES and keys[first] // REPEAT_UNIT % 4 == NEW:
                    keys[first] += REPEATED_LATER * REPEAT_UNIT
            seen[line] = i

    def _mark_people(self) -> None:
        """Mark lines about the people named above them, and texts that name their signer in the third person."""
        texts, keys, names = self._texts, self._keys, self._names
        above: list[str] = []
        writer = ""  # The name in the last byline.
        pitch = -1  # The line that may be a paid text, until its end has been read.
        for i, (line, name) in enumerate(zip(texts, names, strict=True)):
            kind = keys[i] // KIND_UNIT
            if above:
                # Only after a name, or another's biography, can a line be one.
                mention, subject = _mentions(line, above), _subject(line)
                keys[i] += mention * BIO_UNIT + (subject - keys[i] // SUBJECT_UNIT % 4) * SUBJECT_UNIT
                if (
                    mention
                    and pitch >= 0
                    and subject not in (ABOUT_WRITER, IN_THE_NEWS)
                    and (names_in_third_person(above[-1], texts[pitch]) or is_advert(texts[pitch]))
                ):
                    # The text above names the subject of this line in the third person, or it is advertising.
                    self._mark_advert(pitch, above[-1])
                if not (mention or name):
                    above = []
            elif len(line) > SIZES[1] and (
                ("Protocol" in line and SELF_BIO.match(line))
                or (writer and line.startswith(writer) and SELF_BIO.match(line))
            ):
                keys[i] += BIO_OF * BIO_UNIT + (ABOUT_WRITER - keys[i] // SUBJECT_UNIT % 4) * SUBJECT_UNIT
            if kind == _LINK and i and LINK_TO_SPONSOR.fullmatch(line) and not _reports(texts[i - 1]):
                keys[i] |= ADVERT_UNIT
            if kind == _MARKER:
                pitch = i - 1
                if pitch >= 0 and is_advert(texts[pitch]):
                    keys[pitch] |= ADVERT_UNIT
            elif not name:
                pitch = -1
            elif pitch != i - 2:
                pitch = i - 1
            elif names_in_third_person(line, texts[pitch]):
                # A person who signs a text does not use his full name in it, so this may be a company.
                self._mark_advert(pitch, line)
                keys[i] += (EITHER - A_PERSON) * NAME_UNIT if name == A_PERSON else 0
            if name:
                # After "By NAME", it is the name that a biography opens with.
                signer = after_by(line) if kind == _BYLINE else line
                writer = signer if kind == _BYLINE else writer
                above = above[-_MOST_NAMES:] if i and names[i - 1] else []
                above += [*_short_names(signer), signer]
                if " and " in signer or "+" in signer or "&" in signer:
                    above += filter(None, PEOPLE_JOINT.split(signer))
            if (name or self._entry >= 0) and self._heads_entry(i):
                above = []

    def _mark_advert(self, last: int, name: str) -> None:
        """Mark the last paragraph of a paid text, and the lines above it that name the sponsor.

        If one of those reports news, none is marked: news may be about the sponsor of the text below it.
        """
        keys, texts = self._keys, self._texts
        keys[last] |= ADVERT_UNIT
        naming = []
        for i in range(last - 1, max(last - _LONGEST_POST, -1), -1):
            if keys[i] // KIND_UNIT == _MARKER or self._names[i]:
                break
            if name in texts[i] and names_in_third_person(name, texts[i]):
                naming.append(i)
        if all(NEWS.isdisjoint(looked_at(texts[i]).replace("’", "'").split()) for i in naming):
            for i in naming:
                keys[i] |= ADVERT_UNIT

    def _is_text(self, i: int) -> bool:
        """May line `i` belong to the text of a list's entry?"""
        return len(self._texts[i]) > SIZES[3] or self._keys[i] // KIND_UNIT in _AMONG_ENTRIES

    def _heads_entry(self, i: int) -> bool:
        """Does line `i` head an entry of a list, like the name before it? If so, mark neither as a signature."""
        keys, entry = self._keys, self._entry
        name = self._names[i]
        if name == A_PERSON and not (i + 1 < len(keys) and self._is_text(i + 1)):
            return False
        if name and keys[i] // KIND_UNIT != _BYLINE and (self._gaps[i] or not self._spaced):
            again = 0 <= entry < i - 1
            self._company = name != A_PERSON or (self._company and again)
            self._entry = i
            if self._company and again:
                # Names that stand in a row above paragraphs head the entries of a list: nobody signs there. Only who
                # stands right on a text, as none before did, may have signed below the last entry.
                gaps = self._gaps
                signs = self._spaced and gaps[entry + 1] > 0 and i + 1 < len(gaps) and not gaps[i + 1]
                for j in range(entry, i if signs else i + 1):
                    keys[j] = _unsigned(keys[j])
                return not signs
        elif not self._is_text(i) or (not self._company and keys[i] // SUBJECT_UNIT % 4 == ABOUT_WRITER):
            self._entry = -1
        elif entry == i - 1 and keys[i] // BIO_UNIT % 4:
            # What tells of it and not of a person makes a company of it.
            self._company = True
        return False


def _unsigned(key: int) -> int:
    """The key without the features of a signature and of a text about the signer."""
    for unit, radix in ((NAME_UNIT, 4), (BIO_UNIT, 4), (SUBJECT_UNIT, 4), (ADVERT_UNIT, 2)):
        key -= key // unit % radix * unit
    return key


def _reports(line: str) -> bool:
    """Is a line about the news, a speaker's words or the site? A paid text never is."""
    return _subject(line) in (ABOUT_WRITER, IN_THE_NEWS) or says_who_spoke(line)


def _short_names(name: str) -> list[str]:
    """Short forms of an organisation's name: "Thornbury", "The College", "TCE", "the company"."""
    words = name.removeprefix("The ").split()
    first = " ".join(words[: 2 if words[0].endswith(".") else 1])
    initials = "".join(_INITIAL.findall(name))
    names = [f"The {word}" for word in words[1:] if word in ORGANISATION]
    if len(words) > 1 and len(first) > 2 and first not in ORGANISATION and first not in COMMON_IN_NAMES:
        names.append(first)
    if len(initials) > 2:
        names.append(initials)
    return [*names, "the company"]


def _mentions(line: str, names: list[str]) -> int:
    """How a line mentions the names above it: at its start, near its start, as "I", or not at all."""
    for name in names:
        if line.startswith((name, f"The {name}")):
            return BIO_OF
        if name in line[: len(name) + _NEAR]:
            return MENTIONS
    return MENTIONS if line.startswith(FIRST_PERSON) else NOT_NAMED


def _subject(line: str) -> int:
    """What a line is about: a writer, the news, the organisation that wrote it, or nobody.

    A line with a verb and no full stop is a headline, which is about the news.
    """
    if "Protocol" in line:
        return ABOUT_WRITER
    words = [word.strip(".,;:") for word in looked_at(line).replace("’", "'").split()]
    if not WRITERS_SAY.isdisjoint(words):
        return ABOUT_WRITER
    if not NEWS.isdisjoint(words) or (line[-1].isalnum() and not FINITE.isdisjoint(words)):
        return IN_THE_NEWS
    return NOBODY if ORGANISATIONS_SAY.isdisjoint(words) else ABOUT_ORGANISATION
