"""The settings dialog: every option with its value and source, the faults in the file, and how to change a value."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual import on

from reader.app.keymap import with_checked_keys
from reader.app.keys import show_key, with_keys
from reader.app.messages import show_error, show_notice
from reader.app.text.wrapping import fit, pad, width_of
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.errors import SettingsError
from reader.library import fold, folded_words
from reader.permissions import Permission, permitted, require
from reader.sanitize import sanitize
from reader.settings import InForce, in_force
from reader.settings.config import DEFAULT, FILE, fault_of, keep, tilde
from reader.settings.options import GROUPS, KEYS, Option, Value, offered

if TYPE_CHECKING:
    from reader.app.app import ReaderApp


class ChoiceScreen(Chooser[Value]):
    """Closes with a new value for an option."""

    PLACEHOLDER = "Type to filter, or type a value"

    def __init__(self, option: Option, value: Value, preview: Callable[[Value], None]) -> None:
        """`value`: the value now in force; `preview` shows the effect of another one."""
        values: Iterable[Value] = option.choices
        if isinstance(value, int):
            values = range(option.least, option.most + 1)
        self._values: list[Value] = [*dict.fromkeys((*values, value, option.default))]
        super().__init__(option.name, start=self._values.index(value))
        self._option = option
        self._value = value
        self._preview = preview

    def matching(self, text: str) -> GroupedRows[ChooserRow[Value]]:
        """The values that contain `text`, and `text` itself if the option takes it.

        Of numbers only that itself: Enter would take 50 for a 5.
        """
        wanted, option = text.strip().casefold(), self._option
        typed: Value = text.strip()
        matches = [value for value in self._values if wanted in str(value).casefold()]
        if isinstance(self._value, int) and wanted:
            matches, typed = [], int(wanted) if wanted.isascii() and wanted.isdecimal() else typed
        if wanted and fault_of(option, typed) is None:
            matches = [typed, *(value for value in matches if value != typed)]
        rows = [
            ChooserRow(
                value,
                str(value) or "(empty)",
                "  default" if value == option.default else "",
                detail=option.about,
            )
            for value in matches
        ]
        return GroupedRows([("", rows)])

    def nothing(self) -> str:
        return f"It takes {self._option.brief or self._option.takes}."

    def preview(self, result: Value) -> None:
        self._preview(result)


THIS_SESSION: Final = "this session"


def with_value(current: InForce, option: Option, value: Value) -> InForce:
    """The settings with another value; NotPermittedError if only the owner may change the option."""
    if option.owner_only:
        require(Permission.OWN_SETTINGS)
    change: dict[str, Any] = {option.field: value}
    sources = {**current.sources, option.name: THIS_SESSION}
    return current._replace(settings=current.settings._replace(**change), sources=sources)


Row = ChooserRow[Option | None]
"""The file, a fault, an option, or an action whose keys were changed: name, value and source."""


class SettingsScreen(Chooser[Option | None]):
    """Lists every option. Enter changes one, here and in the file; on any other row it copies the file's path."""

    app: ReaderApp
    TITLE = "Settings"
    PLACEHOLDER = "Type to filter"
    NOTHING = "No setting contains that."
    KEYS = "{panes.read} changes · {panes.back} closes"
    DETAIL_LINES = 5
    DEFAULT_CSS = """
    SettingsScreen {
        & #detail { height: auto; min-height: 4; max-height: 60%; border-top: solid $border; color: $foreground; }
    }
    """

    def __init__(self, change: str = "") -> None:
        """`change`: the name of the only option to change."""
        super().__init__()
        self._first = change

    def on_mount(self) -> None:
        """Remove notices about faults, which are listed here."""
        self.app.clear_notifications()
        # The first fault, or else the first option.
        self.start = 0 if self.app.in_force.faults else 1
        if self._first:
            names = [row.result.name if row.result else "" for row in self.matching("").all]
            self.start = names.index(self._first)
            self.call_after_refresh(self.action_choose)

    def draw(self, row: Row, part: int, width: int) -> list[tuple[str, str]]:
        if row.label is None:
            return super().draw(row, part, width)
        name = min(20, width // 2)
        value = fit(row.text, width - name - 1)
        left = width - name - 1 - width_of(value)
        source = row.right if row.right != DEFAULT and width_of(row.right) + 2 <= left else ""
        return [
            ("list--title", pad(fit(row.label, name), name + 1)),
            ("list--title" if row.right == DEFAULT else "list--badge", value),
            ("list--detail", " " * (left - width_of(source)) + source),
        ]

    def matching(self, text: str) -> GroupedRows[Row]:
        """The rows with every word of `text`: faults, the file, then the options by table.

        A visitor of a served page sees neither file nor faults.
        """
        current, options = self.app.in_force, offered()
        may_write = permitted(Permission.WRITE_SETTINGS)
        path = tilde(current.file)
        copies = with_keys("{panes.read} copies its path.")
        value, about = path, f"{path}: changes here edit a line of this file. {copies}"
        if not may_write:
            value, about = "not written", f"{Permission.WRITE_SETTINGS.value}."
        elif not current.exists:
            value = "does not exist yet"
            about = f"The first change here creates {path}. {copies}"
        file: Row = Row(None, value, DEFAULT, FILE if may_write else "this page", detail=about)
        faults: list[Row] = [
            Row(
                None,
                f"line {fault.line}: {fault.sentence}" if fault.line else fault.sentence,
                detail=fault.in_file(current.file),
            )
            for fault in (current.faults if may_write else ())
        ]
        keys: list[Row] = []
        for name, own in current.settings.keys.items():
            shown, source = " ".join(map(show_key, own)) or "no key", current.source(f"{KEYS}.{name}")
            where = "; change it in the file" if may_write else ""
            keys.append(
                Row(None, shown, source, name, detail=f"{KEYS}.{name} = {shown} (from {source}){where}")
            )
        tables = [
            (group, [_row(current, option) for option in options if option.group == group])
            for group in GROUPS
        ]
        groups, words = [("ignored", faults), ("file", [file]), *tables, (KEYS, keys)], folded_words(text)

        def matches(row: Row) -> bool:
            # Not by an option's value: its row would be gone once that is changed.
            about = row.detail if row.result is None else f"{row.result.name} {row.result.about}"
            folded = fold(f"{row.label} {about}")
            return all(word in folded for word in words)

        return GroupedRows([(heading, list(filter(matches, rows))) for heading, rows in groups])

    def action_choose(self) -> None:
        if (option := self.chosen) is None:
            self._copy_path()
            return
        value: Value = getattr(self.app.in_force.settings, option.field)

        theme = self.app.theme
        names_theme = option.name in ("screen.theme", "screen.light_theme", "screen.dark_theme")

        def preview(previewed: Value) -> None:
            if names_theme:
                self.app.show_theme(with_value(self.app.in_force, option, previewed).settings)

        def chosen(answer: Value | None) -> None:
            self.app.theme = theme
            if answer is not None and answer != value:
                self._change(option, answer)
            if self._first and self.app.screen is self:
                self.dismiss(None)

        if isinstance(value, bool):
            self._change(option, not value)
        else:
            self.app.push_screen(ChoiceScreen(option, value, preview), chosen)

    @on(GroupedList.Clicked)
    def _first_clicked(self, message: GroupedList.Clicked) -> None:
        """Only show what a row is about; a second click changes it."""
        if message.index != self.rows.cursor:
            message.prevent_default()
            self.show(self.entry.value, message.index)

    def _copy_path(self) -> None:
        if self.rows.chosen is not None and permitted(Permission.WRITE_SETTINGS):
            path = str(self.app.in_force.file)
            self.app.copy_to_clipboard(path)
            show_notice(self, f"{path} sent to the clipboard")

    def _change(self, option: Option, value: Value) -> None:
        current = with_value(self.app.in_force, option, value)
        self.app.change_settings(current)
        self.show(self.entry.value, self.rows.cursor or 0)
        if permitted(Permission.WRITE_SETTINGS):
            # A worker of the app, which goes on when this dialog closes.
            self.app.run_worker(self._write(current.file, option, value))

    async def _write(self, file: Path, option: Option, value: Value) -> None:
        try:
            await to_thread(keep, file, option.name, value)
        except SettingsError as error:
            show_error(self, f"{error}. The change lasts until you quit.")
        else:
            # A value that the command line gave for that option no longer counts.
            given = {name: value for name, value in self.app.in_force.given.items() if name != option.name}
            self.app.change_settings(with_checked_keys(in_force(given)))
            if option.later:
                show_notice(self, f"{option.name} takes effect at the next start", seconds=6)
        if self.is_attached:
            self.show(self.entry.value, self.rows.cursor or 0)


def _row(current: InForce, option: Option) -> Row:
    value, source = _shown(getattr(current.settings, option.field)), current.source(option.name)
    origin = "the default" if source == DEFAULT else f"from {source}; the default is {_shown(option.default)}"
    takes = option.brief or option.takes
    about = f"{option.about} It takes {takes}." if len(takes) < 80 else option.about
    return Row(
        option, sanitize(value), source, option.key, detail=f"{option.name} = {value} ({origin})\n{about}"
    )


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'
