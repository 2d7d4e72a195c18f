"""Who signs a text, and what is said of him below it: sponsors and reporters that were made up without the parser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reader import parse
from tests.parsing.test_rules import LEAD
from tests.paths import SIGNED

STORY = LEAD.partition("Keep ReadingShow less\n")[0].strip()
MARKER = "\n\nKeep ReadingShow less"
KNOWN: dict[str, list[dict[str, Any]]] = json.loads(SIGNED.read_text("utf-8"))


@pytest.mark.parametrize("marker", ["", MARKER])
@pytest.mark.parametrize(("kind", "least"), [("sponsors", 59), ("odd sponsors", 50)])
def test_a_text_is_paid_for_by_the_organisation_that_signs_it(kind: str, least: int, marker: str) -> None:
    found = accused = 0
    for post in KNOWN[kind]:
        copy = "\n\n".join(post["paragraphs"])
        lead, *others = parse(
            f"{STORY}\n\n{copy}{marker}\n{post['sponsor']}\n{post['bio']}\n\n\n{LEAD}"
        ).articles
        found += [story.sponsor for story in others] == [post["sponsor"], None]
        accused += lead.sponsored is not None
    assert len(KNOWN[kind]) == 60
    assert (found >= least, accused) == (True, 0)


@pytest.mark.parametrize("marker", ["", MARKER])
def test_a_story_is_not_paid_for_by_the_reporter_who_signs_it(marker: str) -> None:
    found = accused = 0
    for person in KNOWN["people"]:
        stories = parse(f"{LEAD}{STORY}{marker}\n{person['author']}\n\n{person['bio']}\n\n\n{LEAD}").articles
        found += [story.authors for story in stories][1:-1] == [(person["author"],)]
        accused += any(story.sponsored for story in stories)
    assert len(KNOWN["people"]) == 60
    assert (found >= 59, accused) == (True, 0)
