"""Which label may follow which, and at what cost: the layouts of the site's pages as a table.

A state is a label in a setting (a story, a paid post, a newsletter, a message inside one), since a paragraph of a
newsletter is followed by other things than one of a story. Costs are in nats: 0 is the usual case, 7 one in a
thousand. A new layout is a row here. Rows were set by hand from the layouts of known captures.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class State(NamedTuple):
    """A label in its setting."""

    name: str
    label: str
    """What the line is called outside the parser; one of LABELS."""
    scorer: str
    """The row of `scoring.LABEL_COSTS` that says how well a line fits."""
    gaps: tuple[float, float, float]
    """Cost of following with no, one, or several empty lines between."""


ANY_GAP: Final = (0.0, 0.0, 0.0)
_HEAD: Final = (1.2, 0.0, 0.0)
_OPENING: Final = (1.0, 0.0, -0.4)

_STATES: Final = tuple(
    State(*row)
    for row in (
        ("F", "furniture", "furniture", ANY_GAP),  # above the page's first article
        ("f", "furniture", "furniture", ANY_GAP),
        # A story.
        ("K", "kicker", "kicker", (0.3, 0.0, 0.0)),
        ("H", "headline", "headline", _OPENING),
        ("h", "headline", "headline", _OPENING),
        ("D", "deck", "deck", _HEAD),
        ("A", "alt", "alt", (0.2, 0.0, 0.3)),
        ("a", "alt", "alt", (0.2, 0.0, 0.3)),
        ("q", "credit", "first credit", ANY_GAP),
        ("d", "date", "date", ANY_GAP),
        ("C", "caption", "caption", (0.3, 0.0, 0.3)),
        ("R", "credit", "credit", ANY_GAP),
        ("r", "credit", "credit rest", (0.0, 0.6, 1.5)),
        ("U", "date", "date", ANY_GAP),
        ("Y", "byline", "byline", ANY_GAP),
        ("B", "paragraph", "paragraph", (0.4, 0.0, 0.0)),
        ("S", "subhead", "subhead", (0.8, 0.0, 0.3)),
        ("I", "item", "item", ANY_GAP),
        ("E", "signoff", "signoff", ANY_GAP),
        ("u", "date", "date", ANY_GAP),
        ("P", "furniture", "promo", ANY_GAP),
        ("M", "marker", "marker", ANY_GAP),
        ("N", "author", "author", (0.0, 0.8, 1.4)),
        ("T", "bio", "bio", (2.0, 0.0, 0.4)),
        # A paid post.
        ("sL", "sponsor label", "sponsor label", ANY_GAP),
        ("sl", "sponsor label", "sponsor label", ANY_GAP),
        ("sK", "kicker", "sponsor kicker", ANY_GAP),
        ("sH", "headline", "headline", _HEAD),
        ("sD", "deck", "deck", _HEAD),
        ("sA", "alt", "alt", (0.2, 0.0, 0.3)),
        ("sC", "caption", "caption", (0.3, 0.0, 0.3)),
        ("sR", "credit", "credit", ANY_GAP),
        ("sB", "paragraph", "paragraph", (0.4, 0.0, 0.0)),
        ("sS", "subhead", "subhead", (0.8, 0.0, 0.3)),
        ("sI", "item", "item", ANY_GAP),
        ("sX", "paragraph", "advert", (0.4, 0.0, 0.0)),
        ("sM", "marker", "marker", ANY_GAP),
        ("sE", "furniture", "link", ANY_GAP),
        ("V", "sponsor", "sponsor", (0.0, 0.4, 0.8)),
        ("W", "bio", "sponsor bio", (0.0, 1.2, 2.0)),
        # A newsletter.
        ("nL", "kicker", "newsletter", ANY_GAP),
        ("nD", "deck", "deck", ANY_GAP),
        ("nT", "furniture", "deck", ANY_GAP),  # what the newsletter says of itself in each issue
        ("nA", "alt", "alt", ANY_GAP),
        ("nR", "credit", "credit", ANY_GAP),
        ("nH", "headline", "headline", ANY_GAP),
        ("nU", "date", "date", ANY_GAP),
        ("nG", "paragraph", "greeting", ANY_GAP),
        ("nB", "paragraph", "newsletter paragraph", ANY_GAP),
        ("nS", "subhead", "section head", ANY_GAP),
        ("nI", "item", "item", ANY_GAP),
        ("nE", "signoff", "signoff", ANY_GAP),
        ("nO", "furniture", "promo", ANY_GAP),
        ("nC", "paragraph", "closer", ANY_GAP),
        # A sponsor's message inside a newsletter.
        ("mL", "sponsor label", "sponsor label", ANY_GAP),
        ("mS", "subhead", "section head", ANY_GAP),
        ("mB", "paragraph", "paragraph", ANY_GAP),
        ("mE", "furniture", "link", ANY_GAP),
    )
)

_STORY: Final = [
    "K",
    "H",
    "h",
    "D",
    "A",
    "a",
    "q",
    "d",
    "C",
    "R",
    "r",
    "U",
    "Y",
    "B",
    "S",
    "I",
    "E",
    "u",
    "P",
]
# The page's first article is the one it is about: its states are a story's, named with an l.
STATES: Final = (
    *_STATES,
    *(state._replace(name=f"l{state.name}") for state in _STATES if state.name in _STORY),
)
INDEX: Final = {state.name: i for i, state in enumerate(STATES)}
APART: Final = frozenset(i for i, state in enumerate(STATES) if state.name in ("F", "f"))
"""The states of what stands outside all articles; other furniture stands within one."""
FURNITURE: Final = frozenset(i for i, state in enumerate(STATES) if state.label == "furniture")
LABELS: Final = tuple(dict.fromkeys(state.label for state in STATES))
"""Every label that a line can get."""

START: Final = "^"
"""The state before the first line."""

# Within one article: from, then each state that may follow with its cost.
_WITHIN: Final = """
F   F .3
f   f .3
K   H .1  R 2.5  q 3.2  A 3.5  B 4.5  D 6  sl 2  f 5  nG 3  K 5  nT 4.8
H   D .3  A 3.2  C 3.0  R 2.2  B 2.2  Y 3  U 3  P 4.5  I 3.5  M 5.5 S 4.5  nL .8  nG 1  sl 2
D   A 2.4  C 1.1  R 1.5  B 1.5  Y 2.5  U 3  P 3.5  I 4  M 6.5 S 4.5  sl 2  nG 2
A   C .5  R .9  B 1.5  P 3.5  I 3  Y 3.5
a   q .1  h 2
q   h .2  nH 5   r 1
h   B .2  D 2.6  nL .4  nG .6  Y 3  U 3  P 3.5 sl 2.5
C   R .2  B 1.05 C 4.5  P 3.5  Y 3.5  U 4
R   B .1  r 1.0  R 4  C 5  Y 3  U 2  P 2.5  I 2.2  S 3.5  M 5  nG 1.2
r   B .1  h 2.2  Y 3  U 2  P 2.5  I 2.2  S 3.5  M 5  nG 1.2
Y   A 1  C 1.3  R 1.2  B .4  U .6  P 2.5  S 3  I 3
d   H .5  R 1    q 2  K 2  B 1.5  nG .8 nH 1 nL 1.5
U   B .2  A 1.5  C 2  R 1  Y 1.5  S 2.5  I 2.5  P 2.5  nG .8
B   B .15 S 2.1  I 1.8  M 1.0  P 2.2  u 3  E 4.5  N 6.5  C 4.5  R 5
S   B .15 I .8   S 3    M 3    P 3    C 4  R 4
I   I .2  B .5   S 1.8  M 1.4  P 2.5  E 4  u 3.5  C 5  R 5
E   B 1.5 S 1.2  I 2    E 2.5  M 1.5  P 2
u   B 1.5 M 1.5  N 4    u 3
P   B .3  S 1.8  I 1.8  M 1.4  P 1.5  u 3
M   N .4  M 3    V 2.2
N   T .3  N 2.2
T   N 2.2 T 1.2
sL  sX .3 sB 1.2 sH 1.2 sK 2.5
sl  sH 1  sD .8  sA 1.2 sC 1.5 sR 1.2 sB .8
sK  sH .1 sR 3   sB 3   sl .7
sH  sD .3 sA 1.8 sC 3   sR 2.2 sB 2   sl 1.5 sI 3.5
sD  sA .9 sC 1.1 sR 1.5 sB 1.8 sl 1.5
sA  sC .5 sR .9  sB 2.2
sC  sR .2 sB 2.5
sR  sB .1 sH 2   sS 3   sI 2.2
sB  sB .15 sS 2.8 sI 1.8 sM 1 sE 1 V 1.2
sS  sB .15 sI .8 sS 3
sI  sI .2 sB .5 sS 1.8 sM 1.4 sE 1 V 1.4
sX  sX 1.6 sM .3 sE .5 V 1 sI 3.5
sM  V .1  N 1.8
sE  V .5 sM .8 sB 4
V   W .1
W   W 3.5
nL  nG .1 B 2.5 nB 1.2 nD 1.6 nT 1.6 nR 1.8 nH 1.4 nA 1.6 nU 2 nS 2.5 nI 3
nD  nR 2 nA 2   nG .4 nB .8
nT  nR .6 nH 1  nA 1
nA  nR .3 nH 1.5 nG .8
nR  nH .5 nG .4 nB 1 nD 2.5 nS 1.8 nU 1.5
nH  nG .2 nB .5 nD 1.4 nL .5 nR 1.5 nA 1.5 nU 2
nU  nG .2 nB .5 nH .8 nR 1 nA 1
nG  nB .3 nS .7 nO .7 nI .9 nE 1.5 nG 2 mL 1 nC 2 B 1.5 M 2
nB  N 4.5 nB .2 nS .9 nI .9 nE .9 nO 1.3 nC .9 mL 1 M 5.5 nG 4
nS  nB .2 nS 1.4 nI .6 nO 3 mL 1.5
nI  nI .2 nB .6 nS .7 nE .7 nO 1.3 nC .8 mL .8 M 5.5
nE  nB .7 nS .3 nI .9 nE 1.6 nO .6 nC .6 mL .6
nO  nB .6 nS .6 nI .8 nE 1.5 nO 1.2 nC .8 mL .8
nC  N 3  nB 1.8 nC 1.2 nE .8 nO .8 nS 3
mL  mB .1 mS 2.2
mS  mB .2
mB  mB 1.3 mE .3
mE  mE 2.5
"""

_LEAD_EXTRA: Final = """
H  A -1.4
D  A -1.5
C  B 1.3
B  M 4    N -2   S -.7  I -.8
S  M 2    S -1
I  M 4    S -.8
P  M 4
"""
"""What a step costs more, or less, in the article that the page is about: no marker closes it, and only its
pictures are described."""
STREAM_UNCLOSED: Final = 2.0
"""What it costs more that one of the stories under it ends with no marker."""

# Back from a message into the newsletter around it.
_RESUMING: Final = """
mB  nS .5 nB 2.6 nC 1 nI 3.5 nE 2 nO 1.5 mL 2
mE  nS .2 nB 1.2 nC .8 nI 1.5 nE 1.5 nO 1 mL 2
"""

# What may open an article (or stand outside all), by what came before.
_OPENERS: Final = """
page     ^ F                     K .7  H 1.2 a 2.4 R 3.5 q 3.0 d 3.2 B 4   sK 2.5 sL 2.5 sX 5   nL 2.2 nG 3.2 I 6 F .9
closed   f M N T V W sM sE         K .3  H 1.5 a 3   R 2.5 q 4.2 d 6   B 3.4 sK 1.2 sL 1.4 sX 3.0 nL 4   nG 5   I 6 f 1.2
body     B I E u P sB sI sX S sS K 2.2 H 4.4 a 6.5 R 7           sK 2.6 sL 2.6 sX 6.2 nL 7       f 2.2
caption  D C A R r               K 7   H 9   f 7   sX 9
letter   nG nB nI nE nO nS       K 2.4 H 6.5 a 9   R 7           sK 3   sL 6   sX 6.5 nL 6       f 2.6
closer   nC                      K .8  H 1.8 a 5   R 2.6         sK 1.5 sL 2   sX 3.4 nL 4       f .9
message  mB mE                   K 2.6 H 6.5       R 6           sK 3          sX 6.5            f 2.6
head     a q h d K H sK sH sD sA sC sR sL sl nL nH nR nA nD nT nU U Y mL mS K 7 H 9 f 6.5 B 9
"""

# What a page may end in at a cost; every other state ends it at DEFAULT_END.
_ENDS: Final = "K 5 H 2.5 h 2.5 D 2 A 3 a 4 q 4 C 2.5 R 2.5 sL 4 sK 5 sH 3 nL 4 nH 3 nR 3 nA 3 nT 3 U 3 S 3 nS 2 mL 4 V 1 sX 3"
DEFAULT_END: Final = 0.3


class Step(NamedTuple):
    """A way from one state to the next."""

    cost: float
    opens: bool
    """Whether the next line begins another article (or stands outside all)."""


def _pairs(words: list[str]) -> list[tuple[str, float]]:
    return [(name, float(cost)) for name, cost in zip(words[::2], words[1::2], strict=True)]


def _extras() -> dict[tuple[str, str], float]:
    rows = [row.split() for row in filter(None, _LEAD_EXTRA.split("\n"))]
    return {(before, name): extra for before, *words in rows for name, extra in _pairs(words)}


def _steps() -> dict[tuple[str, str], Step]:
    steps: dict[tuple[str, str], Step] = {}
    extras = _extras()
    for table in (_WITHIN, _RESUMING):
        for row in filter(None, table.split("\n")):
            before, *words = row.split()
            for name, cost in _pairs(words):
                steps[before, name] = Step(cost, False)
                if before in _STORY:
                    lead = f"l{name}" if name in _STORY else name
                    steps[f"l{before}", lead] = Step(cost + extras.get((before, name), 0.0), False)
    for row in filter(None, _OPENERS.split("\n")):
        place, *words = row.split()
        first = next(i for i, word in enumerate(words) if word.replace(".", "", 1).isdigit()) - 1
        for before in words[:first]:
            for name, cost in _pairs(words[first:]):
                target = f"l{name}" if place == "page" and name in _STORY else name
                unclosed = STREAM_UNCLOSED if place == "body" and before in _STORY else 0.0
                steps.setdefault((before, target), Step(cost + unclosed, True))
                if before in _STORY:
                    steps.setdefault((f"l{before}", target), Step(cost, True))
    return steps


STEPS: Final = _steps()
END_COSTS: Final = {state.name: DEFAULT_END for state in STATES} | {
    name: cost for end, cost in _pairs(_ENDS.split()) for name in (end, f"l{end}")
}
RESUMES: Final = frozenset(
    (row.split()[0], name)
    for row in filter(None, _RESUMING.split("\n"))
    for name, _ in _pairs(row.split()[1:])
    if name != "mL"
)
"""Steps that lead from a message back into the newsletter around it."""
