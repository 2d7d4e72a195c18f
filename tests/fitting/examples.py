"""Captures with known truth -> what the right labelling of each is like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reader.model import Capture, LineHint, Page
from reader.parsing import parse_capture
from reader.parsing.expressions import Turn
from reader.parsing.hints import CORRECTED
from reader.parsing.lines import read_lines
from reader.parsing.scoring import RULED_OUT, costs
from reader.parsing.states import BREAKS, FIRST_STEPS, FURNITURE, MENTIONS, PAID_SETTINGS, STATES, STEPS
from tests.fitting.lattice import ANY, BEGINS, GOES_ON, Example
from tests.parsing.truth import bare, differences, plain

_SINGLE = {"section": "kicker", "headline": "headline", "deck": "deck"}
_SEVERAL = {"captions": "caption", "credits": "credit", "image_alts": "alt"}


def examples_in(folder: Path) -> list[Example]:
    """The captures of a folder that are read rightly, if need be with hints made of their truth.

    Those without truth are to be read as they are now.
    """
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = path.read_bytes().decode("utf-8-sig", "replace")
        lines = read_lines(text)
        truth_file = path.with_suffix(".json")
        if not truth_file.exists():
            if lines.keys:
                found.append(_example(parse_capture(Capture(path.name, text)), lines.keys))
            continue
        truth = json.loads(truth_file.read_text(encoding="utf-8"))
        for hints in ((), tuple(_hints(truth, lines.numbers, lines.texts))):
            page = parse_capture(Capture(path.name, text, hints=hints))
            if page.articles and not differences(page, truth):
                example = _example(page, lines.keys)
                if _is_possible(example):
                    found.append(example)
                break
    return found


def _hints(truth: dict[str, Any], numbers: Sequence[int], texts: Sequence[str]) -> Iterator[LineHint]:
    """Say of each line that the truth names what it is."""
    left = {i: plain(text) for i, text in enumerate(texts)}

    def hint(text: str | None, role: str) -> Iterator[LineHint]:
        i = next((i for i, line in left.items() if text and line == plain(text)), None)
        if i is not None:
            del left[i]
            yield LineHint(numbers[i], role)

    for story in truth["stories"]:
        for field, label in _SINGLE.items():
            yield from hint(story[field], CORRECTED + label)
        for field, label in _SEVERAL.items():
            for text in story.get(field, []):
                yield from hint(text, CORRECTED + label)
        first = bare(story.get("first_body") or "")[:38]
        for i, line in left.items():
            if first and bare(line)[:38] == first:
                yield LineHint(numbers[i], "body")
                break
    for text in truth["furniture"]:
        yield from hint(text, CORRECTED + "furniture")


def _is_paid(state: int) -> bool:
    return STATES[state].setting in PAID_SETTINGS or STATES[state].setting == "message"


def _example(page: Page, keys: list[int]) -> Example:
    """What a page's labelling is like; which mention of a line is meant stays open."""
    states, turns = [], []
    begun: set[int] = set()
    for line in page.lines:
        if line.article is None:
            states.append(FURNITURE)
            turns.append(ANY)
            continue
        article = page.articles[line.article]
        paid, newsletter = article.sponsored is not None, article.kind == "newsletter"
        states.append(
            frozenset(
                i
                for i, state in enumerate(STATES)
                if state.label == line.label
                and _is_paid(i) == paid
                and not (newsletter and state.setting == "lead")
            )
        )
        turns.append(ANY if not turns else GOES_ON if line.article in begun else BEGINS)
        begun.add(line.article)
    return Example(keys, states, turns)


def _is_possible(example: Example) -> bool:
    """Do the layouts have a way through the page, with labels that its lines may have?"""
    allowed = [states & _not_ruled_out(key) for key, states in zip(example.keys, example.states, strict=True)]
    reached = set(allowed[0] & FIRST_STEPS.keys())
    for states, turn in zip(allowed[1:], example.turns[1:], strict=True):
        onward = {
            after
            for before in reached
            for after, step in STEPS[before].items()
            if after in states and turn in (ANY, BEGINS if _begins(step.turn) else GOES_ON)
        }
        reached = onward | ((states & BREAKS.keys()) if turn != GOES_ON and reached else set())
    return bool(reached)


@cache
def _not_ruled_out(key: int) -> frozenset[int]:
    """The states that a line with this key may be in."""
    return frozenset(
        state
        for cost, mentions in zip(costs(key), MENTIONS.values(), strict=True)
        if cost < RULED_OUT / 2
        for state in mentions
    )


def _begins(turn: Turn) -> bool:
    return turn in (Turn.OPENS, Turn.INTERRUPTS)
