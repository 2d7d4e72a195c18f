"""The manual: its pages, `help` that shows them, and what keeps them in step with the program."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import reader.commands
import reader.manual
from reader.commands import COMMANDS, Command
from reader.commands.inputs import sample_captures
from reader.export.formats import FORMATS
from reader.library.state.anchors import Quote
from reader.manual import TOPICS, for_terminal, read_page
from reader.sanitize import is_sanitized
from tests.app.features.corrections_stage import HARBOR_TITLE, a_library, key_of
from tests.commands.stage import ALL_COMMANDS, Run, arguments, value_name, word
from tests.filling import sql
from tests.paths import ROOT
from tests.pseudo_terminal import Terminal, python

PAGES: Final = Path(reader.manual.__file__).parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE: Final = ROOT / ".github" / "CONTRIBUTING.md"
DOCUMENTS: Final = (ROOT / "README.md", GUIDE, *sorted(PAGES.glob("*.md")))
NAMES: Final = [topic.name for topic in TOPICS]


# The pages


def test_every_page_is_a_topic_that_the_readme_and_help_list(run: Run) -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == sorted(NAMES)
    assert README.count("\n") <= 200
    out = run("help").out
    assert max(map(len, out.splitlines())) <= 80
    for topic in TOPICS:
        page = read_page(topic.name)
        assert page.startswith(f"# {topic.title}\n\n")
        assert is_sanitized(page)
        assert f"| [{topic.title}](reader/manual/{topic.name}.md) | {topic.about} |\n" in README
        assert re.search(rf"^  {topic.name} +{re.escape(topic.about)}$", out, flags=re.MULTILINE)
        assert run("help", topic.name) == run("help", topic.name.title()) == (0, page, "")
        blocks = re.findall(r"^```\w+\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
        assert [line for block in blocks for line in block.splitlines() if len(line) > 76] == []


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.stem for path in DOCUMENTS])
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", document.read_text(encoding="utf-8"))
    for path, anchor in links:
        target = (document.parent / path) if path else document
        assert target.is_file(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def test_every_file_that_the_guide_for_contributors_names_exists() -> None:
    files = [str(path) for folder in ("reader", "tests") for path in (ROOT / folder).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", GUIDE.read_text(encoding="utf-8"))
    assert [name for name in named if not any(file.endswith(f"/{name}") for file in files)] == []


def test_a_page_for_the_terminal_has_no_image_comment_or_link_to_a_file() -> None:
    for name in NAMES:
        assert not re.search(r"!\[|<!--|\]\((?!https?:)", for_terminal(read_page(name)))
    page = "# A\n\n![B](b.svg)\n\n<!-- c -->\n| [D](d.md) | [E](https://example.org/) |\n"
    assert for_terminal(page) == "# A\n\n| D | [E](https://example.org/) |\n"


def test_every_example_of_a_search_finds_something_in_the_samples(tmp_path: Path, run: Run) -> None:
    library = tmp_path / "library.db"
    assert run("add", "--library", library, *sample_captures()).status == 0
    page = read_page("search")
    rows = re.findall(r"^\| (`.*?) \|", page, flags=re.MULTILINE)
    examples = [query for row in rows for query in re.findall("`([^`]+)`", row)]
    examples += [
        shlex.split(line, comments=True)[-1] for line in re.findall(r"^protocol-reader search .*", page, re.M)
    ]
    examples += re.findall(r"`(author:[^`]+)`", read_page("commands"))
    assert len(examples) > 20
    own = ("tag:", "has:", "in:notes", "is:read", "is:starred")  # what a reader has added
    for query in examples:
        if not query.startswith(own) and query not in ("AND", "OR", "NOT"):
            done = run("search", "--library", library, query)
            assert (done.status, bool(done.out)) == (0, True), query


def test_the_page_about_data_names_every_field_that_a_command_prints(tmp_path: Path, run: Run) -> None:
    with a_library(tmp_path) as library:
        library.annotations.highlight(key_of(library, HARBOR_TITLE), Quote("a blue spine"), "blue", "Why?")
        library.ingest(sample_captures())
        sql(library, "UPDATE counters SET last_article = 0")
    rows = re.findall(r"^\| `([a-z]+ --(?:json|format json))` \| (.*) \|$", read_page("data"), flags=re.M)
    article = set(re.findall(r'"(\w+)":', read_page("data")))
    for command, fields in rows:
        words = {"search": ["bank"], "add": sample_captures(), "remove": [sample_captures()[0], "--yes"]}
        name = command.split()[0]
        options = [] if name == "settings" else ["--library", library.path]
        known = set(re.findall(r"`(\w+)`", fields)) | (article if name == "export" else set())
        for printed in run(*command.split(), *options, *words.get(name, [])).objects:
            assert printed.keys() <= known, command
    assert {command for command, _ in rows} == {
        f"{command.name} {option.option_strings[0]}{' json' if option.choices else ''}"
        for command in ALL_COMMANDS
        for option in arguments(command)
        if "--json" in option.option_strings or "json" in (option.choices or ())
    }


def test_the_page_about_exports_names_every_ending() -> None:
    endings = {ending for form in FORMATS for ending in (form.suffix, form.single_suffix) if ending}
    assert [ending for ending in endings if f"`{ending}`" not in read_page("export")] == []


# The page of commands


def sections() -> dict[str, str]:
    """The sections of the page by their headings, and what stands before the first as ""."""
    start, *rest = re.split(r"^## ", read_page("commands"), flags=re.MULTILINE)
    return {"": start, **{text.partition("\n")[0]: text for text in rest}}


def usage(command: Command) -> Iterator[str]:
    """What the parser of a command takes, as a line of usage names it."""
    for action in arguments(command):
        if not action.option_strings:
            name = f"{value_name(action)}{'…' if action.nargs in ('*', '+') else ''}"
            yield f"[{name}]" if action.nargs in ("*", "?") else name
        elif "--help" not in action.option_strings:
            yield from (
                f"[{' '.join(filter(None, [name, value_name(action)]))}]" for name in action.option_strings
            )


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=lambda one: one.name)
def test_the_page_of_commands_has_every_command_with_what_it_takes(command: Command) -> None:
    section = sections()[word(command) or "Reading"]
    shown = re.search(r"```text\n(.*?)```", section, flags=re.DOTALL)
    assert shown is not None
    words = " ".join(shown[1].split()).removeprefix(f"protocol-reader {word(command)}".strip()).strip()
    assert sorted(re.findall(r"\[[^]]+\]|\S+", words)) == sorted(usage(command))
    explained = re.findall(r"^- .*?:", sections()[""] + section, flags=re.MULTILINE)
    for option in arguments(command):
        for name in option.option_strings:
            named = f"`{' '.join(filter(None, [name, value_name(option)]))}`"
            assert "-h" in option.option_strings or any(named in line for line in explained), named


def test_the_page_of_commands_and_the_help_have_no_other_command(run: Run) -> None:
    headings = list(sections())
    assert headings[1:2] == ["Reading"]
    assert headings[2 : 2 + len(COMMANDS)] == [*COMMANDS]
    usage = run("--help").out
    # A line of an ordinary terminal.
    assert max(map(len, usage.split("\n\n")[1].split("\n"))) <= 80
    for command in COMMANDS.values():
        assert f"\n  {command.name} " in usage
        assert command.summary in usage
        assert f"protocol-reader {command.name}" in run(command.name, "--help").out


def test_the_page_of_commands_has_every_environment_variable_of_ours() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.parent.rglob("*.py"))
    for name in set(re.findall(r"\bPROTOCOL_READER_[A-Z_]+", sources)):
        assert f"\n| `{name}` |" in sections()["Environment variables"], name


def test_help_names_every_exit_status_of_the_page_of_commands(run: Run) -> None:
    named = re.findall(r"^\| (\d+) \| ([^,:|]+)", sections()["Exit status"], flags=re.MULTILINE)
    out = " ".join(run("stats", "--help").out.split())
    assert [status for status, meaning in named if f"{status} {meaning.strip()}" not in out] == []


# The command


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("serch", "there is no topic “serch”; did you mean “search”?"),
        ("add", "protocol-reader help commands, or protocol-reader add --help"),
        ("xyzzy", "there is no topic “xyzzy”; topics: reading, captures"),
        ("a\x1b[2Jb", r"there is no topic “a\x1b[2Jb”; topics: reading, captures"),
    ],
)
def test_an_unknown_topic_is_answered_in_one_line(word: str, advice: str, run: Run) -> None:
    status, _, err = run("help", word)
    assert (status, advice in err, err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize(("columns", "rows", "widths"), [(60, 24, (50, 60)), (150, 200, (70, 80))])
def test_on_a_terminal_a_long_page_is_paged_and_at_most_80_columns_wide(
    columns: int, rows: int, widths: tuple[int, int]
) -> None:
    env = {"PAGER": "sed 's/^/PAGED /'", "MANPAGER": "false", "NO_COLOR": "1"}
    command = python("-m", "reader", "help", "search")
    with Terminal(command, rows=rows, columns=columns, env=env) as terminal:
        assert terminal.status() == 0
        shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.output.decode()).replace("\r\n", "\n")
    lines = shown.splitlines()
    assert {line.startswith("PAGED ") for line in lines} == {rows == 24}
    assert widths[0] < max(len(line.removeprefix("PAGED ")) for line in lines) <= widths[1]
    assert "the phrase" in shown
    assert "](" not in shown


def test_without_the_pager_that_is_set_a_page_is_shown_all_the_same() -> None:
    command, env = python("-m", "reader", "help", "search"), {"PAGER": "no-such-pager -R", "TERM": "dumb"}
    with Terminal(command, rows=24, columns=80, env=env) as terminal:
        assert terminal.status() == 0
        assert b"the phrase" in terminal.output
