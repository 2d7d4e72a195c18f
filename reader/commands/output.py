"""Exit statuses, and what commands print: results on stdout; messages and progress on stderr.

The app's first screen waits for this module.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Self, TextIO, TypeVar

from reader.errors import QueryError
from reader.model import NOT_A_CAPTURE, Problem
from reader.sanitize import escape_json, is_sanitized, many, sanitize, sanitize_message

if TYPE_CHECKING:
    from rich.progress import Progress


class Status(IntEnum):
    """The exit status of a command."""

    DONE = 0
    IN_PART = 1
    """Done in part; the failures are on stderr."""
    WRONG_USE = 2
    FAILED = 3
    """Nothing could be read, or nothing written."""
    INTERRUPTED = 130


def plain_output() -> TextIO:
    """Standard output, made to accept any text."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """Print one line of JSON, in ASCII if the output has no other characters."""
    out = plain_output()
    out.write(escape_json(json.dumps(value, ensure_ascii=lacks_characters(out))) + "\n")


def lacks_characters(out: TextIO) -> bool:
    """Can `out` not encode some characters? Then JSON is written in ASCII, which loses nothing."""
    return out.encoding.lower().replace("-", "") != "utf8"


def print_text(text: str) -> None:
    """Print sanitized text, which has its own line ends."""
    plain_output().write(text if is_sanitized(text) else sanitize(text, multiline=True))


def print_lines(lines: Iterable[str]) -> None:
    """Print sanitized lines."""
    print_text("".join(f"{line}\n" for line in lines))


def print_records(records: Iterable[Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print records as JSON, one on each line, or what `lines` say about them."""
    if as_json:
        for record in records:
            print_json(record)
    else:
        print_lines(lines)


