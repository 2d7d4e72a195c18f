"""Rows of a long document: found by estimate, corrected as they are laid out, never moved under the reader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.app.text.flow import Document, Flow, ReadingPosition, Row, UnitLayout

heights_lists = st.lists(st.integers(1, 9), min_size=1, max_size=60)


class Heights(Document):
    """Units that are thought to have some heights and turn out to have others."""

    def __init__(self, guessed: list[int], real: list[int]) -> None:
        self.guessed = guessed
        self.real = real
        self.laid_out: list[int] = []

    def __len__(self) -> int:
        return len(self.real)

    def estimates(self, width: int) -> list[int]:
        return self.guessed

    def text(self, unit: int) -> str:
        return "x" * self.real[unit]

    def lay_out(self, unit: int, width: int) -> UnitLayout:
        self.laid_out.append(unit)
        return UnitLayout(self.text(unit), [Row(i, i + 1) for i in range(self.real[unit])], "text", "mark")

    def continues(self, unit: int) -> bool:
        return False

    def position(self, unit: int, offset: int) -> ReadingPosition:
        return ReadingPosition(unit, offset)

    def find(self, position: ReadingPosition) -> tuple[int, int]:
        return position.block, position.offset


@st.composite
def documents(draw: st.DrawFn) -> Heights:
    real = draw(heights_lists)
    guessed = draw(st.lists(st.integers(1, 9), min_size=len(real), max_size=len(real)))
    return Heights(guessed, real)


@given(documents(), st.data())
def test_rows_around_one_are_right_and_it_stays_where_it_is(document: Heights, data: st.DataObject) -> None:
    flow = Flow(document, 80)
    row, reach = data.draw(st.integers(0, flow.total - 1)), data.draw(st.integers(1, 30))
    unit, number = flow.locate(row)
    row = flow.lay_out_around(row, reach, reach)
    assert flow.locate(row) == (unit, min(number, document.real[unit] - 1))
    assert flow.row_of(flow.position(row)) == row
    owners = [(unit, number) for unit, height in enumerate(document.real) for number in range(height)]
    at = owners.index(flow.locate(row))
    for distance in range(-reach, reach):
        if 0 <= at + distance < len(owners):
            assert flow.locate(row + distance) == owners[at + distance]
    # Once all have been laid out, their number is exact.
    flow.lay_out_around(0, 0, len(owners) + 1)
    assert (flow.total, flow.complete) == (len(owners), True)


def test_only_what_is_near_is_laid_out() -> None:
    document = Heights([5] * 100_000, [5] * 100_000)
    flow = Flow(document, 80)
    flow.lay_out_around(250_000, 80, 120)
    assert min(document.laid_out) >= 50_000 - 17
    assert max(document.laid_out) <= 50_000 + 25
    assert len(document.laid_out) == len(set(document.laid_out))
