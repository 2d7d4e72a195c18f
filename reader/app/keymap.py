"""Checks the reader's own keys and binds them in place of the defaults.

Textual's own keymap is not used: it cannot take a key away from an action, it is worked out again at every key press,
and it reports a key with two actions only when that key is pressed.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import BY_PANE, KEYS, read_key, show_key
from reader.app.screen_keys import SCREEN_KEYS
from reader.settings.config import Fault, Keys, suggestion

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode

    from reader.settings import InForce

_MAIN: Final = {key.id: key.names for key in KEYS}
_QUIT_ACTIONS: Final = ("app.quit", "app.quit_now")
_APP_ACTIONS: Final = {"app.quit_now": "quit", "app.palette": "command_palette"}
"""Actions that the app itself binds, so that they work on every screen: id and action."""


class Keymap(NamedTuple):
    """The reader's own keys that are valid, and the faults of the others."""

    keys: Mapping[str, Keys]
    """By the action's id, its keys as Textual names them; empty for an action without a key."""
    faults: tuple[Fault, ...]


def check_keys(wanted: Mapping[str, Keys], lines: Mapping[str, int]) -> Keymap:
    """Check the `wanted` keys. An action with a fault keeps its default keys.

    `wanted` has keys as people write them, `lines` their lines in config.toml, both by the action's id.
    """
    valid: dict[str, Keys] = {}
    faults: list[Fault] = []

    def fault(id_: str, sentence: str) -> None:
        faults.append(Fault(f"keys.{id_}", lines.get(id_), f"keys.{id_}: {sentence}"))

    for id_, written in wanted.items():
        if id_ in SCREEN_KEYS:
            fault(id_, "only keys of the main screen can be changed; take this line out")
            continue
        if id_ not in _MAIN:
            fault(id_, f"there is no such action{_suggest_action(id_)}")
            continue
        names = [read_key(key) for key in written]
        unknown = [key for key, name in zip(written, names, strict=True) if name is None]
        if unknown:
            quoted = " and ".join(f'"{key}"' for key in unknown)
            fault(id_, f'{quoted} is not a key; write keys like "F5", "Ctrl-f", "Space", "PgDn" or "}}"')
        else:
            valid[id_] = tuple(dict.fromkeys(name for name in names if name))
    if all(valid.get(id_) == () for id_ in _QUIT_ACTIONS):
        last = max(_QUIT_ACTIONS, key=lambda id_: lines.get(id_, 0))
        fault(
            last,
            f"without a key for {' or '.join(_QUIT_ACTIONS)} you could not leave; give one of them a key",
        )
        del valid[last]
    back = valid.get("panes.back")
    if back is not None and all(map(_types_a_character, back)):
        fault("panes.back", "this key also ends typing, so it cannot be a character; use a key such as Esc")
        del valid["panes.back"]
    while clash := next(_clashes(valid), None):
        id_, other, key = clash
        source = f"line {lines[other]}" if other in valid and other in lines else "its default key"
        fault(id_, f"{show_key(key)} is also the key of {other} ({source}); give one of them another")
        # With its default keys the action may clash again; the defaults alone never clash.
        del valid[id_]
    return Keymap(valid, tuple(faults))


def with_checked_keys(in_force: "InForce") -> "InForce":
    """The settings with only their valid keys, and with the faults of the others."""
    if not in_force.settings.keys:
        return in_force
    lines = {
        name.removeprefix("keys."): int(source.rpartition(" ")[2])
        for name, source in in_force.sources.items()
        if name.startswith("keys.")
    }
    keys, key_faults = check_keys(in_force.settings.keys, lines)
    faults = sorted((*in_force.faults, *key_faults), key=lambda fault: fault.line or 0)
    return in_force._replace(settings=in_force.settings._replace(keys=keys), faults=tuple(faults))


def apply_keys(screen: "DOMNode", own_keys: Mapping[str, Keys]) -> None:
    """Bind the reader's own keys in place of the defaults, for each action of the main screen that the screen has.

    A key on which the screen has an action of its own keeps that action.
    """
    moved: dict[str, Binding] = {}
    by_key: dict[str, list[Binding]] = {}
    for key, bindings in screen._bindings.key_to_bindings.items():
        for binding in bindings:
            if binding.id is not None and binding.id in own_keys:
                moved.setdefault(binding.id, binding)
            else:
                by_key.setdefault(key, []).append(binding)
    for id_, binding in moved.items():
        for key in own_keys[id_]:
            if key not in by_key:
                by_key[key] = [binding.with_key(key)]
    screen._bindings.key_to_bindings = by_key


def apply_app_keys(app: "DOMNode", own_keys: Mapping[str, Keys]) -> None:
    """Bind the reader's own keys for the app's actions; keys that type a character are left to the screens."""
    own = {action: own_keys[id_] for id_, action in _APP_ACTIONS.items() if id_ in own_keys}
    kept = {
        key: [binding for binding in bindings if binding.action not in own]
        for key, bindings in app._bindings.key_to_bindings.items()
    }
    app._bindings.key_to_bindings = {key: bindings for key, bindings in kept.items() if bindings}
    for action, keys in own.items():
        for key in keys:
            if "+" in key or key[1:].isdecimal():
                app._bindings.bind(key, action, show=False, priority=True)
    # Last, so that an action may get a key that was taken from one of the app's actions.
    apply_keys(app, own_keys)


def _types_a_character(key: str) -> bool:
    return "+" not in key and len(show_key(key)) == 1 and key not in ("up", "down", "left", "right")


def _suggest_action(id_: str) -> str:
    hint = suggestion(id_, list(_MAIN))
    same_ending = [name for name in _MAIN if name.partition(".")[2] == id_.rpartition(".")[2]]
    if not hint and same_ending:
        hint = f"; did you mean {same_ending[0]}?"
    return hint or "; the help screen (?) shows the names of all actions"


def _clashes(own_keys: Mapping[str, Keys]) -> Iterator[tuple[str, str, str]]:
    """Find keys that two actions of the main screen share: both ids, and the key."""
    taken: dict[str, str] = {}
    # Actions with default keys first, so that a fault names an action with an own key, the later of two.
    for id_ in sorted(_MAIN, key=lambda id_: list(own_keys).index(id_) if id_ in own_keys else -1):
        for key in own_keys.get(id_, _MAIN[id_]):
            other = taken.setdefault(key, id_)
            if other != id_ and {id_, other} & own_keys.keys() and {id_, other} != BY_PANE:
                yield id_, other, key
