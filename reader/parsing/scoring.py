"""How well a label fits a line, judged by the line alone: a cost for each of its features, added up.

Costs are in nats: 0 is what such a line usually is, 7 one in a thousand, RULED_OUT never. They were set by hand
and then fitted (`python -m tests.fitting`).
"""

from functools import cache
from typing import Final, NamedTuple

from reader.parsing.features import unpack
from reader.parsing.states import MENTIONS, OUTSIDE, STATES
from reader.parsing.vocabulary import Kind

RULED_OUT: Final = 99.0
_SLACK: Final = 11.0
"""A label this much worse than the best one for a line is not tried."""


class Costs(NamedTuple):
    """The costs of one label, by feature."""

    base: float = 0.0
    size: tuple[float, ...] = (0.0,) * 8
    """Cost by length class (`features.SIZES`)."""
    end: tuple[float, ...] = (0.0,) * 8
    """Cost by the end of the line (`features.ENDS`, `features.CUT`)."""
    kinds: dict[int, float] = {}  # noqa: RUF012 - read only
    """Cost by the kind of its fixed words; a kind that is not listed costs `other`."""
    other: float = RULED_OUT
    name: tuple[float, float, float, float] = (0.0,) * 4
    """No name, a person's, an organisation's, either."""
    repeat: tuple[float, float, float, float] = (0.0,) * 4
    """New, repeated below, repeats a line above, repeats the line directly above."""
    bio: tuple[float, float, float] = (0.0,) * 3
    """Says nothing of the name above, opens with it, mentions it."""
    subject: tuple[float, float, float, float] = (0.0,) * 4
    """Speaks of nobody, as a writer of itself, as an organisation, reports something."""
    several: tuple[float, float] = (0.0, 0.0)
    fragment: tuple[float, float, float, float, float] = (0.0,) * 5
    narrative: tuple[float, float] = (0.0, 0.0)
    advert: tuple[float, float] = (0.0, 0.0)
    open: tuple[float, float] = (0.0, 0.0)


K = Kind
_PLAIN: Final = {int(K.PLAIN): 0.2}
_SOFT: Final = {
    int(K.KICKER): 1.8, int(K.NEWSLETTER): 4.0, int(K.SECTION): 6.0, int(K.NUMBERED): 3.0, int(K.GREETING): 2.3,
    int(K.CLOSER): 2.5, int(K.BYLINE): 3.2, int(K.AGENCY_CREDIT): 6.0, int(K.PROMO): 6.0, int(K.LINK): 4.0,
    int(K.DOCUMENT_TITLE): -0.1, int(K.SPONSOR_LABEL): 7.0, int(K.TRACKER): 9.0, int(K.BULLETINS): 8.0,
    int(K.SIGNOFF): 6.0, int(K.CREDIT): 10.8, int(K.DATE): 8.2, int(K.CHROME): 9.0, int(K.STAMPED): 5.0,
    int(K.CALL): 1.2, int(K.WIRE): 6.0, int(K.ROW): 5.0,
    int(K.NOTE): 3.0, int(K.SECTION_OF_SITE): 6.0, int(K.STANDING_HEAD): 3.0,
}  # fmt: skip
_RUNNING: Final = _PLAIN | {
    int(K.KICKER): 3.0, int(K.NEWSLETTER): 5.0, int(K.SECTION): 8.0, int(K.NUMBERED): 2.5, int(K.GREETING): 1.4,
    int(K.CLOSER): 0.8, int(K.BYLINE): 3.0, int(K.AGENCY_CREDIT): 5.0, int(K.PROMO): 4.5, int(K.LINK): 3.0,
    int(K.DOCUMENT_TITLE): 3.6, int(K.SPONSOR_LABEL): 5.0, int(K.TRACKER): 7.0, int(K.BULLETINS): 10.0,
    int(K.SIGNOFF): 3.5, int(K.CREDIT): 9.0, int(K.DATE): 6.0, int(K.CHROME): 9.0, int(K.TRAILER): 11.0,
    int(K.BULLET): 5.0, int(K.SPONSOR_KICKER): 9.0, int(K.MARKER): 14.0, int(K.STAMPED): 1.0,
    int(K.CALL): 2.0, int(K.WIRE): 4.0, int(K.ROW): 0.0,
    int(K.NOTE): -0.6, int(K.SECTION_OF_SITE): 8.0, int(K.STANDING_HEAD): 3.0,
}  # fmt: skip

