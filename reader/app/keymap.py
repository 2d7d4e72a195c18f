"""The reader's own keys: checked, and put in the place of the default ones.

Textual's own keymap is not used: it cannot take a key away from an action, it works anew for each key that is
pressed, and of two actions on one key it tells only once that key is pressed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.app.keys import KEYS, read_key, show_key
from reader.app.screen_keys import OWN, SCREENS, TOGETHER
from reader.settings.checking import Fault, Keys, suggestion

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from reader.settings import InForce

_MAIN: Final = {key.id: tuple(key.keys.split(",")) for key in KEYS}
_WAYS_OUT: Final = ("app.quit", "app.quit_now")
_EVERYWHERE: Final = {"app.quit_now": "quit", "app.palette": "command_palette"}
"""Actions that the app itself has on a key, so that they can be had on every screen, and what they are called there."""


class Keymap(NamedTuple):
    """The reader's keys that can be used, and faults of the others."""

    keys: Mapping[str, Keys]
    """By the action's id, the keys that it has now, named as Textual names them; none for no key."""
    faults: tuple[Fault, ...]


def check(wanted: Mapping[str, Keys], lines: Mapping[str, int]) -> Keymap:
    """Check the `wanted` keys: those that cannot be used become faults, and their actions keep the default keys.

    `wanted` has keys as people write them, `lines` the lines of config.toml, both by the action's id.
    """
    good: dict[str, Keys] = {}
    faults: list[Fault] = []

    def fault(id_: str, sentence: str) -> None:
        faults.append(Fault(f"keys.{id_}", lines.get(id_), f"keys.{id_}: {sentence}"))

    for id_, written in wanted.items():
        if id_ not in _MAIN and id_ not in OWN:
            fault(id_, f"there is no such action{_meant(id_)}")
            continue
        named = [read_key(key) for key in written]
        wrong = [key for key, name in zip(written, named, strict=True) if name is None]
        if wrong:
            said = " and ".join(f'"{key}"' for key in wrong)
            fault(id_, f'{said} is no key; write one as "F5", "Ctrl-f", "Space", "PgDn" or "}}"')
        else:
            good[id_] = tuple(dict.fromkeys(name for name in named if name))
    if all(good.get(id_) == () for id_ in _WAYS_OUT):
        last = max(_WAYS_OUT, key=lambda id_: lines.get(id_, 0))
        fault(last, f"without a key for {' or '.join(_WAYS_OUT)} nobody could leave; give one of them a key")
        del good[last]
    back = good.get("panes.back")
    if back is not None and all(map(_makes_a_character, back)):
        fault("panes.back", "it also ends typing, so it needs a key that makes no character, such as Esc")
        del good["panes.back"]
    while clash := next(_clashes(good), None):
        mine, other, key, there = clash
        whose = f"line {lines[other]}" if other in good and other in lines else "its usual key"
        fault(mine, f"{show_key(key)} is also the key of {other} ({whose}){there}; give one of them another")
        # An action that gets its default keys back may clash with another; the defaults alone never clash.
        del good[mine]
    return Keymap(good, tuple(faults))


def checked(found: InForce) -> InForce:
    """The same with the keys that can be used, and the faults of the others."""
    if not found.settings.keys:
        return found
    keys, wrong = check(found.settings.keys, _lines(found.sources))
    faults = sorted((*found.faults, *wrong), key=lambda fault: fault.line or 0)
    return found._replace(settings=found.settings._replace(keys=keys), faults=tuple(faults))


def _lines(sources: Mapping[str, str]) -> dict[str, int]:
    """The lines of actions, from where settings come from."""
    return {
        name.removeprefix("keys."): int(source.rpartition(" ")[2])
        for name, source in sources.items()
        if name.startswith("keys.")
    }


def follow(node: DOMNode, given: Mapping[str, Keys]) -> None:
    """Put the keys of `given` in the place of the usual ones, for the actions that the node has.

    Where a screen has an action of its own on a key, that stays.
    """
    bound = node._bindings.key_to_bindings
    moved = [(key, one) for key, ones in bound.items() for one in ones if one.id in given]
    if not moved:
        return
    left = {key: [one for one in ones if one.id not in given] for key, ones in bound.items()}
    bound = {key: ones for key, ones in left.items() if ones}
    for id_ in dict.fromkeys(one.id for _, one in moved):
        binding = next(one for _, one in moved if one.id == id_)
        for key in given[id_ or ""]:
            if id_ in OWN or key not in bound:
                bound[key] = [binding.with_key(key)]
    node._bindings.key_to_bindings = bound


def follow_everywhere(app: DOMNode, given: Mapping[str, Keys]) -> None:
    """The same for the actions that the app itself has; keys that make a character are left to the screens."""
    bound = app._bindings
    for id_, action in _EVERYWHERE.items():
        if id_ not in given:
            continue
        left = {
            key: [one for one in ones if one.action != action] for key, ones in bound.key_to_bindings.items()
        }
        bound.key_to_bindings = {key: ones for key, ones in left.items() if ones}
        for key in given[id_]:
            if "+" in key or key[1:].isdecimal():
                bound.bind(key, action, show=False, priority=True)


def _makes_a_character(key: str) -> bool:
    return "+" not in key and len(show_key(key)) == 1 and key not in ("up", "down", "left", "right")


def _meant(id_: str) -> str:
    known = [*_MAIN, *OWN]
    near = suggestion(id_, known)
    ends = [name for name in known if name.partition(".")[2] == id_.rpartition(".")[2]]
    if not near and ends:
        near = f"; do you mean {ends[0]}?"
    return near or "; the help screen names each action below its keys"


def _clashes(given: Mapping[str, Keys]) -> Iterator[tuple[str, str, str, str]]:
    """An action with a given key that another one has too: both ids, the key, and where if not on the main screen."""
    for usual, there in _together():
        taken: dict[str, str] = {}
        # Actions with default keys first, so that the fault names one that was given, the later of two.
        for id_ in sorted(usual, key=lambda id_: list(given).index(id_) if id_ in given else -1):
            for key in given.get(id_, usual[id_]):
                other = taken.setdefault(key, id_)
                if other == id_ or (id_ not in given and other not in given):
                    continue
                # On other screens a key of their own goes before one that means the same on all.
                shared = [one for one in (id_, other) if one in _MAIN]
                if there and shared and (len(shared) == 2 or key not in usual[shared[0]]):
                    continue
                yield id_, other, key, there


def _together() -> Iterator[tuple[Mapping[str, Sequence[str]], str]]:
    yield _MAIN, ""
    for names in TOGETHER:
        usual: dict[str, Sequence[str]] = {}
        for name in names:
            for row in SCREENS[name]:
                usual[row.id] = row.keys.split(",")
        yield usual, f" in {names[-1]}"
