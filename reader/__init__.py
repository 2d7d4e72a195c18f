"""Protocol Reader: turns captures of protocol.com back into a publication.

`parse` divides the text of one capture into articles; it needs neither Textual nor a file. `read_captures` reads files,
and `open_library` opens a library: see `reader.api`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reader.api import OpenLibrary, open_library, read_captures
    from reader.errors import CaptureError, LibraryError, QueryError, ReaderError
    from reader.model import Article, Bio, Block, Capture, Figure, LineHint, LineLabel, Page, Problem, Reason
    from reader.parsing import parse

__version__ = "0.1.0"
__all__ = [
    "Article", "Bio", "Block", "Capture", "CaptureError", "Figure", "LibraryError", "LineHint", "LineLabel",
    "OpenLibrary", "Page", "Problem", "QueryError", "ReaderError", "Reason", "__version__", "open_library", "parse",
    "read_captures",
]  # fmt: skip

_MODULES = {
    "parse": "reader.parsing",
    "OpenLibrary": "reader.api",
    "open_library": "reader.api",
    "read_captures": "reader.api",
    **dict.fromkeys(("CaptureError", "LibraryError", "QueryError", "ReaderError"), "reader.errors"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the app's first screen needs no parser, which takes 25 ms."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES.get(name, "reader.model")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