_ALT: Final = Costs(
    size=(1.5, 0.5, 0.0, 0.3, 1.2, 3.5, 5.8, 10.7),
    end=(0.1, 1.6, 2.8, 2.0, 3.0, 2.0, 3.0, 0.8),
    kinds=_PLAIN | _SOFT | {int(K.WIRE): -8.5},
    repeat=(1.1, 1.9, -1.8, -1.7),
    narrative=(0.1, 1.5),
)

_PARAGRAPH: Final = Costs(
    size=(4.0, 2.9, 1.8, 1.2, 0.2, 0.2, -0.2, -0.3),
    end=(2.6, 0.0, 1.2, 0.8, 0.1, 0.7, 1.4, 0.8),
    kinds=_RUNNING,
    repeat=(0.2, 0.5, 1.9, 2.7),
    name=(-0.1, 1.7, 1.1, 0.9),
    bio=(0.1, 2.7, 1.0),
    fragment=(0.4, 0.2, 0.7, -0.1, 0.7),
)
_CREDIT: Final = Costs(
    size=(0.3, -0.2, 0.0, 0.2, 0.5, 1.5, RULED_OUT, RULED_OUT),
    kinds={int(K.CREDIT): -0.6, int(K.AGENCY_CREDIT): 0.2, int(K.PLAIN): 8.9},
    name=(-0.3, -2.8, -3.4, -3.0),
)

_COPY: Final = Costs(
    size=(9.0, 9.0, 6.0, 2.8, 0.8, 0.7, 0.3, 0.1),
    end=(2.9, 0.1, 1.0, 0.3, 1.6, 1.0, 2.0, 0.8),
    kinds=_RUNNING,
    advert=(0.2, -1.6),
    bio=(0.2, 2.5, 1.2),
)

_FURNITURE: Final = Costs(
    size=(4.5, 5.1, 5.7, 6.3, 8.0, 9.0, 8.7, 11.0),
    kinds={
        int(K.CHROME): -6.3,
        int(K.RULE): -4.0,
        int(K.TRAILER): -5.8,
        int(K.TRACKER): -9.0,
        int(K.PROMO): -6.5,
        int(K.BULLETINS): -3.6,
        int(K.LINK): -2.0,
        int(K.MARKER): -1.2,
        int(K.ROW): -2.0,
        int(K.NEWSLETTER): 3.0,
        int(K.SECTION_OF_SITE): 3.0,
    },
    other=0.0,
    name=(-0.1, 1.0, 0.5, 0.5),
)

