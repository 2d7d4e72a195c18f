"""What is known of a line, packed into one integer: its key. Equal keys are scored once.

Every feature is a small number with a place of its own in the key, so a feature is set by adding its unit.
"""

from __future__ import annotations

from math import prod
from typing import Final, NamedTuple

SIZES: Final = (12, 28, 50, 85, 130, 190, 300)
"""Upper ends, in characters, of the length classes 0 to 6; class 7 is longer."""
SIZE_OF: Final = bytes(next((i for i, end in enumerate(SIZES) if n <= end), 7) for n in range(SIZES[-1] + 2))
LONG: Final = SIZES[-1]
SHORT: Final = 190
"""Only lines up to this length are looked at for the shapes of heads, credits and labels."""

LOOKED_AT: Final = 2_000
"""So many characters at each end of a line are looked at by patterns: what is between them is only text."""

DESCRIPTION: Final = 90
"""Only up to this length does a sentence without an everyday verb look like a description."""

ENDS: Final = {".": 1, "?": 2, "!": 3, ":": 4, "…": 5, ",": 6, ";": 6, "-": 6, "–": 6, "—": 6}
"""How a line ends: 0 with no punctuation, then full stop, question, exclamation, colon, dots, unfinished."""

NO_NAME, A_PERSON, AN_ORGANISATION, EITHER = range(4)
NOT_NAMED, BIO_OF, MENTIONS = range(3)
NEW, REPEATED_LATER, REPEATS, REPEATS_ABOVE = range(4)
TIGHT, NORMAL, WIDE = range(3)


class Features(NamedTuple):
    """What is known of a line before its neighbours are labelled; all small integers."""

    kind: int
    size: int
    end: int
    name: int
    """NO_NAME, A_PERSON, AN_ORGANISATION or EITHER: whose name the whole line could be."""
    repeat: int
    """NEW, REPEATED_LATER, REPEATS or REPEATS_ABOVE: whether the same line stands close by, or directly above."""
    bio: int
    """NOT_NAMED; BIO_OF: opens with the name before it; MENTIONS: holds that name near its start."""
    staff: int
    """1 when it speaks as the site's own staff do of themselves."""
    several: int
    """1 when it is more than one sentence."""
    fragment: int
    """1 when it is a sentence without a finite verb, 2 when such a one also names a place, a year or a person, 3 when
    it says where in a picture somebody is."""
    advert: int
    """1 when it stands where a paid text may and reads like one."""
    open: int
    """1 when the line before it is a credit that goes on here."""
    gap: int
    """TIGHT: follows without an empty line; NORMAL; WIDE: after more empty lines than is usual."""
    quote: int
    """1 when it opens with a quotation mark."""


_RADIX: Final = (32, 8, 8, 4, 4, 4, 2, 2, 4, 2, 2, 4, 2)
_FACTOR: Final = tuple(prod(_RADIX[i + 1 :]) for i in range(len(_RADIX)))
KEYS: Final = prod(_RADIX)
"""How many keys there are: what a format knew of a line (see `hints`) stands above, in multiples of it."""
(
    KIND_UNIT,
    SIZE_UNIT,
    END_UNIT,
    NAME_UNIT,
    REPEAT_UNIT,
    BIO_UNIT,
    STAFF_UNIT,
    SEVERAL_UNIT,
    FRAGMENT_UNIT,
    ADVERT_UNIT,
    OPEN_UNIT,
    GAP_UNIT,
    QUOTE_UNIT,
) = _FACTOR


def unpack(key: int) -> Features:
    """The features that a key stands for."""
    return Features(*(key // factor % radix for factor, radix in zip(_FACTOR, _RADIX, strict=True)))
