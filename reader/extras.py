"""Says how to install an optional extra, and whether another distribution uses the same import package."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from reader.patterns import Pattern

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NAME: Final = "protocol-reader"
_REQUIREMENT: Final = Pattern(r"""([A-Za-z0-9._-]+).*\bextra\s*==\s*["']([\w-]+)["']""")


def needs_extra(feature: str, extra: str) -> str:
    """Return a sentence: `feature` needs an extra, and the command that installs it."""
    return f"{feature} needs the extra “{extra}”: {install_command(extra)}"


def install_command(*extras: str) -> str:
    """Return the command that adds extras to this installation, by the tool that made it."""
    prefix = Path(sys.prefix)
    package_info = _distribution()
    if (prefix / "pipx_metadata.json").is_file():
        packages = [package for package, extra in _requirements(package_info) if extra in extras]
        return f"pipx inject {NAME} {' '.join(packages or [_quoted(NAME, extras)])}"
    source, editable = _source(package_info)
    if (prefix / "uv-receipt.toml").is_file():
        # uv installs the tool anew, so the extras that are there already are named too.
        together = dict.fromkeys((*_installed_extras(package_info), *extras))
        return f"uv tool install {'--editable ' * editable}{_quoted(source, together)}"
    target = f"{'-e ' * editable}{_quoted(source, extras)}"
    if sys.prefix == sys.base_prefix:
        return f"pip install {target}"
    if _distribution("pip") is None:
        return f"uv pip install --python {shlex.quote(sys.executable)} {target}"
    return f"{shlex.quote(sys.executable)} -m pip install {target}"


def package_conflict(package: Path) -> str | None:
    """Return a sentence if another distribution is installed in this import package too, or None.

    The distribution “reader” has the same import name. Whichever is installed last overwrites files of the other.
    """
    try:
        beside = [path.name for path in package.parent.iterdir()]
    except OSError:
        return None
    if not any(name.startswith("reader-") and name.endswith(".dist-info") for name in beside):
        return None
    return (
        f"the package “reader” is installed in {package.parent} too, and both use the import name “reader”, so each"
        f" overwrites files of the other; uninstall both, and install {NAME} in an environment of its own, with"
        f" pipx or uv tool"
    )


def _distribution(name: str = NAME) -> Distribution | None:
    from importlib.metadata import PackageNotFoundError, distribution  # 15 ms, and few need it.

    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _source(package_info: Distribution | None) -> tuple[str, bool]:
    """Return what was installed, the name of the package or the path of a checkout, and whether it is editable."""
    try:
        origin = json.loads((package_info and package_info.read_text("direct_url.json")) or "{}")
        url = urlsplit(origin["url"])
        if url.scheme == "file" and "dir_info" in origin:
            return unquote(url.path), origin["dir_info"].get("editable") is True
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    return NAME, False


def _requirements(package_info: Distribution | None) -> list[tuple[str, str]]:
    matches = map(_REQUIREMENT.match, (package_info and package_info.requires) or ())
    return [(match[1], match[2]) for match in matches if match and match[1] != NAME]


def _installed_extras(package_info: Distribution | None) -> list[str]:
    missing = {extra for package, extra in _requirements(package_info) if _distribution(package) is None}
    every = dict.fromkeys(extra for _, extra in _requirements(package_info))
    return [extra for extra in every if extra not in missing]


def _quoted(source: str, extras: Iterable[str]) -> str:
    return shlex.quote(f"{source}[{','.join(extras)}]")