LABEL_COSTS: Final[dict[str, Costs]] = {
    "furniture": _FURNITURE,
    # Above all articles stands no heading of the list of bulletins.
    "furniture above": _FURNITURE._replace(kinds=_FURNITURE.kinds | {int(K.BULLETINS): 0.0}),
    "kicker": Costs(
        size=(0.5, -0.1, 1.4, 4.0, 9.0, RULED_OUT, RULED_OUT, RULED_OUT),
        end=(0.2, 5.0, 4.0, 4.0, 3.9, 4.0, 6.0, 3.0),
        kinds={
            int(K.PLAIN): 3.9,
            int(K.STANDING_HEAD): 5.5,
            int(K.SECTION): -0.8,
            int(K.SECTION_OF_SITE): 0.1,
            int(K.KICKER): 0.2,
            int(K.NEWSLETTER): 0.3,
            int(K.BULLETINS): 0.7,
            int(K.NUMBERED): 9.0,
            int(K.TRAILER): 7.0,
        },
        name=(0.0, 0.7, -1.1, -0.5),
        repeat=(-0.1, 0.5, 1.0, 4.0),
    ),
    "topic": Costs(
        size=(0.1, 0.0, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT),
        end=(0.1, *(RULED_OUT,) * 7),
        kinds=_PLAIN,
    ),
    "bulletin kicker": Costs(
        kinds={int(K.BULLETINS): -1.7, int(K.SECTION): 0.2, int(K.SECTION_OF_SITE): 0.0, int(K.KICKER): 0.4},
    ),
    "section name": Costs(
        kinds={
            int(K.SECTION): -0.1,
            int(K.SECTION_OF_SITE): -0.1,
            int(K.KICKER): 0.4,
            int(K.NEWSLETTER): 0.3,
        },
    ),
    "site name": Costs(
        size=(0.4, -0.1, 0.6, 4.0, 9.0, RULED_OUT, RULED_OUT, RULED_OUT),
        end=(-0.1, 5.0, 4.0, 4.0, 4.0, 4.0, 6.0, 3.0),
        kinds={int(K.PLAIN): 2.9},
    ),
    "headline": Costs(
        size=(3.2, 2.0, 0.4, -0.2, 1.9, 3.5, 6.5, 13.0),
        end=(-0.6, 2.4, 0.6, 0.6, 2.6, 1.0, 3.0, 2.8),
        kinds=_PLAIN | _SOFT,
        name=(-0.3, 2.4, 0.8, 2.4),
        repeat=(0.0, -2.2, 1.5, 3.0),
        bio=(0.1, 2.5, 0.0),
        several=(0.0, -1.4),
        fragment=(0.2, 1.7, 2.4, 0.1, 2.4),
    ),
    "odd headline": Costs(
        size=(3.0, 1.8, 0.7, 0.2, 1.3, 3.5, 6.5, 13.0),
        end=(0.0, 2.2, 0.5, 0.6, 2.6, 1.0, 3.0, 2.5),
        kinds={int(K.SPONSOR_LABEL): 3.0, int(K.CREDIT): 3.0, int(K.CHROME): 2.0, int(K.PROMO): 1.5},
    ),
    "deck": Costs(
        size=(3.1, 1.5, 0.7, 0.2, 0.0, 0.5, 2.3, 5.0),
        end=(2.5, 0.0, 0.7, 0.4, 3.0, 1.0, 4.1, 0.7),
        kinds=_PLAIN | _SOFT,
        other=RULED_OUT,
        name=(0.1, 2.1, 1.5, 2.0),
        repeat=(0.1, 0.1, 3.0, 4.0),
        subject=(0.0, -0.1, 0.1, 1.7),
        fragment=(0.4, 1.0, 1.6, -0.1, 3.0),
    ),
    "tagline": Costs(
        size=(3.5, 0.9, 0.4, -0.3, 0.3, 1.5, 5.0, 9.0),
        end=(0.7, -0.4, 1.0, 1.0, 3.0, 1.0, 4.0, 3.0),
        kinds=_PLAIN | _SOFT | {int(K.PROMO): -1.0, int(K.CHROME): 0.5},
        fragment=(-0.3, -0.4, 0.5, 0.3, 0.5),
        several=(-0.2, 1.7),
    ),
    "alt": _ALT,
    "alt within": _ALT._replace(repeat=(1.1, 1.5, 2.6, 3.0)),
    "sentence alt": _ALT._replace(
        size=(2.0, 1.1, 0.3, 0.3, 0.5, 1.5, 4.0, 9.0),
        end=(2.0, 0.1, 2.0, 2.0, 3.0, 2.0, 3.0, 2.0),
        repeat=(1.0, 1.5, 3.0, 3.0),
    ),
    "headline again": Costs(kinds=_PLAIN | _SOFT, repeat=(RULED_OUT, RULED_OUT, 1.0, 0.1)),
    "head again": Costs(kinds=_RUNNING, repeat=(RULED_OUT, RULED_OUT, -0.1, 0.0)),
    "caption": Costs(
        size=(4.1, 2.6, 1.2, 0.8, 0.4, 1.8, 2.7, 5.1),
        end=(2.6, 0.0, 2.5, 0.8, 3.0, 1.5, 3.0, 2.5),
        kinds=_PLAIN | _SOFT | {int(K.WIRE): -3.5},
        name=(0.3, -0.4, 1.5, 0.5),
        repeat=(-0.2, 2.8, 0.3, -1.7),
        several=(-0.2, 0.5),
        fragment=(-0.4, -0.1, -1.2, -1.0, -1.4),
        narrative=(-0.1, 1.1),
    ),
    "wire alt": Costs(kinds={int(K.WIRE): -3.0}),
    "wire caption": Costs(size=(5.0, 2.6, 1.0, 0.4, 0.4, 1.5, 3.0, 5.0), kinds={int(K.WIRE): -8.0}),
    "credit": _CREDIT,
    "site credit": _CREDIT._replace(subject=(RULED_OUT, -0.1, RULED_OUT, RULED_OUT)),
    "paid credit": _CREDIT._replace(advert=(-0.2, -3.0)),
    "company": Costs(
        size=(0.4, -0.3, 0.6, 4.0, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT),
        end=(0.0, 1.5, 9.0, 9.0, 9.0, 9.0, 9.0, 3.0),
        kinds={int(K.PLAIN): 0.4, int(K.CHROME): -0.3},
        name=(2.5, 0.8, 0.2, 0.2),
        repeat=(0.0, 1.0, 2.0, 5.0),
    ),
    "credit rest": Costs(
        kinds={int(K.PLAIN): 1.1, int(K.CREDIT): 3.0, int(K.AGENCY_CREDIT): 0.0},
        open=(RULED_OUT, 0.1),
    ),
    "date": Costs(kinds={int(K.DATE): -0.2}),
    "byline": Costs(kinds={int(K.BYLINE): -1.3}, name=(2.9, -0.2, 0.5, 1.0)),
    "paragraph": _PARAGRAPH,
    "paid paragraph": _PARAGRAPH._replace(advert=(0.2, -1.4)),
    "subhead": Costs(
        size=(2.1, 1.0, 0.2, 1.9, 3.6, 5.0, 9.0, RULED_OUT),
        end=(-0.2, 2.5, 0.0, 0.9, 2.3, 0.5, 3.0, 2.2),
        kinds=_PLAIN
        | _SOFT
        | {
            int(K.STAMPED): -1.0,
            int(K.ROW): 0.5,
            int(K.SPONSOR_KICKER): 2.5,
            int(K.NOTE): -0.4,
            int(K.STANDING_HEAD): -1.0,
        },
        name=(0.1, 0.8, 0.5, 0.2),
        several=(0.2, 2.7),
    ),
    "role": Costs(
        size=(2.4, 0.9, 0.6, 0.5, 1.6, 5.0, 9.0, RULED_OUT),
        end=(0.2, 5.0, 5.0, 5.0, 3.0, 5.0, 3.0, 2.1),
        kinds=_PLAIN | _SOFT,
        subject=(-0.1, 0.8, 0.7, 3.8),
        several=(0.2, 3.0),
    ),
    "item": Costs(kinds={int(K.BULLET): -1.0, int(K.NUMBERED): 0.4}),
    "signoff": Costs(kinds={int(K.SIGNOFF): -1.0}),
    "promo": Costs(
        kinds={
            int(K.PROMO): -1.0,
            int(K.RULE): -2.0,
            int(K.CHROME): -0.8,
            int(K.LINK): 0.6,
            int(K.TRACKER): 1.0,
            int(K.TRAILER): -0.2,
        }
    ),
    "row": Costs(kinds={int(K.ROW): 0.0, int(K.STAMPED): 0.8}),
    "related": Costs(kinds={int(K.TRAILER): -1.9}),
    "related title": Costs(
        size=(4.0, 2.7, 1.0, 0.6, 0.6, 2.0, 6.0, RULED_OUT),
        end=(0.0, 4.0, 0.2, 0.0, 4.0, 1.0, 3.0, 0.0),
        kinds=_PLAIN
        | {int(K.KICKER): 3.0, int(K.SECTION): 3.0, int(K.SECTION_OF_SITE): 3.0, int(K.NUMBERED): -0.5},
    ),
    "marker": Costs(base=-2.9, kinds={int(K.MARKER): 0.1}),
    "author": Costs(
        size=(0.8, -0.1, 0.6, 0.8, 1.5, RULED_OUT, RULED_OUT, RULED_OUT),
        end=(0.2, 1.0, 4.0, 4.0, 4.0, 4.0, 3.0, 1.4),
        kinds={int(K.PLAIN): 0.2, int(K.BYLINE): 0.1, int(K.SIGNOFF): 2.0, int(K.NUMBERED): 0.3},
        name=(7.0, -0.1, 3.1, 2.7),
        repeat=(0.2, 3.0, 1.0, 1.0),
    ),
    "bio": Costs(
        size=(9.0, 5.0, 1.9, 0.7, 0.0, 0.0, 0.0, 0.7),
        end=(1.2, 0.0, 1.5, 1.0, 2.0, 1.0, 1.0, 0.3),
        kinds=_RUNNING,
        bio=(4.6, -2.2, -0.2),
        subject=(1.8, 0.0, 3.9, 3.0),
    ),
    "sponsor label": Costs(kinds={int(K.SPONSOR_LABEL): -0.9, int(K.SPONSOR_KICKER): 3.2}),
    "sponsor kicker": Costs(kinds={int(K.SPONSOR_KICKER): 0.1}),
    "report": Costs(
        size=(9.0, 9.0, 6.0, 2.1, 1.5, 0.2, 0.2, 0.0),
        end=(2.1, 0.3, 1.3, 0.7, 0.8, 0.6, 1.6, 0.2),
        kinds=_RUNNING,
        repeat=(0.2, 0.8, 2.0, 2.5),
        several=(0.1, 0.2),
        fragment=(0.2, 0.7, 1.2, 0.0, 1.2),
    ),
    "teaser": Costs(
        base=-3.0,
        size=(9.0, 9.0, 6.0, 2.2, 1.0, 0.3, 0.0, 0.0),
        end=(RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT, 0.0, RULED_OUT, RULED_OUT),
        kinds=_RUNNING,
    ),
    "copy": _COPY._replace(kinds=_RUNNING | {int(K.PROMO): 0.0}),
    # A paid post opens with a paragraph; only a later one may be no more than its call.
    "first copy": _COPY._replace(size=(9.0, 9.0, 7.5, 4.5, 2.2, -0.2, -0.6, 0.0)),
    "advert": Costs(
        size=(9.0, 5.0, 1.5, 0.9, 0.4, 0.3, -0.1, 0.0),
        end=(1.7, 0.1, 1.0, 0.3, 2.0, 1.0, 2.0, 0.8),
        kinds=_RUNNING,
        advert=(4.1, -2.0),
        bio=(0.3, 2.5, 1.2),
    ),
    "titled sponsor": Costs(
        size=(0.2, 0.1, 0.2, 2.5, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT),
        kinds={int(K.PLAIN): 0.0, int(K.KICKER): 3.0},
        name=(5.0, 4.3, 0.4, 0.8),
        repeat=(0.0, 3.0, 1.0, 1.0),
        end=(0.0, 0.8, 9.0, 2.0, 9.0, 9.0, 9.0, RULED_OUT),
    ),
    # The last words of a page that was cut off are no name of a sponsor.
    "sponsor": Costs(
        size=(-0.3, 0.0, 0.6, 2.5, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT),
        kinds={int(K.PLAIN): 0.0, int(K.KICKER): 3.0, int(K.NUMBERED): 0.5},
        name=(4.1, 2.1, -0.3, 0.2),
        repeat=(0.0, 3.0, 1.0, 1.0),
        end=(0.0, 0.8, 9.0, 2.0, 9.0, 9.0, 9.0, 8.0),
    ),
    "sponsor bio": Costs(
        size=(9.0, 5.0, 2.6, 0.9, 0.0, 0.0, 0.1, 0.2),
        end=(1.0, -0.1, 1.5, 0.6, 2.0, 1.0, 1.0, 0.5),
        kinds=_RUNNING,
        bio=(3.0, -2.5, -2.1),
        subject=(1.2, 4.5, -0.8, 4.5),
    ),
    "link": Costs(kinds={int(K.LINK): 0.0, int(K.PROMO): 1.0, int(K.CALL): -0.7, int(K.MARKER): 0.6}),
    "link to sponsor": Costs(kinds={int(K.LINK): -0.1}, advert=(RULED_OUT, -0.1)),
    "newsletter": Costs(
        kinds={int(K.NEWSLETTER): 0.0, int(K.KICKER): 2.5, int(K.SECTION): 6.7, int(K.SECTION_OF_SITE): 4.2},
        size=(0.2, -0.4, 0.3, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT, RULED_OUT),
    ),
    "greeting": Costs(kinds={int(K.GREETING): -2.2}, size=(3.0, 1.5, 0.5, 0.0, 0.0, 0.0, 0.1, -0.2)),
    "newsletter paragraph": Costs(
        size=(3.3, 2.8, 1.8, 1.2, 0.1, 0.7, 0.1, 0.0),
        end=(2.7, 0.0, -0.1, 0.3, 0.6, 0.6, 0.8, -0.2),
        kinds=_RUNNING,
        name=(0.2, 0.9, 0.8, 0.7),
        bio=(0.2, 2.0, 0.5),
    ),
    "section head": Costs(
        size=(1.2, 0.2, 0.1, 1.6, 3.6, 5.0, 9.0, RULED_OUT),
        end=(-0.2, 3.2, 0.3, 0.7, 0.7, -0.2, 3.2, 2.2),
        kinds=_PLAIN
        | _SOFT
        | {
            int(K.NEWSLETTER): 5.0,
            int(K.STAMPED): -0.6,
            int(K.ROW): 0.5,
            int(K.TRAILER): 1.5,
            int(K.STANDING_HEAD): -1.5,
        },
        name=(0.5, 0.7, -0.2, -0.2),
    ),
    "closer": Costs(kinds={int(K.CLOSER): -0.8}),
}


