"""Settings that are changed while the app runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reader.app.keymap import checked
from reader.errors import SettingsError
from reader.permissions import Permission, require
from reader.settings import InForce, in_force
from reader.settings.options import Option, Value

if TYPE_CHECKING:
    from reader.app.app import ReaderApp

THIS_SESSION: Final = "this session"


def look_again(app: ReaderApp, written: str | None = None) -> InForce:
    """What is in force: as the app knows it, or as it is once the option `written` is in the file.

    What the command line said of that option is no longer what the reader wants.
    """
    if app.in_force is not None and written is None:
        return app.in_force
    given = {} if app.in_force is None else dict(app.in_force.given)
    given.pop(written or "", None)
    found = checked(in_force(given))
    return found._replace(settings=app.settings) if app.in_force is None else found


def changed(found: InForce, option: Option, value: Value) -> InForce:
    """The same with another value; NotPermittedError where the option is the owner's."""
    if option.owners:
        require(Permission.OWN_SETTINGS)
    change: dict[str, Any] = {option.field: value}
    sources = {**found.sources, option.name: THIS_SESSION}
    return found._replace(settings=found.settings._replace(**change), sources=sources)


def written(file: Path, name: str, value: Value) -> SettingsError | None:
    """In a thread: put a value into the file; why it is not there, None when it is."""
    from reader.settings.writing import keep

    try:
        keep(file, name, value)
    except SettingsError as error:
        return error
    return None
