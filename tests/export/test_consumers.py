"""What programs that people cite with read from the citation formats: pandoc, biber, citeproc-py, pybtex and rispy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given

from reader.export.items import ExportItem, make_item
from reader.model import Article, Reason
from tests.export.stage import exported, harmless, tricky_articles
from tests.generated import an_article

_ADDRESS: Final = "https://protocol.example/a_b/~x/%C3%A9-y?a=1&b=(2)#f_g"
_CAPTURED: Final = "2022-11-15T07:08:09Z"
_ARCHIVED: Final = f"https://web.archive.org/web/20221115070809/{_ADDRESS}"


class Case(NamedTuple):
    """An article, and how its facts must come out."""

    title: str
    authors: tuple[str, ...] = ()
    """As the page prints them."""
    people: tuple[tuple[str, str, str], ...] = ()
    """Family name, given names and suffix, as a reader of the page would say; an organisation is its family name."""
    published: str | None = "2022-05-06"
    sponsor: str | None = None
    is_archived: bool = True

    @property
    def item(self) -> ExportItem:
        article = an_article(headline=self.title, authors=self.authors, published=self.published)
        if self.sponsor:
            article = article._replace(
                sponsored=Reason("label", 9, "Sponsored Content"), sponsor=self.sponsor
            )
        if not self.is_archived:
            return make_item(article, "a_b.txt")
        return make_item(article, "a_b.txt", _ADDRESS, _CAPTURED)


CASES: Final = {
    "signed": Case(
        "Who weighs the roof?",
        ("Anders Whitlock", "Oksana van der Vu"),
        (("Whitlock", "Anders", ""), ("van der Vu", "Oksana", "")),
    ),
    "unsigned": Case("The roof gives way"),
    "undated": Case("The roof, again", ("Bram Haas Jr.",), (("Haas", "Bram", "Jr."),), published=None),
    "nothing known": Case("A roof", published=None, is_archived=False),
    "signs": Case(
        r"50% of R&D: $5 #1 a_b {x} ~y ^z \w |p| [a] *b* @d “q” — – … é ß ø 平筷 🥬 <5 >6",
        ("Iñigo Øyvind Haas III", "平筷", "Jean-Luc Ñandú", "Ann O’Neill"),
        (("Haas", "Iñigo Øyvind", "III"), ("平筷", "", ""), ("Ñandú", "Jean-Luc", ""), ("O’Neill", "Ann", "")),
    ),
    "organisations": Case(
        "How NASA did it: the IBM story",
        ("Lettuce and Roof", "Nimbuspay & Sons", "The Weights Desk"),
        (("Lettuce and Roof", "", ""), ("Nimbuspay & Sons", "", ""), ("The Weights Desk", "", "")),
        published="2021-12-31",
    ),
    "paid": Case(
        "Payments", people=(("Nimbus, Inc. & Co", "", ""),), published=None, sponsor="Nimbus, Inc. & Co"
    ),
}  # fmt: skip


def _written(name: str) -> str:
    """All cases in one file of a format."""
    return exported(name, *(case.item for case in CASES.values()))


def _day(text: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in text[:10].split("-")]]} if text else None


def _csl_people(names: list[dict[str, str]]) -> tuple[tuple[str, str, str], ...]:
    def family(name: dict[str, str]) -> str:
        parts = ("dropping-particle", "non-dropping-particle", "family", "literal")
        return " ".join(name[part] for part in parts if part in name)

    return tuple((family(name), name.get("given", ""), name.get("suffix", "")) for name in names)


@pytest.mark.parametrize("form", ["bibtex", "biblatex", "csljson"])
def test_pandoc_reads_bibtex_and_csl_json(form: str) -> None:
    pypandoc = pytest.importorskip("pypandoc", reason="pandoc is not here: pip install pypandoc_binary")
    try:
        pypandoc.get_pandoc_path()
    except OSError:
        pytest.skip("pandoc is not here: pip install pypandoc_binary")
    is_csl = form == "csljson"
    written = _written("csl-json" if is_csl else "bibtex")
    entries = json.loads(pypandoc.convert_text(written, "csljson", format=form))
    for case, read in zip(CASES.values(), entries, strict=True):
        assert read["title"] == case.title
        assert _csl_people(read.get("author", [])) == case.people
        assert read.get("issued") == _day(case.published)
        assert read.get("URL") == (_ADDRESS if case.is_archived else None)
        assert read.get("accessed") == (_day(_CAPTURED) if case.is_archived else None)
        assert (_ARCHIVED in read.get("archive_location" if is_csl else "publisher", "")) is case.is_archived
        assert not is_csl or (read["type"], read["container-title"]) == ("webpage", "Protocol")


def test_rispy_reads_ris() -> None:
    rispy = pytest.importorskip("rispy", reason="rispy is not here: pip install rispy")
    for case, read in zip(CASES.values(), rispy.loads(_written("ris")), strict=True):
        assert (read["type_of_reference"], read["secondary_title"]) == ("ELEC", "Protocol")
        assert read["title"] == case.title
        assert read.get("authors", []) == [", ".join(filter(None, person)) for person in case.people]
        assert read.get("date", "").strip("/").replace("/", "-") == (case.published or "")
        assert read.get("year") == (case.published[:4] if case.published else None)
        assert read.get("urls") == ([_ADDRESS] if case.is_archived else None)
        assert read.get("file_attachments2") == (_ARCHIVED if case.is_archived else None)
        assert read.get("access_date") == ("2022/11/15/" if case.is_archived else None)


@given(tricky_articles())
def test_bibtex_is_one_entry_whatever_the_words(article: Article) -> None:
    database = pytest.importorskip("pybtex.database", reason="pybtex is not here: pip install pybtex")
    fields = []
    for made in (article, harmless(article)):
        text = exported("bibtex", make_item(made, "{a"))
        ((key, entry),) = database.parse_string(text, "bibtex").entries.items()
        assert re.fullmatch("[a-z]+2021-[0-9a-f]{8}", key)
        assert not re.search(r"(?<!\\)[%#&$_]", entry.fields["title"] + entry.fields["note"])
        fields.append(list(entry.fields))
    assert fields[0] == fields[1]


@pytest.mark.skipif(not shutil.which("biber"), reason="biber is not here")
def test_biber_reads_bibtex(tmp_path: Path) -> None:
    written, read = tmp_path / "written.bib", tmp_path / "read.bib"
    written.write_text(_written("bibtex"), encoding="utf-8")
    run = subprocess.run(
        ["biber", "--tool", "--validate-datamodel", "--output-file", str(read), str(written)],
        check=True,
        capture_output=True,
        text=True,
    )
    complaints = [line for line in run.stdout.splitlines() if line.startswith(("WARN", "ERROR"))]
    undated = [case for case in CASES.values() if case.published is None]
    assert len(complaints) == len(undated)
    assert all("one of 'date, year' must be defined" in line for line in complaints)
    entries = re.split("^@", read.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    dates = [re.search(r"^  DATE = {(.*)},$", entry, re.MULTILINE) for entry in entries]
    assert [date and date[1] for date in dates] == [case.published for case in CASES.values()]


def test_citeproc_py_cites() -> None:
    citeproc = pytest.importorskip("citeproc", reason="citeproc-py is not here: pip install citeproc-py")
    from citeproc.source.json import CiteProcJSON

    source = CiteProcJSON(json.loads(_written("csl-json")))
    style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
    for key in source:
        bibliography.register(citeproc.Citation([citeproc.CitationItem(key)]))
    printed = {str(entry) for entry in bibliography.bibliography()}
    where = f" Available at: {_ADDRESS} (Accessed: November 15, 2022)."
    assert printed >= {
        f"Whitlock, A. and van der Vu, O. (2022) Who weighs the roof?, Protocol.{where}",
        f"Haas, B., Jr. (no date) The roof, again, Protocol.{where}",
        f"Nimbus, Inc. & Co (no date) Payments, Protocol.{where}",
        f"Lettuce and Roof, Nimbuspay & Sons and The Weights Desk (2021) How NASA did it: the IBM story,"
        f" Protocol.{where}",
    }
    assert len(printed) == len(CASES)
    assert any(CASES["signs"].title in entry for entry in printed)