_FEATURES: Final = (
    "end",
    "name",
    "repeat",
    "bio",
    "subject",
    "several",
    "fragment",
    "narrative",
    "advert",
    "open",
)
"""The features whose cost is a row by the feature's value."""


def terms(scorer: str, key: int) -> list[tuple[str, float]]:
    """Return "base" and every feature of a line that counts for or against a label, with their costs.

    The sum is the line's cost.
    """
    costs, f = LABEL_COSTS[scorer], unpack(key)
    parts = [
        ("base", costs.base),
        ("kind", costs.kinds.get(f.kind, costs.other)),
        ("size", costs.size[f.size]),
    ]
    parts += [(name, getattr(costs, name)[getattr(f, name)]) for name in _FEATURES]
    return [(name, cost) for name, cost in parts if cost]


@cache
def _columns() -> list[list[tuple[float, ...]]]:
    """For each feature and each of its values, what it costs the labels: they add up to the sum of `terms`."""
    rows = LABEL_COSTS.values()
    kinds = [
        tuple([row.base + row.kinds.get(kind, row.other) for row in rows]) for kind in range(max(Kind) + 1)
    ]
    return [
        kinds,
        *(list(zip(*[getattr(row, name) for row in rows], strict=True)) for name in ("size", *_FEATURES)),
    ]