def discard(stream: TextIO) -> None:
    """Drop what cannot be written to a stream: it would fail once more when the interpreter exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def table(rows: Iterable[tuple[str, ...]], *, numbers_from: int = 1) -> Iterator[str]:
    """The lines of a table; the columns from `numbers_from` on are aligned right."""
    cells = [[sanitize(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            cell.rjust(width) if number >= numbers_from else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()


def complain(sentence: str) -> None:
    """Print a message on stderr, if that can be written."""
    with suppress(OSError):
        print(f"protocol-reader: {sanitize_message(sentence)}", file=sys.stderr)


def broken_off(error: BaseException, so_far: str, *, something: bool) -> int:
    """Report why a command has ended early and how far it came; return the exit status.

    `something`: is there anything to continue from?
    """
    go_on = f"{so_far}; run the same command again to continue"
    if isinstance(error, KeyboardInterrupt):
        complain(f"stopped; {go_on}")
        return Status.INTERRUPTED
    complain(str(error))
    if not something:
        return Status.FAILED
    complain(go_on)
    return Status.IN_PART


def complain_of_query(query: str, error: QueryError) -> None:
    """Print on stderr what is wrong with a query, and point at the place."""
    from rich.cells import cell_len  # 10 ms that the first screen would wait for.

    end = error.position + error.length
    before, piece, rest = map(sanitize, (query[: error.position], query[error.position : end], query[end:]))
    complain(error.reason)
    if not error.length:  # It is about the whole query, which may be long.
        return
    with suppress(OSError):
        print(f"  {before}{piece}{rest}", file=sys.stderr)
        print(f"  {' ' * cell_len(before)}{'^' * max(1, cell_len(piece))}", file=sys.stderr)


# Lines on stderr that show what a command is doing: only on a terminal, and removed when it is done

_NAMED_ENDINGS: Final = 5
_WIDE: Final = 100
"""With fewer columns, there is no room for a bar."""
_SLOW: Final = 10
"""Below this speed, decimals matter."""

Item = TypeVar("Item")


class StatusLine:
    """A line that says what is being done, how fast and for how long; with the time left if there is a total."""

    def __init__(self, text: str = "", *, shown: bool = True) -> None:
        """The line never appears if not `shown`, nor over a pager: if standard output is a pipe."""
        is_dumb = os.environ.get("TERM") in ("dumb", "unknown")
        self.is_shown = shown and sys.stderr.isatty() and not is_dumb and not _is_pipe(sys.stdout)
        self.failures = 0
        self._text = text
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if self.is_shown:
            # 60 ms, which only a terminal waits for.
            from rich.console import Console, RenderableType
            from rich.constrain import Constrain
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.table import Column

            console = Console(stderr=True)

            class Line(Progress):
                def get_renderable(self) -> RenderableType:
                    # The terminal shows ^C behind the line.
                    return Constrain(super().get_renderable(), max(1, console.width - 2))

            has_bar = console.width >= _WIDE
            whole = Column(no_wrap=True)
            rest = whole if has_bar else Column(no_wrap=True, ratio=1)  # cut instead of the figures
            self._progress = Line(
                TextColumn("{task.description}", markup=False, table_column=rest),
                TextColumn("{task.fields[rate]}", table_column=whole),
                *([BarColumn(None)] if has_bar else []),
                TimeElapsedColumn(table_column=whole),
                TimeRemainingColumn(table_column=whole),
                console=console,
                expand=not has_bar,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                speed_estimate_period=3_600,
            )
            self._progress.add_task(sanitize(self._text), total=None, rate="")
            self._show()
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        self._progress = None

    def update(self, text: str, done: int = 0, total: int | None = None, speed: float | None = None) -> None:
        """Show this text from now on; `done` of `total` is drawn as a bar, and gives the time left.

        `speed` is that of what the text names last, per second (default: that of `done`).
        """
        if self._progress is not None:
            (task,) = self._progress.tasks
            if total != task.total or done < task.completed:  # another step
                self._progress.reset(task.id)
                task.total = total
            self._progress.update(task.id, description=sanitize(text), completed=done)
            speed = task.speed if speed is None else speed
            task.fields["rate"] = f"{speed:,.{1 if speed < _SLOW else 0}f}/s" if speed else ""
            self._show()

    def clear(self) -> None:
        """Remove the line before other output; the next update shows it again."""
        if self._progress is not None:
            with suppress(OSError, ValueError):  # The terminal may be closed.
                self._progress.stop()

    def _show(self) -> None:
        if self._progress is not None and not self._progress.live.is_started:
            with suppress(OSError, ValueError):
                self._progress.start()
                # If the program is killed, nothing shows a hidden cursor again.
                self._progress.console.show_cursor(True)

    def counted(self, items: Iterable[Item], total: int | None) -> Iterator[Item]:
        """Yield the items and show their count; the line stays for what is done with them afterwards."""
        for number, item in enumerate(items):
            self.update(amount(number, total, "articles"), number, total)
            yield item
        self.update("finishing…")

    def complain(self, sentence: str) -> None:
        """Remove the line, and name a failure on stderr."""
        self.failures += 1
        self.clear()
        complain(sentence)


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


class ProgressLine(StatusLine):
    """A status line for reading captures: files, problems, articles and speed. It reports the problems, too.

    Its counts are kept also where it is not shown.
    """

    def __init__(self, paths: Sequence[str], *, shown: bool = True) -> None:
        """If it is shown, the files in `paths` are counted, for the time left."""
        super().__init__("reading…", shown=shown)
        self._start = time.monotonic()
        self.files = self.pages = self.articles = 0
        self._paths = paths
        self._total_files: int | None = None
        self._first_skipped = ""
        self._skipped: Counter[str] = Counter()
        """The files in folders that are not captures, by file name ending."""

    def show(self) -> None:
        """Show the counts as they are now."""
        if self.is_shown:
            if self._total_files is None:
                self._total_files = sum(map(_files_in, self._paths))
            total = max(self._total_files, self.files) if self._total_files else None
            parts = [amount(self.files, total, "files")]
            parts += [many(self.failures, "problem")] if self.failures else []
            # A large file may take minutes, during which only articles are counted.
            parts += [many(self.articles, "article")]
            self.update(
                " · ".join(parts), self.files, total, self.articles / (time.monotonic() - self._start)
            )

    def report(self, problem: Problem) -> None:
        """Count and report a problem; files that are not captures are summarized at the end."""
        if problem.kind == NOT_A_CAPTURE:
            self._first_skipped = self._first_skipped or problem.source
            self._skipped[os.path.splitext(problem.source)[1] or "no ending"] += 1  # noqa: PTH122
            return
        self.failures += not problem.is_skipped
        self.clear()
        complain(f"{problem.source}: {problem.reason}")

    def finish(self, *, something: bool) -> int:
        """Report the files that are not captures; return the exit status, given whether `something` was read."""
        if self._skipped:
            named = self._skipped.most_common(_NAMED_ENDINGS)
            kinds = [f"{count:,} {ending}" for ending, count in named]
            if rest := self._skipped.total() - sum(count for _, count in named):
                kinds.append(f"{rest:,} more")
            count = self._skipped.total()
            files = many(
                count, "file or folder that is not a capture", "files or folders that are not captures"
            )
            hint = "; if one of them is a capture, name it on the command line"
            if not os.path.lexists(self._first_skipped):  # it is inside an archive
                hint = ""
            complain(f"skipped {files} ({', '.join(kinds)}), such as {self._first_skipped}{hint}")
        if something:
            return Status.IN_PART if self.failures else Status.DONE
        if not self.failures:
            complain("no page was found in what was read")
        return Status.FAILED


def _files_in(path: str) -> int:
    """How many files a folder has; 1 for a file."""
    if not os.path.isdir(path):  # noqa: PTH112 (as it was named)
        return 1
    return sum(len(names) for _, _, names in os.walk(path))


def amount(done: int, total: int | None, unit: str) -> str:
    """For example "1,200 of 40,000 articles"."""
    return f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"
