"""The table that the decoder follows, compiled from the layouts: states, the steps between them, and their costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reader.parsing.expressions import NEVER, Compiled, State, Step, Turn, compile_layout
from reader.parsing.layouts import PAGE

BREAK: Final = 7.7
"""The cost of an article that breaks off where its layout goes on."""
_PAGE_CUT: Final = {
    "kicker": 5.3,
    "headline": 3.9,
    "deck": 2.1,
    "alt": 3.0,
    "caption": 2.9,
    "credit": 2.6,
    "date": 2.5,
    "subhead": 2.4,
}
"""The cost of a page that ends where its layout goes on, by the last line's label."""
_PAGE_CUT_ELSEWHERE: Final = 0.6
_NAME_CUT: Final = 4.1
"""The same below a name that heads a paragraph."""
_CLOSED_CUT: Final = 4.4
"""The same in a message, or in a paid post that only the name at its end shows."""
_SIGNED: Final = -2.4
"""The cost of a page that ends with who wrote its last story."""


def _breaks(page: Compiled) -> dict[int, float]:
    """For each state that begins an article of the stream, the cost of breaking off any other article there."""
    opens, costs = Turn.OPENS, dict[int, float]()
    for state, steps in zip(page.states, page.steps, strict=True):
        if state.setting == "story":
            for j, (cost, turn) in steps.items():
                if turn is opens and cost < costs.get(j, NEVER):
                    costs[j] = cost
    return {j: cost + BREAK for j, cost in costs.items()}


def _mentions(states: Sequence[State]) -> dict[int, list[int]]:
    alike: dict[State, list[int]] = {}
    for i, state in enumerate(states):
        alike.setdefault(state, []).append(i)
    return {mentions[0]: mentions for mentions in alike.values()}


def _end_cost(i: int) -> float:
    """The cost of a page that ends in a state."""
    state = STATES[i]
    whole = _compiled.last.get(i)
    if whole is not None and state.label in ("author", "sponsor"):
        return _SIGNED
    if state.setting in ("untitled", "titled", "message"):
        cut = _CLOSED_CUT
    else:
        # A name that heads a paragraph hardly ends a page; who signs one does.
        name = state.label == "subhead" and state.scorer == "author"
        cut = _NAME_CUT if name else _PAGE_CUT.get(state.label, _PAGE_CUT_ELSEWHERE)
    return cut if whole is None else min(whole, cut)


_compiled: Final = compile_layout(PAGE)
STATES: Final = _compiled.states
"""Every mention of a line in the layouts."""
MENTIONS: Final = _mentions(STATES)
"""For the first mention of a line in a setting, all its mentions there: a line of a page fits them equally well."""
FIRST_STEPS: Final = _compiled.first
"""The steps into a page's first line."""
STEPS: Final = _compiled.steps
"""For each state, the steps to the next that the layouts know."""
BREAKS: Final = _breaks(_compiled)
"""The cost of beginning an article with a state where no layout has it, whatever stands before."""
END_COSTS: Final = tuple(_end_cost(i) for i in range(len(STATES)))
"""The cost of a page that ends in each state."""
OUTSIDE: Final = frozenset(
    i
    for i, state in enumerate(STATES)
    if not state.setting and state.scorer in ("furniture", "furniture above")
)
"""The states of what stands outside all articles; other furniture stands within one."""
FURNITURE: Final = frozenset(i for i, state in enumerate(STATES) if state.label == "furniture")
PAID_SETTINGS: Final = frozenset(("labelled", "untitled", "advertising", "titled"))
NEWSLETTER_SIGNS: Final = frozenset(("newsletter", "greeting"))
"""The scorers of the lines that show that an article is a newsletter."""
LABELS: Final = tuple(dict.fromkeys(state.label for state in STATES))
"""Every label that a line can get."""
NOUNS: Final = {
    "furniture": "furniture",
    "kicker": "a kicker",
    "headline": "a headline",
    "alt": "a picture description",
    "deck": "a deck",
    "credit": "a credit",
    "date": "a date",
    "caption": "a caption",
    "byline": "a byline",
    "paragraph": "a paragraph",
    "subhead": "a subhead",
    "item": "a list item",
    "signoff": "a sign-off",
    "marker": "a “keep reading” marker",
    "author": "an author",
    "bio": "a biography",
    "sponsor label": "a label that says who paid",
    "sponsor": "a sponsor",
}
"""Every label in words."""


def step_between(before: int, after: int) -> Step | None:
    """The step from one state to another; None when the layouts know none and no article may begin there."""
    known = STEPS[before].get(after)
    if known is None and after in BREAKS:
        return Step(BREAKS[after], Turn.OPENS)
    return known