_LABELS: Final = list(LABEL_COSTS)
_SCORERS: Final = [_LABELS.index(STATES[first].scorer) for first in MENTIONS]
"""For each first mention, the place of its scorer in `LABEL_COSTS`."""
_GAPS: Final = list(zip(*[STATES[first].gaps for first in MENTIONS], strict=True))
"""For each gap, what it costs each first mention."""


def costs(key: int) -> list[float]:
    """The cost of each first mention (`states.MENTIONS`, in order) for a line with these features."""
    features = unpack(key)
    own = [column[value] for column, value in zip(_columns(), features, strict=False)]
    by_label = list(map(sum, zip(*own, strict=True)))
    return [by_label[label] + gap for label, gap in zip(_SCORERS, _GAPS[features.gap], strict=True)]


_MENTIONS: Final = [(mentions, first in OUTSIDE) for first, mentions in MENTIONS.items()]


def likely(costs: list[float]) -> list[tuple[float, list[int]]]:
    """(cost, mentions) of the states that are not much worse than the best.

    Furniture always is one, so that a page can always be read to its end.
    """
    limit = min(costs) + _SLACK
    return [
        (cost, mentions)
        for cost, (mentions, outside) in zip(costs, _MENTIONS, strict=True)
        if cost <= limit or outside
    ]
