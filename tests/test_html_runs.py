"""Runs of tags do what their tags do one by one, where they were met before and where not, and memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.captures import html_steps, html_tags
from reader.captures.html import read_html
from reader.captures.html_places import Place
from reader.model import Capture, Problem
from tests.test_html_hostile import TAGS

BLANKS = st.sampled_from(["", "", " ", "\n", "\n  ", "\x0c"])


@pytest.fixture
def in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is read in runs of tags, however many of them are new."""
    monkeypatch.setattr(html_tags.Tags, "expects_runs", lambda _: True)


def read(html: str) -> list[Capture | Problem]:
    return list(read_html(html.encode(), "page.html", url="https://protocol.example/a/b"))


def tag_by_tag(html: str) -> list[Capture | Problem]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_tags.Tags, "expects_runs", lambda _: False)
        return read(html)


@given(
    st.lists(st.tuples(TAGS | st.text(max_size=6), BLANKS).map("".join), max_size=40).map("".join),
    st.sampled_from([0, 4]),
)
@settings(max_examples=400, deadline=None)
def test_runs_do_what_their_tags_do(html: str, few: int) -> None:
    expected = tag_by_tag(html)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_tags.Tags, "expects_runs", lambda _: True)
        patch.setattr(html_tags, "_FEW", few)
        for _ in range(3):
            # New, met before, and remembered.
            assert read(html) == expected


@pytest.mark.usefixtures("in_runs")
@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>one <b>two</b> <i>three</i></p>", ["one two three"]),
        ("<p>one<b> </b> <i> </i>two</p>", ["one two"]),
        ("<p>one<img src=/a.jpg alt=two> </p> <p>three</p>", ["one", "", "three"]),
        ("<p> <img src=/a.jpg alt=two> </p> <p>three</p>", ["two", "", "three"]),
        ("<ol> <li>one</li> <li>two</li> </ol> <ul> <li>three</li> </ul>", ["1. one", "2. two", "", "• three"]),
        ("<pre>one\n <b> </b> two</pre> <div>three</div>", ["one", "two", "", "three"]),
    ],
)  # fmt: skip
def test_blanks_pictures_and_lists_in_runs(html: str, lines: list[str]) -> None:
    for _ in range(3):
        (capture,) = read(html)
        assert isinstance(capture, Capture)
        assert capture.text.split("\n") == lines


def places(place: Place) -> Iterator[Place]:
    yield place
    for inner in place.inside.values():
        yield from places(inner)


@pytest.mark.usefixtures("in_runs")
def test_what_is_remembered_of_runs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_tags, "_STEPS", 200)
    monkeypatch.setattr(html_tags, "_REMEMBERED", 300)
    memory = html_steps.Memory()
    monkeypatch.setattr(html_steps, "_memory", memory)
    for i in range(40):
        html = "".join(f"<p>x</p>{' ' * j}<div>{' ' * i}<b>y</b>{' ' * (i % 7)}</div>" for j in range(20))
        for _ in range(3):
            read(html)
            kept = html_steps._memory
            assert len(kept._met) <= 301
            assert sum(len(one.fresh) + len(one.begun) for one in places(kept.root)) <= kept.kept
            assert kept.kept <= 210
    assert html_steps._memory is not memory


def test_pages_of_new_tags_are_read_tag_by_tag() -> None:
    tags = html_tags.Tags()
    tried = []
    for _ in range(100):
        tried.append(tags.expects_runs())
        if tried[-1]:
            tags.note_runs(100, 90)
    assert 5 <= sum(tried) <= 20
    while not tags.expects_runs():
        pass
    tags.note_runs(100, 0)
    assert tags.expects_runs()


ATTRIBUTE = st.builds(
    "{}{}={}".format,
    st.sampled_from([" ", "\n", "", "/"]),
    st.sampled_from(["href", "class", "HREF", "data-href", "hidden", "rel"]),
    st.sampled_from(
        ['"/a"', '"/b?c&amp;d"', "'/c'", "/d", '"kicker"', '"x>y"', '"é"', '""', '"author"', '" href="']
    ),
)


@given(st.lists(st.lists(ATTRIBUTE, max_size=4).map("".join), min_size=1, max_size=4))
def test_links_that_differ_in_their_addresses_alone_are_read_as_any_tag(links: list[str]) -> None:
    tags = html_tags.Tags()
    for link in links:
        tag = f"<a{link}>".encode()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(html_tags, "_LONGEST_LINK", 0)
            expected = html_tags.Tags().read("a", tag)
        found = tags.read("a", tag)
        assert found[1:] == expected[1:]
        assert (found[0].act, found[0].breaks, found[0].mark) == (
            expected[0].act,
            expected[0].breaks,
            expected[0].mark,
        )
